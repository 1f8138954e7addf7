/**
 * What does the service cost beside HTTP itself? The native check, the evaluation of AuthZEN, and batches of 100 of each,
 * against a bare fastify route that reads the same bodies and answers with constants; `wrk` asks all of them in turn, on
 * loopback, with open connections.
 *
 *     node bench/service.ts [--rules 100000] [--requests 2000] [--connections 16] [--rounds 5] [--starts 3]
 *
 * A round asks the one for a second and the other right after, and what is told is the median of the shares of rounds. The
 * share of processor time is the steadier one: the rate falls with whatever else the machine does. Processes of one kind
 * differ a little for as long as they live, so both are started anew several times. They would differ more than both kinds
 * do, without what src/service/http/steady-ticks.ts does, which the bare one has from us. It needs `wrk` and Linux.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
  rounds: '5',
  starts: '3',
});
/** `--requests` is a multiple of it. */
const BATCH = 100;

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
const image = write('policy.pimg', compileCluster(cluster));
const scripts = contests.map(({ path, bodies }, i) => write(`ask-${i}.lua`, renderScript(path, bodies)));
for (let start = 0; start < options.starts[0]!; start++) await compete();
for (const contest of contests) report(contest);

/** All rounds of one pair of processes. */
async function compete(): Promise<void> {
  const service = await startServer('service', image);
  const answers: Record<string, unknown> = {};
  for (const contest of contests) answers[contest.path] = await checkAnswers(service, contest);
  const bare = await startServer('bare', write('answers.json', textOf(answers)));
  // The first round warms up.
  for (let round = -1; round < options.rounds[0]!; round++) {
    for (const [i, contest] of contests.entries()) {
      const [ours, theirs] = [ask(service, contest, i), ask(bare, contest, i)];
      if (round < 0) continue;
      contest.service.push(ours);
      contest.bare.push(theirs);
    }
  }
  for (const { process } of [service, bare]) process.stdin!.end();
}

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

async function answerOf({ port }: Server, path: string, body: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
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

interface Answers extends Answer {
  readonly decisions?: readonly Answer[];
  readonly evaluations?: readonly Answer[];
}

/** One of the answers, after all have been looked at: the time that a wrong one takes is worth nothing. */
async function checkAnswers(service: Server, { path, bodies, decisions }: Contest): Promise<Answers> {
  const all: Answers[] = [];
  for (const body of bodies) all.push(JSON.parse(await answerOf(service, path, body)) as Answers);
  for (const [i, answer] of all.entries()) {
    const effects = (answer.decisions ?? answer.evaluations ?? [answer]).map(({ decision }) => decision);
    if (effects.length !== decisions) throw new Error(`${path} gave ${effects.length} decisions`);
    for (const [at, effect] of effects.entries()) {
      const request = i * decisions + at;
      const isAllowed = effect === 'allow' || effect === true;
      if (isAllowed !== (cluster.expected[request] === 1)) throw new Error(`${path}: request ${request}`);
    }
  }
  return all[0]!;
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

function ask({ process: { pid }, port }: Server, { path }: Contest, contest: number): Run {
  const before = cpuUsOf(pid!);
  const script = scripts[contest]!;
  const words = [
    '-t1',
    `-c${options.connections[0]}`,
    '-d1s',
    '-s',
    script,
    `http://127.0.0.1:${port}${path}`,
  ];
  const run = spawnSync('wrk', words, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.error?.message ?? run.stderr);
  if (run.stdout.includes('Non-2xx')) throw new Error(run.stdout);
  const count = Number(/(\d+) requests in/.exec(run.stdout)?.[1]);
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(run.stdout)?.[1]);
  return { rate, cpuUs: (cpuUsOf(pid!) - before) / count };
}

/** What all threads of a process have used so far: its collector of garbage too. */
function cpuUsOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const times = threads.map((id) => readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]!);
  return times.reduce((sum, ns) => sum + Number(ns) / 1000, 0);
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
  const indent = ' '.repeat(name.length);
  console.log(
    `${name}: ${describe('cpuUs', 1)} µs of processor a request, the bare route ${shareOf('cpuUs')}`,
  );
  console.log(`${indent}  ${describe('rate', 0)} requests/s, the bare route ${shareOf('rate')}`);
  if (decisions === 1) return;
  const [ours, theirs] = [service, bare].map((runs) => median(runs.map(({ cpuUs }) => cpuUs)) / decisions);
  console.log(`${indent}  ${ours!.toFixed(2)} µs a decision, the bare route ${theirs!.toFixed(2)}`);

  function describe(figure: keyof Run, digits: number): string {
    return median(service.map((run) => run[figure])).toFixed(digits);
  }

  /** `18.3: 77 % (70 to 80)`: how near the service comes, with the quarters of the rounds that lie below and above. */
  function shareOf(figure: keyof Run): string {
    const shares = service
      .map((run, i) => (figure === 'rate' ? run.rate / bare[i]!.rate : bare[i]!.cpuUs / run.cpuUs) * 100)
      .sort((a, b) => a - b);
    const at = (part: number): string => shares[Math.floor((shares.length - 1) * part)]!.toFixed(0);
    const theirs = median(bare.map((run) => run[figure])).toFixed(figure === 'rate' ? 0 : 1);
    return `${theirs}: ${at(0.5)} % (${at(0.25)} to ${at(0.75)})`;
  }
}
