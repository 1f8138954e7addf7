import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { errorBody } from './errors.ts';

/** What cannot be read as HTTP, or does not arrive in time: answered by hand, since there is no request to reply to. */
export interface ClientErrors {
  readonly handle: (error: Error & { readonly code?: string }, socket: Socket) => void;
  /** Takes the limit on the whole request off the one that is answered: a stream may be long, and has a limit on silence instead. */
  readonly allowLongRequest: (response: ServerResponse) => void;
}

type Fault = readonly [status: string, message: string];

const parserFaults: ReadonlyMap<string, Fault> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', ['408 Request Timeout', 'the request did not arrive in time']],
  ['HPE_HEADER_OVERFLOW', ['431 Request Header Fields Too Large', 'the header section is too large']],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', ['413 Payload Too Large', 'the extensions of a chunk are too large']],
]);
const notHttp: Fault = ['400 Bad Request', 'the request is no valid HTTP'];

export function createClientErrors(silenceMs: number): ClientErrors {
  const streaming = new WeakSet<Socket>();
  return {
    allowLongRequest(response) {
      const { socket } = response;
      // A request that is injected has no connection.
      if (!(socket instanceof Socket)) return;
      streaming.add(socket);
      // Without a listener a connection that was silent for so long is closed. Behind the answer the usual limit comes back.
      socket.setTimeout(silenceMs);
      response.once('close', () => streaming.delete(socket));
    },
    handle(error, socket) {
      const { code = '' } = error;
      if (code === 'ERR_HTTP_REQUEST_TIMEOUT' && streaming.has(socket)) return;
      if (code !== 'ECONNRESET' && socket.writable)
        socket.write(renderAnswer(...(parserFaults.get(code) ?? notHttp)));
      socket.destroy(error);
    },
  };
}

function renderAnswer(status: string, message: string): string {
  const body = JSON.stringify(errorBody(Number.parseInt(status, 10), message));
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
}
