import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Operation } from '../src/iam/operation.ts';
import { openStore } from '../src/store/open-store.ts';
import { runInProcess as run } from './support/run-command-line.ts';
import { storeBackends } from './support/store-backends.ts';
import { appendGroups } from './support/store-records.ts';

const backends = storeBackends();
const folder = mkdtempSync(join(tmpdir(), 'postern-store-cli-'));
beforeAll(() => Promise.all(backends.map(({ setUp }) => setUp())));
afterAll(async () => {
  await Promise.all(backends.map(({ tearDown }) => tearDown()));
  rmSync(folder, { recursive: true, force: true });
});

/** A store that holds so many records. */
async function fill(address: string, records: number): Promise<void> {
  const store = await openStore(address, { create: true });
  await appendGroups(store, records);
  await store.close();
}

const alice = { rid: 'dcos:secrets:default:/prod', subjects: 'users', id: 'alice' } as const;
const staff = { rid: 'docs:\u202e/x', subjects: 'groups', id: 'staff' } as const;
/** Everything that can be done, with names that try to be more than names. */
const everything: readonly Operation[] = [
  {
    kind: 'create-user',
    user: {
      uid: 'alice',
      description: 'A. Lice',
      providerType: 'internal',
      providerId: '',
      passwordHash: '$6$secret',
    },
  },
  {
    kind: 'create-user',
    user: { uid: 'robot', description: '', providerType: 'internal', providerId: '', publicKey: 'PEM' },
  },
  { kind: 'create-user', user: { uid: 'o', description: '', providerType: 'oidc', providerId: 'corp' } },
  { kind: 'update-user', uid: 'alice', passwordHash: '$6$secret2' },
  { kind: 'update-user', uid: 'alice', description: 'two\nlines' },
  { kind: 'create-group', group: { gid: 'staff', description: 'Staff', providerType: 'ldap' } },
  { kind: 'update-group', gid: 'staff', description: '' },
  { kind: 'add-member', gid: 'staff', uid: 'alice' },
  { kind: 'remove-member', gid: 'staff', uid: 'alice' },
  { kind: 'create-acl', rid: alice.rid, description: 'Secrets' },
  { kind: 'create-acl', rid: staff.rid, description: '' },
  { kind: 'update-acl', rid: staff.rid, description: '\u001b[31mred' },
  { kind: 'grant', entry: alice, action: 'read' },
  { kind: 'grant', entry: staff, action: 'full' },
  { kind: 'revoke', entry: staff, action: 'full' },
  { kind: 'revoke-all', entry: alice },
  { kind: 'delete-acl', rid: alice.rid },
  { kind: 'delete-user', uid: 'alice' },
  { kind: 'delete-group', gid: 'staff' },
];

