import type { StoreRecord } from '../iam/operation.ts';
import { followChain, type StoreContent } from './content.ts';
import type { Sql } from './database.ts';
import { textHash } from './read-row.ts';

/** Rows that go in one statement. */
const batchSize = 100;

/** Puts content in the place of what the tables hold, checking it on the way. To be called in a transaction. @throws {StoreError} */
export async function fillStore(sql: Sql, content: StoreContent): Promise<void> {
  const { head, trimmed, snapshot } = content;
  await sql.run('DELETE FROM postern_records');
  await sql.run('DELETE FROM postern_snapshots');
  let batch: StoreRecord[] = [];
  await followChain(content, async (record) => {
    batch.push(record);
    if (batch.length < batchSize) return;
    await insert(sql, batch);
    batch = [];
  });
  if (batch.length > 0) await insert(sql, batch);
  if (snapshot !== undefined)
    await sql.run(
      'INSERT INTO postern_snapshots (revision, hash, state, state_hash) VALUES ($1, $2, $3, $4)',
      snapshot.revision,
      snapshot.hash,
      snapshot.state,
      textHash(snapshot.state),
    );
  await sql.run(
    'UPDATE postern_head SET store_id = $1, epoch = $2, revision = $3, hash = $4, trimmed = $5 WHERE id = 1',
    head.storeId,
    head.epoch,
    head.revision,
    head.hash,
    trimmed,
  );
}

async function insert(sql: Sql, records: readonly StoreRecord[]): Promise<void> {
  const places = records.map((_, index) => `($${index * 2 + 1}, $${index * 2 + 2})`);
  const values = records.flatMap((record) => [record.revision, JSON.stringify(record)]);
  await sql.run(`INSERT INTO postern_records (revision, record) VALUES ${places.join(', ')}`, ...values);
}
