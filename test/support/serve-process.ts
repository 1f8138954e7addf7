import { spawn } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';

const entry = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url));

/** `postern serve` as a process of its own, as an operator runs it. */
export interface ServeProcess {
  readonly address: string;
  /** Lines of its log so far. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/** @param args  what comes behind `serve`; the port is chosen by the system unless it is named */
export function startServe(args: readonly string[]): Promise<ServeProcess> {
  const port = args.includes('--port') ? [] : ['--port', '0'];
  const child = spawn(process.execPath, [entry, 'serve', ...port, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // They are for tests; a service takes them for misspelt settings.
    env: { ...process.env, POSTERN_SEED: undefined, POSTERN_NO_POSTGRES: undefined, NO_COLOR: '1' },
  });
  let log = '';
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  return new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      const ready = /"address":"([^"]+)"[^\n]*"msg":"ready"/.exec(log);
      if (ready !== null) resolve({ address: ready[1]!, log: () => log, stop });
    });
    child.once('error', reject);
    void ended.then(() => reject(new Error(`postern serve ended: ${log}`)));
  });
}

/** An issuer of tokens, whose public key lies in a file. */
export interface Issuer {
  readonly keyFile: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** A token that counts for ten minutes. */
  readonly tokenFor: (name: string) => Promise<string>;
  readonly remove: () => void;
}

export function createIssuer(): Issuer {
  const folder = mkdtempSync(join(tmpdir(), 'postern-issuer-'));
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keyFile = join(folder, 'issuer.pem');
  writeFileSync(keyFile, publicKey.export({ type: 'spki', format: 'pem' }));
  return {
    keyFile,
    publicKey,
    privateKey,
    tokenFor: (name) =>
      new SignJWT({ sub: name })
        .setProtectedHeader({ alg: 'RS256' })
        .setExpirationTime('10 min')
        .sign(privateKey),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
