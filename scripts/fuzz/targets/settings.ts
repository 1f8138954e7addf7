import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientError } from '../../../src/client/failure.ts';
import * as answers from '../../../src/client/read-answer.ts';
import { ConfigurationError } from '../../../src/index.ts';
import { parseJson } from '../../../src/json/parse-json.ts';
import { createAuthenticator } from '../../../src/service/auth/authenticator.ts';
import { completeConfig } from '../../../src/service/config/complete-config.ts';
import { isGroup, readEnvironment } from '../../../src/service/config/settings.ts';
import { AuthenticationError } from '../../../src/service/http/errors.ts';
import { StoreError } from '../../../src/store/errors.ts';
import { readStoreAddress } from '../../../src/store/store-address.ts';
import { makeToken, readToken, TokenError } from '../../../src/store/tokens.ts';
import { Broken, type FuzzTarget, orDocumented } from '../target.ts';
import { fixturesOf, inputOf, textOf } from '../texts.ts';

/** What a service is told by its operator, its callers and, as a client, by another. */

export const configTarget: FuzzTarget = {
  name: 'config',
  title: 'a configuration is complete, or everything that is wrong with it is said',
  seeds: () => [
    ...configurations.map((config) => inputOf(JSON.stringify(config))),
    ...[
      'POSTERN_PORT=80\nPOSTERN_HOST=::1',
      'POSTERN_TOKEN_KEY_FILE=k\nPOSTERN_WATCH=false\nPOSTERN_POLICY=a,b',
    ].map(inputOf),
    ...fixturesOf('config').map(({ input }) => input),
  ],
  tokens: [
    ...[
      '"policy"',
      '"store"',
      '"token"',
      '"keyFile"',
      '"jwksUrl"',
      '"secretFile"',
      '"algorithms"',
      '"HS256"',
      '"auth"',
      '"host"',
      '"port"',
    ],
    ...[
      '"tls"',
      '"limits"',
      '"decisionLog"',
      '"mask"',
      '"hash"',
      '"saltFile"',
      '"iam"',
      '"peers"',
      '"authRequest"',
      '"allowNoAuthOn"',
    ],
    ...[
      'POSTERN_',
      '_TOKEN_',
      '__',
      '"https://x"',
      '"http://[::1]"',
      '"postgres://x"',
      '"sqlite:x"',
      '"10.0.0.0/8"',
      '"workers"',
    ],
  ],
  open: () => ({ run: (input) => completeOnce(textOf(input)) }),
};

const configurations = [
  { policy: ['a.acl'], token: { keyFile: 'k.pem', issuer: ['x'], audience: ['y'] } },
  { policy: ['a.acl'], auth: false, host: '127.0.0.1', port: 0, workers: 2 },
  {
    store: 'sqlite:x.db',
    token: { secretFile: 's', algorithms: ['HS256'] },
    iam: { peers: ['10.0.0.0/8'], signingKeyFile: 'k' },
  },
  {
    policy: ['a'],
    auth: false,
    tls: { certificateFile: 'c', keyFile: 'k' },
    limits: { bodyBytes: 1000, batch: 5 },
  },
  {
    policy: ['a'],
    auth: false,
    decisionLog: { to: 'stdout', mask: ['/context'], hash: ['/subject'], saltFile: 's', whenFull: 'drop' },
  },
  { policy: ['a'], auth: false, authRequest: { trustedProxies: ['::1'] }, authzen: { pageKey: 'x' } },
];

function completeOnce(text: string): void {
  const variables = text.split('\n').map((line) => line.split('='));
  orDocumented([ConfigurationError], () =>
    completeConfig(readEnvironment(Object.fromEntries(variables.map(([name, value]) => [name, value])))),
  );
  orDocumented([StoreError], () => readStoreAddress(text));
  const parsed = parseJson(text);
  if (!parsed.ok || !isGroup(parsed.value)) return;
  const { value } = parsed;
  orDocumented([ConfigurationError], () => completeConfig(value, { host: '127.0.0.1' }));
}

const secret = 'a secret of tests that is long enough for HS256';
const now = 4_000_000_000;
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = [
  { sub: 'alice', exp: now, iss: 'x', aud: ['y'], groups: ['ops'] },
  { sub: '', exp: 1, nbf: now },
  { sub: ['a'], exp: '1', groups: 'ops', __proto__: null },
];
const heads = [
  { alg: 'HS256', typ: 'JWT' },
  { alg: 'none' },
  { alg: 'HS256', crit: ['x'], x: 1 },
  { alg: 'RS256', kid: 'k' },
];

