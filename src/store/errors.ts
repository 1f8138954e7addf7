import type { Head } from './store.ts';

export interface StoreErrorOptions extends ErrorOptions {
  readonly isUncertain?: boolean;
  readonly isUnavailable?: boolean;
}

/** The store could not do what was asked of it. The message names the store, never a password, and says what to do. */
export class StoreError extends Error {
  override readonly name: string = 'StoreError';
  /** It is not known whether what was to be written has been: read on after the revision that was expected. */
  readonly isUncertain: boolean;
  /** The database is away, busy or too slow: the same may work later. */
  readonly isUnavailable: boolean;

  constructor(
    message: string,
    { isUncertain = false, isUnavailable = false, ...rest }: StoreErrorOptions = {},
  ) {
    super(message, rest);
    this.isUncertain = isUncertain;
    this.isUnavailable = isUnavailable;
  }
}

/** Somebody else has written first: read what is new, look whether the change still makes sense, and write again. */
export class RevisionConflictError extends StoreError {
  override readonly name = 'RevisionConflictError';
  /** Where the log ends now. */
  readonly current: Head;

  constructor(storeName: string, expected: number, current: Head) {
    super(
      current.revision === expected
        ? `${storeName} has been restored since it was read: read it anew and write again`
        : `${storeName} ends at revision ${current.revision}, not at ${expected}: read what is new and write again`,
    );
    this.current = current;
  }
}

/** Records that were asked for have been dropped from the log: the snapshot has what they amount to. */
export class TrimmedError extends StoreError {
  override readonly name = 'TrimmedError';
  /** The last revision that is gone. */
  readonly trimmed: number;

  constructor(storeName: string, after: number, trimmed: number) {
    super(
      `${storeName} has been trimmed up to revision ${trimmed}: what came after ${after} is in its snapshot only`,
    );
    this.trimmed = trimmed;
  }
}

/** What is in the store is not what was written: a gap, a hash that does not fit, text that is no record. */
export class StoreDamagedError extends StoreError {
  override readonly name = 'StoreDamagedError';
  readonly revision: number;

  constructor(storeName: string, revision: number, what: string, options?: ErrorOptions) {
    super(
      `${storeName} is damaged at revision ${revision}: ${what}: keep a copy of it and restore a backup (postern store restore)`,
      options,
    );
    this.revision = revision;
  }
}
