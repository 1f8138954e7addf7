import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigurationError, FileError } from '../src/index.ts';
import { completeConfig } from '../src/service/config/complete-config.ts';
import { createServer } from '../src/service/http/server.ts';
import { MemoryDirectory } from './support/memory-directory.ts';
import { createTestService } from './support/service.ts';

/** Half a configuration of the permission API does not start. */

const folder = mkdtempSync(join(tmpdir(), 'postern-iam-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const save = (name: string, text: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const open = { policy: ['p'], auth: false };

describe('settings', () => {
  test('tokens count for five days, and the API is off, unless it is said otherwise', () => {
    const { iam } = completeConfig(open);
    expect(iam).toEqual({
      policyQuery: false,
      peers: ['127.0.0.0/8', '::1'],
      tokenLifetimeS: 432_000,
      trustProxy: false,
    });
  });

  test('a key and a store are enough', () => {
    const iam = { signingKeyFile: 'k', trustProxy: true };
    expect(completeConfig({ ...open, store: 's.db', iam })).toMatchObject({ iam });
  });

  test.each<[title: string, around: object, message: string]>([
    ['a replica', { replica: true }, 'a replica never writes'],
    ['several threads', { workers: 2 }, 'which one thread answers'],
  ])('%s', (_title, around, message) => {
    const iam = { signingKeyFile: 'k' };
    expect(() => completeConfig({ ...open, ...around, store: 's.db', iam })).toThrow(message);
  });

  test.each<[title: string, iam: object, message: string]>([
    ['a trusted proxy and no key', { trustProxy: true }, '`iam.signingKeyFile`'],
    ['a key and no store', { signingKeyFile: 'k' }, 'needs a store'],
    ['an empty key', { signingKeyFile: '' }, 'the path of the private RSA key'],
    ['no time at all', { tokenLifetimeS: 0 }, 'seconds that a token of the permission API counts'],
    ['part of a second', { tokenLifetimeS: 60.5 }, 'seconds that a token of the permission API counts'],
    ['peers that are none', { peers: ['localhost'] }, 'is neither an address nor a network'],
    ['an unknown setting', { signingKey: 'k' }, 'unknown setting `iam.signingKey`'],
  ])('%s', (_title, iam, message) => {
    expect(() => completeConfig({ ...open, iam })).toThrow(message);
  });
});

describe('a key that cannot sign', () => {
  const start = async (signingKeyFile: string): Promise<void> => {
    const base = createTestService('');
    const app = createServer(
      Object.assign(base, {
        directory: new MemoryDirectory(),
        config: { ...base.config, iam: { policyQuery: false, peers: ['::1'], signingKeyFile } },
      }),
    );
    try {
      await app.ready();
    } finally {
      await app.close().catch(() => {});
    }
  };

  test('one that can is taken, in either form', async () => {
    await start(save('pkcs8.pem', pem(rsa.privateKey)));
    await start(save('pkcs1.pem', rsa.privateKey.export({ type: 'pkcs1', format: 'pem' })));
  });

  test('a file that is not there', async () => {
    await expect(start(join(folder, 'none'))).rejects.toThrow(FileError);
  });

  test.each<[title: string, text: string | Buffer]>([
    ['nothing', ''],
    ['rubbish', 'rubbish'],
    ['a public key', rsa.publicKey.export({ type: 'spki', format: 'pem' })],
    ['an elliptic key', pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
    ['a short key', pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey)],
    [
      'a key with a passphrase',
      rsa.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }),
    ],
  ])('%s', async (title, text) => {
    await expect(start(save(title, text))).rejects.toThrow(ConfigurationError);
  });
});
