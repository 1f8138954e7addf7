import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../src/index.ts';
import { completeConfig } from '../src/service/config/complete-config.ts';
import { printConfig } from '../src/service/config/print-config.ts';
import { readEnvironment, settings } from '../src/service/config/settings.ts';

/** The configuration: where settings come from, and that half of one does not start. */

const open = { policy: ['p'], auth: false };
const withToken = (token: object) => ({ policy: ['p'], token });

describe('sources', () => {
  test('a later one comes before an earlier, setting by setting', () => {
    const file = { ...withToken({ keyFile: 'file.pem', audience: ['a'] }), port: 1 };
    const environment = readEnvironment({ POSTERN_TOKEN_KEY_FILE: 'environment.pem', POSTERN_PORT: '2' });
    const config = completeConfig(file, environment, { port: 3 });
    expect(config).toMatchObject({
      port: 3,
      token: { keyFile: 'environment.pem', audience: ['a'], subjectClaim: 'sub' },
    });
  });

  test('what nobody sets has its default, and what is off is not there', () => {
    const config = completeConfig(open);
    expect(config).toMatchObject({ host: '127.0.0.1', port: 8181, workers: 1, limits: { batchSize: 1000 } });
    expect(config).not.toHaveProperty('token');
    expect(config).not.toHaveProperty('tls');
  });

  test('every setting has a variable and an option of its own', () => {
    expect(new Set(settings.map(({ variable }) => variable)).size).toBe(settings.length);
    expect(new Set(settings.map(({ flag }) => flag)).size).toBe(settings.length);
    expect(settings.map(({ variable }) => variable)).toEqual(
      expect.arrayContaining(['POSTERN_POLICY', 'POSTERN_TOKEN_JWKS_URL', 'POSTERN_DECISION_LOG_WHEN_FULL']),
    );
  });

  test.each([
    ['POSTERN_POLICY', 'a,b', { policy: ['a', 'b'] }],
    ['POSTERN_AUTH', 'false', { auth: false }],
    ['POSTERN_WORKERS', '4', { workers: 4 }],
    ['POSTERN_DECISION_LOG_SAMPLE_ALLOWS', '0.25', { decisionLog: { sampleAllows: 0.25 } }],
    ['POSTERN_CONFIG', 'x.json', {}],
    ['POSTERN_SERVICE_HOST', '10.0.0.1', {}],
    ['POSTERN_PORT_8181_TCP_ADDR', '10.0.0.1', {}],
    ['PATH', '/bin', {}],
  ])('%s=%s', (variable, text, expected) => {
    expect(readEnvironment({ [variable]: text })).toEqual(expected);
  });

  test.each([
    [
      'POSTERN_TOKEN_AUDIENC',
      'x',
      'environment: unknown variable `POSTERN_TOKEN_AUDIENC`, did you mean `POSTERN_TOKEN_AUDIENCE`',
    ],
    [
      'POSTERN_PORT',
      'tcp://10.0.0.1:80',
      'environment: POSTERN_PORT: expected a port, 1 to 65535, or 0 for any that is free',
    ],
    ['POSTERN_AUTH', 'no', 'environment: POSTERN_AUTH: expected whether a token is needed: true or false'],
  ])('%s=%s is refused', (variable, text, message) => {
    expect(() => readEnvironment({ [variable]: text })).toThrow(new ConfigurationError(message));
  });
});

