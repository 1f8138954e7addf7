import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Built, Command, Latency, Reply, RoundResult, Strings } from './messages.ts';
import type { EngineId } from './registry.ts';

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
/** A limit for mistakes, not a measure: what a process really holds is in the table. */
const MAX_HEAP_MIB = 18_000;

/** An engine in its process, at one size; between commands it stands still. */
export class Contestant {
  readonly id: EngineId;
  readonly #child: ChildProcess;

  private constructor(id: EngineId, child: ChildProcess) {
    this.id = id;
    this.#child = child;
  }

  static async start(id: EngineId, grantCount: number, requestCount: number): Promise<Contestant> {
    const child = fork(WORKER, [id, String(grantCount), String(requestCount)], {
      execArgv: ['--expose-gc', `--max-old-space-size=${MAX_HEAP_MIB}`],
      serialization: 'advanced',
    });
    await answerOf(child, id);
    return new Contestant(id, child);
  }

  async build(): Promise<Built> {
    return (await this.#ask({ kind: 'build' }, 'built')).built;
  }

  async round(strings: Strings, seconds: number): Promise<RoundResult> {
    return (await this.#ask({ kind: 'round', strings, seconds }, 'round')).round;
  }

  async latency(seconds: number): Promise<Latency> {
    return (await this.#ask({ kind: 'latency', seconds }, 'latency')).latency;
  }

  stop(): void {
    this.#child.kill();
  }

  async #ask<Kind extends Reply['kind']>(
    command: Command,
    kind: Kind,
  ): Promise<Extract<Reply, { kind: Kind }>> {
    this.#child.send(command);
    const reply = (await answerOf(this.#child, this.id)) as Reply;
    if (reply.kind !== kind) throw new Error(`${this.id} answered ${reply.kind} to ${command.kind}`);
    return reply as Extract<Reply, { kind: Kind }>;
  }
}

/** The next message of the process, or an error if it ends instead: out of memory, say. */
async function answerOf(child: ChildProcess, id: EngineId): Promise<unknown> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message),
      once(child, 'exit', { signal }).then(([code, killedBy]) => {
        throw new Error(`the process of ${id} ended: ${killedBy ?? `exit code ${code}`}`);
      }),
    ]);
  } finally {
    settled.abort();
  }
}
