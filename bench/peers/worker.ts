/**
 * One engine in a process of its own, so that neither its heap nor the state of its compiled code is another engine's. Does
 * what its parent tells it: `node --expose-gc worker.ts ENGINE GRANTS REQUESTS`.
 */
import type { Decider } from './engine.ts';
import { measureLatency } from './latency.ts';
import type { Built, Command, Reply, RoundResult, Strings } from './messages.ts';
import { ENGINES, type EngineId } from './registry.ts';
import { createWorkload, freshRequests, type Requests } from './workload.ts';

/** A round is cut into blocks, and the clock looked at between them; blocks grow while they take less than this. */
const BLOCK_MS = 5;
const LARGEST_BLOCK = 4096;

const [engineId, grantCount, requestCount] = process.argv.slice(2);
const { engine } = await ENGINES[engineId as EngineId].load();
const size = Number(grantCount);
const count = Number(requestCount);
/** The same string objects in every round that is not `fresh`, and shared with no grant. */
const reused = freshRequests(createWorkload(size, count).requests);

let decider: Decider | undefined;
let cursor = 0;
let blockCalls = 1;

process.on('message', async (command: Command) => {
  process.send!(await obey(command));
});
process.send!('ready');

async function obey(command: Command): Promise<Reply> {
  if (command.kind === 'build') return { kind: 'built', built: await build() };
  if (decider === undefined) throw new Error('not built');
  if (command.kind === 'round')
    return { kind: 'round', round: decideFor(decider, command.seconds, command.strings) };
  const latency = measureLatency(decider, freshRequests(reused), cursor, command.seconds);
  return { kind: 'latency', latency };
}

/** The grants are made for the building alone: what remains afterwards is what the engine keeps, its own strings included. */
async function build(): Promise<Built> {
  const before = retainedBytes();
  const buildMs = await buildFromGrants();
  const figures = decider?.figures;
  return { buildMs, retainedBytes: retainedBytes() - before, ...(figures === undefined ? {} : { figures }) };
}

async function buildFromGrants(): Promise<number> {
  const { policy } = createWorkload(size, count);
  const started = performance.now();
  decider = await engine.build(policy);
  return performance.now() - started;
}

/** Heap and buffers; what a wasm module has grown to is among the latter. `external` includes `arrayBuffers`. */
function retainedBytes(): number {
  globalThis.gc!();
  globalThis.gc!();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function decideFor({ bind, decisionsPerCall }: Decider, seconds: number, strings: Strings): RoundResult {
  const requests: Requests = strings === 'fresh' ? freshRequests(reused) : reused;
  const round = bind(requests);
  const answers = new Uint8Array(count);
  const first = cursor;
  const started = performance.now();
  let now = started;
  while (cursor < count && now - started < seconds * 1000) {
    const end = Math.min(count, cursor + blockCalls * decisionsPerCall);
    round(cursor, end, answers);
    cursor = end;
    const before = now;
    now = performance.now();
    if (now - before < BLOCK_MS) blockCalls = Math.min(LARGEST_BLOCK, blockCalls * 2);
  }
  const decided = answers.slice(first, cursor);
  if (cursor === count) cursor = 0;
  return { nsPerDecision: ((now - started) * 1e6) / decided.length, first, answers: decided };
}
