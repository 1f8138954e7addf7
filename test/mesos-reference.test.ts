import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Random } from './support/generators-random.ts';
import { randomAcls, randomRequest, vocabularyOf } from './support/mesos-generators.ts';
import {
  approved,
  authorized,
  loadAcls,
  type MesosRequest,
  type ReferenceAcls,
} from './support/mesos-reference.ts';

// The reference is what the engine is compared with, so it has to be right by itself: on the verdicts that are known,
// on what they leave out, and on enough of what the generators make.

function readFixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`fixtures/mesos/${name}`, import.meta.url), 'utf8'));
}

// ---------------------------------------------------------------- known verdicts

interface Case extends MesosRequest {
  readonly allowed: boolean | 'error';
}

interface Group {
  readonly name: string;
  readonly acls: unknown;
  readonly invalid?: true;
  readonly cases?: readonly Case[];
}

const groups = readFixture<Group[]>('vectors.json');

describe('the verdicts of Mesos', () => {
  test.each(groups.filter((group) => group.invalid))('$name does not load', ({ acls }) => {
    expect(() => loadAcls(JSON.stringify(acls))).toThrow(Error);
  });

  test.each(groups.filter((group) => !group.invalid))('$name', ({ acls, cases = [] }) => {
    const loaded = loadAcls(JSON.stringify(acls));
    expect(cases.length).toBeGreaterThan(0);
    expect(cases.map((each) => ({ ...each, allowed: authorized(loaded, each) }))).toEqual(cases);
    // No case is one of those in which the two ways in differ.
    expect(
      cases.map((each) => ({ ...each, allowed: approved(loaded, each.subject, each.action, each.object) })),
    ).toEqual(cases);
  });
});

// ---------------------------------------------------------------- what the known verdicts leave out

const anyone = { type: 'ANY' };

/** The verdict on VIEW_ROLE where one rule is all there is, first under `permissive: true`, then under `false`. */
function viewRole(roles: unknown, role: string | null): unknown[] {
  return [true, false].map((permissive) => {
    const acls = { permissive, view_roles: [{ principals: anyone, roles }] };
    const object = role === null ? null : { value: role };
    return authorized(loadAcls(JSON.stringify(acls)), { action: 'VIEW_ROLE', subject: null, object });
  });
}

const allowedByRule = [true, true];
const deniedByRule = [false, false];
const noRule = [true, false];

describe('role lists', () => {
  test.each([
    {
      title: 'a lone recursive value allows below',
      roles: { type: 'NONE', values: ['a/%'] },
      role: 'a/b',
      is: allowedByRule,
    },
    {
      title: 'a lone recursive value, not at',
      roles: { type: 'NONE', values: ['a/%'] },
      role: 'a',
      is: noRule,
    },
    {
      title: 'a lone recursive value, not any',
      roles: { type: 'ANY', values: ['a/%'] },
      role: null,
      is: noRule,
    },
    {
      title: 'two values under NONE mean nothing',
      roles: { type: 'NONE', values: ['a/%', 'b/%'] },
      role: 'a/b',
      is: deniedByRule,
    },
    {
      title: 'a lone plain value under ANY means nothing',
      roles: { type: 'ANY', values: ['a'] },
      role: 'b',
      is: allowedByRule,
    },
    {
      title: 'a mix covers the plain value',
      roles: { values: ['x', 'a/%', 'y'] },
      role: 'y',
      is: allowedByRule,
    },
    {
      title: 'a mix covers what is below',
      roles: { values: ['x', 'a/%', 'y'] },
      role: 'a/',
      is: allowedByRule,
    },
    { title: 'a mix covers nothing else', roles: { values: ['x', 'a/%', 'y'] }, role: 'x/y', is: noRule },
    { title: 'a bare percent sign is plain text', roles: { values: ['%', 'a%'] }, role: 'ab', is: noRule },
    { title: 'a recursive value covers itself', roles: { values: ['a/%'] }, role: 'a/%', is: allowedByRule },
  ])('$title', ({ roles, role, is }) => {
    expect(viewRole(roles, role)).toEqual(is);
  });
});

