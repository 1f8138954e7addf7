import { request as requestOverHttp } from 'node:http';
import { connect } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/**
 * Sends one request as it stands: the path is not normalised, and a header may be there twice.
 *
 * @param headers  names and values in turn
 */
export function send(
  address: string,
  {
    method = 'GET',
    path,
    headers = [],
    body = '',
  }: {
    readonly method?: string;
    readonly path: string;
    readonly headers?: readonly string[];
    readonly body?: string;
  },
): Promise<Answer> {
  const { hostname, port, host } = new URL(address);
  return new Promise((resolve, reject) => {
    const hasNoBody = body === '' && (method === 'GET' || method === 'HEAD');
    const length = hasNoBody ? [] : ['Content-Length', String(Buffer.byteLength(body))];
    const request = requestOverHttp(
      { hostname, port, method, path, agent: false, headers: ['Host', host, ...headers, ...length] },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: text }),
        );
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Writes bytes to a connection of their own and returns all that comes back until it is closed, or until `waitMs` later. */
export function sendBytes(address: string, bytes: string | Buffer, waitMs = 2000): Promise<string> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(Number(port), hostname);
    socket.setTimeout(waitMs, () => socket.destroy());
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    // What the service resets it has refused.
    socket.on('error', () => {});
    socket.on('close', () => resolve(received));
    socket.write(bytes);
  });
}
