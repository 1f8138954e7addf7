import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { completeConfig } from '../src/service/config/complete-config.ts';
import { LogControl } from '../src/service/decision-log/control.ts';
import { createMetricsMemory } from '../src/service/metrics/metrics-memory.ts';
import { createLogger } from '../src/service/operation/logging.ts';
import { Serving } from '../src/service/threads/serving.ts';
import {
  clientOf,
  coryReads,
  doraReads,
  type LogLine,
  pause,
  startTested,
  until,
} from './support/operated-service.ts';

const program = fileURLToPath(new URL('../src/cli/bin.ts', import.meta.url));

interface RunningProcess {
  readonly child: ChildProcess;
  readonly lines: LogLine[];
  readonly address: string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-process-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'a.acl'), coryReads);
  return folder;
}

async function serve(folder: string, ...words: readonly string[]): Promise<RunningProcess> {
  const child = spawn(
    process.execPath,
    [program, 'serve', '--no-auth', '--port', '0', '-p', 'a.acl', ...words],
    {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'pipe'],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal!)),
  );
  const lines: LogLine[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => lines.push(JSON.parse(line) as LogLine));
  const ready = (): LogLine | undefined => lines.find(({ msg }) => msg === 'ready');
  await until('it is ready', () => ready() !== undefined);
  return { child, lines, ended, address: ready()!.address as string };
}

