import type { StoreRecord } from '../iam/operation.ts';
import { makeRecord, type RecordDraft } from '../iam/record-hash.ts';
import { recordsBetween, type StoreContent } from './content.ts';
import type { Database, Sql } from './database.ts';
import { RevisionConflictError, StoreDamagedError, StoreError, TrimmedError } from './errors.ts';
import { fillStore } from './fill-store.ts';
import { type Extent, readExtent, readRecordRow, readSnapshotRow, textHash } from './read-row.ts';
import { resolveCommit } from './resolve-commit.ts';
import type { Head, Snapshot, Store } from './store.ts';

/** Records that go in one transaction when a log is trimmed: writers wait for it. */
const trimStep = 10_000;
/** A log that grows between two statements is looked at again; one that has a gap has it each time. */
const maxLooks = 3;

export interface SqlStoreOptions {
  readonly isReadOnly: boolean;
  /** How long to ask what became of a commit whose answer was lost. */
  readonly timeoutMs: number;
}

/** The store over a database that has its tables. */
export class SqlStore implements Store {
  readonly name: string;
  readonly #database: Database;
  readonly #isReadOnly: boolean;
  readonly #timeoutMs: number;
  /** What whoever uses this has been told of the end of the log: what they write goes on from there and from nowhere else. */
  #told: Head | undefined;

  constructor(database: Database, { isReadOnly, timeoutMs }: SqlStoreOptions) {
    this.name = database.name;
    this.#database = database;
    this.#isReadOnly = isReadOnly;
    this.#timeoutMs = timeoutMs;
  }

  async head(): Promise<Head> {
    const { head } = await this.extent();
    this.#told = head;
    return head;
  }

