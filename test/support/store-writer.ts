import { writeSync } from 'node:fs';
import { RevisionConflictError } from '../../src/store/errors.ts';
import { openStore } from '../../src/store/open-store.ts';
import { draftOf } from './store-records.ts';

/**
 * A process that writes to a store until it is killed, or so many records: `node store-writer.ts ADDRESS NAME [COUNT]`. Each
 * record that has been acknowledged is told at once, as `revision hash`, in a way that a kill cannot lose.
 */
const [address, name, count = 'Infinity'] = process.argv.slice(2);
const store = await openStore(address!);
let { revision } = await store.head();
for (let i = 0; i < Number(count); ) {
  try {
    const record = await store.append(revision, draftOf(`${name}-${i}`));
    revision = record.revision;
    writeSync(1, `${revision} ${record.hash}\n`);
    i++;
  } catch (error) {
    if (!(error instanceof RevisionConflictError)) throw error;
    revision = error.current.revision;
  }
}
await store.close();
