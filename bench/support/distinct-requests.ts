import { createHmac } from 'node:crypto';

/** A kind of request, of which each is another: what is asked, how it is asked, and how much of the traffic it is. */
export interface RequestKind {
  readonly title: string;
  /** How many of a round are of this kind. */
  readonly share: number;
  /** All bytes of the request with this number. */
  readonly bytesOf: (i: number) => Buffer;
}

/** HS256 wants 32 bytes or more. */
export const tokenSecret = 'a secret that is there for a benchmark only';

const deep = '['.repeat(400);

/**
 * Everything that the service answers, right and wrong, and what it refuses. No two requests have the same subject, resource, action,
 * header, token or unknown address: whatever the service keeps by any of them would grow with what is asked.
 */
export const requestKinds: readonly RequestKind[] = [
  json('checks', 40, '/v1/check', askedOf),
  json('checks with a mode that nobody declares', 1, '/v1/check', (i) => ({ ...askedOf(i), mode: `m${i}` })),
  json('batches', 3, '/v1/check/batch', (i) => ({ requests: twenty(i, askedOf) })),
  {
    title: 'batches of JSON lines',
    share: 3,
    bytesOf: (i) =>
      http(i, 'POST /v1/check/batch', twenty(i, askedOf).map(textOf).join('\n'), 'application/jsonl'),
  },
  json('filters', 2, '/v1/filter', (i) => ({
    ...askedOf(i),
    resource: undefined,
    resources: twenty(i, (n) => `doc:/${n}`),
  })),
  json('explanations', 3, '/v1/explain', askedOf),
  json('evaluations of AuthZEN', 8, '/access/v1/evaluation', evaluationOf),
  json('batches of AuthZEN', 2, '/access/v1/evaluations', (i) => ({ evaluations: twenty(i, evaluationOf) })),
  json('searches of AuthZEN', 1, '/access/v1/search/resource', (i) => ({
    ...evaluationOf(i),
    resource: { type: i % 2 === 0 ? 'doc' : `type${i}` },
    page: i % 3 === 0 ? { token: `token${i}` } : { limit: 1 + (i % 50) },
  })),
  json('secrets of services', 1, '/v1/spaces/may-read', (i) => ({ service: `/a${i}/b`, secret: `a${i}/c` })),
  json('questions with words that are not there', 2, '/v1/check', (i) => ({
    ...askedOf(i),
    [`word${i}`]: i,
  })),
  json('special words', 1, '/v1/check', (i) => ({ action: '__proto__', subject: `constructor${i}` })),
  text('halves of JSON', 2, 'POST /v1/check', (i) => `{"action":"a${i}","sub`),
  text('keys that are there twice', 1, 'POST /v1/check', (i) => `{"k${i}":1,"k${i}":2}`),
  text('JSON that is too deep', 1, 'POST /v1/check', (i) => `{"k${i}":${deep}`),
  text(
    'addresses that are not there',
    4,
    'GET',
    () => '',
    (i) => `/nothing/${i}?q=${i}`,
  ),
  text('methods that do not fit', 1, 'PATCH /v1/check', (i) => `${i}`),
  {
    title: 'other media types',
    share: 1,
    bytesOf: (i) => http(i, 'POST /v1/check', textOf(askedOf(i)), `text/x-${i}`),
  },
  {
    title: 'what is no HTTP',
    share: 1,
    bytesOf: (i) => Buffer.from(`WORD${i} /v1/check HTTP/1.1\r\nHost: x\r\n\r\n`),
  },
  {
    title: 'too many headers',
    share: 1,
    bytesOf: (i) => http(i, 'GET /v1/policy', '', undefined, [`X-${i}: ${'x'.repeat(20_000)}`]),
  },
  {
    title: 'questions of a proxy',
    share: 5,
    bytesOf: (i) =>
      http(i, 'GET /auth-request', '', undefined, [
        `X-Original-Method: ${i % 9 === 0 ? `get${i}` : 'GET'}`,
        `X-Original-URI: /pages/${i}?q=${i}`,
      ]),
  },
  text(
    'questions of Admin Router',
    3,
    'GET',
    () => '',
    (i) => `/acs/api/v1/internal/policyquery?rid=doc:/${i}&uid=u${i}&action=a${i}`,
  ),
  refused('tokens of another key', 3, (i) => tokenOf({ sub: `user${i}`, exp: 4e9 }, `another${i}`)),
  refused('tokens that are over', 1, (i) => tokenOf({ sub: `user${i}`, exp: 1 })),
  refused('tokens of another algorithm', 1, (i) => tokenOf({ sub: `user${i}` }, tokenSecret, `HS${i}`)),
  refused('tokens that are none', 1, (i) => `${i}.a.b`),
  {
    title: 'answers that have to be new',
    share: 1,
    bytesOf: (i) =>
      http(i, 'POST /v1/check', textOf(askedOf(i)), 'application/json', [
        `Postern-Consistency: at-least ${i}`,
      ]),
  },
];