  /** Where the log ends, and what has been dropped of it. */
  async extent(): Promise<Extent> {
    return extentOf(this.#database, this.name);
  }

  async append(expected: number, draft: RecordDraft): Promise<StoreRecord> {
    this.#checkWritable();
    const told = this.#told?.revision === expected ? this.#told : await this.#headAt(expected);
    const record = makeRecord(told, draft);
    let isWritten: boolean;
    let failure: StoreError | undefined;
    try {
      isWritten = await this.#database.write((sql) => goOn(sql, told, record));
    } catch (error) {
      if (!(error instanceof StoreError && error.isUncertain)) throw error;
      failure = error;
      isWritten = await resolveCommit(this.#database, { record, error, timeoutMs: this.#timeoutMs });
    }
    if (!isWritten) throw await this.#refusal(told, failure);
    this.#told = { ...told, revision: record.revision, hash: record.hash };
    return record;
  }

  async readAfter(revision: number, limit: number): Promise<readonly StoreRecord[]> {
    const text =
      'SELECT revision, record FROM postern_records WHERE revision > $1 ORDER BY revision LIMIT $2';
    for (let look = 1; ; look++) {
      const rows = await this.#database.all(text, revision, limit);
      const [first] = rows;
      if (first !== undefined && Number(first.revision) === revision + 1) return this.#chain(rows);
      const { head, trimmed } = await this.extent();
      if (revision === head.revision) return [];
      if (revision > head.revision)
        throw new StoreError(
          `${this.name} ends at revision ${head.revision}, and revision ${revision} has been read from it: it was restored, or has lost records`,
        );
      if (revision < trimmed) throw new TrimmedError(this.name, revision, trimmed);
      if (look === maxLooks) throw new StoreDamagedError(this.name, revision + 1, 'the record is missing');
    }
  }

  async snapshotRevision(): Promise<number | undefined> {
    const [row] = await this.#database.all('SELECT MAX(revision) AS revision FROM postern_snapshots');
    return row?.revision == null ? undefined : Number(row.revision);
  }

  async snapshot(): Promise<Snapshot | undefined> {
    const [row] = await this.#database.all(
      'SELECT revision, hash, state, state_hash FROM postern_snapshots ORDER BY revision DESC LIMIT 1',
    );
    return row === undefined ? undefined : readSnapshotRow(row, this.name);
  }

  async saveSnapshot({ revision, hash, state }: Snapshot): Promise<void> {
    this.#checkWritable();
    await this.#database.write(async (sql) => {
      const { head, trimmed } = await lockedExtent(sql, this.name);
      const newer = await sql.all('SELECT revision FROM postern_snapshots WHERE revision >= $1', revision);
      if (newer.length > 0 || revision <= trimmed) return;
      const [row] = await sql.all(
        'SELECT revision, record FROM postern_records WHERE revision = $1',
        revision,
      );
      if (row === undefined || readRecordRow(row, this.name).hash !== hash)
        throw new StoreError(
          `${this.name} ends at revision ${head.revision} and does not have the record that a snapshot of revision ${revision} was made of`,
        );
      await sql.run(
        'INSERT INTO postern_snapshots (revision, hash, state, state_hash) VALUES ($1, $2, $3, $4)',
        revision,
        hash,
        state,
        textHash(state),
      );
      await sql.run('DELETE FROM postern_snapshots WHERE revision < $1', revision);
    });
  }

  async trim(revision: number): Promise<void> {
    this.#checkWritable();
    for (let isDone = false; !isDone; ) {
      isDone = await this.#database.write(async (sql) => {
        const { trimmed } = await lockedExtent(sql, this.name);
        const [snapshot] = await sql.all('SELECT MAX(revision) AS revision FROM postern_snapshots');
        const last = Number(snapshot?.revision ?? 0);
        if (revision > last)
          throw new StoreError(
            `${this.name} cannot be trimmed up to revision ${revision}: ${last === 0 ? 'it has no snapshot' : `its snapshot is of revision ${last}`}: make one with \`postern store snapshot\``,
          );
        const next = Math.min(revision, trimmed + trimStep);
        if (next <= trimmed) return true;
        await sql.run('UPDATE postern_head SET trimmed = $1 WHERE id = 1', next);
        await sql.run('DELETE FROM postern_records WHERE revision <= $1', next);
        return next === revision;
      });
    }
  }

  /**
   * Everything that is in it at this moment; what is written later is not.
   *
   * @throws {StoreError} also while it is read
   */
  async content({ isWithoutSnapshot = false } = {}): Promise<StoreContent> {
    const { head, trimmed } = await this.extent();
    const snapshot = isWithoutSnapshot ? undefined : await this.snapshot();
    // A newer one was made in between: it is of what is not copied.
    const isOfThis = snapshot !== undefined && snapshot.revision <= head.revision;
    return {
      name: this.name,
      head,
      trimmed,
      snapshot: isOfThis ? snapshot : undefined,
      records: recordsBetween(this, trimmed, head.revision),
    };
  }

  /**
   * Puts content in the place of what is here: all of it or nothing.
   *
   * @param choose  is told where the log ends, and says what comes in its place; nobody writes meanwhile
   * @throws {StoreError} if the content does not fit together or cannot be written; whatever `choose` throws
   */
  async fill(choose: (present: Head) => StoreContent): Promise<void> {
    this.#checkWritable();
    await this.#database.write(async (sql) => {
      const { head } = await lockedExtent(sql, this.name);
      await fillStore(sql, choose(head));
    });
    this.#told = undefined;
  }

  /**
   * Begins a new epoch: tokens of what was before are refused.
   *
   * @returns where the log ends, in the new epoch
   */
  async beginEpoch(): Promise<Head> {
    this.#checkWritable();
    await this.#database.write((sql) => sql.run('UPDATE postern_head SET epoch = epoch + 1 WHERE id = 1'));
    return this.head();
  }

  watch(onChange: () => void): () => void {
    return this.#database.watch(onChange);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #chain(rows: Awaited<ReturnType<Database['all']>>): readonly StoreRecord[] {
    const records = rows.map((row) => readRecordRow(row, this.name));
    for (const [index, { revision, previousHash }] of records.entries()) {
      const before = records[index - 1];
      if (before === undefined) continue;
      if (revision !== before.revision + 1)
        throw new StoreDamagedError(this.name, before.revision + 1, 'the record is missing');
      if (previousHash !== before.hash)
        throw new StoreDamagedError(this.name, revision, 'it does not go on from the record before it');
    }
    return records;
  }

  /** The head, if the log ends at a revision in the history that is known. @throws {RevisionConflictError} otherwise */
  async #headAt(expected: number): Promise<Head> {
    const known = this.#told;
    const head = await this.head();
    const isOther = known !== undefined && !isSameHistory(known, head);
    if (head.revision !== expected || isOther) throw new RevisionConflictError(this.name, expected, head);
    return head;
  }

  /** Why a record does not stand behind what was told. @param failure  that of its commit */
  async #refusal(told: Head, failure: StoreError | undefined): Promise<StoreError> {
    const head = await this.head();
    if (failure !== undefined && isSameHistory(told, head) && head.hash === told.hash)
      return new StoreError(
        `${failure.message}: revision ${told.revision + 1} was not written, and nothing has changed`,
        { isUnavailable: true, cause: failure },
      );
    if (isSameHistory(told, head) && head.revision <= told.revision)
      return new StoreError(
        `${this.name} ends at revision ${head.revision} with another record than was read before: it has lost records, as when a standby took over that was behind: begin a new epoch with \`postern store new-epoch\``,
      );
    return new RevisionConflictError(this.name, told.revision, head);
  }

  #checkWritable(): void {
    if (this.#isReadOnly)
      throw new StoreError(`${this.name} is only followed here: nothing is written to it`);
  }
}

/** Writes the record if the log still ends where it goes on from. The row of the head is the lock: writers wait here. */
async function goOn(sql: Sql, from: Head, { revision, hash, ...rest }: StoreRecord): Promise<boolean> {
  const changed = await sql.run(
    'UPDATE postern_head SET revision = $1, hash = $2 WHERE id = 1 AND store_id = $3 AND epoch = $4 AND revision = $5 AND hash = $6',
    revision,
    hash,
    from.storeId,
    from.epoch,
    from.revision,
    from.hash,
  );
  if (changed === 0) return false;
  const text = JSON.stringify({ revision, ...rest, hash });
  await sql.run('INSERT INTO postern_records (revision, record) VALUES ($1, $2)', revision, text);
  return true;
}

/** As `extentOf`, when every transaction that writes has ended; none begins before this one ends. */
export async function lockedExtent(sql: Sql, name: string): Promise<Extent> {
  await sql.run('UPDATE postern_head SET revision = revision WHERE id = 1');
  return extentOf(sql, name);
}

async function extentOf(sql: Pick<Sql, 'all'>, name: string): Promise<Extent> {
  const [row] = await sql.all(
    'SELECT store_id, epoch, revision, hash, trimmed FROM postern_head WHERE id = 1',
  );
  if (row === undefined) throw new StoreDamagedError(name, 0, 'the row that says where it ends is missing');
  return readExtent(row);
}

function isSameHistory(a: Head, b: Head): boolean {
  return a.storeId === b.storeId && a.epoch === b.epoch;
}