describe('loading', () => {
  const rule = '{"principals":{"type":"ANY"},"users":{"type":"NONE"}}';

  test.each([
    ['a lone rule', `{"run_tasks":${rule}}`],
    ['nested lists and null elements', `{"run_tasks":[null,[[${rule}],null]]}`],
    ['the last of two keys', `{"run_tasks":"junk","run_tasks":[${rule}]}`],
    ['white space after it', `{"run_tasks":[${rule}]} \t\r\n`],
    ['200 levels', `{"run_tasks":[${rule}],"unknown":${'['.repeat(199)}${']'.repeat(199)}}`],
  ])('%s is read', (_, text) => {
    const acls = loadAcls(text);
    expect(acls.permissive).toBe(true);
    expect(authorized(acls, { action: 'RUN_TASK', subject: null, object: null })).toBe(false);
  });

  test.each([
    ['201 levels', `{"unknown":${'['.repeat(200)}${']'.repeat(200)}}`],
    ['201 levels under a key that does not count', `{"a":${'['.repeat(200)}${']'.repeat(200)},"a":1}`],
    ['text after the document', '{} x'],
    ['a document that is a list', '[]'],
    ['a boolean in odd white space', '{"permissive":"\u00a0true"}'],
    ['an array of types', '{"run_tasks":{"principals":{"type":["ANY"]},"users":{}}}'],
    [
      'a number under values that are not looked at',
      '{"run_tasks":{"principals":{"type":"ANY","values":1},"users":{}}}',
    ],
    ['an entity in an array', '{"run_tasks":{"principals":[{}],"users":{}}}'],
  ])('%s is refused', (_, text) => {
    expect(() => loadAcls(text)).toThrow(Error);
  });
});

describe('the two ways in', () => {
  const acls = loadAcls(
    '{"launch_nested_containers_as_user":[{"principals":{"type":"ANY"},"users":{"values":["x"]}}]}',
  );
  const someone = { value: 'p' };
  const maintenance = { subject: someone, action: 'START_MAINTENANCE', object: { machine_id: {} } };

  test.each([
    { title: 'an object with only a machine', ...maintenance, once: 'error', again: true },
    { title: 'an empty object', ...maintenance, object: {}, once: 'error', again: true },
    {
      title: 'an empty object where one field is insisted on',
      ...maintenance,
      action: 'VIEW_ROLE',
      object: { value: null },
      once: 'error',
      again: 'error',
    },
    {
      title: 'a subject that is nobody',
      ...maintenance,
      subject: { value: null },
      object: null,
      once: 'error',
      again: false,
    },
    {
      title: 'an action that is not known',
      ...maintenance,
      action: 'constructor',
      once: 'error',
      again: 'error',
    },
    {
      title: 'claims with an empty object',
      subject: { claims: {} },
      action: 'VIEW_ROLE',
      object: {},
      once: 'error',
      again: false,
    },
  ])('$title', ({ subject, action, object, once, again }) => {
    expect(authorized(acls, { subject, action, object })).toBe(once);
    expect(approved(acls, subject, action, object)).toBe(again);
  });

  test('the child list of a nested launch reads the command of an object that has nothing else', () => {
    const strict = { ...acls, permissive: false };
    const launch = (user: string) =>
      [acls, strict].map((each) =>
        approved(each, someone, 'LAUNCH_NESTED_CONTAINER', { command_info: { user } }),
      );
    expect(launch('x')).toEqual([true, false]); // strict: no rule of the parent list allows
    expect(
      authorized(acls, { subject: someone, action: 'LAUNCH_NESTED_CONTAINER', object: { command_info: {} } }),
    ).toBe('error');
  });
});

// ---------------------------------------------------------------- what the generators make

interface Sample {
  readonly acls: ReferenceAcls;
  readonly request: MesosRequest;
}

const SEED = 20240823;

