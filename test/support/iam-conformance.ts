import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { IamDirectory } from '../../src/service/iam/directory.ts';
import {
  type Ask,
  asker,
  type IamAnswer,
  type IamService,
  sign,
  startIam,
} from './iam-conformance-service.ts';
import { createWorld, placeholders } from './iam-conformance-world.ts';

/** An empty directory of its own for each call; what it needs ends with `close`. */
export type MakeDirectory = () => Promise<{
  readonly directory: IamDirectory;
  readonly close: () => Promise<void>;
}>;

interface Case {
  readonly title: string;
  readonly letter: string;
  readonly request: readonly [method: string, path: string, body?: unknown];
  readonly contentType?: string;
  readonly status: number;
  readonly body?: unknown;
  readonly code?: string | null;
  readonly fragment?: string;
  readonly errorTitle?: string;
  readonly allow?: string;
  readonly uids?: readonly string[];
  readonly gids?: readonly string[];
  readonly rids?: readonly string[];
}

const file = new URL('../fixtures/iam/requests.json', import.meta.url);
const { cases } = fillIn(JSON.parse(readFileSync(file, 'utf8'))) as { readonly cases: readonly Case[] };

/** What the permission API owes its clients, whatever keeps its users and grants. */
export function iamConformance(makeDirectory: MakeDirectory): void {
  describe('one request', () => {
    let started: IamService;
    let ask: Ask;
    let revision: () => number;
    let close: () => Promise<void>;

    beforeAll(async () => {
      const made = await makeDirectory();
      await createWorld(made.directory);
      started = await startIam({ directory: made.directory });
      revision = () => made.directory.state().revision;
      ask = asker(started.address, await sign({ uid: 'admin' }));
      close = async () => {
        await started.close();
        await made.close();
      };
    });
    afterAll(() => close());

    test.each(cases)('$letter: $title', async (about) => {
      const before = revision();
      const [method, path, body] = about.request;
      const answer = await ask(method, path, body, { contentType: about.contentType });
      expect([answer.status, answer.body]).toEqual([about.status, expect.anything()]);
      if (about.status === 200) expectFound(answer, about);
      else expectRefusal(answer, about);
      expect(revision(), 'nothing is written').toBe(before);
    });
  });

  describe('a session', () => {
    sessions.forEach(([title, run]) => {
      test(title, async () => {
        const { directory, close } = await makeDirectory();
        await createWorld(directory);
        const service = await startIam({ directory });
        onTestFinished(async () => {
          await service.close();
          await close();
        });
        await run({ ask: asker(service.address, await sign({ uid: 'admin' })), directory, service });
      });
    });
  });
}

function expectFound({ json, headers }: IamAnswer, { body, uids, gids, rids }: Case): void {
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  if (body !== undefined) expect(json).toEqual(body);
  const { array = [] } = json as { readonly array?: readonly Readonly<Record<string, unknown>>[] };
  for (const [key, expected] of Object.entries({ uid: uids, gid: gids, rid: rids })) {
    if (expected !== undefined) expect(array.map((item) => item[key]).sort()).toEqual(expected);
  }
}

function expectRefusal({ json, headers }: IamAnswer, { code, fragment, errorTitle, allow }: Case): void {
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  const error = json as { readonly title: string; readonly description: string; readonly code?: string };
  expect(Object.keys(error).sort()).toEqual([
    ...(error.code === undefined ? [] : ['code']),
    'description',
    'title',
  ]);
  if (code === null) expect(error).not.toHaveProperty('code');
  else if (code !== undefined) expect(error.code).toBe(code);
  if (fragment !== undefined) expect(error.description).toContain(fragment);
  if (errorTitle !== undefined) expect(error.title).toBe(errorTitle);
  if (allow !== undefined) expect(headers.allow).toBe(allow);
}

function fillIn(value: unknown): unknown {
  if (typeof value === 'string') return placeholders[value] ?? value;
  if (Array.isArray(value)) return value.map(fillIn);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fillIn(inner)]));
}

// ---------------------------------------------------------------- sessions

interface Session {
  readonly ask: Ask;
  readonly directory: IamDirectory;
  readonly service: IamService;
}

const status = async (answer: Promise<IamAnswer>): Promise<number> => (await answer).status;
const arrayOf = async (answer: Promise<IamAnswer>): Promise<readonly unknown[]> =>
  ((await answer).json as { readonly array: readonly unknown[] }).array;
const query = async (ask: Ask, uid: string, action: string, rid: string): Promise<unknown> => {
  const asked = new URLSearchParams({ rid, uid, action });
  return ((await ask('GET', `/internal/policyquery?${asked}`)).json as { readonly allowed: unknown }).allowed;
};

