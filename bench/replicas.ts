/**
 * What do replicas decide, how old are their answers, and how soon are they back? One PostgreSQL, one writer, and replicas that
 * decide from memory: how many decisions a second they answer, how old an answer is
 * while grants are written, and how soon each comes back after it was killed. Everything runs on this machine, so the replicas
 * share its cores with the writer, the database and this client: the figures are of the sum.
 *
 *     node bench/replicas.ts [--replicas 8] [--grants 10000] [--seconds 20] [--rate 20] [--connections 2]
 *
 * The writer is `postern serve` with the permission API, the replicas `postern serve --replica`. Each write is a grant through
 * that API; its age at a replica is the time from the answer to the write until the replica answers by it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstOperations } from '../src/iam/first-operations.ts';
import type { Operation } from '../src/iam/operation.ts';
import { readToken } from '../src/store/tokens.ts';
import { PostgresServer } from '../test/support/postgres.ts';
import { openStoreHand } from '../test/support/store-hand.ts';
import { LoadClient } from './support/load-client.ts';
import { readNumbers } from './support/options.ts';
import { createScratchFolder } from './support/scratch-folder.ts';

const numbers = readNumbers({ replicas: '8', grants: '10000', seconds: '20', rate: '20', connections: '2' });
const [replicaCount, grantCount, seconds, writeRate, connections] = [
  numbers.replicas[0]!,
  numbers.grants[0]!,
  numbers.seconds[0]!,
  numbers.rate[0]!,
  numbers.connections[0]!,
];
const usersCount = 1000;
const recordSize = 1000;

/** A process of `postern serve`. */
interface Served {
  readonly port: number;
  readonly process: ChildProcess;
}

const folder = createScratchFolder();
const keyFile = join(folder, 'iam.pem');
writeFileSync(
  keyFile,
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
);
const server = await PostgresServer.create();
const url = await server.createDatabase();
const running = new Set<ChildProcess>();
let lastGrant = 0;
try {
  await fill();
  await measure();
} finally {
  for (const process of running) process.kill('SIGKILL');
  await server.remove();
}

async function measure(): Promise<void> {
  let writer = await startWriter();
  const startedMs = performance.now();
  const replicas = await Promise.all(Array.from({ length: replicaCount }, () => startReplica()));
  console.log(
    `${replicaCount} replicas on ${grantCount} grants, ready after ${inSeconds(performance.now() - startedMs)} s when all start at once`,
  );
  const quiet = await load(replicas);
  console.log(
    `decisions without writes: ${quiet.rate.toFixed(0)}/s in all, 99th percentile ${quiet.p99Ms.toFixed(1)} ms`,
  );
  const [busy, ages] = await Promise.all([load(replicas), writeGrants(writer, replicas)]);
  console.log(
    `decisions with ${writeRate} writes/s: ${busy.rate.toFixed(0)}/s in all, 99th percentile ${busy.p99Ms.toFixed(1)} ms, ${busy.dropped} not answered`,
  );
  describeAges('age of a write at a replica, under that load', ages);
  describeAges('the same without load', await writeGrants(writer, replicas));

  const [first, ...others] = replicas;
  const replica = await timeOf(async () => {
    kill(first!);
    const back = await startReplica();
    others.push(back);
  });
  console.log(`a replica that is killed and started again is ready after ${inSeconds(replica)} s`);
  const written = await timeOf(async () => {
    kill(writer);
    writer = await startWriter();
    await grant(writer, 'after-writer');
  });
  console.log(`a writer that is killed and started again has written after ${inSeconds(written)} s`);
  await server.stop('immediate');
  const stillThere = await Promise.all(others.map(async (each) => (await ask(each)) !== undefined));
  const database = await timeOf(async () => {
    await server.start();
    await until(async () => (await grant(writer, 'after-database')) === 204);
    const { revision } = await until(() => ask(writer));
    for (const each of others) await until(async () => ((await ask(each))?.revision ?? 0) >= revision);
  });
  console.log(
    `PostgreSQL killed: ${stillThere.filter(Boolean).length} of ${others.length} replicas went on answering; ${inSeconds(database)} s from its start until a write is at all of them`,
  );
}

// ---------------------------------------------------------------- processes

function startWriter(): Promise<Served> {
  return start(['--iam-signing-key-file', keyFile, '--iam-trust-proxy']);
}

function startReplica(): Promise<Served> {
  return start(['--replica']);
}

function start(args: readonly string[]): Promise<Served> {
  const entry = fileURLToPath(new URL('../src/cli/bin.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    [entry, 'serve', '--no-auth', '--port', '0', '--store', url, '--log-level', 'info', ...args],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  running.add(child);
  return new Promise((resolve, reject) => {
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-10_000);
      const ready = /"address":"http:\/\/[^"]*:(\d+)"[^\n]*"msg":"ready"/.exec(log);
      if (ready !== null) resolve({ port: Number(ready[1]), process: child });
    });
    child.once('exit', () => {
      running.delete(child);
      reject(new Error(`postern serve ended: ${log}`));
    });
  });
}

