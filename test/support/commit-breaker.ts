import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** What becomes of the next commit on its way through a {@link CommitBreaker}. */
export type CommitFate =
  | 'passes'
  /** The connection breaks before the server hears of it. */
  | 'is lost'
  /** The server does it, and its answer is lost. */
  | 'is not answered'
  /** As before, and nobody gets through from then on. */
  | 'is the last';

/** Stands between a client and a server of PostgreSQL and breaks the connection at the one moment that matters. */
export class CommitBreaker {
  /** What becomes of the next commit; the ones after it pass. */
  fate: CommitFate = 'passes';
  readonly #server: Server;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #isShut = false;

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer((client) => this.#join(client));
  }

  static async before(port: number): Promise<CommitBreaker> {
    const breaker = new CommitBreaker(port);
    await new Promise<void>((resolve) => breaker.#server.listen(0, '127.0.0.1', resolve));
    return breaker;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' ? address!.port : 0;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #join(client: Socket): void {
    if (this.#isShut) {
      client.destroy();
      return;
    }
    const server = createConnection(this.#port, '127.0.0.1');
    let isMute = false;
    const part = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', part);
      socket.on('close', part);
    }
    client.on('data', (bytes: Buffer) => {
      const { fate } = this;
      if (fate === 'passes' || !bytes.includes('COMMIT\0')) {
        server.write(bytes);
        return;
      }
      this.fate = 'passes';
      if (fate === 'is lost') {
        part();
        return;
      }
      this.#isShut = fate === 'is the last';
      isMute = true;
      server.write(bytes);
    });
    server.on('data', (bytes: Buffer) => {
      if (isMute) part();
      else client.write(bytes);
    });
  }
}
