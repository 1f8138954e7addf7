import { Contestant } from './contestant.ts';
import type { Built, Latency, RoundResult } from './messages.ts';
import { decideNaively } from './reference.ts';
import { ENGINES, type EngineId } from './registry.ts';
import { type Absence, type Measurement, median, spreadOf } from './results.ts';
import { createWorkload } from './workload.ts';

export interface Plan {
  readonly engines: readonly EngineId[];
  readonly requests: number;
  readonly rounds: number;
  /** Time after which a round of a slow engine ends, with however many requests it has decided. */
  readonly roundSeconds: number;
  readonly report: (line: string) => void;
}

/** Rounds whose times nobody keeps; the answers are checked all the same. */
const WARM_UP_ROUNDS = 2;
const MEBIBYTE = 2 ** 20;

/** An engine that has been built, and what its rounds have shown so far. */
interface Run {
  readonly contestant: Contestant;
  readonly built: Built;
  readonly fresh: number[];
  readonly reused: number[];
  readonly latencies: Latency[];
  checked: number;
}

/** All engines at one size: built one after the other, then round after round of each in turn, so that noise hits all alike. */
export async function measureSize(
  grants: number,
  plan: Plan,
): Promise<{ measurements: Measurement[]; absences: Absence[] }> {
  const expected = expectedAnswers(grants, plan);
  const runs: Run[] = [];
  const absences: Absence[] = [];
  try {
    for (const id of plan.engines) {
      if (ENGINES[id].maxGrants < grants) absences.push({ id, grants, reason: 'not started at this size' });
      else await startRun(id, grants, plan, runs, absences);
    }
    for (let round = 0; round < WARM_UP_ROUNDS; round++)
      for (const run of runs) await warmUp(run, plan, expected);
    for (let round = 0; round < plan.rounds; round++) {
      plan.report(`  round ${round + 1} of ${plan.rounds}`);
      await measureRound(runs, plan, expected);
    }
  } finally {
    for (const { contestant } of runs) contestant.stop();
  }
  return { measurements: runs.map((run) => summarize(run, grants)), absences };
}

function expectedAnswers(grants: number, { requests, report }: Plan): Uint8Array {
  report(`${grants} grants: the reference decides ${requests} requests`);
  const workload = createWorkload(grants, requests);
  const expected = decideNaively(workload.policy, workload.requests);
  const allowed = expected.reduce((sum, answer) => sum + answer, 0);
  report(`  ${((allowed / requests) * 100).toFixed(1)} % of them are allowed`);
  return expected;
}

/** An engine that cannot be built, for want of memory say, is missing from the table with the reason, and the others go on. */
async function startRun(
  id: EngineId,
  grants: number,
  plan: Plan,
  runs: Run[],
  absences: Absence[],
): Promise<void> {
  let contestant: Contestant | undefined;
  try {
    contestant = await Contestant.start(id, grants, plan.requests);
    const built = await contestant.build();
    runs.push({ contestant, built, fresh: [], reused: [], latencies: [], checked: 0 });
    const size = `${(built.retainedBytes / MEBIBYTE).toFixed(1)} MiB`;
    plan.report(`  ${id}: built in ${built.buildMs.toFixed(0)} ms, holds ${size}`);
  } catch (error) {
    contestant?.stop();
    const reason = error instanceof Error ? error.message : String(error);
    absences.push({ id, grants, reason });
    plan.report(`  ${id}: ${reason}`);
  }
}

async function warmUp(run: Run, { roundSeconds }: Plan, expected: Uint8Array): Promise<void> {
  check(run, await run.contestant.round('fresh', roundSeconds), expected);
  check(run, await run.contestant.round('reused', roundSeconds), expected);
}

async function measureRound(
  runs: readonly Run[],
  { roundSeconds }: Plan,
  expected: Uint8Array,
): Promise<void> {
  for (const run of runs) {
    const result = await run.contestant.round('fresh', roundSeconds);
    check(run, result, expected);
    run.fresh.push(result.nsPerDecision);
  }
  for (const run of runs) {
    const result = await run.contestant.round('reused', roundSeconds);
    check(run, result, expected);
    run.reused.push(result.nsPerDecision);
  }
  for (const run of runs) run.latencies.push(await run.contestant.latency(roundSeconds));
}

/** A wrong answer ends the whole run: the time it took is worth nothing. */
function check(run: Run, { first, answers }: RoundResult, expected: Uint8Array): void {
  const wrong = answers.findIndex((answer, i) => answer !== expected[first + i]);
  if (wrong >= 0) {
    const answer = answers[wrong] === 1 ? 'allows' : 'denies';
    throw new Error(`${run.contestant.id} ${answer} request ${first + wrong}, and the reference does not`);
  }
  run.checked += answers.length;
}

function summarize(
  { contestant, built, fresh, reused, latencies, checked }: Run,
  grants: number,
): Measurement {
  return {
    id: contestant.id,
    grants,
    built,
    fresh: spreadOf(fresh),
    reused: spreadOf(reused),
    latency: {
      calls: latencies.reduce((sum, { calls }) => sum + calls, 0),
      p50: median(latencies.map(({ p50 }) => p50)),
      p99: median(latencies.map(({ p99 }) => p99)),
    },
    checked,
  };
}
