import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkSubject, scanId } from '../src/id/check-id.ts';
import { IdElements } from '../src/id/elements.ts';
import { FAULT_NONE } from '../src/id/faults.ts';
import { PolicyError } from '../src/index.ts';
import type { Acls } from '../src/interop/mesos/acls.ts';
import {
  last,
  type MesosAction,
  mesosActionByKey,
  mesosActions,
  type Step,
} from '../src/interop/mesos/actions.ts';
import {
  aclListByName,
  aclLists,
  authorizableEndpoints,
  lostLists,
  type ObjectField,
  resourceKinds,
} from '../src/interop/mesos/lists.ts';
import { decodePath, encodePath, MesosNames, principalOf } from '../src/interop/mesos/names.ts';
import { MesosAuthorizer, type MesosRequest, RequestError } from '../src/mesos.ts';
import { Random, seedOfRun } from './support/generators.ts';
import { compareOnce, emptyMesosShares } from './support/mesos-compare.ts';
import { randomAcls, randomRequest, vocabularyOf } from './support/mesos-generators.ts';
import { loadAcls, type ReferenceAcls, type ReferenceRule } from './support/mesos-reference.ts';
import { askList, type ListQuestion } from './support/mesos-round-trip.ts';

// The local authorizer of Mesos: its tables, its verdicts, what it says of them, and what becomes of strings that are no
// ids. `POSTERN_SEED=… npx vitest run test/mesos.test.ts` repeats a run.

const seed = seedOfRun(process.env.POSTERN_SEED);

beforeAll(() => console.log(`POSTERN_SEED=${seed}`));

function readFixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`fixtures/mesos/${name}`, import.meta.url), 'utf8'));
}

// ---------------------------------------------------------------- the tables

interface StepRow {
  readonly when: string;
  readonly value?: string;
  readonly default?: string;
  readonly special?: 'framework-roles';
  readonly multiRole?: string;
  readonly singleRole?: string;
}

interface ActionRow {
  readonly action: string;
  readonly number: number;
  readonly aliases: readonly string[];
  readonly acl: string | readonly string[] | null;
  readonly lists?: { readonly parent: string; readonly child: string };
  readonly objectField: string | null;
  readonly objectKind: 'value' | 'role-hierarchical' | 'any-only' | 'nested' | 'none';
  readonly steps: readonly StepRow[];
  readonly childSteps?: readonly StepRow[];
  readonly ifNothingSet: 'ANY' | 'ERROR' | 'DENIED';
  readonly ifNoObject: 'ANY' | 'DENIED';
  readonly objectMustHave?: readonly string[];
  readonly implicitRule: 'executor' | 'resource-provider' | null;
}

interface Tables {
  readonly authorizableEndpoints: readonly string[];
  readonly actions: readonly ActionRow[];
  readonly acls: readonly {
    readonly list: string;
    readonly field: number;
    readonly objectField: string;
    readonly usedBy: readonly string[];
    readonly hierarchicalRoles: boolean;
    readonly loadRule: string | null;
  }[];
  readonly removedAcls: readonly { readonly list: string; readonly replacedBy: string }[];
  readonly neverLists: Readonly<Record<string, string>>;
  readonly implicitRules: Readonly<Record<string, { readonly actions: readonly string[] }>>;
}

const tables = readFixture<Tables>('actions.json');

