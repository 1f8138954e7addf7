import type { LawQuestion } from '../../test/support/laws/law-case.ts';

/** Something that a campaign holds to be true, step by step: a law, or what a command promises. */
export interface Check<Counts extends object = object> {
  readonly name: string;
  /** A sentence that states it. */
  readonly title: string;
  /** How much of the time it gets beside others. */
  readonly share: number;
  /** What is counted, as `addUp` adds it: it goes from thread to thread. */
  empty(): Counts;
  /** Looks at what the seed makes, and nothing else: the same seed finds the same. */
  step(seed: number, counts: Counts): readonly Failure[] | Promise<readonly Failure[]>;
  tally(counts: Counts): Tally;
  /** More of what was looked at, ready to print. */
  details?(counts: Counts): readonly string[];
}

export interface Tally {
  /** Policies with a request, or whatever is put to the question here. */
  readonly pairs: number;
  /** So often something was compared. */
  readonly executions: number;
}

export interface Failure {
  /** What is alike has one kind: of each only a few are kept. */
  readonly kind: string;
  /** What went wrong with what, ready to print. */
  readonly text: string;
  /** The smallest case that shows it, where there is one beside the seed. */
  readonly example?: { readonly evaluator: string; readonly question: LawQuestion };
}

/** Failures that a confirmation has put into its list, which is emptied. */
export function takeFailures(failures: string[], kind: string): Failure[] {
  return failures.splice(0).map((text) => ({ kind, text }));
}

/** How often each of them was counted, the most frequent first. */
export function renderCounts(counts: ReadonlyMap<string, number>): readonly string[] {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${String(count).padStart(8)}  ${name}`);
}

/** A step that ends with an exception has failed. */
export function renderThrown(error: unknown): Failure {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: `thrown: ${text.split('\n', 1)[0]}`, text };
}
