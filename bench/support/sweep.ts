import { Authorizer, build, type Request } from '../../src/index.ts';
import { createReference } from '../../src/reference/reference.ts';
import { fresh } from '../peers/workload.ts';
import { type Entrant, measureInTurns, type Timing } from './rounds.ts';

/** One policy of a sweep, and what is asked of it. */
export interface SweepCase {
  /** The row of the table. */
  readonly kind: string;
  /** The column: how much there is of that whose cost is in question. */
  readonly amount: number;
  readonly text: string;
  readonly requests: readonly Request[];
}

/** A round asks at least so many, however few requests there are: what is timed has to be long beside the clock. */
const LEAST_DECISIONS = 20_000;

/**
 * Every case in turn, against each other in one table. The oracle of the tests, which reads one rule after the other,
 * has to agree with every answer first.
 *
 * @param columns  what the amounts are of
 */
export function printSweep(
  title: string,
  columns: string,
  cases: readonly SweepCase[],
  rounds: number,
): void {
  const timings = measureInTurns(cases.map(prepare), rounds);
  const amounts = [...new Set(cases.map(({ amount }) => amount))];
  const kinds = [...new Set(cases.map(({ kind }) => kind))];
  const width = Math.max(columns.length, ...kinds.map(({ length }) => length)) + 2;
  console.log(`${title}: ns a decision`);
  console.log(columns.padEnd(width) + amounts.map((amount) => String(amount).padStart(8)).join(''));
  for (const kind of kinds) {
    const row = timings.filter((_, i) => cases[i]!.kind === kind);
    const cells = row.map(({ median }) => median.toFixed(0).padStart(8));
    const growth = row.at(-1)!.median / row[0]!.median;
    console.log(`${kind.padEnd(width)}${cells.join('')}   last ${growth.toFixed(2)} times the first`);
  }
  console.log(
    `medians of ${rounds} rounds; those of the middle one lie within ${typicalSpread(timings)} % of it\n`,
  );
}

/** Requests that bring groups, attributes or a context are for `decide`; the others are as `isAllowed` takes them. */
function prepare({ kind, amount, text, requests }: SweepCase): Entrant {
  const result = build([{ file: 'sweep.acl', text }]);
  if (!result.ok) throw new Error(`${kind}, ${amount}: ${result.diagnostics[0]?.message}`);
  const authorizer = Authorizer.fromImage(result.image);
  const reference = createReference(result.model);
  let allowed = 0;
  for (const request of requests) {
    const right = reference.decide(request).decision;
    if (
      authorizer.decide(request).decision !== right ||
      answerOf(authorizer, request) !== (right === 'allow')
    )
      throw new Error(`${kind}, ${amount}: the reference says ${right} to ${JSON.stringify(request)}`);
    if (right === 'allow') allowed++;
  }
  const passes = Math.ceil(LEAST_DECISIONS / requests.length);
  return {
    name: `${kind}, ${amount}`,
    decisions: passes * requests.length,
    result: passes * allowed,
    prepare: () => {
      const asked = Array.from({ length: passes }, () => requests.map(freshRequest)).flat();
      return () => countAllowed(authorizer, asked);
    },
  };
}

function countAllowed(authorizer: Authorizer, requests: readonly Request[]): number {
  let allowed = 0;
  for (const request of requests) if (answerOf(authorizer, request)) allowed++;
  return allowed;
}

function answerOf(authorizer: Authorizer, request: Request): boolean {
  if (request.groups !== undefined || request.context !== undefined)
    return authorizer.decide(request).decision === 'allow';
  return authorizer.isAllowed(request.subject, request.action, request.resource);
}

function freshRequest({ subject, action, resource, ...others }: Request): Request {
  return { ...others, subject: fresh(subject!), action: fresh(action), resource: fresh(resource!) };
}

/** How far, in percent, the rounds of the middle entrant lie from their median. */
function typicalSpread(timings: readonly Timing[]): string {
  const spreads = timings.map(
    ({ median, lowest, highest }) => Math.max(highest - median, median - lowest) / median,
  );
  return (spreads.sort((a, b) => a - b)[spreads.length >> 1]! * 100).toFixed(0);
}
