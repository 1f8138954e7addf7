import { type Binding, bindingsOf } from '../analysis/bind-variables.ts';
import { lettersOfId } from '../analysis/letters.ts';
import type { ResourcePattern, SubjectPattern } from '../model/model.ts';
import { namesIn } from '../model/pattern-elements.ts';
import type { VariableConflict } from './answer.ts';

/** Looking for what agrees is for people: beyond so many choices on either side nothing is said. */
const MAX_BINDINGS = 50;

/** One choice of variables by which both patterns match, for a rule that applies; undefined where none is found soon. */
export function agreedVariables(
  subject: SubjectPattern,
  subjectId: string | undefined,
  resource: ResourcePattern,
  resourceId: string | undefined,
): Binding | undefined {
  const left = bindingsOfSide(subject, subjectId);
  const right = bindingsOfSide(resource, resourceId);
  for (const a of left) {
    for (const b of right) if (conflictsBetween(a, b).length === 0) return new Map([...a, ...b]);
  }
  return undefined;
}

/** Where the variables of a rule do not agree: of the choices there are, that with the fewest conflicts. */
export function variableConflicts(
  subject: SubjectPattern,
  subjectId: string | undefined,
  resource: ResourcePattern,
  resourceId: string | undefined,
): readonly VariableConflict[] {
  let fewest: readonly VariableConflict[] | undefined;
  for (const a of bindingsOfSide(subject, subjectId)) {
    for (const b of bindingsOfSide(resource, resourceId)) {
      const conflicts = conflictsBetween(a, b);
      if (fewest === undefined || conflicts.length < fewest.length) fewest = conflicts;
    }
  }
  return fewest ?? [];
}

function conflictsBetween(a: Binding, b: Binding): readonly VariableConflict[] {
  return [...a].flatMap(([name, inSubject]) => {
    const inResource = b.get(name);
    return inResource === undefined || inResource === inSubject ? [] : [{ name, inSubject, inResource }];
  });
}

function bindingsOfSide(
  pattern: SubjectPattern | ResourcePattern,
  id: string | undefined,
): readonly Binding[] {
  if (pattern.kind !== 'pattern' || id === undefined) return [new Map()];
  const names = namesIn(pattern.elements);
  if (names.size === 0) return [new Map()];
  return bindingsOf(pattern.elements, lettersOfId(id), names)?.choices.slice(0, MAX_BINDINGS) ?? [];
}
