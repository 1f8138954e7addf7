import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { recordsBetween } from '../../src/store/content.ts';
import { openStore } from '../../src/store/open-store.ts';
import { verifyStore } from '../../src/store/verify-store.ts';
import type { Random } from './generators.ts';

const writer = fileURLToPath(new URL('store-writer.ts', import.meta.url));

/** A record that a store has said is written. */
export interface Acknowledged {
  readonly revision: number;
  readonly hash: string;
}

/** A process of `store-writer.ts`. */
export interface WriterProcess {
  /** What was acknowledged to it so far. */
  readonly acknowledged: readonly Acknowledged[];
  /** Resolves at its first record. */
  readonly begun: Promise<void>;
  /** Resolves with its exit code when it has ended; null if it was killed. */
  readonly ended: Promise<number | null>;
  readonly complaints: () => string;
  readonly kill: () => void;
}

export function startWriter(address: string, name: string, count?: number): WriterProcess {
  const child = spawn(process.execPath, [
    writer,
    address,
    name,
    ...(count === undefined ? [] : [String(count)]),
  ]);
  const acknowledged: Acknowledged[] = [];
  let text = '';
  let complaints = '';
  const begun = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const lines = text.split('\n');
      // A kill may have cut the last one.
      text = lines.pop()!;
      for (const line of lines) {
        const [revision, hash] = line.split(' ');
        acknowledged.push({ revision: Number(revision), hash: hash! });
      }
      resolve();
    });
    child.once('close', () => resolve());
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaints += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { acknowledged, begun, ended, complaints: () => complaints, kill: () => child.kill('SIGKILL') };
}

export interface KillReport {
  readonly kills: number;
  readonly acknowledged: number;
  readonly records: number;
  /** What is wrong, for people. */
  readonly faults: readonly string[];
}

/**
 * Starts writers, several at a time, and kills each at a moment that nobody chose; then looks whether every record that was
 * acknowledged is there and the store is whole.
 */
export async function killWriters(
  address: string,
  { kills, atOnce, random }: { readonly kills: number; readonly atOnce: number; readonly random: Random },
): Promise<KillReport> {
  const acknowledged: Acknowledged[] = [];
  const faults: string[] = [];
  for (let killed = 0; killed < kills; killed += atOnce) {
    const writers = Array.from({ length: Math.min(atOnce, kills - killed) }, (_, i) =>
      startWriter(address, `w${killed + i}`),
    );
    await Promise.all(
      writers.map(async (process) => {
        await process.begun;
        await sleep(random.below(40));
        process.kill();
        if ((await process.ended) !== null) faults.push(`a writer ended by itself: ${process.complaints()}`);
        acknowledged.push(...process.acknowledged);
      }),
    );
  }
  const found = await findLost(address, acknowledged);
  return { kills, acknowledged: acknowledged.length, ...found, faults: [...faults, ...found.faults] };
}

/** What is wrong with a store, and which acknowledged records are not in it. */
export async function findLost(
  address: string,
  acknowledged: readonly Acknowledged[],
): Promise<Pick<KillReport, 'records' | 'faults'>> {
  const store = await openStore(address);
  try {
    const { faults, head, records } = await verifyStore(store);
    if (faults.length > 0) return { records, faults };
    const hashes = new Map<number, string>();
    for await (const { revision, hash } of recordsBetween(store, 0, head.revision))
      hashes.set(revision, hash);
    const lost = acknowledged.filter(({ revision, hash }) => hashes.get(revision) !== hash);
    return {
      records,
      faults: lost.map(({ revision }) => `revision ${revision} was acknowledged and is not there`),
    };
  } finally {
    await store.close();
  }
}
