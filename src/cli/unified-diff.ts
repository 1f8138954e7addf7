import { escapeText } from '../files/quote.ts';

/** How many unchanged lines stand around a change. */
const contextLines = 3;
/** Two stretches whose lengths multiply to more are not compared line by line: the one replaces the other. */
const mostComparisons = 250_000;

/** A line of both texts, or of one. */
interface DiffLine {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

/**
 * What turns one text into the other, as `diff -u` and `git apply` know it; empty if they are the same.
 *
 * @param file  the name of both, relative
 */
export function unifiedDiff(file: string, before: string, after: string): string {
  const lines = diffLines(splitLines(before), splitLines(after));
  const hunks = hunksOf(lines).map(renderHunk);
  return hunks.length === 0
    ? ''
    : `--- ${quoteName(`a/${file}`)}\n+++ ${quoteName(`b/${file}`)}\n${hunks.join('')}`;
}

/** As git writes a name that could not stand on a line as it is: in quotes, with the bytes of what does not print in octal. */
function quoteName(name: string): string {
  if (!/["\\]/.test(name) && escapeText(name) === name) return name;
  const signs = [...name].map((sign) => {
    if (sign === '"' || sign === '\\') return `\\${sign}`;
    if (escapeText(sign) === sign) return sign;
    return [...Buffer.from(sign)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  });
  return `"${signs.join('')}"`;
}

/** Lines with their ends: the last may have none. */
function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

/** Equal ends first; then lines that stand once in both texts, in order; what is left between them by comparison. */
function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  const lines: DiffLine[] = [];
  let [a, b] = [0, 0];
  for (const [nextA, nextB] of [...anchorsOf(before, after), [before.length, after.length] as const]) {
    diffStretch(before.slice(a, nextA), after.slice(b, nextB), lines);
    if (nextA < before.length) lines.push({ mark: ' ', text: before[nextA]! });
    [a, b] = [nextA + 1, nextB + 1];
  }
  return lines;
}

/** Places of lines that stand once in either text, as many as are in the same order in both. */
function anchorsOf(before: readonly string[], after: readonly string[]): (readonly [number, number])[] {
  const placesAfter = uniquePlaces(after);
  const pairs: (readonly [number, number])[] = [];
  for (const [text, a] of uniquePlaces(before)) {
    const b = placesAfter.get(text);
    if (b !== undefined) pairs.push([a, b]);
  }
  return longestRising(pairs);
}

function uniquePlaces(lines: readonly string[]): Map<string, number> {
  const places = new Map<string, number>();
  const repeated = new Set<string>();
  for (const [i, line] of lines.entries()) {
    if (places.has(line)) repeated.add(line);
    places.set(line, i);
  }
  for (const line of repeated) places.delete(line);
  return places;
}

/** The longest part of pairs, sorted by their first, in which the second rises too: patience sorting, n log n. */
function longestRising(pairs: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const tops: number[] = [];
  const previous: number[] = [];
  for (const [i, [, place]] of pairs.entries()) {
    let [low, high] = [0, tops.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (pairs[tops[middle]!]![1] < place) low = middle + 1;
      else high = middle;
    }
    previous[i] = low === 0 ? -1 : tops[low - 1]!;
    tops[low] = i;
  }
  const chosen: (readonly [number, number])[] = [];
  for (let i = tops.at(-1) ?? -1; i >= 0; i = previous[i]!) chosen.push(pairs[i]!);
  return chosen.reverse();
}

function diffStretch(before: readonly string[], after: readonly string[], lines: DiffLine[]): void {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - start;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  for (const text of before.slice(0, start)) lines.push({ mark: ' ', text });
  compareLines(before.slice(start, before.length - tail), after.slice(start, after.length - tail), lines);
  for (const text of before.slice(before.length - tail)) lines.push({ mark: ' ', text });
}

/** The longest common part by dynamic programming, where the stretch is small enough for that. */
function compareLines(before: readonly string[], after: readonly string[], lines: DiffLine[]): void {
  const width = after.length + 1;
  const isSmall = before.length * after.length <= mostComparisons;
  const lengths = new Uint32Array(isSmall ? (before.length + 1) * width : 0);
  if (isSmall) fillLengths(lengths, before, after);
  let [a, b] = [0, 0];
  while (isSmall && a < before.length && b < after.length) {
    if (before[a] === after[b]) {
      lines.push({ mark: ' ', text: before[a++]! });
      b++;
    } else if (lengths[(a + 1) * width + b]! >= lengths[a * width + b + 1]!) {
      lines.push({ mark: '-', text: before[a++]! });
    } else {
      lines.push({ mark: '+', text: after[b++]! });
    }
  }
  for (const text of before.slice(a)) lines.push({ mark: '-', text });
  for (const text of after.slice(b)) lines.push({ mark: '+', text });
}

/** At `a * width + b` the length of the longest common part of what follows `a` and `b`. */
function fillLengths(lengths: Uint32Array, before: readonly string[], after: readonly string[]): void {
  const width = after.length + 1;
  for (let a = before.length - 1; a >= 0; a--) {
    for (let b = after.length - 1; b >= 0; b--) {
      lengths[a * width + b] =
        before[a] === after[b]
          ? lengths[(a + 1) * width + b + 1]! + 1
          : Math.max(lengths[(a + 1) * width + b]!, lengths[a * width + b + 1]!);
    }
  }
}

interface Hunk {
  readonly startBefore: number;
  readonly startAfter: number;
  readonly lines: DiffLine[];
}

/** Changes with what stands around them; those whose surroundings touch are one hunk. */
function hunksOf(lines: readonly DiffLine[]): Hunk[] {
  const hunks: Hunk[] = [];
  let [before, after, lastChange] = [0, 0, Number.NEGATIVE_INFINITY];
  for (const [i, { mark }] of lines.entries()) {
    if (mark !== ' ') {
      const from = Math.max(0, i - contextLines);
      if (hunks.length > 0 && lastChange + contextLines + 1 >= from) {
        hunks.at(-1)!.lines.push(...lines.slice(lastChange + 1, i));
      } else {
        if (hunks.length > 0)
          hunks.at(-1)!.lines.push(...lines.slice(lastChange + 1, lastChange + 1 + contextLines));
        hunks.push({
          startBefore: before - (i - from),
          startAfter: after - (i - from),
          lines: lines.slice(from, i),
        });
      }
      hunks.at(-1)!.lines.push(lines[i]!);
      lastChange = i;
    }
    if (mark !== '+') before++;
    if (mark !== '-') after++;
  }
  hunks.at(-1)?.lines.push(...lines.slice(lastChange + 1, lastChange + 1 + contextLines));
  return hunks;
}

function renderHunk({ startBefore, startAfter, lines }: Hunk): string {
  const range = (start: number, other: DiffLine['mark']): string => {
    const count = lines.filter(({ mark }) => mark !== other).length;
    return `${count === 0 ? start : start + 1},${count}`;
  };
  const body = lines.map(({ mark, text }) =>
    text.endsWith('\n') ? mark + text : `${mark}${text}\n\\ No newline at end of file\n`,
  );
  return `@@ -${range(startBefore, '+')} +${range(startAfter, '-')} @@\n${body.join('')}`;
}
