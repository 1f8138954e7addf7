import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, describe, expect, test } from 'vitest';
import { createAuthenticator } from '../src/service/auth/authenticator.ts';
import { createRemoteKeys } from '../src/service/auth/remote-keys.ts';
import type { TokenConfig } from '../src/service/config/config.ts';
import { createServer } from '../src/service/http/server.ts';
import { coryReads, startTested, until } from './support/operated-service.ts';
import { createTestService } from './support/service.ts';

/** Whose requests are answered: every way in which a token does not count, and what is read from one that does. */

const folder = mkdtempSync(join(tmpdir(), 'postern-auth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed = generateKeyPairSync('ed25519');
const secret = 'a secret of thirty-two bytes or more';

const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
const save = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const rsaFile = save('rsa.pem', pemOf(rsa.publicKey));
const edFile = save('ed.pem', pemOf(ed.publicKey));
const secretFile = save('secret', `${secret}\n`);

const now = (): number => Math.floor(Date.now() / 1000);
const claims = (more: JWTPayload = {}): JWTPayload => ({ sub: 'cory', exp: now() + 60, ...more });
const sign = async (
  payload: JWTPayload,
  {
    alg = 'RS256',
    key = rsa.privateKey,
    kid,
  }: { alg?: string; key?: KeyObject | Uint8Array; kid?: string } = {},
): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) }).sign(key);

const defaults = { subjectClaim: 'sub', subjectType: 'user', clockToleranceSeconds: 0 };
const noLog = { error: () => {} };
const authenticatorOf = (config: Partial<TokenConfig>) =>
  createAuthenticator({ ...defaults, ...config }, noLog as never);
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('a token that counts', () => {
  test.each<[title: string, config: Partial<TokenConfig>, make: () => Promise<string>]>([
    ['RS256 with a key in PEM', { keyFile: rsaFile }, () => sign(claims())],
    [
      'EdDSA with a key in PEM',
      { keyFile: edFile },
      () => sign(claims(), { alg: 'EdDSA', key: ed.privateKey }),
    ],
    [
      'RS256 with a JWK',
      { keyFile: save('rsa.jwk', JSON.stringify(rsa.publicKey.export({ format: 'jwk' }))) },
      () => sign(claims()),
    ],
    [
      'EdDSA with one key of a set',
      {
        keyFile: save(
          'set.json',
          JSON.stringify({
            keys: [otherRsa, rsa, ed].map(({ publicKey }) => publicKey.export({ format: 'jwk' })),
          }),
        ),
      },
      () => sign(claims(), { alg: 'EdDSA', key: ed.privateKey }),
    ],
    [
      'RS256 with the second of two keys that it could be of',
      { keyFile: join(folder, 'set.json') },
      () => sign(claims()),
    ],
    [
      'HS256 where it is named with its secret',
      { secretFile, algorithms: ['HS256'] },
      () => sign(claims(), { alg: 'HS256', key: Buffer.from(secret) }),
    ],
    ['an accepted issuer', { keyFile: rsaFile, issuer: ['a', 'b'] }, () => sign(claims({ iss: 'b' }))],
    [
      'one audience of several',
      { keyFile: rsaFile, audience: ['x'] },
      () => sign(claims({ aud: ['y', 'x'] })),
    ],
    [
      'one that has just expired, within tolerance',
      { keyFile: rsaFile, clockToleranceSeconds: 60 },
      () => sign(claims({ exp: now() - 10 })),
    ],
  ])('%s', async (_title, config, make) => {
    const caller = await authenticatorOf(config)(bearer(await make()));
    expect(caller).toMatchObject({ subject: 'user:cory', groups: [] });
  });

  test('is read from `token=`, as DC/OS sends it, and from `bearer` in any letters', async () => {
    const authenticate = authenticatorOf({ keyFile: rsaFile, subjectClaim: 'uid' });
    const token = await sign({ uid: 'cory', exp: now() + 60 });
    for (const authorization of [`token=${token}`, `bearer ${token}`, `BEARER  ${token}`])
      expect(await authenticate({ headers: { authorization } })).toMatchObject({ subject: 'user:cory' });
  });

  test('is read from a cookie only where one is named and there is no header', async () => {
    const token = await sign(claims());
    const cookie = `a=b; session=${token}`;
    const authenticate = authenticatorOf({ keyFile: rsaFile, cookie: 'session' });
    expect(await authenticate({ headers: { cookie } })).toMatchObject({ subject: 'user:cory' });
    await expect(authenticate({ headers: { cookie, authorization: 'Bearer x' } })).rejects.toMatchObject({
      reason: 'malformed',
    });
    await expect(authenticate({ headers: { cookie: `${cookie}; session=x` } })).rejects.toMatchObject({
      reason: 'duplicate',
    });
    await expect(authenticatorOf({ keyFile: rsaFile })({ headers: { cookie } })).rejects.toMatchObject({
      reason: 'missing',
    });
  });

  test('names subject and groups by the claims of the configuration', async () => {
    const authenticate = authenticatorOf({
      keyFile: rsaFile,
      subjectClaim: 'uid',
      subjectType: 'service',
      groupsClaim: 'roles',
    });
    const caller = await authenticate(bearer(await sign({ uid: 'web', roles: ['ops'], exp: now() + 60 })));
    expect(caller).toMatchObject({ subject: 'service:web', groups: ['ops'], claims: { uid: 'web' } });
  });
});

