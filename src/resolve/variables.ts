import type { PathPattern, PatternElement } from '../model/model.ts';

export function hasVariable({ elements }: PathPattern): boolean {
  return elements.some((element) => element.kind === 'variable');
}

/** The names that stand twice in patterns which must agree on them (S25). */
export function sharedNames(patterns: readonly PathPattern[]): Set<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { elements } of patterns) {
    for (const element of elements) {
      if (element.kind !== 'variable') continue;
      if (seen.has(element.name)) shared.add(element.name);
      seen.add(element.name);
    }
  }
  return shared;
}

/** The pattern with plain wildcards for the variables that need not agree with any other. */
export function withoutSingles(pattern: PathPattern, shared: ReadonlySet<string>): PathPattern {
  const elements = pattern.elements.map((element): PatternElement => {
    if (element.kind !== 'variable' || shared.has(element.name)) return element;
    return { kind: element.isMany ? 'many' : 'one', separator: element.separator };
  });
  return { ...pattern, elements };
}