function generate(documents: number): { samples: Sample[]; refused: number } {
  const random = new Random(SEED);
  const samples: Sample[] = [];
  let refused = 0;
  for (let i = 0; i < documents; i++) {
    const text = randomAcls(random);
    const acls = loadOrRefuse(text);
    const vocabulary = vocabularyOf(text);
    if (acls === undefined) refused++;
    else samples.push(...random.times(6, () => ({ acls, request: randomRequest(random, vocabulary) })));
  }
  return { samples, refused };
}

function loadOrRefuse(text: string): ReferenceAcls | undefined {
  try {
    return loadAcls(text);
  } catch {
    return undefined;
  }
}

/** Neither claims nor `permissive`, but what the rules say: nothing changes with the flag. */
function isDecidedByRule({ acls, request }: Sample): boolean {
  const verdicts = [true, false].map((permissive) => authorized({ ...acls, permissive }, request));
  const isByClaims = request.subject !== null && (request.subject.value ?? null) === null;
  return !isByClaims && verdicts[0] !== 'error' && verdicts[0] === verdicts[1];
}

function shareOf<T>(items: readonly T[], predicate: (item: T) => boolean): number {
  return items.filter(predicate).length / items.length;
}

describe('what the generators make', () => {
  const documents = 1000;
  const { samples, refused } = generate(documents);

  test('is the same for the same seed', () => {
    expect(generate(20).samples).toEqual(samples.slice(0, generate(20).samples.length));
  });

  test('is a few thousand requests, and some documents that do not load', () => {
    expect(samples.length).toBeGreaterThan(4000);
    expect(refused / documents).toBeGreaterThan(0.03);
    expect(refused / documents).toBeLessThan(0.2);
  });

  test('names every action, every alias and every list', () => {
    const tables = readFixture<{
      actions: { action: string; aliases: string[] }[];
      acls: { list: string }[];
    }>('actions.json');
    const asked = new Set(samples.map(({ request }) => request.action));
    const names = tables.actions.flatMap(({ action, aliases }) => [action, ...aliases]);
    expect(names.filter((name) => !asked.has(name))).toEqual([]);
    expect(names.length).toBe(54 + 8);
    const filled = tables.acls.filter(({ list }) =>
      samples.some(({ acls }) => acls.lists.get(list)!.length > 0),
    );
    expect(filled.length).toBe(54);
    expect(tables.acls.length).toBe(54);
  });

  test('is allowed, denied and in error often enough', () => {
    const verdicts = samples.map(({ acls, request }) => authorized(acls, request));
    expect(shareOf(verdicts, (verdict) => verdict === true)).toBeGreaterThan(0.3);
    expect(shareOf(verdicts, (verdict) => verdict === false)).toBeGreaterThan(0.25);
    expect(shareOf(verdicts, (verdict) => verdict === 'error')).toBeGreaterThan(0.02);
    expect(shareOf(verdicts, (verdict) => verdict === 'error')).toBeLessThan(0.1);
  });

  test('is decided by a rule most of the time, and by rules that allow as well as by rules that deny', () => {
    const decided = samples.filter(isDecidedByRule);
    expect(decided.length / samples.length).toBeGreaterThan(0.4);
    expect(shareOf(decided, ({ acls, request }) => authorized(acls, request) === true)).toBeGreaterThan(0.3);
    expect(shareOf(decided, ({ acls, request }) => authorized(acls, request) === false)).toBeGreaterThan(0.2);
  });

  test('differs between the two ways in now and then, and is allowed by claims now and then', () => {
    const differs = ({ acls, request: { subject, action, object } }: Sample) =>
      authorized(acls, { subject, action, object }) !== approved(acls, subject, action, object);
    const isAllowedByClaims = ({ acls, request }: Sample) =>
      (request.subject?.claims ?? null) !== null &&
      (request.subject?.value ?? null) === null &&
      authorized(acls, request) === true;
    expect(shareOf(samples, differs)).toBeGreaterThan(0.005);
    expect(shareOf(samples, isAllowedByClaims)).toBeGreaterThan(0.005);
  });
});