/** Questions about the whole policy, which take a thread some milliseconds: asked now and then. */
export const slowKinds: readonly RequestKind[] = [
  json('why', 1, '/v1/why', (i) => ({ ...askedOf(i), suggestions: i % 2 === 0 })),
  json('who can', 1, '/v1/who-can', (i) => ({ action: `a${i}`, resource: `doc:/${i}` })),
  json('what can', 1, '/v1/what-can', (i) => ({
    subject: `user:${i}`,
    cursor: i % 3 === 0 ? `c${i}` : undefined,
  })),
  json('differences', 1, '/v1/diff', (i) => ({
    policies: [{ file: `p${i}.acl`, text: `allow user:u${i} to a${i} on doc:/${i}/**\n` }],
  })),
];

function askedOf(i: number): object {
  return {
    subject: `user:u${i}`,
    action: i % 4 === 0 ? 'read' : `a${i}`,
    resource: `doc:/${i % 7}/${i}/x${i}`,
    groups: [`g${i}`],
    context: { [`k${i}`]: `v${i}`, network: `n${i}` },
  };
}

function evaluationOf(i: number): object {
  return {
    subject: { type: 'user', id: `u${i}`, properties: { [`p${i}`]: i } },
    action: { name: i % 4 === 0 ? 'read' : `a${i}` },
    resource: { type: 'doc', id: `/${i % 7}/${i}` },
    context: { [`k${i}`]: `v${i}` },
  };
}

function twenty<Item>(i: number, itemOf: (n: number) => Item): Item[] {
  return Array.from({ length: 20 }, (_, n) => itemOf(i * 20 + n));
}

function textOf(value: unknown): string {
  return JSON.stringify(value);
}

// ---------------------------------------------------------------- HTTP

function json(title: string, share: number, path: string, bodyOf: (i: number) => object): RequestKind {
  return text(title, share, `POST ${path}`, (i) => textOf(bodyOf(i)));
}

function text(
  title: string,
  share: number,
  head: string,
  bodyOf: (i: number) => string,
  pathOf?: (i: number) => string,
): RequestKind {
  const lineOf = (i: number): string => (pathOf === undefined ? head : `${head} ${pathOf(i)}`);
  return { title, share, bytesOf: (i) => http(i, lineOf(i), bodyOf(i)) };
}

function refused(title: string, share: number, tokenFor: (i: number) => string): RequestKind {
  const bytesOf = (i: number): Buffer =>
    http(i, 'POST /v1/check', textOf(askedOf(i)), 'application/json', [], tokenFor(i));
  return { title, share, bytesOf };
}

function http(
  i: number,
  line: string,
  body: string,
  mediaType: string | undefined = 'application/json',
  headers: readonly string[] = [],
  token = tokenOf({ sub: `caller${i}`, exp: 4e9, jti: `t${i}` }),
): Buffer {
  const lines = [
    `${line} HTTP/1.1`,
    `Host: host${i}.example`,
    `Authorization: Bearer ${token}`,
    `X-Request-Id: request-${i}`,
    `X-Header-${i}: ${i}`,
    `User-Agent: agent/${i}`,
    `Cookie: c${i}=${i}`,
    `Content-Type: ${mediaType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

function tokenOf(claims: object, secret = tokenSecret, alg = 'HS256'): string {
  const parts = [{ alg, typ: 'JWT' }, claims].map((part) => Buffer.from(textOf(part)).toString('base64url'));
  const signed = parts.join('.');
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
