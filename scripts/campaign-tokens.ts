import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { firstOperations } from '../src/iam/first-operations.ts';
import { Random } from '../test/support/generators.ts';
import { PostgresServer } from '../test/support/postgres.ts';
import { startServe } from '../test/support/serve-process.ts';
import { openStoreHand } from '../test/support/store-hand.ts';
import { probeTokens } from '../test/support/token-probes.ts';

/**
 * Writes and asks at once for answers no older than the write, again and again, of services in processes of their own:
 * `node scripts/campaign-tokens.ts [--probes 100000] [--replicas 2] [--lanes 8] [--back sqlite|postgresql] [--seed N]`.
 * Prints the seed and the first answers that are older than their token, or not those of the revision that they state;
 * exits 1 if there is any.
 */
const { values } = parseArgs({
  options: {
    probes: { type: 'string', default: '100000' },
    replicas: { type: 'string', default: '2' },
    lanes: { type: 'string', default: '8' },
    back: { type: 'string', default: 'sqlite' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
  },
});
console.log(`seed ${values.seed}, ${values.back}`);
const folder = mkdtempSync(join(tmpdir(), 'postern-tokens-'));
const server = values.back === 'postgresql' ? await PostgresServer.create() : undefined;
try {
  const url = server === undefined ? join(folder, 'postern.db') : await server.createDatabase();
  const hand = await openStoreHand(url, { create: true });
  await hand.write(...firstOperations);
  const services = await Promise.all(
    Array.from({ length: Number(values.replicas) }, () =>
      startServe(['--no-auth', '--store', url, '--replica', '--store-poll-ms', '100']),
    ),
  );
  const startedMs = performance.now();
  const { asked, wrong, later } = await probeTokens({
    hand,
    addresses: services.map(({ address }) => address),
    count: Number(values.probes),
    lanes: Number(values.lanes),
    random: new Random(Number(values.seed)),
  });
  const seconds = (performance.now() - startedMs) / 1000;
  for (const line of wrong) console.log(line);
  console.log(
    `${wrong.length} wrong answers of ${asked}, ${later} of them newer than their own write, in ${seconds.toFixed(1)} s`,
  );
  if (wrong.length > 0) process.exitCode = 1;
  await Promise.all(services.map(({ stop }) => stop()));
  await hand.close();
} finally {
  await server?.remove();
  rmSync(folder, { recursive: true, force: true });
}
