/**
 * A process of its own that answers over HTTP, prints its port, and ends with its parent: the service on an image, or a bare
 * fastify server which reads the same bodies and answers each path with a constant.
 *
 *     node bench/support/http-server.ts service IMAGE
 *     node bench/support/http-server.ts bare ANSWERS
 */
import { readFileSync } from 'node:fs';
import { type FastifyInstance, fastify } from 'fastify';
import { createMetrics } from '../../src/service/metrics/metrics.ts';
import { createMetricsMemory } from '../../src/service/metrics/metrics-memory.ts';
import { completeConfig, createActivePolicy, createServer, type Service } from '../../src/service.ts';

const [kind, file] = process.argv.slice(2);
const app = kind === 'service' ? createService(readFileSync(file!)) : createBare(readFileSync(file!, 'utf8'));
const address = await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${new URL(address).port}\n`);
process.stdin.resume();
process.stdin.on('end', () => process.exit());

/**
 * What anybody would write: the answer is an object, which fastify turns into text each time.
 *
 * @param answers  JSON: an answer for each path
 */
function createBare(answers: string): FastifyInstance {
  const bare = fastify();
  for (const [path, answer] of Object.entries(JSON.parse(answers) as Record<string, unknown>))
    bare.post(path, (_request, reply) => reply.send(answer));
  return bare;
}

function createService(image: Uint8Array): FastifyInstance {
  const policy = createActivePolicy(image, { loadedAtMs: 0 });
  const log = { error: console.error, warn: console.error, info: () => {} } as unknown as Service['log'];
  return createServer({
    policy: () => policy,
    authenticate: async () => undefined,
    metrics: createMetrics(createMetricsMemory(1), 0),
    decisionLog: { isActive: false, record: () => {}, whenWritable: () => undefined },
    log,
    config: completeConfig({ policy: ['bench'], auth: false }),
  });
}
