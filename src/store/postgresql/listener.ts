import type { Client } from 'pg';

const firstWaitMs = 500;
const longestWaitMs = 10_000;

/**
 * A connection that does nothing but listen, made anew when it breaks. What it reports is a hint: notifications are lost with
 * the connection and behind poolers, and whoever follows the store asks it now and then all the same.
 */
export class Listener {
  readonly #connect: () => Client;
  readonly #channel: string;
  readonly #onChange: () => void;
  #client: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waitMs = firstWaitMs;
  #isClosed = false;

  /** Listens from now on. */
  constructor(connect: () => Client, channel: string, onChange: () => void) {
    this.#connect = connect;
    this.#channel = channel;
    this.#onChange = onChange;
    void this.#listen();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#client?.end().catch(() => {});
  }

  async #listen(): Promise<void> {
    const client = this.#connect();
    this.#client = client;
    let hasEnded = false;
    const end = (): void => {
      if (hasEnded) return;
      hasEnded = true;
      client.end().catch(() => {});
      this.#listenLater();
    };
    client.on('error', end);
    client.on('end', end);
    client.on('notification', this.#onChange);
    try {
      await client.connect();
      await client.query(`LISTEN ${this.#channel}`);
    } catch {
      end();
      return;
    }
    this.#waitMs = firstWaitMs;
    // What happened while nobody listened was not reported.
    if (!this.#isClosed) this.#onChange();
  }

  /** Not all at once, when a server comes back that many were connected to. */
  #listenLater(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#listen(), this.#waitMs * (0.5 + Math.random())).unref();
    this.#waitMs = Math.min(this.#waitMs * 2, longestWaitMs);
  }
}
