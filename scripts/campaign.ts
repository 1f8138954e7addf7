import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Random, seedOfRun } from '../test/support/generators.ts';
import { type Check, type Failure, renderThrown } from './campaign/check.ts';
import { checkNamed, checksNamed, lawChecks, otherChecks } from './campaign/checks.ts';
import { questionOf, readFailure, storeFailure } from './campaign/failure-file.ts';
import { lawAgain } from './campaign/law-check.ts';
import { renderReports } from './campaign/render-reports.ts';
import { runTeam } from './campaign/team.ts';
import { readNumber, usageError } from './read-number.ts';

const help = `Puts the laws of an authorizer to the test with random policies and requests, on every core, for a given time.

  npm run campaign                              every law, for ten minutes
  npm run campaign -- --minutes 480             the same for a night
  npm run campaign -- --law 10 --law 12         some of them: a number is all its parts
  npm run campaign -- --all                     what commands promise about policies, too
  npm run campaign -- --again .campaign/X.json  one failure again

  --minutes N   how long (default 10); a step that has begun is ended
  --steps N     at most so many steps of each check, for a run that has to be the same again; without --minutes no other end
  --seed N      the same checks look at the same seeds (default: another one every time)
  --threads N   default: one for each core
  --law NAME    may repeat; the names are below
  --all         every check there is

Each check gets a share of the time. What fails is made small and kept in .campaign/, with the command that runs it again.
Exits 1 if anything fails, 2 if it is not asked for rightly.

Checks that start processes of their own, beside these:
  node scripts/campaign-store.ts    kills writers over both databases and looks for what is lost
  node scripts/campaign-tokens.ts   asks services for answers no older than a write

${[...lawChecks, ...otherChecks].map(({ name, title }) => `  ${name.padEnd(18)} ${title}`).join('\n')}
`;

/** Of each kind of failure so many are kept. */
const KEPT_OF_A_KIND = 3;
/** Files that have been written: two failures may be of one seed. */
let kept = 0;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    steps: { type: 'string' },
    seed: { type: 'string' },
    threads: { type: 'string' },
    law: { type: 'string', multiple: true, default: [] },
    all: { type: 'boolean', default: false },
    again: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(help);
else if (values.again !== undefined) process.exitCode = await runAgain(values.again);
else process.exitCode = await runCampaign(chooseChecks());

function chooseChecks(): readonly Check[] {
  if (values.all) return [...lawChecks, ...otherChecks];
  if (values.law.length === 0) return lawChecks;
  const unknown = values.law.find((name) => checksNamed(name).length === 0);
  if (unknown !== undefined) return usageError(`no law or check \`${unknown}\`: see --help`);
  return [...new Set(values.law.flatMap(checksNamed))];
}

async function runCampaign(checks: readonly Check[]): Promise<number> {
  const seed = seedOfRun(values.seed);
  const threads = readNumber(values, 'threads', availableParallelism());
  const steps = readNumber(values, 'steps', Number.POSITIVE_INFINITY);
  const minutes = readNumber(values, 'minutes', values.steps === undefined ? 10 : Number.POSITIVE_INFINITY);
  console.log(`seed ${seed}, ${checks.length} checks on ${threads} threads, ${describeEnd(minutes, steps)}`);
  const known = new Map<string, number>();
  const random = new Random(seed);
  const startMs = performance.now();
  const reports = await runTeam({
    checks,
    seeds: random.times(threads, () => random.seed()),
    stopAtMs: Date.now() + minutes * 60_000,
    steps: Math.ceil(steps / threads),
    onFailure: (name, failingSeed, failure) => keep(known, name, failingSeed, failure),
  });
  console.log(renderReports(checks, reports));
  const failures = [...known.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${failures} failures, ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
  return failures > 0 ? 1 : 0;
}

function keep(known: Map<string, number>, name: string, seed: number, failure: Failure): void {
  const key = JSON.stringify([name, failure.kind]);
  const number = (known.get(key) ?? 0) + 1;
  known.set(key, number);
  if (number > KEPT_OF_A_KIND) return;
  const path = storeFailure(name, seed, ++kept, failure);
  console.log(`${name} fails, seed ${seed}: ${failure.kind}; see ${path}`);
  if (number === 1) console.log(`${failure.text}\n`);
}

/** The case that was made small if there is one, else all that the seed makes. */
async function runAgain(path: string): Promise<number> {
  const stored = readFailure(path);
  const question = questionOf(stored);
  const failures =
    question === undefined
      ? await stepOnce(checkNamed(stored.check), stored.seed)
      : await lawAgain(stored.check, question, stored.example!.evaluator);
  for (const { text } of failures) console.log(text);
  console.log(failures.length === 0 ? 'fails no more' : `${failures.length} failures`);
  return failures.length === 0 ? 0 : 1;
}

async function stepOnce(check: Check, seed: number): Promise<readonly Failure[]> {
  try {
    return await check.step(seed, check.empty());
  } catch (error) {
    return [renderThrown(error)];
  }
}

function describeEnd(minutes: number, steps: number): string {
  const ends = [
    ...(Number.isFinite(minutes) ? [`${minutes} minutes`] : []),
    ...(Number.isFinite(steps) ? [`${steps} steps of each`] : []),
  ];
  return ends.join(' or ');
}