describe('a token that does not count', () => {
  const publicPem = Buffer.from(pemOf(rsa.publicKey));

  test.each<
    [title: string, reason: string, make: () => Promise<string> | string, config?: Partial<TokenConfig>]
  >([
    ['not signed at all', 'algorithm', () => new UnsecuredJWT(claims()).encode()],
    [
      '`none` in other letters',
      'algorithm',
      async () =>
        `${Buffer.from('{"alg":"nOnE"}').toString('base64url')}.${(await sign(claims())).split('.')[1]}.`,
    ],
    ['HS256 keyed with the public key', 'algorithm', () => sign(claims(), { alg: 'HS256', key: publicPem })],
    ['RS512 with the right key', 'algorithm', () => sign(claims(), { alg: 'RS512' })],
    ['EdDSA where the key is RSA', 'algorithm', () => sign(claims(), { alg: 'EdDSA', key: ed.privateKey })],
    [
      'RS256 where only HS256 is accepted',
      'algorithm',
      () => sign(claims()),
      { secretFile, algorithms: ['HS256'] },
    ],
    ['signed with another key', 'signature', () => sign(claims(), { key: otherRsa.privateKey })],
    [
      'signed with another key than any of the set',
      'signature',
      () => sign(claims(), { key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }),
      { keyFile: join(folder, 'set.json') },
    ],
    [
      'with an unknown key id',
      'unknown-key',
      () => sign(claims(), { kid: 'x' }),
      { keyFile: join(folder, 'set.json') },
    ],
    [
      'changed behind the signature',
      'signature',
      async () => {
        const [head, , signature] = (await sign(claims())).split('.');
        return `${head}.${Buffer.from(JSON.stringify(claims({ sub: 'root' }))).toString('base64url')}.${signature}`;
      },
    ],
    ['without a signature', 'signature', async () => (await sign(claims())).replace(/[^.]*$/, '')],
    ['expired', 'expired', () => sign(claims({ exp: now() - 1 }))],
    ['without an end', 'claims', () => sign({ sub: 'cory' })],
    ['with an end that is a text', 'claims', () => sign({ sub: 'cory', exp: '9999999999' as never })],
    ['not valid yet', 'not-yet-valid', () => sign(claims({ nbf: now() + 60 }))],
    ['of another issuer', 'issuer', () => sign(claims({ iss: 'x' })), { issuer: ['b'] }],
    ['of no issuer where one is asked for', 'issuer', () => sign(claims()), { issuer: ['b'] }],
    ['for another audience', 'audience', () => sign(claims({ aud: 'y' })), { audience: ['x'] }],
    ['for no audience where one is asked for', 'audience', () => sign(claims()), { audience: ['x'] }],
    ['without a subject', 'claims', () => sign({ exp: now() + 60 })],
    ['with an empty subject', 'claims', () => sign(claims({ sub: '' }))],
    ['with a number for a subject', 'claims', () => sign({ sub: 7 as never, exp: now() + 60 })],
    [
      'with a subject that every object has',
      'claims',
      () => sign({ exp: now() + 60 }),
      { subjectClaim: 'constructor' },
    ],
    ['with a text for groups', 'claims', () => sign(claims({ roles: 'ops' })), { groupsClaim: 'roles' }],
    [
      'with critical headers nobody knows',
      'malformed',
      () => {
        const head = Buffer.from('{"alg":"RS256","crit":["x"],"x":1}').toString('base64url');
        return `${head}.e30.AAAA`;
      },
    ],
    ['of two parts', 'malformed', () => 'a.b'],
    ['that is no JSON', 'malformed', () => 'a.b.c'],
    ['with a blank in it', 'malformed', () => 'a.b.c d'],
  ])('%s', async (_title, reason, make, config = {}) => {
    const withKey =
      config.secretFile === undefined && config.keyFile === undefined ? { keyFile: rsaFile } : {};
    const refused = authenticatorOf({ ...withKey, ...config })(bearer(await make()));
    await expect(refused).rejects.toMatchObject({ name: 'AuthenticationError', reason, statusCode: 401 });
  });

  test.each([
    ['no header', {}, 'missing'],
    ['another scheme', { authorization: 'Basic YTpi' }, 'scheme'],
    ['an empty header', { authorization: '' }, 'scheme'],
    ['a token without a scheme', { authorization: 'a.b.c' }, 'scheme'],
  ])('%s', async (_title, headers, reason) => {
    await expect(authenticatorOf({ keyFile: rsaFile })({ headers })).rejects.toMatchObject({ reason });
  });
});

