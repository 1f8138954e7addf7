import { execFileSync } from 'node:child_process';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Gate } from '../src/service/iam/passwords/gate.ts';
import { Passwords } from '../src/service/iam/passwords/passwords.ts';
import { hashPassword, verifyScrypt } from '../src/service/iam/passwords/scrypt-password.ts';
import { readStoredHash } from '../src/service/iam/passwords/stored-hash.ts';
import { readPublicKey } from '../src/service/iam/public-key.ts';
import { placeholders } from './support/iam-conformance-world.ts';

/** How passwords are kept and verified: what is stored may come from anywhere, and each attempt costs. */

const cheap = { ln: 4, r: 8, p: 1 };
const salt = 'A'.repeat(22);
const hash = 'A'.repeat(43);
const crypt = (password: string, rounds?: number): string =>
  execFileSync(
    'openssl',
    ['passwd', '-6', '-salt', rounds === undefined ? 'abc./012' : `rounds=${rounds}$abc./012`, '-stdin'],
    { input: password },
  )
    .toString()
    .trim();

function createPasswords(): { readonly passwords: Passwords; readonly logged: unknown[] } {
  const logged: unknown[] = [];
  const passwords = new Passwords({ error: (message: unknown) => logged.push(message) } as never);
  onTestFinished(() => passwords.close());
  return { passwords, logged };
}

describe('hashes of our own', () => {
  test('say how they were made, and differ for the same password', async () => {
    const { passwords } = createPasswords();
    const [first, second] = [await passwords.hash('a password'), await passwords.hash('a password')];
    expect(first).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(second).not.toBe(first);
    expect(await passwords.verify('a password', first)).toBe(true);
    expect(await passwords.verify('a passwore', first)).toBe(false);
    expect(await passwords.verify('', first)).toBe(false);
  });

  test('are the same however an accent is typed', async () => {
    const stored = readStoredHash(await hashPassword('é', cheap));
    expect(stored?.kind === 'scrypt' && (await verifyScrypt('e\u0301', stored))).toBe(true);
  });
});

describe('what is stored', () => {
  test.each([
    ['of our own', `$scrypt$ln=15,r=8,p=3$${salt}$${hash}`, 'scrypt'],
    ['at the limit of memory', `$scrypt$ln=18,r=8,p=1$${salt}$${hash}`, 'scrypt'],
    ['beyond it', `$scrypt$ln=19,r=8,p=1$${salt}$${hash}`, undefined],
    ['of absurd memory', `$scrypt$ln=63,r=99,p=1$${salt}$${hash}`, undefined],
    ['of too much work', `$scrypt$ln=17,r=8,p=99$${salt}$${hash}`, undefined],
    ['of no work', `$scrypt$ln=0,r=8,p=1$${salt}$${hash}`, undefined],
    ['with a short hash', `$scrypt$ln=15,r=8,p=3$${salt}$AAAA`, undefined],
    ['with a short salt', `$scrypt$ln=15,r=8,p=3$AAAA$${hash}`, undefined],
    ['in another order', `$scrypt$r=8,ln=15,p=3$${salt}$${hash}`, undefined],
    ['of DC/OS', `$6$rounds=656000$abc$${'a'.repeat(86)}`, 'crypt'],
    ['of glibc', `$6$abc$${'a'.repeat(86)}`, 'crypt'],
    ['of a million rounds', `$6$rounds=1000000$abc$${'a'.repeat(86)}`, 'crypt'],
    ['of more', `$6$rounds=1000001$abc$${'a'.repeat(86)}`, undefined],
    ['of a billion', `$6$rounds=999999999$abc$${'a'.repeat(86)}`, undefined],
    ['of ten', `$6$rounds=10$abc$${'a'.repeat(86)}`, undefined],
    ['with a foreign salt', `$6$a:b$${'a'.repeat(86)}`, undefined],
    ['of another kind', '$2b$12$abcdefghijklmnopqrstuv', undefined],
    ['of MD5', '$1$abc$abc', undefined],
    ['a locked account', '!', undefined],
    ['nothing', '', undefined],
    ['with a newline', `$scrypt$ln=15,r=8,p=3$${salt}$${hash}\n`, undefined],
  ])('%s', (_title, text, kind) => {
    expect(readStoredHash(text)?.kind).toBe(kind);
  });

  test('is never right if it is not understood, which the log says', async () => {
    const { passwords, logged } = createPasswords();
    expect(await passwords.verify('x', '$2b$12$abc')).toBe(false);
    expect(logged).toHaveLength(1);
    expect(await passwords.verify('x', undefined)).toBe(false);
    expect(logged).toHaveLength(1);
  });
});

