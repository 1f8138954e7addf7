import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diagnosticCodes } from '../src/diagnostics/codes.ts';
import type { Diagnostic } from '../src/diagnostics/diagnostic.ts';
import { renderText } from '../src/diagnostics/render-text.ts';
import { sortDiagnostics } from '../src/diagnostics/sort.ts';
import { readAcls } from '../src/interop/mesos/read-acls.ts';
import { findTraps } from '../src/interop/mesos/traps/find-traps.ts';

/**
 * What is said of `--acls` documents: `<case>.json`, and in `<case>.expected` its load faults and traps as people read
 * them. Nearly every document allows or denies by default, so that most fixtures show P4104 or P4112 beside their own.
 */
const folder = fileURLToPath(new URL('./fixtures/mesos/validate/', import.meta.url));
const files = readdirSync(folder).sort();
const names = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length));
/** Codes that no document shows by itself. */
const codesOfOtherTests = new Set(['P4006', 'P4201']);

describe('what is said of a document', () => {
  test('there are fixtures, and no expectation without one', () => {
    expect(names.length).toBeGreaterThan(40);
    const expectations = files
      .filter((file) => file.endsWith('.expected'))
      .map((file) => file.slice(0, -'.expected'.length));
    expect(expectations).toEqual(names);
  });

  test.each(names)('%s', async (name) => {
    const text = textOf(name);
    await expect(renderText(validateFixture(name), () => text)).toMatchFileSnapshot(
      join(folder, `${name}.expected`),
    );
  });

  test.each(names.filter((name) => name.startsWith('valid-')))('%s: nothing is said', (name) => {
    expect(validateFixture(name)).toEqual([]);
  });

  test('every code has a fixture', () => {
    const seen = new Set<string>(names.flatMap(validateFixture).map(({ code }) => code));
    const codes = Object.keys(diagnosticCodes).filter((code) => /^P4[012]/.test(code));
    expect(codes.filter((code) => !seen.has(code) && !codesOfOtherTests.has(code))).toEqual([]);
  });

  test('a trap says what to do, and messages have no capital at the start and no full stop', () => {
    const found = names.flatMap(validateFixture);
    expect(found.filter(({ code, help }) => code !== 'P4001' && help === undefined)).toEqual([]);
    const texts = found
      .flatMap(({ message, help = '', related = [] }) => [message, help, ...related.map(({ text }) => text)])
      .filter((text) => /^[A-Z](?!esos\b)/.test(text) || /[.!?]$/.test(text));
    expect(texts).toEqual([]);
  });

  test('pointers lead to values of the document, and spans to their text or key', () => {
    for (const name of names) {
      const text = textOf(name);
      for (const { pointer, span, code } of validateFixture(name)) {
        if (pointer === undefined) continue;
        const value = valueAt(JSON.parse(text), pointer);
        expect(value, `${name} ${pointer}`).toBeDefined();
        const isAtKey = code === 'P4106' || code === 'P4110';
        const expected = isAtKey ? unescapePointer(pointer.split('/').at(-1)!) : value;
        expect(JSON.parse(text.slice(span.start, span.end)), `${name} ${pointer}`).toEqual(expected);
      }
    }
  });

  test('one file shows at least eight kinds of mistakes at once', () => {
    const codes = new Set(validateFixture('many-faults-at-once').map(({ code }) => code));
    expect(codes.size).toBeGreaterThanOrEqual(8);
  });

  test('whatever JSON a document holds, something may be said and nothing is thrown', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        const text = JSON.stringify(document);
        for (const { span } of validate(text)) {
          expect(span.start).toBeLessThan(span.end);
          expect(span.end).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('texts of any length are told in few words', () => {
    const long = `${'a/'.repeat(500_000)}%`;
    const entry = { principals: { type: long, values: [`${long}*`] }, roles: { values: [long, `${long}%`] } };
    const found = validate(JSON.stringify({ permissive: false, view_roles: [entry], [`${long}x`]: [] }));
    expect(found.map(({ code }) => code).sort()).toEqual([
      'P4101',
      'P4103',
      'P4106',
      'P4109',
      'P4109',
      'P4112',
    ]);
    for (const { message, help = '' } of found)
      expect(message.length + help.length, message).toBeLessThan(1_000);
  });
});

describe('entries that never decide', () => {
  test('removing all of them changes no verdict, and each of the others decides some request', () => {
    fc.assert(
      fc.property(anyList, ({ list, match, field, entries }) => {
        const told = new Set(indicesOf('P4105', list, field, entries));
        const universe = requestsFor(entries);
        const decisive = new Set(universe.map((request) => decidingEntry(entries, match, request)));
        for (const [i, entry] of entries.entries()) {
          const isWithoutSense = appliesToNothing(entry, match);
          expect(told.has(i), `${list}[${i}]`).toBe(!isWithoutSense && !decisive.has(i));
        }
        const left = entries.filter((_, i) => !told.has(i));
        for (const request of universe) {
          expect(verdict(left, match, request)).toBe(verdict(entries, match, request));
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test('the entries that are named apply, together, to everything that the entry applies to', () => {
    fc.assert(
      fc.property(anyList, ({ list, match, field, entries }) => {
        const text = documentOf(list, field, entries, false);
        for (const { pointer, related = [] } of validate(text).filter(({ code }) => code === 'P4105')) {
          const entry = entries[Number(pointer!.split('/')[2])]!;
          const named = related.map(({ text: note }) => entries[Number(/\[(\d+)\]/.exec(note)![1])]!);
          const asked = requestsFor(entries).filter((request) => applies(entry, match, request));
          expect(asked.every((request) => named.some((each) => applies(each, match, request)))).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('ten thousand entries are looked at in little time', () => {
    const entries = Array.from(
      { length: 10_000 },
      (_, i): Entry => ({
        principals: { values: [`p${i % 100}`, `q${i}`] },
        object: { values: [`a/b/r${i}`, `a/b/r${i % 5_000}/%`, `r${i}/x`] },
      }),
    );
    entries.push({ principals: { values: ['p7'] }, object: { values: ['a/b/r7/x', 'a/b/r107'] } });
    entries.push({ principals: { type: 'ANY' }, object: { type: 'NONE' } });
    entries.push(...entries.slice(0, 5_000));
    const start = performance.now();
    expect(indicesOf('P4105', 'view_roles', 'roles', entries)).toHaveLength(5_001);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test('an entry of millions of pairs is passed over, and the others are still looked at', () => {
    const many = Array.from({ length: 3_000 }, (_, i) => `v${i}`);
    const entries: Entry[] = [
      { principals: { values: ['a'] }, object: { type: 'ANY' } },
      { principals: { values: many }, object: { values: many } },
      { principals: { values: ['v1'] }, object: { values: ['v1'] } },
      { principals: { values: ['a'] }, object: { values: ['v1'] } },
    ];
    expect(indicesOf('P4105', 'run_tasks', 'users', entries)).toEqual([3]);
  });
});

describe('lists without effect', () => {
  test('are those that change no verdict, where what no entry decides is allowed', () => {
    fc.assert(
      fc.property(anyList, ({ list, match, field, entries }) => {
        const told = validate(documentOf(list, field, entries, true)).some(({ code }) => code === 'P4111');
        const isAlwaysAllowed = requestsFor(entries).every(
          (request) => verdict(entries, match, request) !== false,
        );
        expect(told).toBe(entries.length > 0 && isAlwaysAllowed);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a role that is left out', () => {
  test('is not covered by the entry, while a role below it is', () => {
    fc.assert(
      fc.property(anyList, ({ list, match, field, entries }) => {
        const text = documentOf(list, field, entries, false);
        for (const { pointer } of validate(text).filter(({ code }) => code === 'P4103')) {
          const { object } = entries[Number(pointer!.split('/')[2])]!;
          const value = String(valueAt(JSON.parse(text), pointer!));
          expect(objectApplies(object, match, value.slice(0, -2))).toBe(false);
          expect(objectApplies(object, match, `${value.slice(0, -1)}x`)).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

// ---------------------------------------------------------------- validating

function textOf(name: string): string {
  return readFileSync(join(folder, `${name}.json`), 'utf8');
}

function validateFixture(name: string): Diagnostic[] {
  return validate(textOf(name), `${name}.json`);
}

function validate(text: string, file = 'acls.json'): Diagnostic[] {
  const source = { file, text };
  const reading = readAcls(source);
  return sortDiagnostics([...reading.diagnostics, ...findTraps(source, reading)]);
}

function indicesOf(code: string, list: string, field: string, entries: readonly Entry[]): number[] {
  return validate(documentOf(list, field, entries, false))
    .filter((diagnostic) => diagnostic.code === code)
    .map(({ pointer }) => Number(pointer!.split('/')[2]));
}

function documentOf(list: string, field: string, entries: readonly Entry[], permissive: boolean): string {
  const written = entries.map(({ principals, object }) => ({ principals, [field]: object }));
  return JSON.stringify({ permissive, [list]: written });
}

function valueAt(document: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce((value, token) => (value as Record<string, unknown>)[unescapePointer(token)], document);
}

function unescapePointer(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

// ---------------------------------------------------------------- a judge of its own, by brute force

type Match = 'value' | 'role' | 'any';

interface Entity {
  readonly type?: string;
  readonly values?: readonly string[];
}

interface Entry {
  readonly principals: Entity;
  readonly object: Entity;
}

/** `undefined` asks for ANY. */
interface Asked {
  readonly principal: string | undefined;
  readonly object: string | undefined;
}

/** Every text that the entries list, one below every prefix, one that nobody lists, and none at all. */
function requestsFor(entries: readonly Entry[]): Asked[] {
  const principals = entries.flatMap((entry) => entry.principals.values ?? []);
  const objects = entries.flatMap((entry) => entry.object.values ?? []);
  const below = objects.filter((value) => value.endsWith('/%')).map((value) => `${value.slice(0, -1)}fresh`);
  const subjects = new Set([undefined, 'fresh', ...principals]);
  const all = new Set([undefined, 'fresh', ...objects, ...below]);
  return [...subjects].flatMap((principal) => [...all].map((object) => ({ principal, object })));
}

/** Lists that ask for ANY only are asked for nothing else. */
function decidingEntry(entries: readonly Entry[], match: Match, request: Asked): number {
  return entries.findIndex((entry) => applies(entry, match, request));
}

function verdict(entries: readonly Entry[], match: Match, request: Asked): boolean | 'default' {
  const entry = entries.find((each) => applies(each, match, request));
  if (entry === undefined) return 'default';
  const isObjectDenied = entry.object.type === 'NONE' && !(match === 'role' && isLone(entry.object));
  return entry.principals.type !== 'NONE' && !isObjectDenied;
}

function applies({ principals, object }: Entry, match: Match, asked: Asked): boolean {
  const isPrincipal = takesAll(principals)
    ? true
    : asked.principal !== undefined && (principals.values ?? []).includes(asked.principal);
  return isPrincipal && objectApplies(object, match, match === 'any' ? undefined : asked.object);
}

function objectApplies(object: Entity, match: Match, asked: string | undefined): boolean {
  if (takesAll(object) && !(match === 'role' && isLone(object))) return true;
  if (asked === undefined) return false;
  return (object.values ?? []).some((value) =>
    match === 'role' && value.endsWith('/%') ? asked.startsWith(value.slice(0, -1)) : value === asked,
  );
}

function takesAll({ type }: Entity): boolean {
  return type === 'ANY' || type === 'NONE';
}

function isLone({ values = [] }: Entity): boolean {
  return values.length === 1 && values[0]!.endsWith('/%');
}

function appliesToNothing({ principals, object }: Entry, match: Match): boolean {
  const isEmpty = (entity: Entity): boolean => !takesAll(entity) && (entity.values ?? []).length === 0;
  return isEmpty(principals) || isEmpty(object) || (match === 'any' && !takesAll(object));
}

// ---------------------------------------------------------------- documents

interface List {
  readonly list: string;
  readonly match: Match;
  readonly field: string;
  readonly entries: readonly Entry[];
}

const anyType = fc.constantFrom(undefined, 'SOME', 'SOME', 'ANY', 'NONE', 'any');
const rolePool = [
  'a',
  'a/b',
  'a/b/c',
  'a/%',
  'a/b/%',
  'a/b/c/%',
  '/%',
  '/x',
  'a/',
  'ab',
  'ab/%',
  '%',
  'a%',
  '*',
];

function anyEntity(pool: readonly string[]): fc.Arbitrary<Entity> {
  return fc
    .record({ type: anyType, values: fc.array(fc.constantFrom(...pool), { maxLength: 4 }) })
    .map(({ type, values }) => (type === undefined ? { values } : { type, values }));
}

function listOf(list: string, match: Match, field: string, object: fc.Arbitrary<Entity>): fc.Arbitrary<List> {
  const entry = fc.record({ principals: anyEntity(['p', 'q', '']), object });
  return fc.array(entry, { maxLength: 7 }).map((entries) => ({ list, match, field, entries }));
}

const anyList = fc.oneof(
  { weight: 3, arbitrary: listOf('register_frameworks', 'role', 'roles', anyEntity(rolePool)) },
  { weight: 2, arbitrary: listOf('run_tasks', 'value', 'users', anyEntity(['root', 'a/%', 'a/b', ''])) },
  listOf('mark_agents_gone', 'any', 'agents', anyEntity(['a', 'b'])),
  listOf('view_flags', 'any', 'flags', fc.record({ type: fc.constantFrom('ANY', 'NONE') })),
);

const keys = fc.constantFrom(
  ...[
    'permissive',
    'run_tasks',
    'view_roles',
    'get_endpoints',
    'view_flags',
    'mark_agents_gone',
    'set_quotas',
  ],
  ...[
    'principals',
    'users',
    'roles',
    'paths',
    'flags',
    'agents',
    'type',
    'values',
    'user',
    '__proto__',
    'a/~b',
  ],
);

const { value: anyJson } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, 'ANY', 'NONE', 'any', '', '*', 'a/%', '/containers'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 4 }),
  ),
}));

const anyDocument = fc.oneof(anyJson, fc.dictionary(keys, anyJson, { maxKeys: 6 }));