describe('keys that are not taken', () => {
  const privatePem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;

  test.each<[title: string, config: Partial<TokenConfig>, message: RegExp]>([
    ['a file that is not there', { keyFile: join(folder, 'nowhere') }, /key `.*nowhere` cannot be read: /],
    ['a private key', { keyFile: save('private.pem', privatePem) }, /holds a private or secret key/],
    [
      'a private JWK',
      { keyFile: save('private.jwk', JSON.stringify(rsa.privateKey.export({ format: 'jwk' }))) },
      /holds a private or secret key/,
    ],
    [
      'a secret JWK',
      { keyFile: save('secret.jwk', '{"kty":"oct","k":"AAAA"}') },
      /holds a private or secret key/,
    ],
    ['a short RSA key', { keyFile: save('weak.pem', pemOf(weak)) }, /RSA key of less than 2048 bits/],
    ['a key of another kind', { keyFile: save('curve.pem', pemOf(curve)) }, /for neither RS256 nor EdDSA/],
    ['something else', { keyFile: save('text', 'hello') }, /neither a public key in PEM nor a JWK/],
    ['broken JSON', { keyFile: save('broken.jwk', '{"kty":') }, /no valid JSON/],
    ['an empty set', { keyFile: save('empty.jwk', '{"keys":[]}') }, /holds no key/],
    ['a set of something else', { keyFile: save('odd.jwk', '{"keys":[3]}') }, /something that is no JWK/],
    [
      'an algorithm that the key is not for',
      { keyFile: edFile, algorithms: ['RS256'] },
      /names RS256, and the key is for EdDSA/,
    ],
    [
      'a short secret',
      { secretFile: save('short', 'short'), algorithms: ['HS256'] },
      /shorter than 32 bytes/,
    ],
  ])('%s', (_title, config, message) => {
    expect(() => authenticatorOf(config)).toThrow(message);
  });
});

