/**
 * What does the service cost beside HTTP itself? The native check, the evaluation of AuthZEN, and batches of 100 of each,
 * against a bare fastify route that reads the same bodies and answers a constant object; `wrk` asks all of them in turn, on loopback, with open connections.
 *
 *     node bench/service.ts [--rules 100000] [--requests 2000] [--connections 16] [--seconds 3] [--rounds 7]
 *
 * The share is that of requests per second; on a machine that does other things too, that of processor time tells more.
 * It needs `wrk`.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { compileCluster, createCluster, type PlainRequest, plainRequests } from './support/cluster.ts';
import { readNumbers } from './support/options.ts';
import { median } from './support/rounds.ts';
import { createScratchFolder } from './support/scratch-folder.ts';

const options = readNumbers({
  rules: '100000',
  requests: '2000',
  connections: '16',
  seconds: '3',
  rounds: '7',
});
/** `--requests` is a multiple of it. */
const BATCH = 100;
/** `getconf CLK_TCK`, the same on every Linux. */
const TICKS_A_SECOND = 100;

const folder = createScratchFolder();
const cluster = createCluster(options.rules[0]!, options.requests[0]!);
const requests = plainRequests(cluster.requests);

interface Server {
  readonly process: ChildProcess;
  readonly port: number;
}

interface Run {
  readonly rate: number;
  readonly cpuUs: number;
}

interface Contest {
  readonly name: string;
  readonly path: string;
  readonly decisions: number;
  readonly bodies: readonly string[];
  readonly service: Run[];
  readonly bare: Run[];
}

const service = await startServer('service', write('policy.pimg', compileCluster(cluster)));
const contests: readonly Contest[] = [
  createContest('check', '/v1/check', requests.map(textOf)),
  createContest('batch of 100', '/v1/check/batch', inBatches('requests', requests)),
  createContest('evaluation', '/access/v1/evaluation', requests.map(evaluationOf).map(textOf)),
  createContest(
    'evaluations, 100',
    '/access/v1/evaluations',
    inBatches('evaluations', requests.map(evaluationOf)),
  ),
];
for (const contest of contests) await checkAnswers(contest);
const bares = await Promise.all(
  contests.map(async ({ path, bodies }, i) =>
    startServer('bare', write(`answer-${i}.json`, await answerOf(path, bodies[0]!))),
  ),
);
for (let round = -1; round < options.rounds[0]!; round++) {
  for (const [i, contest] of contests.entries()) {
    const runs = [ask(service, contest, i), ask(bares[i]!, contest, i)] as const;
    // The first round warms up.
    if (round < 0) continue;
    contest.service.push(runs[0]);
    contest.bare.push(runs[1]);
  }
}
for (const contest of contests) report(contest);
for (const { process } of [service, ...bares]) process.stdin!.end();

// ---------------------------------------------------------------- bodies

function createContest(name: string, path: string, bodies: readonly string[]): Contest {
  return { name, path, decisions: requests.length / bodies.length, bodies, service: [], bare: [] };
}

function textOf(body: object): string {
  return JSON.stringify(body);
}

function evaluationOf({ subject, action, resource }: PlainRequest): object {
  return { subject: entityOf(subject), action: { name: action }, resource: entityOf(resource) };
}

function entityOf(id: string): object {
  const colon = id.indexOf(':');
  return { type: id.slice(0, colon), id: id.slice(colon + 1) };
}

function inBatches(member: string, all: readonly object[]): string[] {
  return Array.from({ length: all.length / BATCH }, (_, i) =>
    textOf({ [member]: all.slice(i * BATCH, (i + 1) * BATCH) }),
  );
}

async function answerOf(path: string, body: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${service.port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.text();
}

interface Answer {
  readonly decision?: string | boolean;
}

/** The time that a wrong answer takes is worth nothing. */
async function checkAnswers({ path, bodies, decisions }: Contest): Promise<void> {
  let at = 0;
  for (const body of bodies) {
    const answer = JSON.parse(await answerOf(path, body)) as Answer & {
      readonly decisions?: readonly Answer[];
      readonly evaluations?: readonly Answer[];
    };
    const effects = (answer.decisions ?? answer.evaluations ?? [answer]).map(({ decision }) => decision);
    if (effects.length !== decisions) throw new Error(`${path} gave ${effects.length} decisions`);
    for (const effect of effects) {
      if ((effect === 'allow' || effect === true) !== (cluster.expected[at] === 1))
        throw new Error(`${path}: request ${at}`);
      at++;
    }
  }
}

// ---------------------------------------------------------------- running

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function startServer(kind: 'service' | 'bare', file: string): Promise<Server> {
  const program = fileURLToPath(new URL('./support/http-server.ts', import.meta.url));
  const child = spawn(process.execPath, [program, kind, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout as Readable), 'line')) as [string];
  return { process: child, port: Number(line) };
}

function ask({ process: { pid }, port }: Server, { path, bodies }: Contest, contest: number): Run {
  const script = write(`ask-${contest}.lua`, renderScript(path, bodies));
  const before = cpuTicks(pid!);
  const run = spawnSync(
    'wrk',
    [
      '-t1',
      `-c${options.connections[0]}`,
      `-d${options.seconds[0]}s`,
      '-s',
      script,
      `http://127.0.0.1:${port}${path}`,
    ],
    { encoding: 'utf8' },
  );
  if (run.status !== 0) throw new Error(run.error?.message ?? run.stderr);
  if (run.stdout.includes('Non-2xx')) throw new Error(run.stdout);
  const count = Number(/(\d+) requests in/.exec(run.stdout)?.[1]);
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(run.stdout)?.[1]);
  return { rate, cpuUs: ((cpuTicks(pid!) - before) / TICKS_A_SECOND / count) * 1e6 };
}

/** User and system time of a process. */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Requests are made once and sent in turn. JSON of ASCII without backslashes is a text of Lua between long brackets. */
function renderScript(path: string, bodies: readonly string[]): string {
  return `local bodies = {
${bodies.map((body) => `[==[${body}]==]`).join(',\n')}
}
local requests = {}
local at = 0
init = function()
  for i, body in ipairs(bodies) do
    requests[i] = wrk.format("POST", "${path}", { ["Content-Type"] = "application/json" }, body)
  end
end
request = function()
  at = at % #requests + 1
  return requests[at]
end
`;
}

function report({ name, decisions, service, bare }: Contest): void {
  const rates = [service, bare].map((runs) => median(runs.map(({ rate }) => rate)));
  const times = [service, bare].map((runs) => median(runs.map(({ cpuUs }) => cpuUs)));
  const shares = service.map(({ rate }, i) => (rate / bare[i]!.rate) * 100).sort((a, b) => a - b);
  const [lowest, highest] = [shares[0]!, shares.at(-1)!].map((share) => share.toFixed(0));
  console.log(
    `${name}: ${rates[0]!.toFixed(0)} requests/s, the bare route ${rates[1]!.toFixed(0)}: ` +
      `${median(shares).toFixed(0)} % (${lowest} to ${highest})`,
  );
  console.log(
    `${' '.repeat(name.length)}  ${times[0]!.toFixed(1)} µs of processor a request, the bare route ${times[1]!.toFixed(1)}: ` +
      `${((times[1]! / times[0]!) * 100).toFixed(0)} %` +
      (decisions === 1 ? '' : `; ${(times[0]! / decisions).toFixed(2)} µs a decision`),
  );
}
