import { printFact, printFacts, printWay, type Way } from './facts.ts';

/** One of the ways in which something is allowed. What is written are conditions of policies, or words for shared variables. */
export interface ListedWay {
  /** All of these have to be true. */
  readonly when: readonly string[];
  /** All of these have to be false; one that cannot be evaluated is neither (S41). */
  readonly unless: readonly string[];
  /** What has to be true, as one; absent where nothing has to. */
  readonly whenText?: string;
  /** The whole: `when context.mfa == true unless context.risk > 3` */
  readonly text: string;
}

/** Ways as data, in an order that depends on their texts alone; undefined for always. */
export function listWays(ways: readonly Way[]): readonly ListedWay[] | undefined {
  const listed = ways.map((way): ListedWay | undefined => {
    const text = printWay(way);
    if (text === undefined) return undefined;
    const when = way.when.map(printFact);
    return { when, unless: way.unless.map(printFact), ...whenTextOf(way), text };
  });
  if (!listed.every((way) => way !== undefined)) return undefined;
  return listed.toSorted((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)));
}

function whenTextOf({ when }: Way): Pick<ListedWay, 'whenText'> {
  return when.length === 0 ? {} : { whenText: printFacts(when, 'and') };
}