describe.each([1, 2])('a key file that changes, with %i workers', (workers) => {
  const rsaToken = () => sign(claims());
  const edToken = () => sign(claims(), { alg: 'EdDSA', key: ed.privateKey });

  test('other keys count once they are there; a bad file keeps those before, is said once and counted', async () => {
    const tested = await startTested({
      files: { 'policy/a.acl': coryReads, 'key.pem': pemOf(rsa.publicKey) },
      settings: { auth: true, workers, token: { ...defaults, keyFile: '$/key.pem' } },
    });
    const { address, failures, write, metric, path } = tested;
    const refused = () => metric('postern_key_reloads_total{outcome="refused"}');
    const statusOf = async (token: string): Promise<number> => {
      // Each time another connection, which another worker may take.
      const response = await fetch(`${address}/v1/check`, {
        method: 'POST',
        headers: { ...bearer(token).headers, 'content-type': 'application/json', connection: 'close' },
        body: '{"action":"read"}',
      });
      return response.status;
    };
    const statuses = async (token: string) =>
      new Set(await Promise.all(Array.from({ length: 8 }, () => statusOf(token))));
    expect(await statuses(await rsaToken())).toEqual(new Set([200]));
    expect(await statuses(await edToken())).toEqual(new Set([401]));

    write('key.pem', 'no key');
    await until('it is refused', async () => (await refused()) === 1);
    expect(await statuses(await rsaToken())).toEqual(new Set([200]));
    rmSync(path('key.pem'));
    await until('its absence is refused', async () => (await refused()) === 2);
    expect(await statuses(await rsaToken())).toEqual(new Set([200]));
    expect(failures.filter(({ msg }) => msg.includes('keys'))).toMatchObject([
      { msg: 'keys of tokens were refused: those before go on verifying', reason: expect.any(String) },
      { msg: 'keys of tokens were refused: those before go on verifying', reason: expect.any(String) },
    ]);

    write('key.pem', pemOf(ed.publicKey));
    await until('other keys are loaded', async () => {
      return (await metric('postern_key_reloads_total{outcome="loaded"}')) === 1;
    });
    await until('all workers have them', async () => !(await statuses(await edToken())).has(401));
    expect(await statuses(await rsaToken())).toEqual(new Set([401]));
    expect(await refused()).toBe(2);
  });
});

describe('a key file that changes', () => {
  test('to a key for another algorithm than the configured one is refused', async () => {
    const { address, failures, service, write } = await startTested({
      files: { 'policy/a.acl': coryReads, 'key.pem': pemOf(rsa.publicKey) },
      settings: { auth: true, token: { ...defaults, keyFile: '$/key.pem', algorithms: ['RS256'] } },
    });
    write('key.pem', pemOf(ed.publicKey));
    service.reload();
    expect(failures).toMatchObject([{ reason: expect.stringContaining('`token.algorithms` names RS256') }]);
    const { status } = await fetch(`${address}/v1/policy`, bearer(await sign(claims())));
    expect(status).toBe(200);
  });

  test('is followed where it is the secret of HS256', async () => {
    const algorithms = ['HS256'] as const;
    const { address, service, write } = await startTested({
      files: { 'policy/a.acl': coryReads, secret },
      settings: { auth: true, token: { ...defaults, secretFile: '$/secret', algorithms } },
    });
    const other = 'another secret of thirty-two bytes or more';
    const token = await sign(claims(), { alg: 'HS256', key: Buffer.from(other) });
    expect((await fetch(`${address}/v1/policy`, bearer(token))).status).toBe(401);
    write('secret', other);
    service.reload();
    expect((await fetch(`${address}/v1/policy`, bearer(token))).status).toBe(200);
  });
});