describe.each(backends)('postern store, in $kind', ({ kind, newAddress, alter }) => {
  test('init makes a store, and leaves one that is there as it is', async () => {
    const address = await newAddress();
    const first = await run('store', 'init', address);
    expect(first).toMatchObject({ code: 0, stdout: '' });
    expect(first.stderr).toMatch(/: store [0-9a-f]{16}, epoch 1, revision 0\n$/);
    expect(await run('store', 'init', address)).toEqual(first);
  });

  test('log shows who, when, why and what, a line for each operation and no secret', async () => {
    const address = await newAddress();
    const store = await openStore(address, { create: true });
    await store.append(0, {
      timeMs: Date.UTC(2026, 2, 1, 9, 30),
      author: 'admin',
      reason: 'ticket 12',
      operations: everything,
    });
    await store.append(1, { timeMs: -1, author: 'x\u001b', reason: '', operations: [] });
    await store.close();
    const { code, stdout, stderr } = await run('store', 'log', address);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatchInlineSnapshot(`
      "revision 1  2026-03-01T09:30:00.000Z  admin
        because: ticket 12
        create-user alice with a password: A. Lice
        create-user robot with a public key
        create-user o of oidc corp
        update-user alice with a password
        update-user alice: two\\u{a}lines
        create-group staff of ldap: Staff
        update-group staff
        add-member alice to staff
        remove-member alice from staff
        create-acl dcos:secrets:default:/prod: Secrets
        create-acl docs:\\u{202e}/x
        update-acl docs:\\u{202e}/x: \\u{1b}[31mred
        grant user:alice read on dcos:secrets:default:/prod
        grant group:staff full on docs:\\u{202e}/x
        revoke group:staff full on docs:\\u{202e}/x
        revoke-all user:alice on dcos:secrets:default:/prod
        delete-acl dcos:secrets:default:/prod
        delete-user alice
        delete-group staff
      revision 2  1969-12-31T23:59:59.999Z  x\\u{1b}
      "
    `);
    const json = await run('store', 'log', address, '--format', 'json');
    expect(json.stdout).not.toContain('$6$');
    const [first] = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(first).toMatchObject({ revision: 1, author: 'admin', reason: 'ticket 12' });
    expect(first.operations.slice(1, 3)).toEqual(everything.slice(1, 3));
    expect(first.operations[3]).toEqual({ kind: 'update-user', uid: 'alice', passwordHash: '(not shown)' });
  });

  test('log shows a part, and says where it was trimmed', async () => {
    const address = await newAddress();
    await fill(address, 6);
    const revisions = async (...words: readonly string[]): Promise<number[]> => {
      const { stdout } = await run('store', 'log', address, '--format', 'json', ...words);
      return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).revision]));
    };
    expect(await revisions()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await revisions('--after', '3')).toEqual([4, 5, 6]);
    expect(await revisions('--after', '1', '--limit', '2')).toEqual([2, 3]);
    expect(await revisions('--after', '99')).toEqual([]);
    const unneeded = await run('store', 'trim', address, '--keep', '2');
    expect(unneeded.stderr).toContain('0 records dropped, 6 left');
    expect(unneeded.stderr).toContain('postern store snapshot');
    expect((await run('store', 'snapshot', address)).stderr).toContain('a snapshot of revision 6');
    expect((await run('store', 'trim', address, '--keep', '2')).stderr).toContain(
      '4 records dropped, 2 left',
    );
    expect((await run('store', 'trim', address, '--keep', '5')).stderr).toContain(
      '0 records dropped, 2 left',
    );
    expect(await revisions()).toEqual([5, 6]);
    expect((await run('store', 'log', address, '--after', '2')).stderr).toContain('trimmed up to revision 4');
    expect((await run('store', 'verify', address)).stdout).toMatch(
      /whole, epoch 1, revision 6\n {2}2 records after revision 4, where the log was trimmed\n {2}a snapshot of revision 6\n$/,
    );
  });

  test('verify says what is wrong, and exits with 1', async () => {
    const address = await newAddress();
    await fill(address, 3);
    const whole = await run('store', 'verify', address, '--format', 'json');
    expect(whole.code).toBe(0);
    expect(JSON.parse(whole.stdout)).toMatchObject({ records: 3, trimmed: 0, faults: [] });
    await alter(
      address,
      `UPDATE postern_records SET record = replace(record, 'g2', 'g9') WHERE revision = 2`,
    );
    const { code, stdout } = await run('store', 'verify', address);
    expect(code).toBe(1);
    expect(stdout).toContain('NOT whole, epoch 1, revision 3');
    expect(stdout).toContain('damaged at revision 2: the record has been altered');
    // A copy or a backup of it is not made.
    const backup = join(folder, `${kind}-damaged.backup`);
    expect((await run('store', 'backup', address, backup)).code).toBe(3);
    expect((await run('store', 'copy', address, join(folder, `${kind}-damaged.db`))).code).toBe(3);
    expect(() => readFileSync(backup)).toThrow('ENOENT');
  });

  test('backup and restore: a new epoch, in an empty store or in the place of the same one', async () => {
    const address = await newAddress();
    await fill(address, 3);
    const backup = join(folder, `${kind}.backup`);
    expect((await run('store', 'backup', address, backup)).stderr).toContain('revision 3 of epoch 1');
    expect((await run('store', 'backup', address, backup)).stderr).toContain('revision 3 of epoch 1');
    const policy = join(folder, `${kind}.acl`);
    writeFileSync(policy, 'allow anyone to read on doc:/a\n');
    const other = await run('store', 'backup', address, policy);
    expect(other.stderr).toContain('is there already, and no backup: name another file');
    expect(other.code).toBe(3);
    expect(readFileSync(policy, 'utf8')).toContain('allow anyone');
    const target = await newAddress();
    expect((await run('store', 'restore', backup, target)).stderr).toContain('revision 3, in epoch 2');
    const refused = await run('store', 'restore', backup, target);
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('is not empty')]);
    expect((await run('store', 'restore', backup, target, '--replace')).stderr).toContain('in epoch 3');
    expect((await run('store', 'restore', backup, await newAddress(), '--epoch', '9')).stderr).toContain(
      'in epoch 9',
    );
    expect((await run('store', 'new-epoch', target)).stderr).toContain('epoch 4 from revision 3 on');
    writeFileSync(backup, readFileSync(backup, 'utf8').replace('g2', 'g9'));
    const altered = await run('store', 'restore', backup, await newAddress());
    expect([altered.code, altered.stderr]).toEqual([
      3,
      expect.stringContaining('the record has been altered'),
    ]);
  });

  test.each(backends)('copy to $kind', async (to) => {
    const [from, target] = [await newAddress(), await to.newAddress()];
    await fill(from, 5);
    const { code, stderr } = await run('store', 'copy', from, target);
    expect([code, stderr]).toEqual([0, expect.stringContaining('copied up to revision 5, and verified')]);
    expect((await run('store', 'log', target)).stdout).toBe((await run('store', 'log', from)).stdout);
    expect((await run('store', 'copy', from, target)).code).toBe(3);
  });
});

