import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { quote } from '../files/quote.ts';
import type { StoreRecord } from '../iam/operation.ts';
import { isNestedDeeper } from '../json/is-nested-deeper.ts';
import { maxJsonDepth } from '../json/parse-json.ts';
import { readLines, writeLines } from './backup-lines.ts';
import { followChain, type StoreContent } from './content.ts';
import { checkEmpty } from './copy-store.ts';
import { StoreError } from './errors.ts';
import { type Extent, parseRecord } from './read-row.ts';
import type { SqlStore } from './sql-store.ts';
import type { Head, Snapshot } from './store.ts';

/**
 * A backup is JSON lines, of which a store can be made in either database:
 *
 *     {"format":"postern-backup","version":1,"head":{…},"trimmed":0}
 *     {"snapshot":{"revision":…,"hash":…,"state":…}}                       if there is one
 *     {"record":{…}}                                                       each
 *     {"end":4,"sha256":…}                                                 lines before it, and the hash of their bytes
 */
const format = 'postern-backup';
const version = 1;
const beginning = `{"format":"${format}"`;

/**
 * Writes everything that is in a store to a file: whole, or not at all. An older backup gives way to it.
 *
 * @returns where the log ended
 * @throws {StoreError} if the store cannot be read, or does not fit together; if the file is there and no backup
 * @throws {FileError} if the file cannot be written
 */
export async function backUpStore(store: SqlStore, path: string): Promise<Head> {
  await checkReplaceable(path);
  const content = await store.content();
  const { head, trimmed, snapshot } = content;
  await writeLines(path, async (write) => {
    const hash = createHash('sha256');
    let count = 0;
    const writeLine = async (value: object): Promise<void> => {
      const line = JSON.stringify(value);
      count = note(hash, line, count);
      await write(line);
    };
    await writeLine({ format, version, head, trimmed });
    if (snapshot !== undefined) await writeLine({ snapshot });
    await followChain(content, (record) => writeLine({ record }));
    await write(JSON.stringify({ end: count, sha256: hash.digest('hex') }));
  });
  return head;
}

/** A policy, or the store itself, is named by mistake. */
async function checkReplaceable(path: string): Promise<void> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch {
    // There is none, or writing tells what is wrong with it.
    return;
  }
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(beginning.length));
    if (buffer.toString('latin1', 0, bytesRead) !== beginning)
      throw new StoreError(`${quote(path)} is there already, and no backup: name another file`);
  } finally {
    await file.close();
  }
}

export interface RestoreOptions {
  /** Puts the backup in the place of what the store holds, if that is the store that was backed up. */
  readonly replace?: boolean;
  /** The least epoch to begin, for a backup that was restored before. */
  readonly epoch?: number;
}

/**
 * Makes a store of a backup, in a new epoch: what happened after the backup is gone, and tokens that speak of it are refused.
 *
 * @returns where the log ends now
 * @throws {StoreError} if the file is no whole backup, or may not be put there; the store is as it was then
 * @throws {FileError} if the file cannot be read
 */
export async function restoreStore(
  path: string,
  store: SqlStore,
  { replace = false, epoch = 1 }: RestoreOptions = {},
): Promise<Head> {
  const content = await readBackup(path);
  await store.fill((present) => {
    const isSame = present.storeId === content.head.storeId;
    if (!replace && isSame && present.revision > 0)
      throw new StoreError(
        `${store.name} is not empty: it is the store that was backed up, at revision ${present.revision}: \`--replace\` puts the backup in its place`,
      );
    if (!replace) checkEmpty(store, present);
    else if (!isSame && present.revision > 0)
      throw new StoreError(`${store.name} is another store than the one that was backed up: name a new one`);
    const next = Math.max(content.head.epoch + 1, isSame ? present.epoch + 1 : 1, epoch);
    return { ...content, head: { ...content.head, epoch: next } };
  });
  return store.head();
}

/** Reads the beginning; records come as they are asked for, and are refused at the end if the file is not whole. */
async function readBackup(path: string): Promise<StoreContent> {
  const lines = readLines(path)[Symbol.asyncIterator]();
  const name = `the backup ${quote(path)}`;
  const hash = createHash('sha256');
  let count = 0;
  const nextLine = async (): Promise<BackupLine> => {
    const { done, value } = await lines.next();
    if (done) throw noBackup('it is cut short');
    const line = parse(value);
    if (!('end' in line)) count = note(hash, value, count);
    return line;
  };
  const first = await nextLine();
  if (!('format' in first) || first.format !== format) throw noBackup('it begins with something else');
  if (first.version !== version)
    throw new StoreError(`the backup is of version ${first.version}: use a newer Postern`);
  if (!isExtent(first)) throw noBackup('its first line does not say where the log ends');
  let line = await nextLine();
  const snapshot = 'snapshot' in line ? line.snapshot : undefined;
  if (snapshot !== undefined) line = await nextLine();
  async function* records(): AsyncIterable<StoreRecord> {
    for (; !('end' in line); line = await nextLine()) {
      if (!('record' in line)) throw noBackup(`line ${count} is none of its lines`);
      const { revision } = line.record;
      yield parseRecord(JSON.stringify(line.record), revision, name);
    }
    if (line.end !== count || line.sha256 !== hash.digest('hex'))
      throw noBackup('it has been altered: its hash is another');
    if (!(await lines.next()).done) throw noBackup('something stands behind its end');
  }
  return { name, head: first.head, trimmed: first.trimmed, snapshot, records: records() };
}

type BackupLine =
  | (Extent & { readonly format: string; readonly version: number })
  | { readonly snapshot: Snapshot }
  | { readonly record: StoreRecord }
  | { readonly end: number; readonly sha256: string };

function parse(text: string): BackupLine {
  if (isNestedDeeper(text, maxJsonDepth))
    throw noBackup(`it has a line that is nested more than ${maxJsonDepth} deep`);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as BackupLine;
  } catch {
    // Said below.
  }
  throw noBackup('it has a line that is no JSON');
}

function isExtent({ head, trimmed }: Partial<Extent>): boolean {
  const numbers = [head?.epoch, head?.revision, trimmed];
  return (
    numbers.every((number) => Number.isSafeInteger(number) && number! >= 0) &&
    /^[0-9a-f]{16}$/.test(String(head?.storeId)) &&
    /^[0-9a-f]{64}$/.test(String(head?.hash))
  );
}

function note(hash: Hash, line: string, count: number): number {
  hash.update(`${line}\n`);
  return count + 1;
}

function noBackup(why: string): StoreError {
  return new StoreError(`the file is no whole backup of a store: ${why}`);
}
