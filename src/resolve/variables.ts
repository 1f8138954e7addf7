import type { PathPattern, PatternElement } from '../model/model.ts';

export function hasVariable({ elements }: PathPattern): boolean {
  return elements.some((element) => element.kind === 'variable');
}

function variableNames({ elements }: PathPattern): string[] {
  return elements.flatMap((element) => (element.kind === 'variable' ? [element.name] : []));
}

/** The names that stand twice in patterns which must agree on them (S25). */
export function sharedNames(patterns: readonly PathPattern[]): Set<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const name of patterns.flatMap(variableNames)) {
    if (seen.has(name)) shared.add(name);
    seen.add(name);
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
