import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createServer } from '../src/service/http/server.ts';
import { createTestService, type TestService } from './support/service.ts';

/** Limits as they hold on a connection: at the limit an answer, one past it a refusal in the usual shape. */

const policy = 'allow user:ann to read on doc:/x/**';
let service: TestService;
let app: FastifyInstance;
let port: number;
beforeAll(async () => {
  service = createTestService(policy, { limits: { headersTimeoutMs: 300, requestTimeoutMs: 600 } });
  app = createServer(service);
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(async () => app.close());

/** What is alive, in and outside of the heap. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Sends bytes as they are, and returns all that comes back until the connection ends. */
async function sendRaw(...parts: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.on('error', () => {});
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  return text;
}

const head = (...lines: readonly string[]): string =>
  `${['POST /v1/check HTTP/1.1', 'Host: x', ...lines].join('\r\n')}\r\n\r\n`;
const json = 'Content-Type: application/json';
const close = 'Connection: close';
const body = '{"action":"read"}';

describe('one connection', () => {
  test('a body of 1 MiB is read, and one byte more is 413', async () => {
    const bodyOf = (size: number): string => `{"action":"read","context":{"a":"${'x'.repeat(size - 36)}"}}`;
    const fits = bodyOf(1024 * 1024);
    expect(Buffer.byteLength(fits)).toBe(1024 * 1024);
    const answer = await sendRaw(head(json, close, `Content-Length: ${fits.length}`), fits);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    const refused = await sendRaw(
      head(json, close, `Content-Length: ${fits.length + 1}`),
      bodyOf(fits.length + 1),
    );
    expect(refused).toMatch(/^HTTP\/1\.1 413 /);
    expect(refused).toContain('{"error":{"status":413,"message":"the body is larger than 1048576 bytes"}}');
  });

  test('a chunked body that grows too long is 413, whatever it says of itself', async () => {
    const chunk = 'x'.repeat(64 * 1024);
    const chunks = Array.from({ length: 17 }, () => `10000\r\n${chunk}\r\n`);
    expect(await sendRaw(head(json, close, 'Transfer-Encoding: chunked'), ...chunks)).toMatch(
      /^HTTP\/1\.1 413 /,
    );
  });

  test('a header section beyond 16 KiB is 431', async () => {
    const fits = await sendRaw(
      head(json, close, `X: ${'a'.repeat(15_000)}`, `Content-Length: ${body.length}`),
      body,
    );
    expect(fits).toMatch(/^HTTP\/1\.1 200 /);
    const refused = await sendRaw(head(json, close, `X: ${'a'.repeat(17_000)}`));
    expect(refused).toMatch(/^HTTP\/1\.1 431 /);
    expect(refused).toContain('{"error":{"status":431,"message":"the header section is too large"}}');
  });

  test.each<[title: string, text: string]>([
    ['two lengths', `${head(json, 'Content-Length: 17', 'Content-Length: 18')}${body}`],
    ['a length and chunks', `${head(json, 'Content-Length: 17', 'Transfer-Encoding: chunked')}0\r\n\r\n`],
    ['a length that is none', `${head(json, 'Content-Length: +17')}${body}`],
    ['a blank before the colon', `${head(json, 'Content-Length : 17')}${body}`],
    ['a folded header', `${head(json, 'X: a', ' b', 'Content-Length: 17')}${body}`],
    ['a bare line feed', `POST /v1/check HTTP/1.1\nHost: x\n\n`],
    ['no host', `POST /v1/check HTTP/1.1\r\n${json}\r\nContent-Length: 17\r\n\r\n${body}`],
    ['another protocol', 'HELO x\r\n\r\n'],
  ])('%s is 400', async (_title, text) => {
    const answer = await sendRaw(text);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).not.toContain('"decision"');
  });

  test('headers that do not come in time are 408', async () => {
    expect(await sendRaw('POST /v1/check HTTP/1.1\r\nHost: x\r\n')).toMatch(
      /^HTTP\/1\.1 408 .*did not arrive in time/s,
    );
  });

  test('a body that does not come in time is 408, and nothing is decided', async () => {
    service.entries.length = 0;
    const answer = await sendRaw(head(json, 'Content-Length: 17'), '{"action":');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(service.entries).toEqual([]);
  });
});

describe('a stream of JSON lines', () => {
  const line = '{"subject":"user:ann","action":"read","resource":"doc:/x/a"}\n';

  function openStream() {
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/v1/check/batch',
      headers: { 'content-type': 'application/jsonl' },
    });
    request.on('error', () => {});
    return request;
  }

  test('may last longer than a request may, as long as it says something', async () => {
    const request = openStream();
    request.write(line);
    const [response] = await once(request, 'response');
    let text = '';
    response.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    for (let i = 0; i < 6; i++) {
      await new Promise((resolve) => setTimeout(resolve, 400));
      request.write(line);
    }
    request.end();
    await once(response, 'end');
    expect(text.match(/"decision":"allow"/g)).toHaveLength(7);
  });

  test('is cut off when it falls silent', async () => {
    const request = openStream();
    request.write(line);
    const [response] = await once(request, 'response');
    response.resume();
    const [error] = await once(response, 'error');
    expect(error).toMatchObject({ message: 'aborted' });
    expect(response.complete).toBe(false);
  });

  test('a line that is longer than a body may be is an error in its place', async () => {
    const answers = await collect(`${line}${'x'.repeat(1024 * 1024 + 1)}\n${line}`);
    expect(answers.map((answer) => Object.keys(JSON.parse(answer) as object)[0])).toEqual([
      'decision',
      'error',
      'decision',
    ]);
  });

  async function collect(text: string): Promise<string[]> {
    const response = await fetch(`http://127.0.0.1:${port}/v1/check/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/jsonl' },
      body: text,
    });
    return (await response.text()).trimEnd().split('\n');
  }

  test('of a million lines is answered without being held in memory', async () => {
    const block = line.repeat(1000);
    const request = openStream();
    let answers = 0;
    const isDone = new Promise<void>((resolve) => {
      request.on('response', (response) => {
        response.on('data', (chunk: Buffer) => {
          for (const byte of chunk) if (byte === 10) answers++;
        });
        response.on('end', resolve);
      });
    });
    const [early, late]: [number[], number[]] = [[], []];
    service.entries.length = 0;
    for (let sent = 0; sent < 1000; sent++) {
      if (!request.write(block)) await once(request, 'drain');
      // The test keeps what is recorded, and what is counted; the service does not.
      service.entries.length = 0;
      service.counted.length = 0;
      if (sent > 90 && sent <= 100) early.push(heldBytes());
      if (sent > 989) late.push(heldBytes());
    }
    request.end();
    await isDone;
    expect(answers).toBe(1_000_000);
    // The requests alone are 60 MB of text, the answers 90. What is on its way comes and goes.
    expect((Math.min(...late) - Math.min(...early)) / 2 ** 20).toBeLessThan(10);
  }, 120_000);

  test('is not read on while nobody reads its answers', async () => {
    const request = openStream();
    // Without a listener the client would read the answers and throw them away.
    request.on('response', () => {});
    const block = line.repeat(1000);
    let sentBytes = 0;
    let isStuck = false;
    while (!isStuck && sentBytes < 64 * 1024 * 1024) {
      sentBytes += block.length;
      if (request.write(block)) continue;
      isStuck = await Promise.race([
        once(request, 'drain').then(() => false),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 400)),
      ]);
    }
    request.destroy();
    // What fits into the buffers of the system on both ways.
    expect(isStuck).toBe(true);
  }, 60_000);
});