describe('the tables', () => {
  test('know 54 actions with 8 old names, and 54 lists', () => {
    expect([mesosActions.length, tables.actions.length]).toEqual([54, 54]);
    expect(tables.actions.flatMap(({ aliases }) => aliases)).toHaveLength(8);
    expect([aclLists.length, aclListByName.size, tables.acls.length]).toEqual([54, 54, 54]);
  });

  test.each(tables.actions)('$action asks what Mesos asks', (row) => {
    expect(mesosActions[row.number]).toEqual(actionOf(row));
  });

  test('find an action by its name, its number and its old names, and by nothing else', () => {
    const keys = tables.actions.flatMap(({ action, number, aliases }) =>
      [action, number, ...aliases].map((key) => [key, action] as const),
    );
    const found = [...mesosActionByKey].map(([key, { name }]) => [key, name] as const);
    const byKey = (a: readonly [unknown, string], b: readonly [unknown, string]) =>
      String(a[0]) < String(b[0]) ? -1 : 1;
    expect(found.sort(byKey)).toEqual([...keys].sort(byKey));
    expect(found).toHaveLength(54 + 54 + 8);
  });

  test('take the roles of a framework from the fields that Mesos takes them from', () => {
    const special = tables.actions.flatMap(({ steps }) => steps.filter((step) => step.special !== undefined));
    expect(special).toEqual([
      {
        when: 'framework_info',
        special: 'framework-roles',
        multiRole: 'framework_info.roles',
        singleRole: 'framework_info.role',
        default: '*',
      },
    ]);
  });

  test('insist on a field exactly where Mesos fails without one, and deny without a list exactly UNKNOWN', () => {
    for (const { number, ifNothingSet, ifNoObject } of tables.actions) {
      const { mustHave, questions } = mesosActions[number]!;
      expect(mustHave.length > 0).toBe(ifNothingSet === 'ERROR');
      expect(questions.length === 0).toBe(ifNothingSet === 'DENIED');
      expect(questions.length === 0).toBe(ifNoObject === 'DENIED');
    }
  });

  test('know the lists in the order of Mesos, with what they compare and what is checked', () => {
    const rows = [...tables.acls].sort((a, b) => a.field - b.field);
    expect(rows).toEqual(tables.acls);
    expect(aclLists).toEqual(
      rows.map(({ list, objectField, usedBy, hierarchicalRoles, loadRule }) => {
        const kinds = new Set(usedBy.map((action) => rowOf(action).objectKind));
        expect(kinds.size, list).toBe(1);
        const match = matchOf([...kinds][0]!);
        expect(match === 'role').toBe(hierarchicalRoles);
        return { name: list, objectField, match, check: checkOf(loadRule) };
      }),
    );
  });

  test('let exactly those actions ask a list that ask it in Mesos, for the entity that it has', () => {
    for (const { list, usedBy, objectField } of tables.acls) {
      const asking = mesosActions.filter(({ questions }) => questions.some((each) => each.list === list));
      expect(asking.map(({ name }) => name)).toEqual(usedBy);
      expect(usedBy.map((action) => rowOf(action).objectField)).toEqual(usedBy.map(() => objectField));
    }
  });

  test('let exactly those actions go by claims that do in Mesos', () => {
    for (const [claim, { actions }] of Object.entries(tables.implicitRules)) {
      const found = mesosActions.filter((action) => action.claim === claim).map(({ name }) => name);
      expect(found.sort()).toEqual([...actions].sort());
    }
    expect(Object.keys(tables.implicitRules).sort()).toEqual(['executor', 'resource-provider']);
  });

  test('know the endpoints that can be authorized', () => {
    expect([...authorizableEndpoints].sort()).toEqual([...tables.authorizableEndpoints].sort());
  });

  test('tell what became of every list that is gone, and take none that exists for one', () => {
    for (const { list, replacedBy } of tables.removedAcls) {
      expect(lostLists.get(list)).toContain(`\`${replacedBy}\``);
    }
    const gone = new Set([...tables.removedAcls.map(({ list }) => list), ...Object.keys(tables.neverLists)]);
    expect([...lostLists.keys()].filter((list) => !gone.has(list) || aclListByName.has(list))).toEqual([]);
  });

  test('have a kind of resource of its own for every entity', () => {
    expect(new Set(tables.acls.map(({ objectField }) => objectField))).toEqual(
      new Set(Object.keys(resourceKinds)),
    );
    const kinds = Object.values(resourceKinds);
    expect(new Set(kinds).size).toBe(kinds.length);
  });
});

function rowOf(action: string): ActionRow {
  return tables.actions.find((row) => row.action === action)!;
}

function actionOf(row: ActionRow): MesosAction {
  const { acl, lists, steps, childSteps = [], objectMustHave = [], implicitRule } = row;
  const parent = lists?.parent ?? acl;
  const child = lists && { list: lists.child, steps: childSteps.map(stepOf), onlyWith: 'command_info' };
  return {
    name: row.action,
    number: row.number,
    questions: [
      ...(typeof parent === 'string' ? [{ list: parent, steps: steps.map(stepOf) }] : []),
      ...(child === undefined ? [] : [child]),
    ],
    mustHave: objectMustHave.map((need) => need.split(' or ')),
    ...(implicitRule === null ? {} : { claim: implicitRule }),
  };
}

function stepOf({ when, value = when, default: otherwise = '', special }: StepRow): Step {
  if (special !== undefined) return { kind: special };
  return { kind: 'text', when: pathOf(when), path: pathOf(value), otherwise };
}

function pathOf(path: string): string[] {
  return path.split('.').flatMap((name) => {
    const field = name.replace('[last]', '');
    return field === name ? [field] : [field, last];
  });
}

function matchOf(kind: ActionRow['objectKind']): string {
  if (kind === 'any-only') return 'any';
  return kind === 'role-hierarchical' ? 'role' : 'value';
}

function checkOf(loadRule: string | null): string | undefined {
  if (loadRule === null) return 'none';
  if (loadRule === 'object entity must be ANY or NONE') return 'any-or-none';
  return loadRule === 'SOME values must be authorizable endpoints' ? 'endpoints' : undefined;
}

// ---------------------------------------------------------------- known verdicts

type Verdict = boolean | 'error';

interface Group {
  readonly name: string;
  readonly acls: unknown;
  readonly invalid?: true;
  readonly cases?: readonly (MesosRequest & { readonly allowed: Verdict })[];
}

const groups = readFixture<Group[]>('vectors.json');