describe('keys from an address', () => {
  const jwkOf = (key: KeyObject, kid: string) => ({ ...key.export({ format: 'jwk' }), kid, alg: 'RS256' });
  const keySet = JSON.stringify({ keys: [jwkOf(rsa.publicKey, 'one')] });

  /** A key server that answers what it is told, and counts. */
  const serve = async (answer: () => { status?: number; body: string } | undefined) => {
    let asked = 0;
    const server: Server = createHttpServer((_request, response) => {
      asked++;
      const given = answer();
      if (given === undefined) response.destroy();
      else response.writeHead(given.status ?? 200).end(given.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
    return { url, asked: () => asked, close: () => new Promise((resolve) => server.close(resolve)) };
  };

  test('are fetched once and kept', async () => {
    const server = await serve(() => ({ body: keySet }));
    const authenticate = authenticatorOf({ jwksUrl: server.url });
    for (let i = 0; i < 3; i++)
      expect(await authenticate(bearer(await sign(claims(), { kid: 'one' })))).toMatchObject({
        subject: 'user:cory',
      });
    expect(server.asked()).toBe(1);
    await server.close();
  });

  test('an invented key id does not ask again within the cool-down', async () => {
    const server = await serve(() => ({ body: keySet }));
    const authenticate = authenticatorOf({ jwksUrl: server.url });
    for (let i = 0; i < 5; i++)
      await expect(authenticate(bearer(await sign(claims(), { kid: `x${i}` })))).rejects.toMatchObject({
        reason: 'unknown-key',
        statusCode: 401,
      });
    expect(server.asked()).toBe(1);
    await server.close();
  });

  test.each<[title: string, answer: () => { status?: number; body: string } | undefined]>([
    ['hangs up', () => undefined],
    ['answers with an error', () => ({ status: 500, body: keySet })],
    ['answers with no JSON', () => ({ body: '<html>' })],
    ['answers with a duplicate key', () => ({ body: '{"keys":[],"keys":[]}' })],
    ['answers with no key set', () => ({ body: '{"key":[]}' })],
    ['answers with null', () => ({ body: 'null' })],
    ['answers with too much', () => ({ body: ' '.repeat(1024 * 1024 + 1) })],
  ])('nobody is let in while the server %s, and it is not asked again at once', async (_title, answer) => {
    const server = await serve(answer);
    const authenticate = authenticatorOf({ jwksUrl: server.url });
    for (let i = 0; i < 3; i++)
      await expect(authenticate(bearer(await sign(claims(), { kid: 'one' })))).rejects.toMatchObject({
        reason: 'keys-unavailable',
        statusCode: 503,
      });
    expect(server.asked()).toBe(1);
    await server.close();
  });

  test('keys that are too old do not count once the server is silent', async () => {
    let isSilent = false;
    const server = await serve(() => (isSilent ? undefined : { body: keySet }));
    const keys = createRemoteKeys(server.url, { maxAgeMs: 30, cooldownMs: 0 });
    const header = { alg: 'RS256', kid: 'one' };
    const token = { payload: '', signature: '' };
    await expect(keys(header, token)).resolves.toBeDefined();
    isSilent = true;
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(keys(header, token)).rejects.toMatchObject({ name: 'KeysUnavailableError' });
    await server.close();
  });
});

describe('over HTTP', () => {
  const authenticated = () => {
    const authenticate = authenticatorOf({ keyFile: rsaFile });
    const service = createTestService('allow anyone to read on a:b', { auth: true });
    return { service, app: createServer({ ...service, authenticate: (request) => authenticate(request) }) };
  };
  const check = { method: 'POST', url: '/v1/check', payload: { action: 'read', resource: 'a:b' } } as const;

  test('every native route needs a token, and says so before it reads the body', async () => {
    const { app, service } = authenticated();
    for (const url of ['/v1/check', '/v1/check/batch', '/v1/explain', '/v1/filter', '/v1/spaces/may-read']) {
      const response = await app.inject({
        method: 'POST',
        url,
        payload: '{"broken',
        headers: { 'content-type': 'application/json' },
      });
      expect(response.statusCode, url).toBe(401);
      expect(response.json(), url).toEqual({ error: { status: 401, message: 'a token is needed' } });
      expect(response.headers['www-authenticate']).toBe('Bearer realm="postern"');
    }
    expect((await app.inject('/v1/policy')).statusCode).toBe(401);
    expect(new Set(service.refusedTokens)).toEqual(new Set(['missing']));
    expect(service.entries).toEqual([]);
    await app.close();
  });

  test('the caller of a decision is recorded', async () => {
    const { app, service } = authenticated();
    const token = await sign(claims());
    const response = await app.inject({ ...check, headers: { authorization: `Bearer ${token}` } });
    expect(response.json()).toMatchObject({ decision: 'allow' });
    expect(service.entries).toMatchObject([
      { caller: { subject: 'user:cory' }, request: { action: 'read' } },
    ]);
    await app.close();
  });

  test('a bad token is challenged, and counted by its reason', async () => {
    const { app, service } = authenticated();
    const response = await app.inject({ ...check, headers: { authorization: 'Bearer a.b.c' } });
    expect(response.statusCode).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Bearer realm="postern", error="invalid_token"');
    expect(service.refusedTokens).toEqual(['malformed']);
    await app.close();
  });

  test('two Authorization headers are none, whichever of them is good', async () => {
    const { app } = authenticated();
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const token = await sign(claims());
    const raw = await new Promise<string>((resolve) => {
      let text = '';
      const socket = new Socket().on('data', (chunk) => {
        text += chunk.toString();
      });
      socket.on('close', () => resolve(text));
      socket.connect(Number(new URL(address).port), '127.0.0.1', () =>
        socket.write(
          `GET /v1/policy HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\naUTHORIZATION: Bearer ${token}\r\n\r\n`,
        ),
      );
    });
    expect(raw).toMatch(/^HTTP\/1\.1 401 /);
    expect(raw).toContain('more than one Authorization header');
    await app.close();
  });
});
