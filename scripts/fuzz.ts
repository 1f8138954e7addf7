import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Random, seedOfRun } from '../test/support/generators.ts';
import { execute, type Failure } from './fuzz/execute.ts';
import { storeFinding } from './fuzz/finding-file.ts';
import type { FuzzTarget } from './fuzz/target.ts';
import { targetNamed, targets } from './fuzz/targets.ts';
import { targetOfPath } from './fuzz/texts.ts';
import { type Outcome, watchTarget } from './fuzz/watch.ts';
import { readNumber, usageError } from './read-number.ts';

const help = `Gives everything that takes input from outside inputs that nobody has written: by the grammar, and by changing others.

  npm run fuzz                              every target, for a minute each
  npm run fuzz -- --minutes 10              the same for ten
  npm run fuzz -- --target parse            one of them; may repeat
  npm run fuzz -- --again .fuzz/parse/X     one finding again

  --minutes N     for each target (default 1)
  --executions N  at most so many inputs of each target; without --minutes no other end
  --seed N        begins with the same inputs (default: others every time); what comes then hangs on what they reach
  --threads N     targets at work at once (default: one for each core)
  --target NAME   may repeat; the names are below

An input that reaches code that none before it has reached is kept, and changed further. What breaks a promise is made small
and kept in .fuzz/<target>/, with the command that runs it again. Exits 1 if anything does, 2 if it is not asked for rightly.

${targets.map(({ name, title }) => `  ${name.padEnd(14)} ${title}`).join('\n')}
`;

/** Of each target so many failures are shown; all that differ are kept. */
const SHOWN = 5;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    executions: { type: 'string' },
    seed: { type: 'string' },
    threads: { type: 'string' },
    target: { type: 'string', multiple: true, default: [] },
    again: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(help);
else if (values.again !== undefined) process.exitCode = await runAgain(values.again);
else process.exitCode = await fuzz(chooseTargets());
// A service that an input has made wait is not waited for.
process.exit();

async function fuzz(chosen: readonly FuzzTarget[]): Promise<number> {
  const seed = seedOfRun(values.seed);
  const executions = readNumber(values, 'executions', Number.POSITIVE_INFINITY);
  const minutes = readNumber(
    values,
    'minutes',
    values.executions === undefined ? 1 : Number.POSITIVE_INFINITY,
  );
  const threads = readNumber(values, 'threads', availableParallelism());
  console.log(`seed ${seed}, ${chosen.length} targets on ${threads} threads`);
  const random = new Random(seed);
  const waiting = chosen.map((target) => ({ target, seed: random.seed() }));
  let failures = 0;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { name } = next.target;
      const kinds = new Set<string>();
      const outcome = await watchTarget({
        target: name,
        seed: next.seed,
        runMs: minutes * 60_000,
        executions,
        onFailure: (failure, input) => report(name, failure, input, kinds),
      });
      failures += kinds.size;
      console.log(renderOutcome(name, outcome, kinds.size));
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  console.log(`${failures} failures`);
  return failures > 0 ? 1 : 0;
}

function report(name: string, failure: Failure, input: Uint8Array, kinds: Set<string>): void {
  if (kinds.has(failure.kind)) return;
  kinds.add(failure.kind);
  const path = storeFinding(name, failure, input);
  console.log(`${name}: ${failure.kind}\n  npm run fuzz -- --again ${path}`);
  if (kinds.size <= SHOWN) console.log(failure.text.replace(/^/gm, '    '));
}

function renderOutcome(
  name: string,
  { executions, usedMs, corpus, reachedBytes }: Outcome,
  failures: number,
): string {
  const perSecond = executions / (usedMs / 1000);
  return [
    name.padEnd(14),
    `${executions} executions`.padStart(20),
    `${perSecond.toFixed(0)} a second`.padStart(16),
    `corpus ${corpus}`.padStart(12),
    `reached ${(reachedBytes / 1024).toFixed(1)} KiB of code`.padStart(28),
    `${failures} failures`.padStart(13),
  ].join('');
}

async function runAgain(path: string): Promise<number> {
  const target = targetNamed(targetOfPath(path));
  if (target === undefined) return usageError(`${path} is of no target: they lie in folders called as these`);
  const attack = await target.open();
  const failure = await execute(attack, readFileSync(path));
  console.log(failure?.text ?? 'fails no more');
  await attack.close?.();
  return failure === undefined ? 0 : 1;
}

function chooseTargets(): readonly FuzzTarget[] {
  if (values.target.length === 0) return targets;
  return [...new Set(values.target)].map(
    (name) => targetNamed(name) ?? usageError(`no target \`${name}\`: see --help`),
  );
}
