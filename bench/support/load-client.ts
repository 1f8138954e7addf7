import { connect, type Socket } from 'node:net';

export interface LoadClientOptions {
  readonly port: number;
  readonly connections: number;
  /** Sent in turn to `/v1/check`. */
  readonly bodies: readonly string[];
  /** @param i  index of the body */
  readonly isRight: (i: number, revision: string, isAllowed: boolean) => boolean;
}

export interface LoadResult {
  readonly answers: number;
  readonly wrong: number;
  /** Requests without an answer, or with another status than 200. */
  readonly dropped: number;
  /** Answers per second. */
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly byRevision: ReadonlyMap<string, number>;
}

interface Connection {
  readonly socket: Socket;
  text: string;
  /** Index of the body that is being answered, or -1. */
  asked: number;
  sentMs: number;
}

/** Asks a service over connections that stay open, one request at a time on each, and looks at every answer. */
export class LoadClient {
  readonly #options: LoadClientOptions;
  readonly #requests: readonly string[];
  readonly #connections: Connection[];
  #next = 0;
  #run = new Run();

  constructor(options: LoadClientOptions) {
    this.#options = options;
    this.#requests = options.bodies.map(
      (body) =>
        `POST /v1/check HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    this.#connections = Array.from({ length: options.connections }, () => this.#open());
  }

  /** @param rate  requests per second; without it as many as are answered */
  async run({
    seconds,
    rate = Number.POSITIVE_INFINITY,
  }: {
    readonly seconds: number;
    readonly rate?: number;
  }): Promise<LoadResult> {
    this.#run = new Run();
    const startedMs = performance.now();
    const endMs = startedMs + seconds * 1000;
    let sent = 0;
    while (performance.now() < endMs) {
      const due = Math.floor((rate * (performance.now() - startedMs)) / 1000);
      for (const connection of this.#connections) {
        if (sent >= due) break;
        if (connection.asked !== -1) continue;
        this.#ask(connection);
        sent++;
      }
      // Between two turns answers are read.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.#waitForLast();
    return this.#run.finish((performance.now() - startedMs) / 1000);
  }

  close(): void {
    for (const { socket } of this.#connections) socket.destroy();
  }

  #open(): Connection {
    const socket = connect({ port: this.#options.port, host: '127.0.0.1', noDelay: true });
    const connection: Connection = { socket, text: '', asked: -1, sentMs: 0 };
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      connection.text += text as unknown as string;
      this.#read(connection);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (connection.asked !== -1) this.#run.dropped++;
      connection.asked = Number.NaN;
    });
    return connection;
  }

  #ask(connection: Connection): void {
    connection.asked = this.#next;
    connection.sentMs = performance.now();
    connection.socket.write(this.#requests[this.#next]!);
    this.#next = (this.#next + 1) % this.#requests.length;
  }

  #read(connection: Connection): void {
    const { text, asked, sentMs } = connection;
    const bodyAt = text.indexOf('\r\n\r\n') + 4;
    if (bodyAt < 4) return;
    const head = text.slice(0, bodyAt).toLowerCase();
    const length = Number(/content-length: (\d+)/.exec(head)?.[1]);
    if (text.length < bodyAt + length) return;
    connection.text = text.slice(bodyAt + length);
    connection.asked = -1;
    const revision = /postern-revision: (\w+)/.exec(head)?.[1] ?? '';
    const isAllowed = text.startsWith('{"decision":"allow"', bodyAt);
    const isAnswer = head.startsWith('http/1.1 200 ');
    this.#run.add(
      revision,
      performance.now() - sentMs,
      isAnswer,
      isAnswer && this.#options.isRight(asked, revision, isAllowed),
    );
  }

  /** What is not answered by then is dropped. */
  async #waitForLast(): Promise<void> {
    const endMs = performance.now() + 5000;
    while (this.#connections.some(({ asked }) => asked >= 0) && performance.now() < endMs)
      await new Promise((resolve) => setTimeout(resolve, 5));
    this.#run.dropped += this.#connections.filter(({ asked }) => asked >= 0).length;
  }
}

class Run {
  dropped = 0;
  #wrong = 0;
  readonly #latencies: number[] = [];
  readonly #byRevision = new Map<string, number>();

  add(revision: string, ms: number, isAnswer: boolean, isRight: boolean): void {
    if (!isAnswer) {
      this.dropped++;
      return;
    }
    if (!isRight) this.#wrong++;
    this.#latencies.push(ms);
    this.#byRevision.set(revision, (this.#byRevision.get(revision) ?? 0) + 1);
  }

  finish(seconds: number): LoadResult {
    const sorted = Float64Array.from(this.#latencies).sort();
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return {
      answers: sorted.length,
      wrong: this.#wrong,
      dropped: this.dropped,
      rate: sorted.length / seconds,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: at(1),
      byRevision: this.#byRevision,
    };
  }
}
