import { parentPort, workerData } from 'node:worker_threads';
import { Random } from '../../test/support/generators.ts';
import { type Check, type Failure, renderThrown } from './check.ts';
import { checkNamed } from './checks.ts';
import type { Job, Lane, Report, Told } from './job.ts';

/** Works on checks in turn, always on the one that is furthest behind its share of the time; tells what fails at once. */

const { names, seed, stopAtMs, steps, progress } = workerData as Job;
const tell = (message: Told): void => parentPort!.postMessage(message);

const lanes = names.map((name, index) => startLane(checkNamed(name), index));
for (;;) {
  const open = lanes.filter((lane) => lane.report.steps < steps);
  if (open.length === 0 || Date.now() >= stopAtMs) break;
  await takeStep(open.reduce((a, b) => (a.debt() <= b.debt() ? a : b)));
}
tell({ kind: 'done', reports: lanes.map(({ report }) => report) });

function startLane(check: Check, index: number): Lane {
  const report: Report = { name: check.name, steps: 0, failures: 0, usedMs: 0, counts: check.empty() };
  // By its name: the seeds of a check do not depend on which others run.
  const random = new Random([...check.name].reduce((sum, unit) => sum * 31 + unit.charCodeAt(0), seed));
  return { check, index, random, report, debt: () => report.usedMs / check.share };
}

async function takeStep({ check, index, random, report }: Lane): Promise<void> {
  const stepSeed = random.seed();
  progress[0] = index;
  progress[1] = stepSeed;
  const startMs = performance.now();
  const failures = await failuresOf(check, stepSeed, report.counts);
  report.usedMs += performance.now() - startMs;
  report.steps++;
  report.failures += failures.length;
  for (const failure of failures) tell({ kind: 'failure', name: check.name, seed: stepSeed, failure });
}

async function failuresOf(check: Check, stepSeed: number, counts: object): Promise<readonly Failure[]> {
  try {
    return await check.step(stepSeed, counts);
  } catch (error) {
    return [renderThrown(error)];
  }
}
