import type { PatternElement } from './model.ts';

export type Variable = Extract<PatternElement, { kind: 'variable' }>;

const none: ReadonlySet<string> = new Set();

export function isVariable(element: PatternElement): element is Variable {
  return element.kind === 'variable';
}

/** Whether it takes any number of elements of an id, none too: `**` and `{x**}`. */
export function takesMany(element: PatternElement): boolean {
  return element.kind === 'many' || (isVariable(element) && element.isMany);
}

/** The names of variables. */
export function namesIn(elements: readonly PatternElement[]): ReadonlySet<string> {
  return new Set(elements.filter(isVariable).map(({ name }) => name));
}

/** Names that stand more than once in some patterns of one rule; one that stands once is free (S25). */
export function sharedNames(patterns: readonly (readonly PatternElement[])[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { name } of patterns.flat().filter(isVariable)) {
    if (seen.has(name)) shared.add(name);
    seen.add(name);
  }
  return shared;
}

/** The elements with every variable that is not bound as the wildcard that it then is. */
export function freeVariables(
  elements: readonly PatternElement[],
  bound: ReadonlySet<string> = none,
): readonly PatternElement[] {
  return elements.map((element) => {
    if (!isVariable(element) || bound.has(element.name)) return element;
    return { kind: element.isMany ? 'many' : 'one', separator: element.separator };
  });
}
