import type { DescribedSet, SetPart } from '../analysis/described-set.ts';

/** A set in words: `a/** except a/b/**`, one text for each part. */
export function printSet<Term>(set: DescribedSet<Term>, print: (term: Term) => string): readonly string[] {
  return set.map((part) => printPart(part, print));
}

function printPart<Term>({ all, except }: SetPart<Term>, print: (term: Term) => string): string {
  const held = all.map(print).join(' and ');
  if (except.length === 0) return held;
  const exceptions = printSet(except, print);
  const isNested = except.some((part) => part.except.length > 0 || part.all.length > 1);
  const words =
    exceptions.length > 1 && isNested
      ? exceptions.map((each, i) => (isPlain(except[i]!) ? each : `(${each})`)).join(', ')
      : isNested
        ? `(${exceptions[0]})`
        : exceptions.join(', ');
  return `${held} except ${words}`;
}

function isPlain<Term>({ all, except }: SetPart<Term>): boolean {
  return all.length === 1 && except.length === 0;
}
