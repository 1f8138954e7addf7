/**
 * Is any answer wrong, lost or late while the policy is exchanged again and again? A service of its own process, asked over
 * loopback at a share of what it can do, while the image that it watches is replaced by another that answers half of the
 * requests otherwise. Every answer is held against the revision that it states.
 *
 *     node bench/reload.ts [--rules 100000] [--every 100] [--seconds 60] [--share 70] [--connections 16] [--workers 1]
 *
 * Fails if an answer is wrong for its revision, if one does not come, or if the service's event loop stood still for more
 * than 50 ms.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { linkSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Authorizer, build } from '../src/index.ts';
import { LoadClient, type LoadResult } from './support/load-client.ts';
import { readNumbers } from './support/options.ts';
import { createScratchFolder } from './support/scratch-folder.ts';

const longestPauseMs = 50;
const requestCount = 1000;

const options = readNumbers({
  rules: '100000',
  every: '100',
  seconds: '60',
  share: '70',
  connections: '16',
  workers: '1',
});
const [rules, everyMs, seconds, share, connections, workers] = [
  options.rules[0]!,
  options.every[0]!,
  options.seconds[0]!,
  options.share[0]!,
  options.connections[0]!,
  options.workers[0]!,
];

const folder = createScratchFolder();
const watched = join(folder, 'policy.pimg');
const policies = [compile(() => 'allow'), compile((i) => (i % 2 === 0 ? 'allow' : 'deny'))] as const;
writeFileSync(watched, policies[0].image);
for (const [i, { image }] of policies.entries()) writeFileSync(join(folder, `policy-${i}.pimg`), image);
const service = await startService();
try {
  await measure(service.port);
} finally {
  service.process.kill('SIGTERM');
}

interface CompiledPolicy {
  readonly image: Uint8Array;
  readonly revision: string;
  /** Whether request `i` is allowed. */
  readonly allows: (i: number) => boolean;
}

function compile(effectOf: (i: number) => 'allow' | 'deny'): CompiledPolicy {
  const lines = Array.from(
    { length: rules },
    (_, i) => `${effectOf(i)} user:u${i} to read on doc:/team-${i % 97}/file-${i}\n`,
  );
  const result = build([{ file: 'policy.acl', text: lines.join('') }]);
  if (!result.ok) throw new Error(`the workload does not build: ${result.diagnostics[0]?.message}`);
  const { revision } = Authorizer.fromImage(result.image);
  return { image: result.image, revision, allows: (i) => effectOf(i) === 'allow' };
}

async function startService(): Promise<{ readonly process: ChildProcess; readonly port: number }> {
  const program = fileURLToPath(new URL('../src/cli/bin.ts', import.meta.url));
  const words = ['serve', '--no-auth', '--port', '0', '--workers', String(workers), '-p', watched];
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'inherit', 'pipe'] });
  for await (const line of createInterface({ input: child.stderr! })) {
    const { msg, address } = readLine(line);
    if (msg !== 'ready') continue;
    child.stderr!.resume();
    return { process: child, port: Number(new URL(address!).port) };
  }
  throw new Error('the service did not start');
}

function readLine(line: string): { readonly msg?: string; readonly address?: string } {
  try {
    return JSON.parse(line) as { readonly msg?: string; readonly address?: string };
  } catch {
    throw new Error(`the service did not start: ${line}`);
  }
}