describe('half a configuration does not start', () => {
  const key = { keyFile: 'k.pem' };

  test.each<[title: string, config: object, message: string | RegExp]>([
    ['no policy', { auth: false }, 'no policy: name files with `-p`, or with `policy` in the configuration'],
    ['no word on authentication', { policy: ['p'] }, /^nothing says how callers prove who they are/],
    ['a token and no authentication', { ...withToken(key), auth: false }, /exclude each other/],
    ['an empty token', withToken({}), /without a key/],
    ['an audience without a key', withToken({ audience: ['a'] }), /without a key/],
    ['two keys', withToken({ ...key, jwksUrl: 'https://a/b' }), /more than one key/],
    [
      'an empty list of audiences',
      withToken({ ...key, audience: [] }),
      '`token.audience`: expected a list of audiences, one of which a token has to name',
    ],
    [
      'a secret without HS256',
      withToken({ secretFile: 's' }),
      /is for HS256: name it in `token.algorithms` too/,
    ],
    ['HS256 without a secret', withToken({ ...key, algorithms: ['HS256'] }), /HS256 needs its secret/],
    [
      'HS256 beside RS256',
      withToken({ secretFile: 's', algorithms: ['RS256', 'HS256'] }),
      /HS256 stands alone/,
    ],
    [
      'an algorithm that is not taken',
      withToken({ ...key, algorithms: ['none'] }),
      /expected RS256, EdDSA or HS256/,
    ],
    ['keys over plain HTTP', withToken({ jwksUrl: 'http://keys.example/jwks' }), /needs https/],
    [
      'keys from an address with a password',
      withToken({ jwksUrl: 'https://a:b@keys.example/jwks' }),
      /must not hold a password/,
    ],
    ['keys from no address', withToken({ jwksUrl: 'keys' }), /is no address/],
    [
      'a certificate without its key',
      { ...open, tls: { certificateFile: 'c' } },
      '`tls` needs both `certificateFile` and `keyFile`',
    ],
    [
      'authorities of clients alone',
      { ...open, tls: { clientAuthorityFile: 'c' } },
      '`tls` needs both `certificateFile` and `keyFile`',
    ],
    ['a replica of nothing', { ...open, replica: true }, /needs a store to follow/],
    ['a cache of no store', { ...open, storeCache: 'c' }, '`storeCache` goes with `--store`'],
    [
      'a replica with the permission API',
      { ...open, store: 's.db', replica: true, iam: { signingKeyFile: 'k.pem' } },
      /a replica writes nothing/,
    ],
    [
      'the permission API in several workers',
      { ...open, store: 's.db', workers: 2, iam: { signingKeyFile: 'k.pem' } },
      /answered by one worker/,
    ],
    ['spilling without a file', { ...open, decisionLog: { whenFull: 'spill' } }, /go together/],
    ['an unknown setting', { ...open, token2: {} }, 'unknown setting `token2`'],
    [
      'an unknown setting of a group',
      withToken({ ...key, audienc: ['a'] }),
      'unknown setting `token.audienc`',
    ],
    ['a setting that every object has', { ...open, constructor: 1 }, 'unknown setting `constructor`'],
    ['a group that is none', { ...open, limits: 3 }, '`limits`: expected an object with limits'],
    [
      'a port that is none',
      { ...open, port: 65_536 },
      '`port`: expected a port, 1 to 65535, or 0 for any that is free',
    ],
  ])('%s', (_title, config, message) => {
    expect(() => completeConfig(config as never)).toThrow(message);
    expect(() => completeConfig(config as never)).toThrow(ConfigurationError);
  });

  test('everything that is wrong is said at once', () => {
    expect(() => completeConfig({ auth: false, host: '0.0.0.0', tls: { keyFile: 'k' } })).toThrow(
      /^no policy.*\npostern: everybody who reaches `0.0.0.0`.*\npostern: `tls` needs both/,
    );
  });
});

describe('without authentication', () => {
  test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('%s may be listened on', (host) => {
    expect(completeConfig({ ...open, host })).toMatchObject({ host });
  });

  test.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '::ffff:10.0.0.1',
    'localhost.example',
    '127.0.0.1.example',
    '128.0.0.1',
  ])('%s may not, unless it is named again', (host) => {
    expect(() => completeConfig({ ...open, host })).toThrow(`\`--allow-no-auth-on ${host}\``);
    expect(completeConfig({ ...open, host, allowNoAuthOn: host })).toMatchObject({ host });
    expect(() => completeConfig({ ...open, host, allowNoAuthOn: '10.9.9.9' })).toThrow(/and `host` is/);
  });

  test('an address without authentication is not named where there is some', () => {
    expect(() => completeConfig({ ...withToken({ keyFile: 'k' }), allowNoAuthOn: '0.0.0.0' })).toThrow(
      /goes with/,
    );
  });
});

test('a printed configuration is a file of it, without what is secret', () => {
  const config = completeConfig({
    ...withToken({ jwksUrl: 'https://keys.example/jwks?api-key=hunter2' }),
    authzen: { pageKey: 'hunter2-hunter2-hunter2-hunter2-hunter2' },
  });
  const printed = printConfig(config);
  expect(printed).not.toContain('hunter2');
  expect(JSON.parse(printed)).toMatchObject({
    token: { jwksUrl: 'https://keys.example/jwks?***' },
    authzen: { pageKey: '***' },
  });
  const plain = completeConfig(withToken({ keyFile: 'k.pem' }));
  expect(completeConfig(JSON.parse(printConfig(plain)))).toEqual(plain);
});