function kill({ process }: Served): void {
  process.kill('SIGKILL');
}

// ---------------------------------------------------------------- what is asked

/** Users, and grants to them on services of their own. */
async function fill(): Promise<void> {
  const hand = await openStoreHand(url, { create: true });
  const operations: Operation[] = [...firstOperations];
  for (let i = 0; i < usersCount; i++)
    operations.push({
      kind: 'create-user',
      user: { uid: `u${i}`, description: '', providerType: 'internal', providerId: '' },
    });
  for (let i = 0; i < grantCount; i++) {
    const rid = ridOf(i);
    operations.push({ kind: 'create-acl', rid, description: '' });
    operations.push({
      kind: 'grant',
      entry: { rid, subjects: 'users', id: `u${i % usersCount}` },
      action: 'read',
    });
  }
  for (let at = 0; at < operations.length; at += recordSize)
    await hand.write(...operations.slice(at, at + recordSize));
  await hand.close();
}

function ridOf(i: number): string {
  return `dcos:service:marathon:marathon:services:/team-${i % 100}/app-${i}`;
}

/** Checks, half of which are allowed, by all replicas at once. */
async function load(
  replicas: readonly Served[],
): Promise<{ readonly rate: number; readonly p99Ms: number; readonly dropped: number }> {
  const bodies = Array.from({ length: 1000 }, (_, i) =>
    JSON.stringify({
      subject: `user:u${i % 2 === 0 ? i % usersCount : (i + 1) % usersCount}`,
      action: 'read',
      resource: `${ridOf(i)}/instance`,
    }),
  );
  const results = await Promise.all(
    replicas.map(async ({ port }) => {
      const client = new LoadClient({
        port,
        connections,
        bodies,
        isRight: (i, _, allows) => allows === (i % 2 === 0),
      });
      const result = await client.run({ seconds });
      client.close();
      return result;
    }),
  );
  const wrong = results.reduce((sum, result) => sum + result.wrong, 0);
  if (wrong > 0) throw new Error(`${wrong} answers are wrong`);
  return {
    rate: results.reduce((sum, result) => sum + result.rate, 0),
    p99Ms: Math.max(...results.map((result) => result.p99Ms)),
    dropped: results.reduce((sum, result) => sum + result.dropped, 0),
  };
}

/** Milliseconds from the answer to each write until each replica answers by it. */
async function writeGrants(writer: Served, replicas: readonly Served[]): Promise<number[]> {
  const ages: number[] = [];
  const endMs = performance.now() + seconds * 1000;
  const pending: Promise<void>[] = [];
  while (performance.now() < endMs) {
    const dueMs = performance.now() + 1000 / writeRate;
    await grant(writer, `new-${++lastGrant}`);
    const writtenMs = performance.now();
    const { revision } = (await ask(writer))!;
    const replica = replicas[lastGrant % replicas.length]!;
    pending.push(
      until(async () => ((await ask(replica))?.revision ?? 0) >= revision).then(() => {
        ages.push(performance.now() - writtenMs);
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
  }
  await Promise.all(pending);
  return ages.sort((a, b) => a - b);
}

/** A list of its own for `u0`. @returns the status of the grant; 0 if there was no answer */
async function grant({ port }: Served, name: string): Promise<number> {
  const list = `http://127.0.0.1:${port}/acs/api/v1/acls/dcos:service:marathon:marathon:services:%252F${name}`;
  try {
    const made = await fetch(list, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{"description":""}',
    });
    if (made.status !== 201 && made.status !== 409) return made.status;
    const granted = await fetch(`${list}/users/u0/read`, { method: 'PUT' });
    return granted.status === 409 ? 204 : granted.status;
  } catch {
    return 0;
  }
}

/** Undefined if it does not answer. */
async function ask({ port }: Served): Promise<{ readonly revision: number } | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/v1/check`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"subject":"user:u0","action":"read","resource":"dcos:x"}',
    });
    await response.arrayBuffer();
    return response.ok ? readToken(response.headers.get('postern-token')!) : undefined;
  } catch {
    return undefined;
  }
}

// ---------------------------------------------------------------- time

async function timeOf(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

async function until<Value>(look: () => Promise<Value | undefined>): Promise<NonNullable<Value>> {
  const endMs = performance.now() + 60_000;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (performance.now() > endMs) throw new Error('it did not come within a minute');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function describeAges(what: string, sorted: readonly number[]): void {
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0);
  console.log(
    `${what}: median ${at(0.5)} ms, 99th percentile ${at(0.99)} ms, longest ${at(1)} ms, of ${sorted.length}`,
  );
}

function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
