import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ClientError, type ClientOptions, PosternClient } from '../src/client.ts';
import { createServer } from '../src/service/http/server.ts';
import { createTestService, type TestService } from './support/service.ts';

/** `postern/client`, against the service itself and against servers that answer anything. */
const policy = 'allow user:cory to read on doc:/**\ndeny user:cory to read on doc:/secret\n';
const request = { subject: 'user:cory', action: 'read', resource: 'doc:/a' };

async function startService(
  options: Partial<ClientOptions> = {},
): Promise<{ client: PosternClient; service: TestService }> {
  const service = createTestService(policy);
  const app = createServer(service);
  onTestFinished(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { client: new PosternClient({ url, ...options }), service };
}

interface Scripted {
  readonly url: string;
  readonly asked: { readonly url: string; readonly headers: IncomingMessage['headers'] }[];
}

/** A server that answers what it is told, one after the other; the last goes on for ever. */
async function startScripted(...answers: readonly ((response: ServerResponse) => void)[]): Promise<Scripted> {
  const asked: { url: string; headers: IncomingMessage['headers'] }[] = [];
  const server = createHttpServer((incoming, response) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)]!;
    asked.push({ url: incoming.url!, headers: incoming.headers });
    incoming.resume().on('end', () => answer(response));
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const json =
  (body: unknown, status = 200) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
const cut = (response: ServerResponse): void => void response.socket!.destroy();
const silence = (): void => {};
const allow = { decision: 'allow', reason: 'rule' };

describe('a client of the service', () => {
  test('asks one request', async () => {
    const { client } = await startService();
    expect(await client.check(request)).toMatchObject({ decision: 'allow', reason: 'rule' });
    expect(await client.check({ ...request, resource: 'doc:/secret' })).toMatchObject({ decision: 'deny' });
    expect(await client.check({ ...request, resource: 'doc::' })).toMatchObject({ reason: 'malformed' });
  });

  test('asks many in their order, in batches that the service takes', async () => {
    const { client, service } = await startService();
    const requests = Array.from({ length: 2500 }, (_, i) => ({
      ...request,
      resource: i % 3 === 0 ? 'doc:/secret' : `doc:/${i}`,
    }));
    const decisions = await client.checkAll(requests);
    expect(decisions.map(({ decision }) => decision)).toEqual(
      requests.map((_, i) => (i % 3 === 0 ? 'deny' : 'allow')),
    );
    expect(new Set(service.entries.map(({ requestId }) => requestId)).size).toBe(3);
    expect(await client.checkAll([])).toEqual([]);
  });

  test('splits what is too large for one body', async () => {
    const { client } = await startService();
    // Three bytes a unit, and as long as an id may be: far more than a MiB together.
    const resources = Array.from({ length: 300 }, (_, i) => `doc:/${'字'.repeat(4000)}${i}`);
    const decisions = await client.checkAll(resources.map((resource) => ({ ...request, resource })));
    expect(decisions.map(({ decision }) => decision)).toEqual(resources.map(() => 'allow'));
    expect(await client.filter(request, resources)).toEqual(resources);
  });

  test('explains and filters', async () => {
    const { client } = await startService();
    const explanation = await client.explain(request);
    expect([explanation.decision.decision, explanation.rules[0]?.outcome]).toEqual(['allow', 'applies']);
    expect(await client.filter(request, ['doc:/a', 'doc:/secret', 'doc:/b'])).toEqual(['doc:/a', 'doc:/b']);
  });

  test('is refused what the service refuses, and does not ask again', async () => {
    const { client } = await startService();
    const failure = await client.check({ ...request, mode: 'unknown' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ClientError);
    expect(failure).toMatchObject({ code: 'refused', status: 400 });
    expect((failure as Error).message).toContain('does not know that mode');
  });
});

describe('a client of anything', () => {
  test.each([
    ['a connection that is cut', cut],
    ['502', json({}, 502)],
    ['503', json({ error: { status: 503, message: 'no policy' } }, 503)],
    ['429', json({}, 429)],
    ['no JSON', json('<html>')],
  ])('asks again after %s', async (_title, failing) => {
    const { url, asked } = await startScripted(failing, failing, json(allow));
    expect(await new PosternClient({ url }).check(request)).toEqual(allow);
    expect(asked).toHaveLength(3);
  });

  const nonsense: readonly [string, (response: ServerResponse) => void][] = [
    ['refuses', json({ error: { status: 401, message: 'a token is needed' } }, 401)],
    ['has an error inside', json({ error: { status: 500, message: 'internal error' } }, 500)],
    ['is another', json('<html>welcome</html>')],
    ['leads elsewhere', (response) => void response.writeHead(302, { location: '/' }).end()],
    ['says true', json(true)],
    ['says null', json(null)],
    ['says nothing', json('')],
    ['says the word in another form', json({ decision: 'ALLOW', reason: 'rule' })],
    ['says a truth', json({ decision: true, reason: 'rule' })],
    ['says allow with 201', json(allow, 201)],
    ['says allow with 500', json(allow, 500)],
    ['says allow without a reason', json({ decision: 'allow' })],
    ['says allow in a list', json([allow])],
    [
      'says half of it',
      (response) => void response.writeHead(200, { 'content-length': 99 }).end('{"decision"'),
    ],
    ['is cut', cut],
  ];

  test.each(nonsense)('a service that %s allows nothing', async (_title, answer) => {
    const { url } = await startScripted(answer);
    const settings = { url, retries: 1, deadlineMs: 300 };
    await expect(new PosternClient(settings).check(request)).rejects.toThrow(ClientError);
    await expect(new PosternClient(settings).checkAll([request])).rejects.toThrow(ClientError);
    await expect(new PosternClient(settings).filter(request, ['doc:/a'])).rejects.toThrow(ClientError);
    await expect(new PosternClient(settings).explain(request)).rejects.toThrow(ClientError);
    const denying = new PosternClient({ ...settings, onFailure: 'deny' });
    expect(await denying.check(request)).toMatchObject({ decision: 'deny', reason: 'unavailable' });
    expect(await denying.checkAll([request, request])).toMatchObject([
      { decision: 'deny', reason: 'unavailable' },
      { decision: 'deny', reason: 'unavailable' },
    ]);
    expect(await denying.filter(request, ['doc:/a'])).toEqual([]);
    await expect(denying.explain(request)).rejects.toThrow(ClientError);
  });

  test.each([
    ['too few decisions', { decisions: [allow] }],
    ['too many decisions', { decisions: [allow, allow, allow] }],
    ['a decision that is none', { decisions: [allow, { error: 'line' }] }],
  ])('%s for a batch count for none of it', async (_title, body) => {
    const { url } = await startScripted(json(body));
    const client = new PosternClient({ url, onFailure: 'deny' });
    const decisions = await client.checkAll([request, request]);
    expect(decisions.map(({ decision }) => decision)).toEqual(['deny', 'deny']);
  });

  test('a filter lets nothing through that was not asked about', async () => {
    const { url } = await startScripted(json({ resources: ['doc:/a', 'doc:/other'] }));
    await expect(new PosternClient({ url }).filter(request, ['doc:/a'])).rejects.toThrow(ClientError);
  });

  test('the deadline is that of all attempts together', async () => {
    const { url } = await startScripted(silence);
    const begin = performance.now();
    const failure = new PosternClient({ url, deadlineMs: 200, retries: 100 }).check(request);
    await expect(failure).rejects.toMatchObject({ code: 'unavailable', message: 'no answer in time' });
    expect(performance.now() - begin).toBeLessThan(2000);
    const busy = await startScripted(json({}, 503));
    const again = new PosternClient({ url: busy.url, deadlineMs: 400, retries: 1000 }).check(request);
    await expect(again).rejects.toMatchObject({ code: 'unavailable' });
    expect(busy.asked.length).toBeGreaterThan(1);
  });

  test('a question can be given up', async () => {
    const { url } = await startScripted(silence);
    const controller = new AbortController();
    const failure = new PosternClient({ url }).check(request, { signal: controller.signal });
    controller.abort();
    await expect(failure).rejects.toMatchObject({ code: 'aborted' });
  });

  test('the token goes with each attempt, and the path of the address stays', async () => {
    const { url, asked } = await startScripted(json({}, 503), json(allow));
    let count = 0;
    const client = new PosternClient({ url: `${url}/authorization`, token: async () => `t${++count}` });
    await client.check(request);
    expect(asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/authorization/v1/check', 'Bearer t1'],
      ['/authorization/v1/check', 'Bearer t2'],
    ]);
  });

  test('a question that cannot be said is the mistake of the program', async () => {
    const { url, asked } = await startScripted(json(allow));
    const context = { large: 1n };
    await expect(
      new PosternClient({ url, onFailure: 'deny' }).check({ ...request, context }),
    ).rejects.toThrow(TypeError);
    expect(asked).toEqual([]);
    expect(() => new PosternClient({ url: 'not an address' })).toThrow(TypeError);
  });
});
