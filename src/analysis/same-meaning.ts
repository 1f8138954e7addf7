import type { ResourcePattern, Rule, SubjectPattern } from '../model/model.ts';

/** Whether two rules mean the same: their names, places and rulesets left out. */
export function isSameRule(a: Rule, b: Rule): boolean {
  if (a === b) return true;
  return (
    a.effect === b.effect &&
    areAll(a.resources, b.resources, isSamePattern) &&
    areAll(a.subjects, b.subjects, isSamePattern) &&
    areAll(a.actions, b.actions, (one, other) => one === other) &&
    isSameMeaning(a.condition, b.condition)
  );
}

function areAll<Each>(
  a: readonly Each[],
  b: readonly Each[],
  areSame: (one: Each, other: Each) => boolean,
): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!areSame(a[i]!, b[i]!)) return false;
  return true;
}

/** The text of a pattern is not all: where `{x}` stands in it, only the elements tell whether the name is shared. */
function isSamePattern(a: SubjectPattern | ResourcePattern, b: SubjectPattern | ResourcePattern): boolean {
  switch (a.kind) {
    case 'literal':
    case 'subject':
      return b.kind === a.kind && a.id === b.id;
    case 'group':
      return b.kind === 'group' && a.name === b.name;
    case 'pattern':
      return b.kind === 'pattern' && a.text === b.text && isSameMeaning(a.elements, b.elements);
    default:
      return a.kind === b.kind;
  }
}

/** Whether two parts of models are made of the same values, their places in files left out. */
export function isSameMeaning(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && areAll(a, b, isSameMeaning);
  if (a instanceof Map) return b instanceof Map && isSameMap(a, b);
  return isSameObject(a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>);
}

function isSameMap(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.has(key) && isSameMeaning(value, b.get(key)));
}

function isSameObject(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(a);
  // A name that only the other has makes up for none of these.
  if (names.length !== Object.keys(b).length) return false;
  return names.every(
    (name) => name === 'location' || name === 'line' || (name in b && isSameMeaning(a[name], b[name])),
  );
}