describe('the verdicts of Mesos', () => {
  test('are many', () => {
    expect(groups.flatMap(({ cases = [] }) => cases).length).toBeGreaterThan(500);
    expect(groups.filter(({ invalid }) => invalid).length).toBeGreaterThan(10);
  });

  test.each(groups.filter((group) => group.invalid))('$name does not load', ({ acls }) => {
    expect(() => MesosAuthorizer.fromAcls(acls)).toThrow(PolicyError);
    expect(() => MesosAuthorizer.fromAcls(JSON.stringify(acls))).toThrow(PolicyError);
  });

  test.each(groups.filter((group) => !group.invalid))('$name', ({ acls, cases = [] }) => {
    const engine = MesosAuthorizer.fromAcls(acls);
    expect(cases.length).toBeGreaterThan(0);
    for (const { allowed, ...request } of cases) {
      const { action, subject, object } = request;
      const verdicts = [
        verdictOf(() => engine.authorized(request)),
        verdictOf(() => engine.getApprover(subject, action).approved(object)),
        verdictOf(() => engine.explain(request).allowed),
      ];
      expect(verdicts, JSON.stringify(request)).toEqual([allowed, allowed, allowed]);
    }
  });
});

function verdictOf(decide: () => boolean): Verdict {
  try {
    return decide();
  } catch (error) {
    if (error instanceof RequestError) return 'error';
    throw error;
  }
}

// ---------------------------------------------------------------- unknown verdicts

describe('engine and reference', () => {
  const PAIRS = 60_000;
  const REQUESTS_PER_DOCUMENT = 60;
  const shares = emptyMesosShares();

  afterAll(() => {
    const { actions, ...counts } = shares;
    console.log(`${actions.size} names of actions, ${JSON.stringify(counts)}`);
  });

  test('agree on every document and request', () => {
    const random = new Random(seed);
    const found: string[] = [];
    while (shares.pairs < PAIRS) found.push(...compareOnce(random, REQUESTS_PER_DOCUMENT, shares));
    expect(found.slice(0, 3), `${found.length} disagreements with POSTERN_SEED=${seed}`).toEqual([]);
  });

  test('were asked for every action, and each verdict came often enough', () => {
    const asked = [...shares.actions].map((name) => mesosActionByKey.get(name)?.name);
    expect(mesosActions.filter(({ name }) => !asked.includes(name))).toEqual([]);
    expect(shares.documents).toBeGreaterThan(900);
    expect(shares.refused / shares.documents).toBeGreaterThan(0.03);
    expect(shares.allowed / shares.pairs).toBeGreaterThan(0.3);
    expect(shares.denied / shares.pairs).toBeGreaterThan(0.25);
    expect(shares.errors / shares.pairs).toBeGreaterThan(0.02);
    expect(shares.decided / shares.pairs).toBeGreaterThan(0.4);
  });
});

// ---------------------------------------------------------------- explanations

describe('an explanation', () => {
  const found = { entries: 0, defaults: 0, claims: 0 };

  test('names the entry that decides, and none where `permissive` does', () => {
    const random = new Random(seed);
    for (let i = 0; i < 800; i++) explainSome(randomAcls(random), random);
    console.log(JSON.stringify(found));
    expect(found.entries).toBeGreaterThan(3_500);
    expect(found.defaults).toBeGreaterThan(800);
    expect(found.claims).toBeGreaterThan(150);
  });

  function explainSome(text: string, random: Random): void {
    const acls = orUndefined(
      () => loadAcls(text),
      () => true,
    );
    if (acls === undefined) return;
    const engine = MesosAuthorizer.fromAcls(text);
    const vocabulary = vocabularyOf(text);
    for (let i = 0; i < 12; i++) {
      const request = randomRequest(random, vocabulary) as unknown as MesosRequest;
      const explanation = orUndefined(
        () => engine.explain(request),
        (error) => error instanceof RequestError,
      );
      if (explanation === undefined) continue;
      const { allowed, by, asked } = explanation;
      const place = `POSTERN_SEED=${seed}\n${JSON.stringify(request)}\n${text}`;
      if (by === 'claims') found.claims++;
      if (by !== 'lists') expect(asked, place).toEqual([]);
      else expect(allowed, place).toBe(asked.every((answer) => answer.allowed));
      for (const answer of asked) checkAnswer(answer, { text, acls, place });
    }
  }

  function checkAnswer(
    {
      entry,
      allowed,
      ...question
    }: ListQuestion & { allowed: boolean; entry?: { index: number; pointer: string } },
    { text, acls, place }: { text: string; acls: ReferenceAcls; place: string },
  ): void {
    const rules = acls.lists.get(question.list)!;
    if (entry === undefined) {
      found.defaults++;
      expect(allowed, place).toBe(acls.permissive);
      expect(verdictsOf(rules, question), place).toEqual([true, false]);
      return;
    }
    found.entries++;
    const written = valueAt(JSON.parse(text), entry.pointer);
    expect(typeof written === 'object' && written !== null && !Array.isArray(written), place).toBe(true);
    const rule = rules[entry.index]!;
    const alone = loadAcls(JSON.stringify({ [question.list]: written }));
    expect(alone.lists.get(question.list), place).toEqual([rule]);
    expect(verdictsOf([rule], question), place).toEqual([allowed, allowed]);
    expect(verdictsOf(rules.slice(0, entry.index), question), place).toEqual([true, false]);
  }

  /** Where the rules are all that there is, under `permissive` and without. */
  function verdictsOf(rules: readonly ReferenceRule[], question: ListQuestion): boolean[] {
    const lists = new Map([[question.list, rules]]);
    return [true, false].map((permissive) => askList({ permissive, lists }, question));
  }
});

