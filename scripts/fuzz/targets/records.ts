import { IamState } from '../../../src/iam/iam-state.ts';
import { readRecord } from '../../../src/iam/read-record.ts';
import { RecordError } from '../../../src/iam/record-error.ts';
import { makeRecord } from '../../../src/iam/record-hash.ts';
import { SnapshotError } from '../../../src/iam/snapshot.ts';
import { Random } from '../../../test/support/generators.ts';
import { generateOperation } from '../../../test/support/iam-operations.ts';
import { Broken, type FuzzTarget, orDocumented } from '../target.ts';
import { fixturesOf, inputOf, textOf } from '../texts.ts';

export const recordsTarget: FuzzTarget = {
  name: 'records',
  title:
    'records of a store are refused, or applied as a whole; a snapshot gives the state that it was made of',
  seeds: () => [
    ...[1, 2, 3, 4, 5, 6].map((seed) => history(new Random(seed))),
    ...fixturesOf('records').map(({ input }) => input),
  ],
  generate: history,
  tokens: [
    ...[
      '"kind":"grant"',
      '"create-user"',
      '"delete-user"',
      '"add-member"',
      '"revoke-all"',
      '"user"',
      '"uid"',
      '"gid"',
      '"rid"',
    ],
    ...[
      '"operations":[]',
      '"revision":1',
      '"hash"',
      '"entry"',
      '"subjects":"users"',
      '"dcos:superuser"',
      '"ada"',
      '"team"',
      '{"end":1}',
    ],
  ],
  open: () => ({ run: (input) => applyAll(textOf(input)) }),
};

/** Records, a line each, and behind an empty line a snapshot of what they amount to. */
function history(random: Random): Uint8Array {
  const state = IamState.empty();
  const records = random.times(random.between(1, 20), () => {
    const operations = random.times(random.between(1, 5), () => generateOperation(random));
    const done = operations.filter((operation) => state.check(operation) === undefined).slice(0, 1);
    const record = makeRecord(state, { timeMs: 1, author: 'ada', reason: '', operations: done });
    if (done.length > 0) state.apply(record);
    return JSON.stringify(record);
  });
  return inputOf(`${records.join('\n')}\n\n${state.serialize()}`);
}

function applyAll(text: string): void {
  const [records = '', snapshot = ''] = text.split('\n\n', 2);
  const state = IamState.empty();
  for (const line of records.split('\n')) {
    const record = orDocumented([RecordError], () => readRecord(line));
    if (record === undefined) continue;
    orDocumented([RecordError], () => state.apply(record));
    // As whoever writes into the database could make it: with a hash that fits.
    const { timeMs, author, reason, operations } = record;
    const before = state.serialize();
    const forged = makeRecord(state, { timeMs, author, reason, operations });
    const applied = orDocumented([RecordError], () => state.apply(readRecord(JSON.stringify(forged))));
    if (applied === undefined && state.serialize() !== before)
      throw new Broken('a record that is refused has changed the state');
  }
  checkSnapshot(state.serialize());
  const other = orDocumented([SnapshotError], () => IamState.parse(snapshot));
  if (other !== undefined) checkSnapshot(other.serialize());
}

function checkSnapshot(text: string): void {
  if (IamState.parse(text).serialize() !== text) throw new Broken('a snapshot does not come back');
}
