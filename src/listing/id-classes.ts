import type { SayableTerm } from '../analysis/described-set.ts';
import { idClasses, patternsOf } from '../analysis/id-classes.ts';
import type { PolicySide, SideCell } from '../analysis/policy-side.ts';
import { printElements } from '../printing/print-pattern.ts';

/** More kinds of ids than this are not told apart. */
const MAX_STATES = 500_000;

/** All ids, cut into classes that a policy set does not tell apart. */
export interface ListedIds {
  readonly cells: readonly SideCell[];
  /** Patterns as policy text, and the classes that they hold, by their places among the cells. */
  readonly terms: readonly SayableTerm<string>[];
}

/** @throws {TooComplexError} */
export function classesOfIds(side: PolicySide): ListedIds {
  const { classes, terms } = idClasses(
    patternsOf(side, { withTemplates: true }),
    ({ inOthers, first }) => side.cellOf(first, inOthers[0]!, inOthers[1]!),
    { beside: [side.trie, side.schema.templateTrie], maxStates: MAX_STATES },
  );
  return { cells: classes, terms: terms.map(({ term, atoms }) => ({ term: printElements(term), atoms })) };
}
