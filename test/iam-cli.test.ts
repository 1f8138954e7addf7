import { existsSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { type KeyInput, readHidden } from '../src/cli/iam/read-hidden.ts';
import { Passwords } from '../src/service/iam/passwords/passwords.ts';
import { openStore } from '../src/store/open-store.ts';
import { readState } from '../src/store/read-state.ts';
import { useOwnFolders } from './support/own-folder.ts';
import { runInProcess } from './support/run-command-line.ts';

/** `postern iam`: the first superuser, and passwords, straight into a store. */

useOwnFolders('iam-cli');

const stateOf = async (file: string) => {
  const store = await openStore(file);
  const { state } = await readState(store);
  await store.close();
  return state;
};
const isPassword = async (uid: string, password: string): Promise<boolean> => {
  const passwords = new Passwords({ error: () => {} } as never);
  const isRight = await passwords.verify(password, (await stateOf('p.db')).user(uid)?.passwordHash);
  await passwords.close();
  return isRight;
};
/** In a store that is made if it is not there. */
const run = async (name: string, uid: string, password: string, ...more: string[]) => {
  await (await openStore('p.db', { create: true })).close();
  writeFileSync('password', password);
  return runInProcess('iam', name, uid, '--store', 'p.db', '--password-file', 'password', ...more);
};

describe('postern iam create-superuser', () => {
  test('makes the group, its permission and the user as one record', async () => {
    expect(await run('create-superuser', 'ada', 'correct horse\n')).toEqual({
      code: 0,
      stdout: 'ada: written as revision 1\n',
      stderr: '',
    });
    const state = await stateOf('p.db');
    expect(state.isSuperuser('ada')).toBe(true);
    expect(state.membersOf('superusers')).toEqual(['ada']);
    expect(await isPassword('ada', 'correct horse')).toBe(true);
    expect(await isPassword('ada', 'correct horse\n')).toBe(false);
  });

  test('adds another to those that there are', async () => {
    await run('create-superuser', 'ada', 'correct horse');
    const { code, stdout } = await run('create-superuser', 'bea', 'correct horse', '--format', 'json');
    expect([code, JSON.parse(stdout)]).toEqual([0, { uid: 'bea', revision: 2 }]);
    expect([...(await stateOf('p.db')).membersOf('superusers')].sort()).toEqual(['ada', 'bea']);
  });

  test.each([
    ['a uid that is there', 'ada', 'correct horse', 1],
    ['a uid that is none', 'a:b', 'correct horse', 1],
    ['a reserved uid', 'anonymous', 'correct horse', 1],
    ['a short password', 'bea', 'abcd', 2],
    ['an empty password', 'bea', '', 2],
    ['two lines', 'bea', 'correct\nhorse\n', 2],
  ])('%s is refused, and nothing is written', async (_title, uid, password, code) => {
    await run('create-superuser', 'ada', 'correct horse');
    const result = await run('create-superuser', uid, password);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(/^postern: \S.*\n$/);
    expect((await stateOf('p.db')).revision).toBe(1);
  });

  test('says what is missing', async () => {
    expect(await runInProcess('iam', 'create-superuser', 'ada')).toMatchObject({ code: 2 });
    const missing = await runInProcess(
      'iam',
      'create-superuser',
      'ada',
      '--store',
      'p.db',
      '--password-file',
      'none',
    );
    expect(missing).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('password `none` cannot be read'),
    });
    writeFileSync('password', 'correct horse');
    const words = ['iam', 'create-superuser', 'ada', '--store', 'none.db', '--password-file', 'password'];
    expect(await runInProcess(...words)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('there is no store'),
    });
    expect(existsSync('none.db')).toBe(false);
  });
});

describe('postern iam set-password', () => {
  test('replaces the password', async () => {
    await run('create-superuser', 'ada', 'correct horse');
    expect(await run('set-password', 'ada', 'battery staple')).toMatchObject({ code: 0 });
    expect(await isPassword('ada', 'battery staple')).toBe(true);
    expect(await isPassword('ada', 'correct horse')).toBe(false);
  });

  test.each([
    [
      'a service account',
      { providerType: 'internal', providerId: '', publicKey: 'x' },
      'has a key and no password',
    ],
    ['a user of a directory', { providerType: 'ldap', providerId: '' }, 'logs in elsewhere'],
  ] as const)('of %s is refused', async (_title, about, message) => {
    const store = await openStore('p.db', { create: true });
    const user = { uid: 'robot', description: '', ...about };
    const operations = [{ kind: 'create-user', user }] as const;
    await store.append(0, { timeMs: 0, author: 'test', reason: '', operations });
    await store.close();
    const { code, stderr } = await run('set-password', 'robot', 'battery staple');
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test('of nobody is refused', async () => {
    await run('create-superuser', 'ada', 'correct horse');
    expect(await run('set-password', 'eve', 'battery staple')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('User with uid `eve` not known'),
    });
  });
});

describe('a password that is typed', () => {
  const type = (...keys: readonly string[]) => {
    const raw: boolean[] = [];
    const input = Object.assign(new PassThrough(), { setRawMode: (isRaw: boolean) => raw.push(isRaw) });
    const output = new PassThrough();
    const line = readHidden('Password: ', input as KeyInput, output);
    for (const key of keys) input.write(key);
    return { line, raw, shown: () => String(output.read()) };
  };

  test.each([
    [['pass', 'word\r'], 'password'],
    [['pässwörd €😀\n'], 'pässwörd €😀'],
    [['passs\u007fword\r'], 'password'],
    [['\u007f\b', 'a\r'], 'a'],
    [['wrong\u0015right\r'], 'right'],
    [['end\u0004'], 'end'],
    [['one\rtwo\r'], 'one'],
  ])('%j is %s, and nothing of it is shown', async (keys, expected) => {
    const { line, raw, shown } = type(...keys);
    expect(await line).toBe(expected);
    expect(raw).toEqual([true, false]);
    expect(shown()).toBe('Password: \n');
  });

  test('Ctrl-C ends it, and the terminal is as it was', async () => {
    const { line, raw } = type('secret\u0003');
    await expect(line).rejects.toThrow('stopped: nothing is changed');
    expect(raw).toEqual([true, false]);
  });
});