function valueAt(document: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce((value, token) => (value as Record<string, unknown>)[token], document);
}

function orUndefined<T>(make: () => T, isExpected: (error: unknown) => boolean): T | undefined {
  try {
    return make();
  } catch (error) {
    if (isExpected(error)) return undefined;
    throw error;
  }
}

// ---------------------------------------------------------------- names

/** What an id may not hold, what stands for that, what looks like it, and what is left alone. */
const PIECES = [
  ...['', 'a', 'A', 'ab', '*', '**', '?', '{x}', '<x>', '"', '#', ' ', '-', 'é', 'e\u0301', '日本', '😀'],
  ...[
    '~',
    '~~',
    '~003a',
    '~003A',
    '~3a',
    '~d800',
    '~!',
    '~!1',
    '~!2/x',
    '~007e',
    '~002e',
    '~0',
    '~00',
    '003a',
  ],
  ...[':', 'a:b', '\\', 'a\\', '%', '%41', '%4', '%4g', '%%41', '%2f', '%2F'],
  ...['.', '..', '...', '.a', '.;', '.;x', '..;', '..;x', '.x', 'a.', ';x'],
  ...[
    '\u0000',
    '\n',
    '\u001f',
    '\u007f',
    '\u0085',
    '\u00ad',
    '\u200b',
    '\u202e',
    '\u2028',
    '\u2029',
    '\ufeff',
  ],
  ...['\ud800', '\udc00', 'a\ud83d', '\ude00', '\ufdd0', '\uffff', '\u{1fffe}', '\u{e0001}', '\ufffd'],
];

/** All of one and two pieces, apart and together, and all of three of the worst. */
function nastyStrings(): string[] {
  const few = ['', 'a', '~', '.', '..', ':', '~003a', '%41', '\ud800'];
  const pairs = PIECES.flatMap((first) =>
    PIECES.flatMap((second) => [`${first}/${second}`, `${first}${second}`]),
  );
  const triples = few.flatMap((first) =>
    few.flatMap((second) => few.map((third) => `${first}/${second}/${third}`)),
  );
  return [...new Set([...PIECES, ...pairs, ...triples, ...triples.map((triple) => `/${triple}/`)])];
}

const strings = nastyStrings();
const plainNames = new MesosNames({ permissive: true, lists: new Map() });
const fields = Object.keys(resourceKinds) as ObjectField[];

