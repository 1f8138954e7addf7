import { COLON_ROOT, COLON_SEGMENT, type IdElements, SLASH_SEGMENT, START_SEGMENT } from '../id/elements.ts';
import type { PatternElement, Separator } from '../model/model.ts';
import type { Coverage } from '../model/template-variants.ts';

/** What an id has to go on with behind the id of a rule, so that the rule covers it (S32). */
export type Suffix = readonly SuffixElement[];

type SuffixElement =
  /** A segment of this text, or any if there is none; or the root of a path. */
  | { readonly kind: 'one'; readonly code: number; readonly text: string | undefined }
  /** Nothing more, or slash segments. It is the last one. */
  | { readonly kind: 'rest' };

const SEPARATOR_CODES: Readonly<Record<Separator, number>> = {
  start: START_SEGMENT,
  colon: COLON_SEGMENT,
  slash: SLASH_SEGMENT,
};

/** The id and nothing more; and the id with all that is beneath. Most are one or the other, and share these. */
const ALONE: readonly Suffix[] = [[]];
const WITH_REST: readonly Suffix[] = [[{ kind: 'rest' }]];

/** One segment more, of any text. `code` is that of an element. */
export function oneSegment(code: number): readonly Suffix[] {
  return [[{ kind: 'one', code, text: undefined }]];
}

/**
 * What the patterns of a coverage ask behind the elements of the id itself, of which there are `count`.
 *
 * @param coverage  undefined for the id alone
 */
export function suffixesOf(coverage: Coverage | undefined, count: number): readonly Suffix[] {
  if (coverage === undefined) return ALONE;
  const suffixes = coverage.patterns.map((pattern) => pattern.slice(count).map(suffixElement));
  const [first] = suffixes;
  if (suffixes.length > 1 || first!.length > 1) return suffixes;
  return first!.length === 0 ? ALONE : first![0]!.kind === 'rest' ? WITH_REST : suffixes;
}

function suffixElement(element: PatternElement): SuffixElement {
  if (element.kind === 'many') return { kind: 'rest' };
  if (element.kind === 'root') return { kind: 'one', code: COLON_ROOT, text: undefined };
  const text = element.kind === 'literal' ? element.text : undefined;
  return { kind: 'one', code: SEPARATOR_CODES[element.separator], text };
}

/** Whether the elements of an id from `first` on are what one of the suffixes asks. */
export function isCovered(
  suffixes: readonly Suffix[],
  id: string,
  elements: IdElements,
  first: number,
): boolean {
  for (const suffix of suffixes) if (matches(suffix, id, elements, first)) return true;
  return false;
}

function matches(suffix: Suffix, id: string, elements: IdElements, first: number): boolean {
  const { count, codes, starts, ends } = elements;
  let at = first;
  for (const element of suffix) {
    // Behind a slash there are slashes alone.
    if (element.kind === 'rest') return at === count || codes[at] === SLASH_SEGMENT;
    if (at === count || codes[at] !== element.code) return false;
    const { text } = element;
    if (text !== undefined && (ends[at]! - starts[at]! !== text.length || !id.startsWith(text, starts[at])))
      return false;
    at++;
  }
  return at === count;
}
