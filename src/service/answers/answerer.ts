import { Worker } from 'node:worker_threads';
import { siblingModule } from '../threads/sibling-module.ts';
import type { FromAnswersThread, ToAnswersThread } from './answers-thread.ts';
import type { Answer, Answers, AskedPolicy, Question } from './question.ts';

export interface AnswererOptions {
  /** For one question, once the policy is read. Default: 30 s. */
  readonly limitMs?: number;
  /** To start the thread and read the policy. Default: 2 minutes, several times what a million rules take. */
  readonly readingLimitMs?: number;
  /** How many questions may wait. Default: 16. */
  readonly maxWaiting?: number;
  /** How long the thread is kept without a question: the policy as it holds it takes much memory. Default: 10 minutes. */
  readonly idleMs?: number;
  /** What the thread runs, for tests. */
  readonly module?: URL;
}

/**
 * Answers questions one after the other, on a thread that is started when the first one comes and keeps the policy for those
 * that follow. A question that takes too long, or too much memory, ends that thread and no other; the next has a new one.
 */
export class Answerer implements Answers {
  readonly #limitMs: number;
  readonly #readingLimitMs: number;
  readonly #maxWaiting: number;
  readonly #idleMs: number;
  readonly #module: URL;
  readonly #waiting: Task[] = [];
  #current: Task | undefined;
  #thread: Worker | undefined;
  /** Of the policy that the thread has. */
  #revision: string | undefined;
  /** Until when the question may take, or the thread may be idle. */
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: AnswererOptions = {}) {
    this.#limitMs = options.limitMs ?? 30_000;
    this.#readingLimitMs = options.readingLimitMs ?? 120_000;
    this.#maxWaiting = options.maxWaiting ?? 16;
    this.#idleMs = options.idleMs ?? 600_000;
    this.#module = options.module ?? siblingModule('./answers-thread', import.meta.url);
  }

  ask(policy: AskedPolicy, question: Question, signal?: AbortSignal): Promise<Answer> {
    if (this.#isClosed) return Promise.resolve(stopping);
    if (this.#waiting.length >= this.#maxWaiting) return Promise.resolve(busy);
    return new Promise((resolve) => {
      const task: Task = { policy, question, resolve };
      this.#waiting.push(task);
      signal?.addEventListener('abort', () => this.#forget(task), { once: true });
      this.#next();
    });
  }

  /** Ends the thread; questions that are left are told so. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const task of this.#waiting.splice(0)) task.resolve(stopping);
    this.#current?.resolve(stopping);
    this.#current = undefined;
    await this.#endThread();
  }

  /** One that is being answered goes on: what is read for it serves others too. */
  #forget(task: Task): void {
    const place = this.#waiting.indexOf(task);
    if (place < 0) return;
    this.#waiting.splice(place, 1);
    task.resolve(forgotten);
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const task = this.#waiting.shift();
    if (task === undefined) {
      this.#setTimer(this.#idleMs, () => void this.#endThread());
      return;
    }
    this.#current = task;
    this.#thread ??= this.#startThread();
    const {
      policy: { image, changes, revision },
      question,
    } = task;
    const isHeld = revision === this.#revision;
    const message: ToAnswersThread = isHeld
      ? { question }
      : { policy: { image, changes, revision }, question };
    this.#revision = revision;
    this.#setTimer(this.#readingLimitMs, () => this.#giveUp(this.#readingLimitMs));
    this.#thread.postMessage(message);
  }

  #startThread(): Worker {
    const thread = new Worker(this.#module, { name: 'answers' });
    // Who waits for an answer has a connection, which keeps the process alive.
    thread.unref();
    let failure: unknown;
    thread.on('message', (message: FromAnswersThread) => {
      if (thread !== this.#thread) return;
      if (message.kind === 'read') this.#setTimer(this.#limitMs, () => this.#giveUp(this.#limitMs));
      else this.#finish(message.answer);
    });
    thread.on('error', (error) => {
      failure = error;
    });
    thread.on('exit', (code) => {
      if (thread !== this.#thread) return;
      this.#forgetThread();
      this.#finish(describeEnd(failure ?? new Error(`the thread that answers ended with code ${code}`)));
    });
    return thread;
  }

  #finish(answer: Answer): void {
    const task = this.#current;
    this.#current = undefined;
    task?.resolve(answer);
    this.#next();
  }

  #giveUp(afterMs: number): void {
    void this.#endThread();
    this.#finish({
      kind: 'refused',
      status: 503,
      message: `the question took longer than ${Math.ceil(afterMs / 1000)} s and was given up: ask for less at once`,
    });
  }

  async #endThread(): Promise<void> {
    const thread = this.#thread;
    this.#forgetThread();
    await thread?.terminate();
  }

  #forgetThread(): void {
    clearTimeout(this.#timer);
    this.#thread = undefined;
    this.#revision = undefined;
  }

  #setTimer(afterMs: number, run: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(run, afterMs).unref();
  }
}

interface Task {
  readonly policy: AskedPolicy;
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
}

const busy: Answer = {
  kind: 'refused',
  status: 503,
  message: 'too many questions about the whole policy are waiting for an answer: ask again later',
};
const stopping: Answer = { kind: 'refused', status: 503, message: 'the service stops' };
/** Nobody reads it. */
const forgotten: Answer = { kind: 'refused', status: 503, message: 'the question was given up' };

function describeEnd(failure: unknown): Answer {
  if ((failure as { readonly code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY')
    return { kind: 'refused', status: 503, message: 'the question takes more memory than there is' };
  const message = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
  return { kind: 'failed', message };
}