/** Header and claims as text, a line each, which are signed rightly; or the bytes of a whole token. */
export const tokensTarget: FuzzTarget = {
  name: 'tokens',
  title: 'a token tells who calls, or is refused with a reason; no other than one that is signed counts',
  seeds: () => [
    ...heads.flatMap((head) =>
      claims.map((claim) => inputOf(`${JSON.stringify(head)}\n${JSON.stringify(claim)}`)),
    ),
    inputOf(`token=${base64(heads[0])}.${base64(claims[0])}.x`),
    inputOf(makeToken({ storeId: '0123456789abcdef', epoch: 1, revision: 12 })),
    ...fixturesOf('tokens').map(({ input }) => input),
  ],
  tokens: [
    '"alg"',
    '"HS256"',
    '"none"',
    '"exp"',
    '"nbf"',
    '"sub"',
    '"groups"',
    '"crit"',
    '"kid"',
    '"b64"',
    'Bearer ',
    'token=',
    '.',
    '"x":',
    'pst1.',
    '; auth=',
  ],
  maxLength: 8 * 1024,
  open: () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-fuzz-'));
    const secretFile = join(folder, 'secret');
    writeFileSync(secretFile, secret);
    const token = {
      subjectClaim: 'sub',
      subjectType: 'user',
      groupsClaim: 'groups',
      cookie: 'auth',
      clockToleranceSeconds: 0,
    };
    const authenticate = createAuthenticator(
      { ...token, secretFile, algorithms: ['HS256'] },
      { error: () => {} },
    );
    return {
      run: (input) => verifyOnce(authenticate, textOf(input)),
      close: async () => rmSync(folder, { recursive: true, force: true }),
    };
  },
};

async function verifyOnce(authenticate: ReturnType<typeof createAuthenticator>, text: string): Promise<void> {
  const point = orDocumented([TokenError], () => readToken(text));
  if (point !== undefined && makeToken(point) !== text) throw new Broken('another token reads as the same');
  for (const headers of [{ authorization: text }, { cookie: `auth=${text}` }, { cookie: text }]) {
    const caller = await callerOf(authenticate, headers);
    if (
      caller !== undefined &&
      !text.includes(signed(text.replace(/^[^.]*?(?==)=|^Bearer +/i, '')).split('.')[2]!)
    )
      throw new Broken('a token counts that is not signed');
  }
  const [head = '', claim = ''] = text.split('\n');
  const encoded = [head, claim].map((part) => Buffer.from(part).toString('base64url')).join('.');
  const caller = await callerOf(authenticate, { authorization: `Bearer ${signed(`${encoded}.`)}` });
  if (caller !== undefined && !String(caller.subject).startsWith('user:'))
    throw new Broken('a caller without a type');
}

function signed(token: string): string {
  const [head, claim] = token.split('.');
  return `${head}.${claim}.${createHmac('sha256', secret).update(`${head}.${claim}`).digest('base64url')}`;
}

async function callerOf(
  authenticate: ReturnType<typeof createAuthenticator>,
  headers: Readonly<Record<string, string>>,
): ReturnType<typeof authenticate> {
  try {
    return await authenticate({ headers });
  } catch (error) {
    if (!(error instanceof AuthenticationError)) throw error;
    if (error.statusCode !== 401) throw new Broken('a token of theirs is a fault of ours', error.message);
    return undefined;
  }
}

export const answersTarget: FuzzTarget = {
  name: 'answers',
  title: 'a client takes an answer for what it is, or refuses it: only the word `allow` allows',
  seeds: () => [
    ...['{"decision":"allow","reason":"rule"}', '{"decisions":[{"decision":"deny","reason":"default"}]}'].map(
      inputOf,
    ),
    ...[
      '{"decision":{"decision":"allow","reason":"rule"},"rules":[]}',
      '{"subjects":[],"total":1,"next":null}',
    ].map(inputOf),
    ...fixturesOf('answers').map(({ input }) => input),
  ],
  tokens: [
    '"decision"',
    '"allow"',
    '"deny"',
    '"reason"',
    '"rules"',
    '"decisions"',
    '"resources"',
    'null',
    '[]',
    '{}',
  ],
  open: () => ({ run: (input) => readAnswer(textOf(input)) }),
};

function readAnswer(text: string): void {
  const parsed = parseJson(text);
  if (!parsed.ok) return;
  const { value } = parsed;
  const decided = orDocumented([ClientError], () => answers.readDecision(value));
  if (decided !== undefined && decided.decision !== 'allow' && decided.decision !== 'deny')
    throw new Broken('a decision that is none');
  orDocumented([ClientError], () => answers.readDecisions(value, 1));
  orDocumented([ClientError], () => answers.readExplanation(value));
  orDocumented([ClientError], () => answers.readWhy(value));
  orDocumented([ClientError], () => answers.readPage(value));
  orDocumented([ClientError], () => answers.readDifference(value));
  orDocumented([ClientError], () => answers.readResources(value, ['doc:/a']));
}