const sessions: readonly (readonly [title: string, run: (session: Session) => Promise<void>])[] = [
  [
    'of real use: make users, groups and ACLs, grant, decide, revoke, decide',
    async ({ ask }) => {
      const rid = 'dcos:secrets:default:/prod/web';
      const acl = '/acls/dcos:secrets:default:%252Fprod%252Fweb';
      expect(
        await status(ask('PUT', '/users/cory', { description: 'Cory', password: 'correct horse' })),
      ).toBe(201);
      expect(await status(ask('PUT', '/groups/web', { description: 'Web' }))).toBe(201);
      expect(await status(ask('PUT', '/groups/web/users/cory'))).toBe(204);
      expect(await status(ask('PUT', acl, { description: '' }))).toBe(201);
      expect(await query(ask, 'cory', 'read', rid)).toBe(false);
      expect(await status(ask('PUT', `${acl}/groups/web/read`))).toBe(204);
      expect(await status(ask('PUT', `${acl}/users/cory/update`))).toBe(204);
      expect(await query(ask, 'cory', 'read', rid)).toBe(true);
      expect(await query(ask, 'cory', 'update', rid)).toBe(true);
      expect(await query(ask, 'cory', 'delete', rid)).toBe(false);
      expect(await query(ask, 'bob', 'read', rid)).toBe(false);
      expect(await status(ask('DELETE', `${acl}/groups/web/read`))).toBe(204);
      expect(await query(ask, 'cory', 'read', rid)).toBe(false);
      expect(await query(ask, 'cory', 'update', rid)).toBe(true);
      expect(await status(ask('DELETE', acl))).toBe(204);
      expect(await query(ask, 'cory', 'update', rid)).toBe(false);
      expect((await ask('GET', '/users/cory/permissions')).json).toEqual({ direct: [], groups: [] });
    },
  ],
  [
    'with urls: each works as it stands',
    async ({ ask }) => {
      const rids = [
        'dcos:a:/x/y',
        'dcos:b:*',
        'dcos:c:%c',
        'dcos:d:ä ö',
        'dcos:e:a?b#c',
        'dcos:f:a+b&c=d;e,@$',
      ];
      for (const rid of rids) {
        const path = encodeURIComponent(rid).replaceAll('%2F', '%252F');
        expect(await status(ask('PUT', `/acls/${path}`, { description: rid })), rid).toBe(201);
        expect(await status(ask('PUT', `/acls/${path}/users/bob/read`)), rid).toBe(204);
      }
      const acls = (await arrayOf(ask('GET', '/acls'))) as readonly {
        readonly rid: string;
        readonly url: string;
      }[];
      for (const rid of rids) {
        const found = acls.filter((acl) => acl.rid === rid);
        expect(found, rid).toHaveLength(1);
        expect((await ask('GET', found[0]!.url)).json).toEqual({ ...found[0], description: rid });
      }
      const { direct } = (await ask('GET', '/users/bob/permissions')).json as {
        readonly direct: readonly {
          readonly aclurl: string;
          readonly actions: readonly { readonly url: string }[];
        }[];
      };
      expect(direct).toHaveLength(rids.length);
      for (const { aclurl, actions } of direct) {
        expect(await status(ask('DELETE', actions[0]!.url))).toBe(204);
        expect(await status(ask('DELETE', aclurl))).toBe(204);
      }
      expect((await ask('GET', '/users/bob/permissions')).json).toEqual({ direct: [], groups: [] });
    },
  ],
  [
    'of writes: 201 and 204 have neither a body nor a type, and all have a token',
    async ({ ask }) => {
      for (const [method, path, body, expected] of [
        ['PUT', '/groups/new', { description: '' }, 201],
        ['PUT', '/groups/new/users/bob', undefined, 204],
        ['PUT', '/acls/dcos:new', { description: '' }, 201],
        ['PATCH', '/acls/dcos:new/', { description: 'new' }, 204],
        ['PUT', '/acls/dcos:new/groups/new/full/', undefined, 204],
        ['PUT', '/acls/dcos:new/users/robot/read', {}, 204],
        ['DELETE', '/acls/dcos:new/groups/new', undefined, 204],
        ['DELETE', '/groups/new/users/bob', undefined, 204],
        ['PATCH', '/groups/new', { description: 'n' }, 204],
        ['DELETE', '/groups/new', undefined, 204],
        ['PATCH', '/users/bob', { description: 'b' }, 204],
        [
          'PUT',
          '/users/oidc@example.org',
          { provider_type: 'oidc', provider_id: 'x', creator_uid: 'admin' },
          201,
        ],
        ['DELETE', '/users/bob', undefined, 204],
      ] as const) {
        const answer = await ask(method, path, body);
        expect([path, answer.status, answer.body]).toEqual([path, expected, '']);
        expect(answer.headers).not.toHaveProperty('content-type');
        expect(answer.headers['postern-token']).toMatch(/^\S+$/);
      }
      expect((await ask('GET', '/users/oidc@example.org')).json).toMatchObject({
        uid: 'oidc@example.org',
        url: '/acs/api/v1/users/oidc@example.org',
        provider_type: 'oidc',
        provider_id: 'x',
        is_remote: true,
      });
    },
  ],
  [
    'of names that are properties of every object, and of texts that databases stumble over',
    async ({ ask }) => {
      const description = 'a\u0000b \\ \' " ; -- 😀 \u2028 \ud83d\ude00 \r\n';
      for (const name of ['__proto__', 'constructor', 'toString', 'A', 'a']) {
        expect(await status(ask('PUT', `/groups/${name}`, { description })), name).toBe(201);
        expect(
          await status(ask('PUT', `/users/${name}`, { description, public_key: placeholders.$PEM })),
        ).toBe(201);
        expect(await status(ask('PUT', `/groups/${name}/users/${name}`))).toBe(204);
      }
      for (const name of ['__proto__', 'constructor', 'toString', 'A', 'a']) {
        expect((await ask('GET', `/groups/${name}`)).json).toMatchObject({ gid: name, description });
        const groups = (await arrayOf(ask('GET', `/users/${name}/groups`))) as readonly {
          readonly group: object;
        }[];
        expect(groups.map(({ group }) => group)).toMatchObject([{ gid: name }]);
      }
      // The same letter, written in two ways.
      expect(await status(ask('PUT', '/acls/dcos:%C3%A9', { description: '' }))).toBe(201);
      expect(await status(ask('PUT', '/acls/dcos:e%CC%81', { description: '' }))).toBe(201);
    },
  ],
  [
    'of repetition: what is there stays as it was',
    async ({ ask }) => {
      expect(await status(ask('PUT', '/acls/dcos:service', { description: 'other' }))).toBe(409);
      expect((await ask('GET', '/acls/dcos:service')).json).toMatchObject({ description: 'service' });
      expect(
        await status(ask('PUT', '/users/alice', { description: 'other', password: 'another one' })),
      ).toBe(409);
      expect((await ask('GET', '/users/alice')).json).toMatchObject({ description: 'Alice Ä.' });
    },
  ],
  [
    'of ten at once: one of them makes it',
    async ({ ask, directory }) => {
      const before = directory.state().revision;
      const together = (path: string, body?: unknown) =>
        Promise.all(Array.from({ length: 10 }, () => status(ask('PUT', path, body)))).then((all) =>
          all.sort(),
        );
      expect(await together('/acls/dcos:race', { description: 'x' })).toEqual([201, ...Array(9).fill(409)]);
      expect(await together('/groups/race', { description: 'x' })).toEqual([201, ...Array(9).fill(409)]);
      expect(await together('/acls/dcos:race/groups/race/full')).toEqual([204, ...Array(9).fill(409)]);
      expect(directory.state().revision).toBe(before + 3);
    },
  ],
  [
    'of deletion: memberships and grants go along, and the name is free again',
    async ({ ask }) => {
      expect(await status(ask('DELETE', '/users/alice'))).toBe(204);
      expect(await status(ask('GET', '/users/alice'))).toBe(400);
      expect(await arrayOf(ask('GET', '/groups/team/users'))).toEqual([]);
      expect(
        (await ask('GET', '/acls/dcos:secrets:default:%252Fteam%252Fdb/permissions')).json,
      ).toMatchObject({
        users: [],
        groups: [{ gid: 'team' }],
      });
      expect(await status(ask('PUT', '/users/alice', { password: 'new alice' }))).toBe(201);
      expect((await ask('GET', '/users/alice/permissions')).json).toEqual({ direct: [], groups: [] });
      expect(await status(ask('DELETE', '/groups/team'))).toBe(204);
      expect(await arrayOf(ask('GET', '/users/robot/groups'))).toEqual([]);
      expect((await ask('GET', '/acls/dcos:secrets:default:%252Fteam%252Fdb/permissions')).json).toEqual({
        users: [],
        groups: [],
      });
    },
  ],
  [
    'of superusers: one has to remain',
    async ({ ask }) => {
      expect(await status(ask('PUT', '/groups/superusers/users/bob'))).toBe(204);
      expect(await query(ask, 'bob', 'delete', 'dcos:anything')).toBe(true);
      expect(await status(ask('DELETE', '/users/bob'))).toBe(204);
      expect((await ask('DELETE', '/users/admin')).json).toMatchObject({ code: 'ERR_NO_MORE_SUPERUSERS' });
      expect((await ask('GET', '/groups/superusers/users')).json).toMatchObject({
        array: [{ user: { uid: 'admin' } }],
      });
    },
  ],
];
