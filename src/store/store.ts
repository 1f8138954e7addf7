import type { StoreRecord } from '../iam/operation.ts';
import type { RecordDraft } from '../iam/record-hash.ts';

/**
 * An ordered log of operations, with snapshots of what they amount to. One interface over SQLite and PostgreSQL; everything
 * else (state, policy, API) is made of what it says. Revisions are the order of commits, without gaps.
 */
export interface Store {
  /** For messages: the path of the file, or the URL without its password. */
  readonly name: string;

  /** Where the log ends. */
  head(): Promise<Head>;

  /**
   * Writes one record. When it resolves the record is on disk, as sure as the database can be.
   *
   * @throws {RevisionConflictError} if the log does not end at `expected`; nothing is written
   * @throws {StoreError} if it could not be written, or cannot be known to have been (`isUncertain`)
   */
  append(expected: number, draft: RecordDraft): Promise<StoreRecord>;

  /**
   * The records after a revision, in order, at most `limit`.
   *
   * @throws {TrimmedError} if they are no longer there: then read the snapshot
   */
  readAfter(revision: number, limit: number): Promise<readonly StoreRecord[]>;

  /** The revision of the newest snapshot, which it is not read for; undefined where there is none. */
  snapshotRevision(): Promise<number | undefined>;

  /** The newest snapshot, or undefined where there is none. */
  snapshot(): Promise<Snapshot | undefined>;

  /** Keeps a snapshot; an older one may go. Nothing happens if there is one as new. */
  saveSnapshot(snapshot: Snapshot): Promise<void>;

  /** Drops records up to a revision, which has to be that of the snapshot or lower. @throws {StoreError} otherwise */
  trim(revision: number): Promise<void>;

  /**
   * Calls back whenever the log may have grown: a hint, which may come late, twice, or not at all. The truth is `readAfter`.
   *
   * @returns what ends it
   */
  watch(onChange: () => void): () => void;

  close(): Promise<void>;
}

/** What tells one history from another, and how far it has come. */
export interface Head {
  /** Made with the store, 16 hexadecimal digits; a copy keeps it. */
  readonly storeId: string;
  /** Grows by one when the store is restored from a backup, so that tokens of the lost history are refused. */
  readonly epoch: number;
  /** 0 for an empty log. */
  readonly revision: number;
  /** Of the last record; 64 zeros for an empty log. */
  readonly hash: string;
}

/** What all records up to a revision amount to, as the text that the state writes of itself (src/iam). */
export interface Snapshot {
  readonly revision: number;
  /** Of the record of that revision. */
  readonly hash: string;
  readonly state: string;
}
