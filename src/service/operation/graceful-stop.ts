import { Server as NetServer, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

export interface GracefulStop {
  /**
   * Takes no new connection, answers what comes on those that are open, and is done when they are closed.
   *
   * @param maxMs  then what is left is cut
   * @returns the number of connections that were cut while an answer was on its way
   */
  readonly stop: (maxMs: number) => Promise<number>;
}

/** For so long a connection without a request stays open: the request may be on its way. */
const lingerMs = 500;
const lookAgainMs = 20;

/** Call it before the server listens. */
export function prepareGracefulStop(app: FastifyInstance): GracefulStop {
  const connections = new Set<Socket>();
  let isStopping = false;
  app.server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isStopping) void reply.header('connection', 'close');
    done();
  });
  return {
    async stop(maxMs) {
      isStopping = true;
      const startedMs = performance.now();
      // The method of the HTTP server would also close connections on which the next request is about to arrive.
      NetServer.prototype.close.call(app.server);
      while (connections.size > 0 && performance.now() - startedMs < maxMs) {
        if (performance.now() - startedMs > Math.min(lingerMs, maxMs)) app.server.closeIdleConnections();
        await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
      }
      app.server.closeIdleConnections();
      const cut = connections.size;
      app.server.closeAllConnections();
      await app.close();
      return cut;
    },
  };
}