describe('postern store', () => {
  test.each([
    [3, ['log', join(folder, 'absent.db')], 'make one with `postern store init`'],
    [3, ['verify', 'postgres://u:secret@127.0.0.1:1/d'], '`postgres://u@127.0.0.1:1/d` cannot be reached'],
    [3, ['init', 'postgres://u:secret@127.0.0.1:x/d'], 'is no valid URL'],
    [3, ['init', 'mysql://u:secret@h/d'], 'not `mysql://…`'],
    [3, ['init', 'sqlite:new.db'], 'write the path of the file without `sqlite:`'],
    [3, ['restore', join(folder, 'absent.backup'), join(folder, 'new.db')], 'no such file or folder'],
    [2, ['trim', 'a.db'], "required option '--keep <number>' not specified"],
    [2, ['trim', 'a.db', '--keep', '-1'], "argument '-1' is invalid"],
    [2, ['log', 'a.db', '--after', 'x'], "argument 'x' is invalid"],
    [2, ['nothing', 'a.db'], "unknown command 'nothing'"],
  ])('exits with %i for %j', async (code, words, message) => {
    const ran = await run('store', ...words);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).not.toContain('secret');
  });
});

test('policies and a store are compiled into one image, which other commands take', async () => {
  const address = join(folder, 'compiled.db');
  const store = await openStore(address, { create: true });
  const { revision, hash } = await store.head();
  expect({ revision, hash }).toEqual({ revision: 0, hash: '0'.repeat(64) });
  await store.append(0, {
    timeMs: 0,
    author: 'test',
    reason: '',
    operations: [
      {
        kind: 'create-user',
        user: { uid: 'alice', description: '', providerType: 'internal', providerId: '' },
      },
      { kind: 'create-acl', rid: alice.rid, description: '' },
      { kind: 'grant', entry: alice, action: 'read' },
    ],
  });
  await store.close();
  const policy = join(folder, 'deny.acl');
  writeFileSync(policy, `deny user:alice to read on ${alice.rid}\n`);
  const image = join(folder, 'now.pimg');
  const ask = ['check', 'user:alice', 'read', alice.rid, '-p', image];
  expect((await run('compile', '--store', address, '-o', image)).code).toBe(0);
  expect(await run(...ask)).toMatchObject({ code: 0, stdout: 'allow  rule store:1\n' });
  expect((await run('compile', policy, '--store', address, '-o', image)).code).toBe(0);
  expect(await run(...ask)).toMatchObject({ code: 1 });
  expect(await run('compile', '-o', image)).toMatchObject({ code: 2 });
  expect(await run('compile', '--store', join(folder, 'none.db'), '-o', image)).toMatchObject({ code: 3 });
});
