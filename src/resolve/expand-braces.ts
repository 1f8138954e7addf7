import micromatch from 'micromatch';
import type { Span } from '../source/span.ts';
import type { PatternPart } from '../syntax/ast.ts';
import type { ExpansionBudget } from './expansion-budget.ts';

/** A part of a pattern without alternatives. */
export type Atom = Exclude<PatternPart, { kind: 'alternatives' | 'range' }>;

/** QUALITY, "Limits". */
export const MAX_EXPANSIONS = 10_000;

export type Expansion =
  | { readonly ok: true; readonly variants: readonly (readonly Atom[])[] }
  | {
      readonly ok: false;
      readonly reason: 'too-many' | 'too-many-in-set' | 'bad-range';
      readonly span: Span;
    };

/** Every row of atoms that the braces of a pattern stand for (S28), in the order in which they are written. */
export function expandBraces(parts: readonly PatternPart[], budget: ExpansionBudget): Expansion {
  if (parts.every((part) => part.kind !== 'alternatives' && part.kind !== 'range')) {
    return { ok: true, variants: [parts as readonly Atom[]] };
  }
  const bad = findBadRange(parts);
  if (bad !== undefined) return { ok: false, reason: 'bad-range', span: bad };
  const count = countExpansions(parts);
  if (count > MAX_EXPANSIONS) return { ok: false, reason: 'too-many', span: spanOf(parts) };
  if (!budget.takePatterns(count)) return { ok: false, reason: 'too-many-in-set', span: spanOf(parts) };
  return { ok: true, variants: expandSequence(parts) };
}

/** The number of rows, or any number above the limit: counted before anything is built. */
function countExpansions(parts: readonly PatternPart[]): number {
  let product = 1;
  for (const part of parts) {
    if (part.kind === 'range') product *= rangeSize(part.text);
    if (part.kind === 'alternatives') {
      let sum = 0;
      for (const option of part.options) sum = Math.min(sum + countExpansions(option), MAX_EXPANSIONS + 1);
      product *= sum;
    }
    if (product > MAX_EXPANSIONS) return MAX_EXPANSIONS + 1;
  }
  return product;
}

function expandSequence(parts: readonly PatternPart[]): Atom[][] {
  let rows: Atom[][] = [[]];
  for (const part of parts) {
    const options = expandPart(part);
    rows = rows.flatMap((row) => options.map((option) => [...row, ...option]));
  }
  return rows;
}

function expandPart(part: PatternPart): Atom[][] {
  if (part.kind === 'alternatives') return part.options.flatMap((option) => expandSequence(option));
  if (part.kind !== 'range') return [[part]];
  const texts = micromatch.braces(`{${part.text}}`, { expand: true, rangeLimit: MAX_EXPANSIONS });
  return texts.map((text) => [{ kind: 'text', text, isQuoted: true, span: part.span }]);
}

/** Integers or single letters, with an optional step that is not zero. */
const RANGE = /^(?:(-?\d{1,9})\.\.(-?\d{1,9})|([A-Za-z])\.\.([A-Za-z]))(?:\.\.(-?\d{1,9}))?$/;

function rangeSize(text: string): number {
  const match = RANGE.exec(text);
  if (match === null) return 0;
  const [from, to] =
    match[1] === undefined ? [letter(match[3]!), letter(match[4]!)] : [Number(match[1]), Number(match[2])];
  return Math.floor(Math.abs(to - from) / Math.abs(Number(match[5] ?? 1))) + 1;
}

function findBadRange(parts: readonly PatternPart[]): Span | undefined {
  for (const part of parts) {
    if (part.kind === 'range' && !isRange(part.text)) return part.span;
    if (part.kind === 'alternatives') {
      for (const option of part.options) {
        const bad = findBadRange(option);
        if (bad !== undefined) return bad;
      }
    }
  }
  return undefined;
}

function isRange(text: string): boolean {
  const match = RANGE.exec(text);
  if (match === null || Number(match[5] ?? 1) === 0) return false;
  if (match[3] === undefined) return true;
  return isUpperCase(match[3]) === isUpperCase(match[4]!);
}

function isUpperCase(text: string): boolean {
  return text >= 'A' && text <= 'Z';
}

function letter(text: string): number {
  return text.charCodeAt(0);
}

function spanOf(parts: readonly PatternPart[]): Span {
  return { start: parts[0]!.span.start, end: parts[parts.length - 1]!.span.end };
}
