/**
 * Does the service need more memory the longer it is asked things that nobody asked before? `postern serve` as a process of its own
 * gets requests of every kind, right, wrong and malformed (`support/distinct-requests.ts`), no two of which are alike, and its
 * resident memory and its heap are looked at every few seconds. What counts begins after a warm-up, when code is compiled and
 * the heap has got its size. Prints memory at the start of that, at the end and at its highest, and the slope of a line through
 * all samples; of the heap the lowest of each half, which is what is left when garbage has been collected. Judges nothing. Linux.
 *
 *     node bench/service-memory.ts [--seconds 600] [--warm-up-s 60] [--every-ms 2000] [--connections 8] [--slow-each 20]
 *         [--program dist/cli/bin.js] [--csv]
 *
 * Behind so many rounds of the others, a round being some hundred requests, comes a question about the whole policy, which starts a
 * thread with a heap of its own; with 0 there are none.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { requestKinds, slowKinds, tokenSecret } from './support/distinct-requests.ts';
import { createScratchFolder } from './support/scratch-folder.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    'warm-up-s': { type: 'string', default: '60' },
    'every-ms': { type: 'string', default: '2000' },
    connections: { type: 'string', default: '8' },
    'slow-each': { type: 'string', default: '20' },
    program: { type: 'string', default: fileURLToPath(new URL('../src/cli/bin.ts', import.meta.url)) },
    csv: { type: 'boolean', default: false },
  },
});
const MIB = 1024 * 1024;

interface Sample {
  readonly seconds: number;
  readonly residentMib: number;
  readonly heapMib: number;
}

const round = requestKinds.flatMap((kind) => Array.from({ length: kind.share }, () => kind));
/** 0: never, for nothing is a multiple of NaN. */
const slowEach = round.length * (Number(values['slow-each']) || Number.NaN);
const statuses = new Map<string, number>();
let sent = 0;
let unanswered = 0;
let isOver = false;

const folder = createScratchFolder();
const { process: service, port } = await startService();
const startMs = performance.now();
const senders = Array.from({ length: Number(values.connections) }, () => keepAsking());
const samples = await watch();
isOver = true;
await Promise.all(senders);
service.kill('SIGTERM');
await once(service, 'close');
report();

async function startService(): Promise<{ process: ReturnType<typeof spawn>; port: number }> {
  const policy = join(folder, 'policy.acl');
  const secret = join(folder, 'secret');
  writeFileSync(
    policy,
    `${Array.from({ length: 100 }, (_, i) => `allow user:u${i} to read on doc:/${i % 7}/** when context.network != "n${i}"\n`).join('')}
group editors { user:ann }
allow group:editors to write on doc:/**
route GET "/pages/{page**}" requires read on doc:/{page**}
`,
  );
  writeFileSync(secret, tokenSecret);
  const words = ['serve', '-p', policy, '--port', '0', '--token-secret-file', secret];
  words.push('--token-algorithms', 'HS256', '--iam-policy-query', '--decision-log-to', 'stdout');
  const child = spawn(process.execPath, [values.program, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  const port = await new Promise<number>((resolve, reject) => {
    child.once('close', () => reject(new Error(`the service ended: ${log}`)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      // What it says while it is asked is read, so that it can go on, and dropped.
      if (log.length > 10_000) return;
      log += text;
      const address = /"address":"([^"]+)"[^\n]*"msg":"ready"/.exec(log)?.[1];
      if (address !== undefined) resolve(Number(new URL(address).port));
    });
  });
  return { process: child, port };
}

// ---------------------------------------------------------------- asking

/** One request after the other on a connection; a new one wherever the service closes it. */
async function keepAsking(): Promise<void> {
  while (!isOver) await askOnConnection();
}

function askOnConnection(): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let received = '';
    let isWaiting = false;
    const ask = (): void => {
      if (isOver) return void socket.end();
      received = '';
      isWaiting = true;
      socket.write(nextRequest());
    };
    socket.setTimeout(60_000, () => socket.destroy());
    socket.on('connect', ask);
    socket.setEncoding('latin1').on('data', (text) => {
      received += text as unknown as string;
      if (!isWhole(received)) return;
      count(received.slice(9, 12));
      isWaiting = false;
      if (/^connection: *close\r$/im.test(received)) socket.end();
      else ask();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (isWaiting) unanswered++;
      resolve();
    });
  });
}

function nextRequest(): Buffer {
  const i = sent++;
  const slow = i % slowEach === 0 ? slowKinds[(i / slowEach) % slowKinds.length] : undefined;
  return (slow ?? round[i % round.length]!).bytesOf(i);
}

/** Whether the text is an answer to its end. */
function isWhole(text: string): boolean {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return false;
  const head = text.slice(0, headEnd);
  const length = /content-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return text.length >= headEnd + 4 + Number(length);
  return /transfer-encoding: *chunked/i.test(head) ? text.endsWith('0\r\n\r\n') : / (?:204|304) /.test(head);
}

function count(status: string): void {
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
}

// ---------------------------------------------------------------- watching

async function watch(): Promise<readonly Sample[]> {
  await sleep(Number(values['warm-up-s']) * 1000);
  const startedMs = performance.now();
  const found: Sample[] = [];
  for (;;) {
    const seconds = (performance.now() - startedMs) / 1000;
    found.push({ seconds, residentMib: residentMib(), heapMib: await heapMib() });
    if (values.csv)
      console.log(
        Object.values(found.at(-1)!)
          .map((n: number) => n.toFixed(1))
          .join(','),
      );
    if (seconds >= Number(values.seconds)) return found;
    await sleep(Number(values['every-ms']));
  }
}

function residentMib(): number {
  const status = readFileSync(`/proc/${service.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

/** As the service tells it, once a second, of the thread that answers. */
async function heapMib(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const found = /^postern_thread_heap_used_bytes\S* (\S+)$/m.exec(await response.text());
  return Number(found?.[1]) / MIB;
}

function report(): void {
  const resident = samples.map(({ residentMib: mib }) => mib);
  const heap = samples.map(({ heapMib: mib }) => mib);
  const middle = Math.ceil(heap.length / 2);
  const seconds = (performance.now() - startMs) / 1000;
  const answered = [...statuses].sort().map(([status, times]) => `${status}: ${times}`);
  console.log(
    `${sent} requests in ${seconds.toFixed(0)} s, all different; ${answered.join(', ')}; closed without an answer: ${unanswered}`,
  );
  console.log(
    `resident: ${resident[0]!.toFixed(1)} MiB after the warm-up, ${resident.at(-1)!.toFixed(1)} at the end, ` +
      `${Math.max(...resident).toFixed(1)} at most, ${slopeOf(resident).toFixed(2)} MiB a minute`,
  );
  console.log(
    `heap: at least ${Math.min(...heap.slice(0, middle)).toFixed(1)} MiB in the first half, ` +
      `${Math.min(...heap.slice(middle)).toFixed(1)} in the second, ${slopeOf(heap).toFixed(2)} MiB a minute`,
  );
}

/** Of the line with the least squares, a minute. */
function slopeOf(mib: readonly number[]): number {
  const minutes = samples.map(({ seconds }) => seconds / 60);
  const meanOf = (all: readonly number[]): number => all.reduce((sum, n) => sum + n, 0) / all.length;
  const [x, y] = [meanOf(minutes), meanOf(mib)];
  const spread = minutes.reduce((sum, minute) => sum + (minute - x) ** 2, 0);
  return spread === 0
    ? 0
    : minutes.reduce((sum, minute, i) => sum + (minute - x) * (mib[i]! - y), 0) / spread;
}
