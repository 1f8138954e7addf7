import { matchesGlob } from '../analysis/glob-classes.ts';
import { type Letter, lettersOfId } from '../analysis/letters.ts';
import type { PatternElement, ResourcePattern, SubjectPattern } from '../model/model.ts';
import type { VariableConflict } from './answer.ts';

/** What each variable of a pattern stands for. */
export type Bindings = ReadonlyMap<string, string>;

/** Looking for bindings is for people: beyond so many steps nothing is said. */
const MAX_STEPS = 5_000;
const MAX_BINDINGS = 50;

/** One choice of variables by which both patterns match, for a rule that applies; undefined where none is found soon. */
export function bindingsOf(
  subject: SubjectPattern,
  subjectId: string | undefined,
  resource: ResourcePattern,
  resourceId: string | undefined,
): Bindings | undefined {
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

function conflictsBetween(a: Bindings, b: Bindings): readonly VariableConflict[] {
  return [...a].flatMap(([name, inSubject]) => {
    const inResource = b.get(name);
    return inResource === undefined || inResource === inSubject ? [] : [{ name, inSubject, inResource }];
  });
}

function bindingsOfSide(
  pattern: SubjectPattern | ResourcePattern,
  id: string | undefined,
): readonly Bindings[] {
  if (pattern.kind !== 'pattern' || id === undefined) return [new Map()];
  if (!pattern.elements.some(({ kind }) => kind === 'variable')) return [new Map()];
  return matchesWithBindings(pattern.elements, lettersOfId(id));
}

interface Partial {
  readonly element: number;
  readonly letter: number;
  readonly bindings: Bindings;
}

/** Ways in which the elements match the letters, each name of one text (S25); the first ones found. */
function matchesWithBindings(
  elements: readonly PatternElement[],
  letters: readonly Letter[],
): readonly Bindings[] {
  const found: Bindings[] = [];
  const waiting: Partial[] = [{ element: 0, letter: 0, bindings: new Map() }];
  for (let steps = 0; steps < MAX_STEPS && found.length < MAX_BINDINGS; steps++) {
    const at = waiting.pop();
    if (at === undefined) break;
    const element = elements[at.element];
    if (element === undefined) {
      if (at.letter === letters.length) found.push(at.bindings);
      continue;
    }
    for (const end of endsOf(element, letters, at.letter).toReversed()) {
      const bindings = bind(element, textBetween(letters, at.letter, end), at.bindings);
      if (bindings !== undefined) waiting.push({ element: at.element + 1, letter: end, bindings });
    }
  }
  return found;
}

function bind(element: PatternElement, text: string, bindings: Bindings): Bindings | undefined {
  if (element.kind !== 'variable') return bindings;
  const known = bindings.get(element.name);
  if (known === undefined) return new Map([...bindings, [element.name, text]]);
  return known === text ? bindings : undefined;
}

/** Where an element that begins at a letter can end (S20 to S24). */
function endsOf(element: PatternElement, letters: readonly Letter[], at: number): readonly number[] {
  const isMany = element.kind === 'many' || (element.kind === 'variable' && element.isMany);
  const letter = letters[at];
  const fits = letter !== undefined && (at === 0 || letter.separator === element.separator);
  if (!fits) return isMany ? [at] : [];
  if (isMany) return Array.from({ length: letters.length - at + 1 }, (_, i) => at + i);
  return matchesLetter(element, letter) ? [at + 1] : [];
}

/** Whether an element for one segment, or a root, takes it; separators left aside. */
export function matchesLetter(element: PatternElement, { text }: Letter): boolean {
  switch (element.kind) {
    case 'root':
      return text === '';
    case 'literal':
      return text === element.text;
    case 'glob':
      return text !== '' && matchesGlob(element.glob, text);
    default:
      return text !== '';
  }
}

/** From the first segment to the last, without a root at either end (S25). */
function textBetween(letters: readonly Letter[], start: number, end: number): string {
  let first = start;
  let last = end;
  while (first < last && letters[first]!.text === '') first++;
  while (last > first && letters[last - 1]!.text === '') last--;
  let text = '';
  for (let i = first; i < last; i++) {
    const { separator, text: segment } = letters[i]!;
    if (i > first) text += separator === 'colon' ? ':' : letters[i - 1]!.text === '' ? '' : '/';
    text += segment === '' ? '/' : segment;
  }
  return text;
}