describe('names', () => {
  test('are different for different strings', () => {
    expect(strings.length).toBeGreaterThan(10_000);
    expect(new Set(strings.map((each) => plainNames.principal(each))).size).toBe(strings.length);
    for (const field of fields) {
      expect(new Set(strings.map((each) => plainNames.resource(field, each))).size).toBe(strings.length);
    }
  });

  test('are well formed', () => {
    const elements = new IdElements();
    const isFaulty = (value: string) =>
      checkSubject(plainNames.principal(value)) !== FAULT_NONE ||
      scanId(plainNames.resource('users', value), elements) !== FAULT_NONE;
    expect(strings.filter(isFaulty)).toEqual([]);
  });

  test('are read back as the string that they stand for', () => {
    const isLost = (value: string) =>
      principalOf(plainNames.principal(value)) !== value ||
      decodePath(plainNames.resource('roles', value).slice('mesos:role:'.length)) !== value;
    expect(strings.filter(isLost)).toEqual([]);
  });

  test('are what is read back and nothing else: another spelling stands for no string', () => {
    const isAnother = (text: string) => {
      const value = decodePath(text);
      const principal = principalOf(`principal:${text}`);
      return (
        (value !== undefined && encodePath(value) !== text) ||
        (principal !== undefined && plainNames.principal(principal) !== `principal:${text}`)
      );
    };
    expect(strings.filter(isAnother)).toEqual([]);
    for (const text of ['~003A', 'a~0061', '~0041', '~!', '~!1', '', 'a/', '//', '~/x', 'a:b', '..', '%41']) {
      expect(decodePath(text), text).toBeUndefined();
    }
    for (const subject of ['user:a', 'principal', 'Principal:a', 'principal:', 'principal:~0041']) {
      expect(principalOf(subject), subject).toBeUndefined();
    }
  });

  test('leave ordinary strings as they are', () => {
    for (const value of ['root', 'eng/web', '*', '/metrics/snapshot', 'a.b-c_d@e', 'a/%', '100%', '日本']) {
      expect(plainNames.resource('users', value)).toBe(`mesos:user:${value}`);
    }
    for (const value of ['ops', 'spiffe://a/b', 'a:b', '..', '%41']) {
      expect(plainNames.principal(value)).toBe(`principal:${value}`);
    }
  });

  test('of roles are beneath the name of a prefix exactly where the role begins with it', () => {
    const few = strings.filter((_, i) => i % 7 === 0);
    const wrong: string[] = [];
    for (const base of [...PIECES, ...PIECES.map((piece) => `a/${piece}`), 'a/b/', '/a']) {
      const prefix = `${base}/`;
      const above = plainNames.roleAbove(prefix);
      const beneath = above.endsWith('/') ? above : `${above}/`;
      for (const role of [...few, base, prefix, `${prefix}x`, `${prefix}/`, `${prefix}%`, `/${prefix}x`]) {
        const id = plainNames.resource('roles', role);
        const isBeneath = id.startsWith(beneath) && id.length > beneath.length;
        if (isBeneath !== role.startsWith(prefix)) wrong.push(`${prefix} and ${role}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('are different for different strings that are too long, where entries list them', () => {
    const listed = [
      ...['x'.repeat(5_000), `${'x'.repeat(4_999)}y`, '~'.repeat(5_000), 'é'.repeat(5_000)],
      ...[
        '\ud800'.repeat(900),
        `${'a/'.repeat(300)}a`,
        `${'a/'.repeat(300)}`,
        '/'.repeat(300),
        'x'.repeat(4_100),
      ],
    ];
    const names = new MesosNames(aclsWith(listed, listed));
    const all = [...listed, ...PIECES];
    expect(new Set(all.map((each) => names.principal(each))).size).toBe(all.length);
    expect(new Set(all.map((each) => names.resource('users', each))).size).toBe(all.length);
    const elements = new IdElements();
    for (const value of [...all, 'z'.repeat(6_000), `${'b/'.repeat(300)}`]) {
      expect(checkSubject(names.principal(value))).toBe(FAULT_NONE);
      expect(scanId(names.resource('users', value), elements)).toBe(FAULT_NONE);
    }
  });

  test('of strings that are too long and not listed are those of no listed string', () => {
    const listed = ['x'.repeat(5_000), `${'x'.repeat(4_999)}y`, '~!', '~!1', 'a'];
    const names = new MesosNames(aclsWith(listed, listed));
    for (const value of ['z'.repeat(5_000), 'x'.repeat(5_001), 'x'.repeat(4_999)]) {
      expect(listed.map((each) => names.principal(each))).not.toContain(names.principal(value));
      expect(listed.map((each) => names.resource('users', each))).not.toContain(
        names.resource('users', value),
      );
    }
  });
});

function aclsWith(principals: readonly string[], users: readonly string[]): Acls {
  const entry = {
    list: 'run_tasks',
    index: 0,
    pointer: '/run_tasks/0',
    principals: { type: 'SOME', values: principals },
    object: { type: 'SOME', values: users },
  } as const;
  return { permissive: false, lists: new Map([['run_tasks', [entry]]]) };
}

describe('an entry', () => {
  test('with `/%` covers exactly the roles that begin so, whatever their length and depth', () => {
    const random = new Random(seed);
    for (let i = 0; i < 80; i++) {
      const prefixes = randomPrefixes(random);
      const engine = engineOf(prefixes);
      for (const role of prefixes.flatMap((prefix) => rolesAbout(prefix, random))) {
        const expected = prefixes.map((prefix) => role.startsWith(prefix));
        const actual = prefixes.map((_, index) => isSeen(engine, `p${index}`, role));
        expect(actual, `POSTERN_SEED=${seed}\n${role.slice(0, 200)} (${role.length})`).toEqual(expected);
      }
    }
  });

  test.each([
    ['5,000 units and more', 'x'.repeat(5_000), 201],
    ['few units', 's', 201],
    ['few units that are written with four more each', '~', 201],
  ])('may lie below two hundred others, with a first piece of %s', (_, first, count) => {
    // The deepest first: what is above it is listed after it.
    const prefixes = Array.from({ length: count }, (_, i) => `${first}/${'s/'.repeat(count - 1 - i)}`);
    const engine = engineOf(prefixes);
    const asked = [0, 1, 2, 100, 199, 200];
    for (const index of asked) {
      const seen = asked.map((i) => isSeen(engine, `p${i}`, `${prefixes[index]}new`));
      expect(seen).toEqual(asked.map((i) => i >= index));
      expect(isSeen(engine, `p${index}`, prefixes[index]!.slice(0, -1))).toBe(false);
    }
  });

  test('is refused where more than two hundred values too long for an id lie one below the other', () => {
    const prefixes = Array.from({ length: 260 }, (_, i) => `${'x'.repeat(5_000)}/${'s/'.repeat(i)}`);
    expect(() => engineOf(prefixes)).toThrow(
      expect.objectContaining({
        name: 'PolicyError',
        diagnostics: expect.arrayContaining([expect.objectContaining({ code: 'P4006' })]),
      }),
    );
  });

  test.each([
    ['5,000 units', 'x'.repeat(5_000), `${'x'.repeat(4_999)}y`],
    ['5,000 units that are written with four more each', '~'.repeat(5_000), '~'.repeat(5_001)],
    ['300 pieces', `${'s/'.repeat(299)}s`, `${'s/'.repeat(299)}t`],
    ['300 empty pieces', '/'.repeat(299), '/'.repeat(300)],
    ['just too many units', 'x'.repeat(4_033), 'x'.repeat(4_032)],
    ['a principal of just too many units', 'x'.repeat(1_015), 'x'.repeat(1_014)],
    ['just as many units as fit', 'x'.repeat(4_032), 'x'.repeat(4_033)],
    ['just as many pieces as fit', `${'s/'.repeat(247)}s`, `${'s/'.repeat(248)}s`],
  ])('lists a string of %s, and not another', (_, listed, other) => {
    const acls = {
      permissive: false,
      run_tasks: [{ principals: { values: [listed] }, users: { values: [listed] } }],
      view_roles: [{ principals: { values: [listed] }, roles: { values: [listed, `${listed}/%`] } }],
    };
    const engine = MesosAuthorizer.fromAcls(acls);
    const isRun = (value: string, user: string) =>
      engine.authorized({ action: 'RUN_TASK', subject: { value }, object: { framework_info: { user } } });
    expect([isRun(listed, listed), isRun(listed, other), isRun(other, listed)]).toEqual([true, false, false]);
    expect(isSeen(engine, listed, listed)).toBe(true);
    expect(isSeen(engine, listed, other)).toBe(other.startsWith(`${listed}/`));
    expect(isSeen(engine, listed, `${listed}/${listed}`)).toBe(true);
    expect(isSeen(engine, listed, `${other}/${listed}`)).toBe(other.startsWith(`${listed}/`));
  });
});

/** Principal `p0` sees the roles that begin with the first prefix, and so on. */
function engineOf(prefixes: readonly string[]): MesosAuthorizer {
  const entries = prefixes.map((prefix, i) => ({
    principals: { values: [`p${i}`] },
    roles: { values: [`${prefix}%`] },
  }));
  return MesosAuthorizer.fromAcls({ permissive: false, view_roles: entries });
}

function isSeen(engine: MesosAuthorizer, principal: string, role: string): boolean {
  return engine.authorized({ action: 'VIEW_ROLE', subject: { value: principal }, object: { value: role } });
}

/** Each ends in a slash; most lie below another, and some are too long for an id. */
function randomPrefixes(random: Random): string[] {
  const prefixes = ['/'];
  // Few enough for any of them to lie below all others.
  const size = random.between(2, 6);
  while (prefixes.length < size) {
    const isBelow = random.chance(0.7);
    prefixes.push(`${isBelow ? random.pick(prefixes) : ''}${randomPiece(random)}/`);
  }
  return random.shuffle(prefixes);
}

function randomPiece(random: Random): string {
  if (random.chance(0.2)) return random.pick(['x', '~', 'é']).repeat(random.pick([900, 1_300, 4_000, 5_000]));
  if (random.chance(0.1)) return `s${'/s'.repeat(random.pick([100, 240, 299]))}`;
  return random.pick(PIECES).toWellFormed();
}

/** At the prefix, below it, and as near to it as a mistake would be. */
function rolesAbout(prefix: string, random: Random): string[] {
  const below = `${prefix}${randomPiece(random)}`;
  return [
    ...[prefix, prefix.slice(0, -1), `${prefix}%`, `${prefix}/`, `${prefix}x`, `/${prefix}`, `${prefix}x/y`],
    ...[below, `${below}/${randomPiece(random)}`, prefix.replace(/\/[^/]*\/$/, '/y/z'), `x${prefix}y`],
  ].map((role) => role.toWellFormed());
}

// ---------------------------------------------------------------- documents

describe('a document', () => {
  const denial = '{"principals":{"type":"ANY"},"users":{"type":"NONE"}}';
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

  test.each([
    ['may be nested 200 deep', `{"run_tasks":[${denial}],"unknown":${nested(199)}}`],
    ['may hold a list nested 200 deep', `{"run_tasks":${'['.repeat(197)}${denial}${']'.repeat(197)}}`],
    ['may repeat a key, and the last one counts', `{"run_tasks":"junk","run_tasks":[${denial}]}`],
    ['may repeat a key in another spelling', `{"run_tasks":[],"run\\u005ftasks":[${denial}]}`],
    [
      'may repeat keys of an entry',
      '{"run_tasks":[{"principals":0,"principals":{"type":"ANY"},"users":{"type":"ANY","type":"NONE"}}]}',
    ],
    ['may hold keys that every object has', `{"__proto__":{},"constructor":1,"run_tasks":[${denial}]}`],
    ['may hold a list that is one entry', `{"run_tasks":${denial}}`],
    ['may hold white space around it', ` \t\r\n{"run_tasks":[null,${denial}]} \t\r\n`],
  ])('%s', (_, text) => {
    const engine = MesosAuthorizer.fromAcls(text);
    expect(engine.authorized({ action: 'RUN_TASK' })).toBe(false);
    expect(engine.authorized({ action: 'VIEW_FLAGS' })).toBe(true);
  });

  test.each([
    ['is not nested 201 deep', `{"unknown":${nested(200)}}`],
    ['is not nested 201 deep under a key that does not count', `{"a":${nested(200)},"a":1}`],
    ['has nothing behind it', '{} {}'],
    ['is no array', '[]'],
    ['is no empty text', ''],
    ['has no lone surrogate', '{"run_tasks":[{"principals":{"values":["\\ud800"]},"users":{}}]}'],
  ])('%s', (_, text) => {
    expect(() => MesosAuthorizer.fromAcls(text)).toThrow(PolicyError);
  });

  test('may be given as the value that its text stands for', () => {
    const acls = { permissive: false, run_tasks: { principals: { type: 'ANY' }, users: { values: 'root' } } };
    const fromValue = MesosAuthorizer.fromAcls(acls);
    expect(fromValue.acls).toEqual(MesosAuthorizer.fromAcls(JSON.stringify(acls)).acls);
    expect(fromValue.acls.lists.get('run_tasks')![0]!.object).toEqual({ type: 'SOME', values: ['root'] });
  });

  test('is read once: who changes the value later changes no verdict', () => {
    const acls = { permissive: false, run_tasks: [{ principals: { type: 'ANY' }, users: { type: 'ANY' } }] };
    const engine = MesosAuthorizer.fromAcls(acls);
    acls.run_tasks[0]!.users.type = 'NONE';
    expect(engine.authorized({ action: 'RUN_TASK' })).toBe(true);
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 1],
    ['a truth value', true],
    ['an array', []],
    ['a function', () => ({})],
    ['a symbol', Symbol('acls')],
  ])('is not %s', (_, acls) => {
    expect(() => MesosAuthorizer.fromAcls(acls)).toThrow(PolicyError);
  });

  test.each([
    ['holds itself', cyclic()],
    ['holds a BigInt', { permissive: 1n }],
    ['is nested beyond all measure', deep(100_000)],
  ])('that %s is refused like any other', (_, acls) => {
    expect(() => MesosAuthorizer.fromAcls(acls)).toThrow(PolicyError);
  });

  function cyclic(): unknown {
    const acls: Record<string, unknown> = {};
    acls.run_tasks = acls;
    return acls;
  }

  function deep(depth: number): unknown {
    let value: unknown = {};
    for (let i = 0; i < depth; i++) value = [value];
    return { unknown: value };
  }
});

// ---------------------------------------------------------------- requests that cannot be answered

describe('a request that Mesos would abort on, or that is none, is answered by an error', () => {
  const engine = MesosAuthorizer.fromAcls({});
  const container: Record<string, unknown> = {};
  container.parent = container;
  const someone = { value: 'a' };

  test.each([
    ['no request', null, 'a request is an object with `action`, `subject` and `object`'],
    ['an array', [], 'a request is an object with `action`, `subject` and `object`'],
    ['no action', {}, 'the request has no `action`'],
    ['null for an action', { action: null }, 'the request has no `action`'],
    ['an unknown name', { action: 'RUN_TASKS' }, 'unknown action `RUN_TASKS`; the nearest is `RUN_TASK`'],
    ['an unknown number', { action: 54 }, 'unknown action `54`'],
    ['a number as a text', { action: '2' }, 'unknown action `2`'],
    ['a name that every object has', { action: 'constructor' }, 'unknown action `constructor`'],
    [
      'an object for an action',
      { action: { name: 'RUN_TASK' } },
      '`action` is an object, not a name or a number',
    ],
    ['an array for an action', { action: ['RUN_TASK'] }, '`action` is an array, not a name or a number'],
    ['a BigInt for an action', { action: 2n }, 'unknown action `2`'],
    ['a symbol for an action', { action: Symbol('RUN_TASK') }, 'unknown action `Symbol(RUN_TASK)`'],
    ['a subject that is a text', { action: 2, subject: 'a' }, '`subject` is `"a"`, not an object'],
    ['a subject that is an array', { action: 2, subject: [] }, '`subject` is an array, not an object'],
    [
      'a subject that is a function',
      { action: 2, subject: () => 'a' },
      '`subject` is a function, not an object',
    ],
    [
      'a subject with nothing set',
      { action: 2, subject: {} },
      'the subject has neither `value` nor `claims`: leave it out, or set one',
    ],
    [
      'a value that is a number',
      { action: 2, subject: { value: 1 } },
      '`subject.value` is `1`, not a string',
    ],
    [
      'a value that is a BigInt',
      { action: 2, subject: { value: 1n } },
      '`subject.value` is `1`, not a string',
    ],
    [
      'claims that are a list',
      { action: 2, subject: { claims: [] } },
      '`subject.claims` is an array, not an object',
    ],
    [
      'labels that are one label',
      { action: 2, subject: { claims: { labels: { key: 'cid' } } } },
      '`subject.claims.labels` is an object, not an array',
    ],
    [
      'a label that is a text',
      { action: 2, subject: { claims: { labels: [{ key: 'cid' }, 'cid'] } } },
      '`subject.claims.labels.1` is `"cid"`, not an object',
    ],
    [
      'the key of a label',
      { action: 2, subject: { claims: { labels: [{ key: 1 }] } } },
      '`subject.claims.labels.0.key` is `1`, not a string',
    ],
    ['an object that is a text', { action: 2, object: 'root' }, '`object` is `"root"`, not an object'],
    [
      'an object with nothing set',
      { action: 2, object: {} },
      'the object has none of `value`, `framework_info`, `task`, `task_info`, `executor_info`, `quota_info`, `weight_info`, `container_id`, `resource`: leave it out, or set one',
    ],
    [
      'an object with a machine alone',
      { action: 31, object: { machine_id: {} } },
      'the object has none of `value`, `framework_info`, `task`, `task_info`, `executor_info`, `quota_info`, `weight_info`, `container_id`, `resource`: leave it out, or set one',
    ],
    [
      'a user that is a number',
      { action: 2, object: { framework_info: { user: 0 } } },
      '`object.framework_info.user` is `0`, not a string',
    ],
    [
      'roles that are a text',
      { action: 1, object: { framework_info: { roles: 'a' } } },
      '`object.framework_info.roles` is `"a"`, not an array',
    ],
    [
      'a role that is `undefined`',
      { action: 1, object: { framework_info: { roles: [undefined] } } },
      '`object.framework_info.roles.0` is `undefined`, not a string',
    ],
    [
      'a role that is a number',
      { action: 1, object: { framework_info: { roles: ['a', 1] } } },
      '`object.framework_info.roles.1` is `1`, not a string',
    ],
    [
      'a field that the action does not read',
      { action: 17, object: { value: 'a', quota_info: 'a' } },
      '`object.quota_info` is `"a"`, not an object',
    ],
    [
      'a container that holds itself',
      { action: 20, object: { container_id: container } },
      'the request is nested too deeply',
    ],
    [
      'an endpoint without a path',
      { action: 8, object: { framework_info: {} } },
      'GET_ENDPOINT_WITH_PATH needs `value` in the object, or no object at all',
    ],
    [
      'a role without a value',
      { action: 9, object: { weight_info: { role: 'a' } } },
      'VIEW_ROLE needs `value` in the object, or no object at all',
    ],
    [
      'a quota without `quota_info`',
      { action: 12, object: { value: 'a' } },
      'UPDATE_QUOTA needs `quota_info` in the object, or no object at all',
    ],
    [
      'a framework without `framework_info`',
      { action: 13, object: { value: 'a' } },
      'VIEW_FRAMEWORK needs `framework_info` in the object, or no object at all',
    ],
    [
      'a task without a task',
      { action: 14, object: { framework_info: {} } },
      'VIEW_TASK needs `task` or `task_info` in the object, or no object at all',
    ],
    [
      'a task without its framework',
      { action: 14, object: { task: {} } },
      'VIEW_TASK needs `framework_info` in the object, or no object at all',
    ],
    [
      'an executor without an executor',
      { action: 15, object: { framework_info: {} } },
      'VIEW_EXECUTOR needs `executor_info` in the object, or no object at all',
    ],
    [
      'an executor without its framework',
      { action: 15, object: { executor_info: {} } },
      'VIEW_EXECUTOR needs `framework_info` in the object, or no object at all',
    ],
    [
      'a new quota without a value',
      { action: 50, object: { quota_info: {} } },
      'UPDATE_QUOTA_WITH_CONFIG needs `value` in the object, or no object at all',
    ],
  ])('%s', (_, request, message) => {
    for (const answer of [
      () => engine.authorized(request as never),
      () => engine.explain(request as never),
    ]) {
      expect(answer).toThrow(RequestError);
      expect(answer).toThrow(expect.objectContaining({ message, code: 'request' }));
    }
  });

  test('the approver is not so strict with what has nothing set, and denies who is nobody', () => {
    expect(engine.getApprover(someone, 'START_MAINTENANCE').approved({ machine_id: {} })).toBe(true);
    expect(engine.getApprover(someone, 'RUN_TASK').approved({})).toBe(true);
    expect(engine.getApprover({}, 'RUN_TASK').approved(null)).toBe(false);
    expect(() => engine.getApprover(someone, 'RUN_TASKS')).toThrow(RequestError);
    expect(() => engine.getApprover(1 as never, 'RUN_TASK')).toThrow(RequestError);
    expect(() => engine.getApprover(someone, 'VIEW_ROLE').approved({})).toThrow(RequestError);
    expect(() => engine.getApprover(someone, 'RUN_TASK').approved('root' as never)).toThrow(RequestError);
  });
});
