/** One of several things that are timed in turn. */
export interface Entrant {
  readonly name: string;
  /** How many decisions one round takes. */
  readonly decisions: number;
  /** What a round has to count, if it is right. */
  readonly result: number;
  /** Makes ready what is not to be timed, such as strings nobody has seen; only what it returns is timed. It counts what it has allowed. */
  prepare(): () => number;
}

/** Nanoseconds a decision. */
export interface Timing {
  readonly name: string;
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Rounds whose times nobody keeps. */
const WARM_UP_ROUNDS = 3;

/**
 * Round after round of each in turn, in one process: what else the machine does disturbs all of them alike, so that their
 * ratios can be trusted where the figures themselves cannot.
 *
 * @throws {Error} if a round counts something else than it should
 */
export function measureInTurns(entrants: readonly Entrant[], rounds: number): Timing[] {
  const times = entrants.map((): number[] => []);
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const [index, entrant] of entrants.entries()) {
      const ns = measureRound(entrant);
      if (round >= 0) times[index]!.push(ns);
    }
  }
  return entrants.map(({ name }, index) => summarize(name, times[index]!));
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

/** `12 (11 to 15)` */
export function describeSpread({ median, lowest, highest }: Timing): string {
  return `${median.toFixed(0)} (${lowest.toFixed(0)} to ${highest.toFixed(0)})`;
}

function measureRound({ name, decisions, result, prepare }: Entrant): number {
  const round = prepare();
  const start = process.hrtime.bigint();
  const found = round();
  const ns = Number(process.hrtime.bigint() - start);
  if (found !== result) throw new Error(`${name}: a round counts ${found} in place of ${result}`);
  return ns / decisions;
}

function summarize(name: string, times: readonly number[]): Timing {
  return { name, median: median(times), lowest: Math.min(...times), highest: Math.max(...times) };
}