describe('SHA-512-crypt, as OpenSSL makes it', () => {
  test.each(['a', 'password', 'pässwörd €', 'x'.repeat(63), 'x'.repeat(65), 'x'.repeat(200), ' blank '])(
    '%s',
    async (password) => {
      const { passwords } = createPasswords();
      expect(await passwords.verify(password, crypt(password, 1000))).toBe(true);
      expect(await passwords.verify(`${password}x`, crypt(password, 1000))).toBe(false);
    },
  );

  test('the event loop goes on while a costly one is computed', async () => {
    const { passwords } = createPasswords();
    const stored = crypt('slow', 50_000);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const results = await Promise.all([passwords.verify('slow', stored), passwords.verify('fast', stored)]);
    clearInterval(timer);
    expect(results).toEqual([true, false]);
    expect(turns).toBeGreaterThan(3);
  });

  test('with the rounds that the tools of DC/OS make', async () => {
    const { passwords } = createPasswords();
    expect(await passwords.verify('slow', crypt('slow', 656_000))).toBe(true);
  });

  test('several at once get their own answers', async () => {
    const { passwords } = createPasswords();
    const stored = ['a', 'b', 'c'].map((password) => crypt(password, 1000));
    const asked = stored.flatMap((text) =>
      ['a', 'b', 'c'].map((password) => passwords.verify(password, text)),
    );
    expect(await Promise.all(asked)).toEqual([true, false, false, false, true, false, false, false, true]);
  });

  test('whoever waits when it ends is told', async () => {
    const { passwords } = createPasswords();
    const waiting = passwords.verify('x', `$6$rounds=900000$abc$${'a'.repeat(86)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const outcome = expect(waiting).rejects.toThrow('has ended');
    await passwords.close();
    await outcome;
  });
});

test('costly work is done a few at once, some wait, and the rest is sent away', async () => {
  const gate = new Gate({ atOnce: 2, waiting: 2 });
  let running = 0;
  let most = 0;
  const release: (() => void)[] = [];
  const work = async (): Promise<string> => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => release.push(resolve));
    running--;
    return 'done';
  };
  const all = Array.from({ length: 5 }, () => gate.run(work));
  await expect(all[4]).rejects.toMatchObject({ statusCode: 503, headers: { 'retry-after': '1' } });
  while (running > 0) {
    release.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await Promise.all(all.slice(0, 4))).toEqual(Array(4).fill('done'));
  expect(most).toBe(2);
  // A failure gives its place back.
  await expect(gate.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await gate.run(async () => 'again')).toBe('again');
});

test.each<[title: string, pem: string]>([
  ['two keys', placeholders.$PEM! + placeholders.$PEM!],
  ['a key behind other text', `x${placeholders.$PEM}`],
  [
    'a key of 1024 bits',
    execFileSync('sh', [
      '-c',
      'openssl genrsa 1024 2>/dev/null | openssl rsa -pubout 2>/dev/null',
    ]).toString(),
  ],
])('a public key is refused: %s', (_title, pem) => {
  expect(() => readPublicKey(pem)).toThrow('Invalid public key');
});
