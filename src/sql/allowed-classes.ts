import { type DescribedSet, describeSet } from '../analysis/described-set.ts';
import { idClasses, patternsOf } from '../analysis/id-classes.ts';
import { TooComplexError } from '../analysis/too-complex.ts';
import type { PatternElement } from '../model/model.ts';
import type { PolicyView } from './policy-view.ts';

export type Elements = readonly PatternElement[];

/** More kinds of ids than this are not told apart: nobody waits for them, and no database would thank us. */
const MAX_STATES = 20_000;
const MAX_CLASSES = 2_000;
/** Classes double with each. */
export const MAX_GLOBS = 8;

/**
 * The ids that a view allows, of all that are well formed: as patterns, exactly.
 *
 * @throws {TooComplexError | FilterError}
 */
export function allowedClasses(view: PolicyView): DescribedSet<Elements> {
  // Templates matter only for what a mode does not enforce: rules bring along what theirs add to them.
  const patterns = patternsOf(view.side, { withTemplates: !view.isEnforced });
  const globs = patterns
    .flat()
    .flatMap((element) => (element.kind === 'glob' ? [JSON.stringify(element.glob)] : []));
  if (new Set(globs).size > MAX_GLOBS) throw new TooComplexError('too many globs beside one another');
  const { classes, terms } = idClasses(patterns, ({ id }) => view.allows(id()), {
    maxStates: MAX_STATES,
    maxClasses: MAX_CLASSES,
  });
  const allowed = classes.flatMap((isAllowed, i) => (isAllowed ? [i] : []));
  return describeSet(new Set(allowed), terms);
}
