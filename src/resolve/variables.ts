import type { PathPattern } from '../model/model.ts';
import { freeVariables, isVariable, sharedNames as sharedNamesIn } from '../model/pattern-elements.ts';

export function hasVariable({ elements }: PathPattern): boolean {
  return elements.some(isVariable);
}

/** The names that stand twice in patterns which must agree on them (S25). */
export function sharedNames(patterns: readonly PathPattern[]): ReadonlySet<string> {
  return sharedNamesIn(patterns.map(({ elements }) => elements));
}

/** The pattern with plain wildcards for the variables that need not agree with any other. */
export function withoutSingles(pattern: PathPattern, shared: ReadonlySet<string>): PathPattern {
  return { ...pattern, elements: freeVariables(pattern.elements, shared) };
}
