import { parseArgs } from 'node:util';
import { openStore } from '../src/store/open-store.ts';
import { Random, seedOfRun } from '../test/support/generators.ts';
import { storeBackends } from '../test/support/store-backends.ts';
import { killWriters } from '../test/support/store-kills.ts';
import { draftOf } from '../test/support/store-records.ts';

/**
 * Kills processes that write to a store, at moments that nobody chose, in both databases; then looks whether every record that
 * was acknowledged is there and the log is whole. Exits 1 if anything is lost.
 *
 *     node scripts/campaign-store.ts --kills 1000 --at-once 4 --seed 1
 *
 * `--appends N` measures first how many records a second one writer gets on disk.
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    'at-once': { type: 'string', default: '4' },
    appends: { type: 'string', default: '0' },
    seed: { type: 'string' },
  },
});
const kills = Number(values.kills);
const atOnce = Number(values['at-once']);
const appends = Number(values.appends);
const seed = seedOfRun(values.seed);
console.log(`seed ${seed}, ${kills} kills of ${atOnce} writers at once`);

for (const { kind, setUp, newAddress, tearDown } of storeBackends()) {
  await setUp();
  try {
    if (appends > 0) console.log(`${kind}: ${await measureAppends(await newAddress())} records a second`);
    const address = await newAddress();
    await (await openStore(address, { create: true })).close();
    const startMs = performance.now();
    const report = await killWriters(address, { kills, atOnce, random: new Random(seed) });
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    const { acknowledged, records, faults } = report;
    console.log(
      `${kind}: ${report.kills} kills, ${acknowledged} records acknowledged, ${records} there, ${faults.length} faults, ${seconds} s`,
    );
    for (const fault of faults) console.log(`  ${fault}`);
    if (faults.length > 0) process.exitCode = 1;
  } finally {
    await tearDown();
  }
}

async function measureAppends(address: string): Promise<number> {
  const store = await openStore(address, { create: true });
  const startMs = performance.now();
  for (let revision = 0; revision < appends; revision++)
    await store.append(revision, draftOf(`g${revision}`));
  const seconds = (performance.now() - startMs) / 1000;
  await store.close();
  return Math.round(appends / seconds);
}
