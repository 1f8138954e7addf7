import type { PathPattern, PatternElement } from '../model/model.ts';
import { matchesGlob } from './glob-classes.ts';
import { type Letter, lettersOfId } from './letters.ts';
import { TooComplexError } from './too-complex.ts';
import { isResourceId } from './well-formed.ts';

/** The text that each variable stands for (S25). */
export type Bindings = ReadonlyMap<string, string>;

/** More partial matches than the engine follows (S25). */
const MAX_STATES = 20_000;

/** Whether a subject and a resource match their patterns with one choice of variables (S25). */
export function matchTogether(
  subjectPattern: PathPattern,
  resourcePattern: PathPattern,
  subject: string,
  resource: string,
): boolean {
  if (!isResourceId(subject)) return false;
  return bindingsOf(subjectPattern.elements, subject).some(
    (bindings) => bindingsOf(resourcePattern.elements, resource, bindings).length > 0,
  );
}

/**
 * Every choice of variables with which a well-formed id matches a pattern, beside those that are chosen already.
 *
 * @throws {TooComplexError}
 */
export function bindingsOf(
  elements: readonly PatternElement[],
  id: string,
  chosen: Bindings = new Map(),
): readonly Bindings[] {
  const letters = lettersOfId(id);
  let states = new Map<string, Place>([['', { at: 0, bindings: chosen }]]);
  for (const element of elements) {
    const next = new Map<string, Place>();
    for (const { at, bindings } of states.values()) {
      for (const end of endsOf(element, letters, at)) {
        const after =
          element.kind === 'variable' ? bind(element.name, letters.slice(at, end), bindings) : bindings;
        if (after !== undefined) next.set(JSON.stringify([end, ...after]), { at: end, bindings: after });
      }
    }
    if (next.size > MAX_STATES) throw new TooComplexError('too many choices of variables');
    states = next;
  }
  return [...states.values()].flatMap(({ at, bindings }) => (at === letters.length ? [bindings] : []));
}

interface Place {
  readonly at: number;
  readonly bindings: Bindings;
}

function bind(name: string, letters: readonly Letter[], bindings: Bindings): Bindings | undefined {
  const text = textBetween(letters);
  const known = bindings.get(name);
  if (known !== undefined) return known === text ? bindings : undefined;
  return new Map(bindings).set(name, text);
}

/** From the first segment to the last: no separator before it, no root at either end. */
function textBetween(letters: readonly Letter[]): string {
  const first = letters.findIndex(({ text }) => text !== '');
  const last = letters.findLastIndex(({ text }) => text !== '');
  let text = '';
  for (let i = first; first >= 0 && i <= last; i++) {
    const { separator, text: segment } = letters[i]!;
    if (i > first) text += separator === 'colon' ? ':' : letters[i - 1]!.text === '' ? '' : '/';
    text += segment === '' ? '/' : segment;
  }
  return text;
}

/** Where an element can end that begins at a letter. */
function endsOf(element: PatternElement, letters: readonly Letter[], at: number): readonly number[] {
  const isMany = element.kind === 'many' || (element.kind === 'variable' && element.isMany);
  const letter = letters[at];
  const fits = letter !== undefined && (at === 0 || letter.separator === element.separator);
  if (isMany) return fits ? Array.from({ length: letters.length - at + 1 }, (_, i) => at + i) : [at];
  return fits && takes(element, letter) ? [at + 1] : [];
}

function takes(element: PatternElement, { text }: Letter): boolean {
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

/** An id that a pattern matches with some choice of variables; `text` stands for whatever else any text could be. */
export function instantiate(
  elements: readonly PatternElement[],
  bindings: Bindings,
  text: string,
): string | undefined {
  let id = '';
  let isAfterRoot = false;
  for (const element of elements) {
    const segment = segmentFor(element, bindings, text);
    if (segment === undefined) return undefined;
    if (segment === '') continue;
    if (id !== '') id += element.separator === 'colon' ? ':' : isAfterRoot ? '' : '/';
    id += segment;
    isAfterRoot = element.kind === 'root';
  }
  return isResourceId(id) ? id : undefined;
}

function segmentFor(element: PatternElement, bindings: Bindings, text: string): string | undefined {
  switch (element.kind) {
    case 'root':
      return '/';
    case 'literal':
      return element.text;
    case 'one':
      return text;
    case 'many':
      return '';
    case 'variable':
      return bindings.get(element.name) ?? (element.isMany ? '' : text);
    case 'glob':
      return undefined;
  }
}