describe('signals', () => {
  test.each(['1', '2'])(
    'SIGTERM loses no answer of those who keep asking, with %s workers',
    async (workers) => {
      const folder = createFolder();
      const { child, ended, address } = await serve(
        folder,
        '--workers',
        workers,
        '--decision-log-to',
        'log.jsonl',
      );
      const { check } = clientOf(address);
      let answers = 0;
      let isStopping = false;
      const outcomes = new Set<string>();
      const askers = Array.from({ length: 8 }, async () => {
        for (;;) {
          try {
            const { status, decision } = await check('user:cory', 'doc:/a');
            outcomes.add(`${status} ${decision}`);
            answers++;
          } catch (error) {
            // Who connects after the end is refused; before it nobody may be.
            const code = (error as { cause?: { code?: string } }).cause?.code;
            outcomes.add(isStopping && code === 'ECONNREFUSED' ? 'refused' : `failed: ${code}`);
            return;
          }
        }
      });
      await until('they ask', () => answers > 200);
      isStopping = true;
      child.kill('SIGTERM');
      await Promise.all(askers);
      expect(await ended).toBe(0);
      expect([...outcomes].sort()).toEqual(['200 allow', 'refused']);
      // Every answer is in the log.
      const lines = readFileSync(join(folder, 'log.jsonl'), 'utf8').trimEnd().split('\n');
      expect(lines).toHaveLength(answers);
    },
  );

  test('a second one ends the process at once', async () => {
    const { child, ended, address } = await serve(createFolder(), '--shutdown-ms', '60000');
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{')),
    });
    const asked = fetch(`${address}/v1/check`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      duplex: 'half',
    } as RequestInit).catch(() => 'cut');
    await pause(100);
    child.kill('SIGTERM');
    await pause(200);
    child.kill('SIGTERM');
    expect(await ended).toBe('SIGTERM');
    expect(await asked).toBe('cut');
  });

  test('SIGHUP loads the policy, and SIGUSR2 opens the decision log anew', async () => {
    const folder = createFolder();
    const { child, lines, ended, address } = await serve(
      folder,
      '--no-watch',
      '--decision-log-to',
      'log.jsonl',
    );
    const { check } = clientOf(address);
    expect((await check('user:dora', 'doc:/a')).decision).toBe('deny');
    writeFileSync(join(folder, 'a.acl'), doraReads);
    child.kill('SIGHUP');
    await until('dora is allowed', async () => (await check('user:dora', 'doc:/a')).decision === 'allow');
    renameSync(join(folder, 'log.jsonl'), join(folder, 'log.jsonl.1'));
    child.kill('SIGUSR2');
    await until('there is a new log', () => existsSync(join(folder, 'log.jsonl')));
    await check('user:dora', 'doc:/a');
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(readFileSync(join(folder, 'log.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(1);
    expect(lines.filter(({ level }) => level !== 'info')).toEqual([]);
  });
});

describe('a process that cannot start says why, and answers nothing', () => {
  test.each([
    ['no policy there', ['--no-auth', '-p', 'no.acl'], 3, /no such file or folder/],
    ['a policy with an error', ['--no-auth', '-p', 'bad.acl'], 3, /error\[P0004\]/],
    ['half a token configuration', ['--token-issuer', 'x', '-p', 'a.acl'], 2, /without a key/],
    [
      'no certificate',
      ['--no-auth', '-p', 'a.acl', '--tls-certificate-file', 'c.pem', '--tls-key-file', 'k.pem'],
      3,
      /cannot be read/,
    ],
    [
      'a log that cannot be written',
      ['--no-auth', '-p', 'a.acl', '--decision-log-to', 'no/log.jsonl'],
      3,
      /cannot be written/,
    ],
  ])('%s', async (_what, words, code, message) => {
    const folder = createFolder();
    writeFileSync(join(folder, 'bad.acl'), 'allow user:dora to raed doc:/a\n');
    const child = spawn(process.execPath, [program, 'serve', '--port', '0', ...words], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.stderr.on('data', (data) => {
      text += data;
    });
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(code);
    expect(text).toMatch(message);
    expect(text).not.toMatch(/ {4}at /);
  });
});

test('before its first policy a service is alive, not ready, and decides nothing', async () => {
  const config = completeConfig({ policy: ['none'], auth: false, port: 0 });
  const serving = new Serving({
    config,
    thread: 1,
    memory: createMetricsMemory(2),
    logMemory: new LogControl().memory,
    send: () => {},
    log: createLogger('silent'),
  });
  onTestFinished(() => serving.stop(0));
  const { port } = await serving.listen({ host: '127.0.0.1', port: 0, isShared: false });
  const address = `http://127.0.0.1:${port}`;
  expect((await fetch(`${address}/healthz`)).status).toBe(200);
  const { check, readiness } = clientOf(address);
  expect(await readiness()).toMatchObject({
    status: 503,
    body: { ready: false, reason: 'no policy is loaded yet' },
  });
  expect(await check('user:cory', 'doc:/a')).toMatchObject({ status: 503, decision: undefined });
});

describe('requests that cannot be decided are never allowed, and the log is not flooded', () => {
  async function post(
    address: string,
    body: string,
    headers: Record<string, string> = {},
  ): Promise<[number, string]> {
    const response = await fetch(`${address}/v1/check`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    return [response.status, await response.text()];
  }
  const question = JSON.stringify({ subject: 'user:cory', action: 'read', resource: 'doc:/a' });

  test('a body that is too large', async () => {
    const { address, failures } = await startTested();
    const [status, text] = await post(address, JSON.stringify({ a: 'x'.repeat(1024 * 1024) }));
    expect([status, JSON.parse(text)]).toMatchObject([413, { error: { status: 413 } }]);
    expect(failures).toEqual([]);
  });

  test('an action that no policy knows', async () => {
    const { address } = await startTested();
    const [status, text] = await post(address, question.replace('"read"', '"fly"'));
    expect([status, JSON.parse(text)]).toMatchObject([200, { decision: 'deny', reason: 'default' }]);
  });

  test('keys of tokens that cannot be fetched', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => gone.once('listening', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const token = { jwksUrl: `http://127.0.0.1:${port}/keys` };
    const { address, failures } = await startTested({ settings: { auth: true, token } });
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ alg: 'RS256', kid: 'k' })}.${part({ sub: 'cory', exp: 4e9 })}.c2ln`;
    const [status, body] = await post(address, question, { authorization: `Bearer ${text}` });
    expect([status, JSON.parse(body)]).toMatchObject([503, { error: { status: 503 } }]);
    expect(JSON.stringify(failures)).not.toContain(text);
    expect(failures).toHaveLength(1);
  });
});

describe('TLS', () => {
  function makeCertificates(folder: string): void {
    const openssl = (...words: readonly string[]): void =>
      void execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
    const selfSigned = (name: string): void =>
      openssl(
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
        '-subj',
        `/CN=${name}`,
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.pem`,
      );
    selfSigned('first');
    selfSigned('second');
    selfSigned('client');
  }

  const scratch = mkdtempSync(join(tmpdir(), 'postern-tls-'));
  makeCertificates(scratch);
  const pem = (name: string): string => readFileSync(join(scratch, name), 'utf8');

  async function startSecure(isMutual: boolean) {
    const files = {
      'policy/a.acl': coryReads,
      'cert.pem': pem('first.pem'),
      'key.pem': pem('first.key'),
      'client.pem': pem('client.pem'),
    };
    const tls = {
      certificateFile: '$/cert.pem',
      keyFile: '$/key.pem',
      ...(isMutual ? { clientAuthorityFile: '$/client.pem' } : {}),
    };
    return startTested({ files, settings: { tls } });
  }

  function ask(address: string, options: object): Promise<number> {
    return new Promise((resolve, reject) => {
      const request = httpsRequest(`${address}/healthz`, { agent: false, ...options }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      });
      request.on('error', reject);
      request.end();
    });
  }

  test('a new certificate is used for new connections, and one without its key is not', async () => {
    const { address, write, failures } = await startSecure(false);
    expect(await ask(address, { ca: pem('first.pem') })).toBe(200);
    write('cert.pem', pem('second.pem'));
    await until('it is refused', () => failures.length > 0);
    expect(failures).toMatchObject([{ msg: 'a certificate was refused: the one before goes on serving' }]);
    expect(await ask(address, { ca: pem('first.pem') })).toBe(200);
    write('key.pem', pem('second.key'));
    await until('it is used', () => ask(address, { ca: pem('second.pem') }).then(Boolean, () => false));
    await expect(ask(address, { ca: pem('first.pem') })).rejects.toThrow();
  });

  test('TLS 1.1 is not spoken', async () => {
    const { address } = await startSecure(false);
    const old = {
      ca: pem('first.pem'),
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    };
    await expect(ask(address, old)).rejects.toThrow();
  });

  test('with an authority for clients, who has no certificate of it gets no answer', async () => {
    const { address } = await startSecure(true);
    const ca = pem('first.pem');
    await expect(ask(address, { ca })).rejects.toThrow();
    await expect(ask(address, { ca, cert: pem('second.pem'), key: pem('second.key') })).rejects.toThrow();
    expect(await ask(address, { ca, cert: pem('client.pem'), key: pem('client.key') })).toBe(200);
  });
});