async function measure(port: number): Promise<void> {
  const bodies = Array.from({ length: requestCount }, (_, i) =>
    JSON.stringify({ subject: `user:u${i}`, action: 'read', resource: `doc:/team-${i % 97}/file-${i}` }),
  );
  const client = new LoadClient({ port, connections, bodies, isRight });
  await client.run({ seconds: 3 });
  const ceiling = await client.run({ seconds: 5 });
  const rate = (ceiling.rate * share) / 100;
  console.log(
    `${rules} rules, ${workers} worker${workers === 1 ? '' : 's'}, ${connections} connections: ${ceiling.rate.toFixed(0)} answers/s at most; asked for ${rate.toFixed(0)}/s`,
  );
  const before = watchPauses(port);
  const calm = await client.run({ seconds: Math.min(seconds, 10), rate });
  const calmPauseMs = await before.end();
  console.log(
    `without exchanges: 99th percentile ${calm.p99Ms.toFixed(2)} ms, longest ${calm.maxMs.toFixed(1)} ms, longest pause ${calmPauseMs.toFixed(1)} ms: what the machine itself does`,
  );
  const loadedBefore = await readMetric(port, 'postern_reloads_total{outcome="loaded"}');
  const pauses = watchPauses(port);
  const swaps = swapPolicies();
  const result = await client.run({ seconds, rate });
  const swapped = swaps.end();
  const pauseMs = await pauses.end();
  const loaded = (await readMetric(port, 'postern_reloads_total{outcome="loaded"}')) - loadedBefore;
  const refused = await readMetric(port, 'postern_reload_failures_total');
  client.close();
  report(result, { swapped, loaded, refused, pauseMs });
}

/** Undefined for a revision that nobody has published: then the answer is wrong in any case. */
function isRight(i: number, revision: string, isAllowed: boolean): boolean {
  return policies.find((policy) => policy.revision === revision)?.allows(i) === isAllowed;
}

function swapPolicies(): { readonly end: () => number } {
  let count = 0;
  const timer = setInterval(() => {
    count++;
    const next = join(folder, 'next.pimg');
    linkSync(join(folder, `policy-${count % 2}.pimg`), next);
    renameSync(next, watched);
  }, everyMs);
  return {
    end() {
      clearInterval(timer);
      return count;
    },
  };
}

/** The longest delay of an event loop of the service: it tells that of every second. */
function watchPauses(port: number): { readonly end: () => Promise<number> } {
  let longestSeconds = 0;
  const look = async (): Promise<void> => {
    for (let thread = 1; thread <= workers; thread++) {
      const seconds = await readMetric(port, `postern_thread_delay_max_seconds{thread="${thread}"}`);
      longestSeconds = Math.max(longestSeconds, seconds);
    }
  };
  // The first value tells of the time before.
  const timer = setTimeout(function again() {
    void look().then(() => timer.refresh());
  }, 1200);
  timer.refresh();
  return {
    async end() {
      clearTimeout(timer);
      await look();
      return longestSeconds * 1000;
    },
  };
}

async function readMetric(port: number, series: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const line = text.split('\n').find((found) => found.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length));
}

interface Exchanges {
  readonly swapped: number;
  readonly loaded: number;
  readonly refused: number;
  readonly pauseMs: number;
}

function report(result: LoadResult, { swapped, loaded, refused, pauseMs }: Exchanges): void {
  const { answers, wrong, dropped, rate, p50Ms, p99Ms, maxMs, byRevision } = result;
  const shares = [...byRevision.values()]
    .map((count) => `${((100 * count) / answers).toFixed(0)} %`)
    .join(' and ');
  console.log(`${answers} answers in ${seconds} s, ${rate.toFixed(0)}/s; ${shares} from the two policies`);
  console.log(`${swapped} exchanges of the file, ${loaded} policies loaded, ${refused} refused`);
  console.log(`wrong for their revision: ${wrong}; dropped: ${dropped}`);
  console.log(
    `latency: median ${p50Ms.toFixed(2)} ms, 99th percentile ${p99Ms.toFixed(2)} ms, longest ${maxMs.toFixed(1)} ms`,
  );
  console.log(`longest pause of the event loop: ${pauseMs.toFixed(1)} ms (at most ${longestPauseMs})`);
  if (wrong > 0 || dropped > 0 || pauseMs > longestPauseMs || loaded === 0) process.exitCode = 1;
}
