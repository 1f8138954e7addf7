/**
 * Do workers share an image, and do they decide side by side? Processes with one, two and four workers on one
 * `SharedArrayBuffer`, in turn: what each process takes of memory, and how many decisions all its workers make.
 *
 *     node bench/workers.ts [--rules 1000000] [--requests 2000] [--ms 1000] [--rounds 5]
 *
 * Workers that share a core also share what it can do: more of them than the machine has free cores decide no more.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCluster, plainRequests } from './support/cluster.ts';
import { findLibrary } from './support/library.ts';
import { readNumbers } from './support/options.ts';
import { median } from './support/rounds.ts';
import { createScratchFolder } from './support/scratch-folder.ts';
import type { TeamResult } from './support/worker-team.ts';

const options = readNumbers({ rules: '1000000', requests: '2000', ms: '1000', rounds: '5' });
const TEAMS = [1, 2, 4];

const library = findLibrary();
const program = fileURLToPath(new URL('./support/worker-team.ts', import.meta.url));
const folder = createScratchFolder();
const imagePath = join(folder, 'policy.pimg');
const requestsPath = join(folder, 'requests.json');
await prepare();

const teams = TEAMS.map((workers) => ({ workers, runs: [] as TeamResult[] }));
for (let round = 0; round < options.rounds[0]!; round++)
  for (const { workers, runs } of teams) runs.push(runTeam(workers));

const summaries = teams.map(({ workers, runs }) => ({
  workers,
  mebibytes: median(runs.map(({ rssBytes }) => rssBytes)) / 2 ** 20,
  rate: median(runs.map(({ decisions, seconds }) => decisions / seconds)),
}));
console.log(`${availableParallelism()} cores; ${library.title}`);
for (const { workers, mebibytes, rate } of summaries) {
  const [one] = summaries;
  console.log(
    `${workers} worker${workers === 1 ? '' : 's'}: ${mebibytes.toFixed(0)} MiB, ${(mebibytes / one!.mebibytes).toFixed(2)} times one; ` +
      `${(rate / 1e6).toFixed(2)} M decisions/s, ${(rate / one!.rate).toFixed(2)} times one`,
  );
}

async function prepare(): Promise<void> {
  const cluster = createCluster(options.rules[0]!, options.requests[0]!);
  const { build } = (await import(library.index)) as typeof import('../src/index.ts');
  const result = build(cluster.sources);
  if (!result.ok) throw new Error(`the workload does not build: ${result.diagnostics[0]?.message}`);
  writeFileSync(imagePath, result.image);
  const requests = plainRequests(cluster.requests).map(({ subject, action, resource }, i) => [
    subject,
    action,
    resource,
    cluster.expected[i] === 1,
  ]);
  writeFileSync(requestsPath, JSON.stringify(requests));
  console.log(`${options.rules[0]} rules, an image of ${(result.image.byteLength / 2 ** 20).toFixed(1)} MiB`);
}

function runTeam(workers: number): TeamResult {
  const words = [program, library.runtime, imagePath, requestsPath, String(workers), String(options.ms[0])];
  const run = spawnSync(process.execPath, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (run.status !== 0) throw new Error(`a process with ${workers} workers failed`);
  return JSON.parse(run.stdout) as TeamResult;
}
