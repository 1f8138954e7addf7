import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { DescribedSet } from '../src/analysis/described-set.ts';
import { lettersOfId } from '../src/analysis/letters.ts';
import { matchesElements } from '../src/analysis/match-elements.ts';
import type { Request } from '../src/decision/request.ts';
import { FORBIDDEN_UNICODE, scan } from '../src/id/scan.ts';
import { Authorizer, build } from '../src/index.ts';
import type { Model } from '../src/model/model.ts';
import { elementsOf } from '../src/model/template-variants.ts';
import type { Elements } from '../src/sql/allowed-classes.ts';
import { type FilterSqlOptions, filterSql, type SqlFilter } from '../src/sql/filter-sql.ts';
import { forbiddenCharacters } from '../src/sql/forbidden-characters.ts';
import { renderIds } from '../src/sql/render-ids.ts';
import { type SqlCondition, textOfCondition } from '../src/sql/sql-condition.ts';
import { sqlite } from '../src/sql/sqlite.ts';
import { generatePolicy, generateRequest, Random, seedOfRun } from './support/generators.ts';
import { generateSmallPolicy, smallIds, writeSmallPolicy } from './support/small-world.ts';

type Asked = Omit<FilterSqlOptions, 'column' | 'dialect'>;

/** Malformed ids, and well-formed ones that a database could take for something else. */
const oddIds: readonly string[] = [
  ...[':', '/', '//', '::', 'a:', ':a', 'a/', '/a/', 'a:/', 'a://b', 'a:/b:c', 'a/b:c', 'a//b', 'a::b'],
  ...['.', '..', 'a/.', 'a/../b', '.;x', 'a:..;', 'a/.;/b', '...', '.a', 'a/.b', 'a/..b', 'a/b.', 'a/;'],
  ...[
    'a\\b',
    '%41',
    'a/%2f',
    '%4',
    '%zz',
    'a%',
    "a'b",
    'a"b',
    'a`b',
    'a%b',
    'a_b',
    '*',
    'a/*',
    '[',
    ']',
    'a/[b]',
  ],
  ...[
    '?',
    'a?',
    'a\nb',
    'a\tb',
    'a\u0000',
    'a\u0000b',
    'é',
    'a/é',
    '😀',
    'a😀',
    'a/😀',
    'a:😀b',
    '😀😀',
    'a\u200bb',
  ],
  ...[
    'a\u0085',
    'a\u007f',
    '\ufffd',
    'a/\ufffd',
    '\ufffe',
    'a/\uffff',
    'a\u{1ffff}',
    'a\u{e0001}',
    'a\u{f0000}',
  ],
  ...[
    'a\u{10fffd}',
    'a\u2028',
    'A',
    'a/B',
    'AB',
    'a/b/a/b/a',
    'ab ',
    ' ab',
    'a-b',
    'a.b',
    'a0',
    'a/b0',
    'a:b;',
    '',
  ],
  ...['a/b-c', 'constructor', 'a/a/b/a/b', 'a:a:b', 'b/x/y/z'],
];

/** At the limits of S2, and one past them. */
const longIds: readonly string[] = [255, 256].flatMap((count) => [
  `a/${'b/'.repeat(count - 1)}b`,
  `a:/${'b/'.repeat(count - 1)}b`,
  `/${'b/'.repeat(count)}b`,
  `${'a:'.repeat(count)}/`,
  ...['b', 'é', '😀'].map((text) => `a/${text.repeat((count + 3838) / text.length)}`),
]);

function modelOf(text: string): { readonly model: Model; readonly authorizer: Authorizer } {
  const result = build([{ file: 'p.acl', text }]);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return { model: result.model, authorizer: Authorizer.fromImage(result.image) };
}

/** A table of ids to be filtered again and again. */
class Table {
  readonly #database = new DatabaseSync(':memory:');

  constructor(ids: Iterable<string>, column = 'id TEXT PRIMARY KEY') {
    this.#database.exec(`CREATE TABLE resources (${column}) STRICT`);
    this.#database.exec('BEGIN');
    const insert = this.#database.prepare('INSERT INTO resources VALUES (?)');
    for (const id of new Set(ids)) insert.run(id);
    this.#database.exec('COMMIT');
  }

  select({ sql, parameters }: SqlFilter): readonly string[] {
    const statement = this.#database.prepare(`SELECT id FROM resources WHERE ${sql}`);
    return statement.all(...(parameters as string[])).map(({ id }) => id as string);
  }

  plan({ sql, parameters }: SqlFilter): string {
    const statement = this.#database.prepare(`EXPLAIN QUERY PLAN SELECT id FROM resources WHERE ${sql}`);
    return statement
      .all(...(parameters as string[]))
      .map(({ detail }) => detail)
      .join('\n');
  }
}

function sqliteFilter(model: Model, asked: Asked): SqlFilter {
  return filterSql(model, { ...asked, column: 'resources.id', dialect: 'sqlite' });
}

function inSqlite(condition: SqlCondition): SqlFilter {
  const parameters: unknown[] = [];
  const text = textOfCondition(condition).map((part) => {
    if (typeof part === 'string') return part;
    parameters.push(sqlite.valueOf(part));
    return '?';
  });
  return { sql: text.join(''), parameters };
}

/** What the engine allows of some ids, in their order. */
function allowedBy(authorizer: Authorizer, ids: readonly string[], asked: Asked): readonly string[] {
  const { mode: _, ...request } = asked;
  return ids.filter(
    (resource) => authorizer.decide({ ...request, resource } as Request).decision === 'allow',
  );
}

/** Whether the database selects what the engine allows; undefined where no condition can be had. */
function differences(
  { model, authorizer }: ReturnType<typeof modelOf>,
  { table, ids }: { readonly table: Table; readonly ids: readonly string[] },
  asked: Asked,
): readonly string[] | undefined {
  try {
    const selected = new Set(table.select(sqliteFilter(model, asked)));
    return [...selected.symmetricDifference(new Set(allowedBy(authorizer, ids, asked)))];
  } catch (error) {
    if (error instanceof Error && error.name === 'FilterError') return undefined;
    throw error;
  }
}

const seed = seedOfRun(process.env.POSTERN_SEED);

describe('in SQLite a filter selects exactly what the engine allows', () => {
  const ids = [...new Set([...smallIds, ...oddIds, ...longIds])];
  const everyId = { ids, table: new Table(ids) };

  const conditions = [
    'resource.id == "a:b"',
    'resource.id like "a*"',
    'resource.id like "*?b"',
    'resource.id like "??"',
    'resource.id in ["a", "b/a", "x:a"]',
    'resource.level > 1',
    'resource has level',
    'subject.level == 2',
    'context.list == 1 || resource.id in context.list',
    'resource.id != subject.id',
    'action.id == "read"',
    'resource.owner == subject.id',
    'resource.id == subject.name',
    'resource.id like "a/*" || resource.level == 1',
    '!(resource.id like "*b*")',
    'action.kind == 1',
  ];
  const entities = `entity a:b { level: 2, owner: "user:a" }
entity "b/a" { level: 1 }
entity user:a { level: 2, name: "b/a" }
entity x:a { owner: "user:b" }
entity read { kind: 1 }
`;
  const subjects = [
    undefined,
    'user:a',
    'user:b',
    'user:x',
    'svc:/a',
    'svc:/a/b',
    'x:/a',
    'user:x//1',
    'group:g',
  ];

  test(`over every id of a small world, for policies of seed ${seed}`, () => {
    const random = new Random(seed);
    for (let i = 0; i < 45; i++) {
      const shape = { rules: 6, conditions: 0.2, variables: 0.25 };
      const policy = generateSmallPolicy(random, {
        ...shape,
        namespaces: random.chance(0.5),
        rulesets: random.chance(0.3),
      });
      const withConditions = policy.rules.map((rule) =>
        random.chance(0.3) && !rule.includes(' when ') ? `${rule} when ${random.pick(conditions)}` : rule,
      );
      const result = build([
        { file: 'p.acl', text: writeSmallPolicy({ ...policy, rules: withConditions }) + entities },
      ]);
      if (!result.ok) continue;
      const { model } = result;
      for (const mode of random.sample([undefined, ...model.modes], 1)) {
        const authorizer = Authorizer.fromImage(result.image, { mode });
        for (let j = 0; j < 4; j++) {
          const asked: Asked = {
            subject: random.pick(subjects),
            action: random.pick(['read', 'read', 'write', 'full', 'other']),
            ...(random.chance(0.3) ? { groups: [random.pick(['g', 'h', 'x'])] } : {}),
            ...(mode === undefined ? {} : { mode }),
            ...(random.chance(0.4)
              ? { context: { f: random.chance(0.5), n: 1, s: 'ab', list: ['b', 'a:b'] } }
              : {}),
            ...(random.chance(0.2) ? { attributes: { subject: { level: 2, name: 'a' } } } : {}),
          };
          const found = differences({ model, authorizer }, everyId, asked);
          expect(
            found ?? [],
            JSON.stringify([writeSmallPolicy({ ...policy, rules: withConditions }), asked]),
          ).toEqual([]);
        }
      }
    }
  });

  test('where ids hold what is a wildcard to the database', () => {
    const segments = ['[ab]', '[^a]', '[a', ']', '*', 'a*', '?', 'a?', '%', 'a_b', "a'b", 'a.b', '(a|b)'];
    const others = ['a', 'b', 'c', 'ab', 'aab', 'a-b', 'axb', '^', 'x'];
    const asked = [...segments, ...others].flatMap((text) => [
      ...[`d:${text}`, `d:${text}/x`, `d:${text}/x/y`, `d:${text}-x`, `d:/${text}`, `d:/x/${text}/x`],
      ...[`${text}:x`, `${text}/x`, `x/${text}`],
    ]);
    const some = { ids: asked, table: new Table(asked) };
    for (const text of segments) {
      const quoted = JSON.stringify(text);
      for (const pattern of [
        ...[`d:${quoted}`, `d:${quoted}/**`, `d:${quoted}/*`, `d:${quoted}/*/**`, `d:${quoted}-*`],
        ...[`*:${quoted}/**`, `**/${quoted}/**`, `d:/**/${quoted}/*`, `*${quoted}*/x`, `${quoted}:**`],
      ]) {
        const policy = modelOf(`allow user:a to read on ${pattern}\n`);
        const answers = differences(policy, some, { subject: 'user:a', action: 'read' });
        expect(answers, pattern).toEqual([]);
        const allowed = allowedBy(policy.authorizer, asked, { subject: 'user:a', action: 'read' });
        expect(allowed.length, pattern).toBeGreaterThan(0);
      }
    }
  });

  test(`over ids that are asked about, for policies of every kind of seed ${seed}`, () => {
    const random = new Random(seed);
    for (let i = 0; i < 25; i++) {
      const policy = generatePolicy(random.below(2 ** 31));
      const result = build(policy.sources);
      if (!result.ok) continue;
      const requests = random.times(
        60,
        () => generateRequest(policy, random) as { resource?: unknown } | null,
      );
      const asked = [...requests.map((request) => request?.resource), ...policy.world.resources];
      // A database holds no lone surrogates.
      const own = asked.filter((id): id is string => typeof id === 'string' && id.isWellFormed());
      const table = new Table([...own, ...oddIds]);
      const authorizer = Authorizer.fromImage(result.image);
      for (let j = 0; j < 4; j++) {
        const question = {
          subject: random.pick([undefined, ...policy.world.subjects]),
          action: random.pick(policy.world.actions),
        };
        const rows = { ids: [...new Set([...own, ...oddIds])], table };
        const found = differences({ model: result.model, authorizer }, rows, question);
        expect(found ?? [], JSON.stringify([policy.sources, question])).toEqual([]);
      }
    }
  });

  test.each([
    [
      'an action that only one namespace implies',
      'namespace a { action write implies read }\nallow user:a to write on **',
      { action: 'read' },
    ],
    [
      'a superuser, and an action that is known',
      'namespace a { superuser b:x\nresource a:<x> { actions read } }\nallow user:a to full on b:x\ndeny anyone to read on a:b',
      { action: 'read' },
    ],
    [
      'a superuser, and an action that nobody knows',
      'namespace a { superuser b:x\nresource a:<x> { actions read } }\nallow user:a to full on b:x',
      { action: 'other' },
    ],
    [
      'a superuser by a condition on the action asked about',
      'namespace a { superuser b:x }\nallow user:a to read, write on b:x when action.id == "write"',
      { action: 'read' },
    ],
    [
      'what is not enforced',
      'mode soft\nnamespace a { resource a:<x> { actions read enforced in hard }\nresource a:b { actions read }\nresource a:ab { actions read enforced in soft } }\nallow anyone to read on **/ab\ndeny anyone to read on a:x:**',
      { action: 'read' },
    ],
    [
      'a ruleset whose first rule decides',
      'ruleset r first-applicable { scope read on a/**\ndefault deny\nallow user:a to read on a/b/ab/**\ndeny anyone to read on a/b/**\nallow user:a to read on a/*/** }\nallow user:a to read on **',
      { action: 'read' },
    ],
    [
      'a condition that nothing but a declared entity meets',
      'entity a:b { open: true }\nentity b { open: "x" }\nallow anyone to read on ** when resource.open',
      { action: 'read' },
    ],
    [
      'a deny whose condition fails',
      'allow anyone to read on **\ndeny anyone to read on a/** when context.f',
      { action: 'read' },
    ],
    [
      'the same deny where it can be asked',
      'allow anyone to read on **\ndeny anyone to read on a/** when context.f',
      { action: 'read', context: { f: false } },
    ],
  ])('over every id of a small world: %s', (_, policy, asked) => {
    const made = modelOf(`${policy}\n`);
    expect(differences(made, everyId, { subject: 'user:a', ...asked })).toEqual([]);
  });

  test(`over sets with exceptions of exceptions, of seed ${seed}`, () => {
    const random = new Random(seed);
    const everything: Elements = [{ kind: 'many', separator: 'start' }];
    const patterns = [
      'a',
      'a/**',
      'a:**',
      'a/b/**',
      '/**',
      'a:/**',
      'a/*/**',
      '**/b',
      'a?',
      '*/**',
      'a:*/**',
      'a/**/b/**',
    ];
    const rows = patterns.map((pattern) =>
      elementsOf(modelOf(`allow anyone to read on ${pattern}\n`).model.rules[0]!.resources[0]!),
    );
    const generateSet = (depth: number): DescribedSet<Elements> =>
      random.times(random.between(1, 3), () => ({
        all: random.chance(0.3) ? [everything] : random.sample([everything, ...rows], random.between(1, 2)),
        except: depth === 0 ? [] : random.chance(0.7) ? generateSet(depth - 1) : [],
      }));
    const isIn = (set: DescribedSet<Elements>, letters: ReturnType<typeof lettersOfId>): boolean =>
      set.some(
        ({ all, except }) => all.every((each) => matchesElements(each, letters)) && !isIn(except, letters),
      );
    const wellFormed = ids.filter(scan).map((id) => [id, lettersOfId(id)] as const);
    for (let i = 0; i < 25; i++) {
      const set = generateSet(3);
      const allowed = { cases: [{ like: { matching: [], others: [] }, set }], added: [], removed: [] };
      const selected = everyId.table.select(inSqlite(renderIds(allowed, sqlite, sqlite.column(['id']))));
      const expected = wellFormed.filter(([, letters]) => isIn(set, letters)).map(([id]) => id);
      expect(selected.toSorted(), JSON.stringify(set)).toEqual(expected.toSorted());
    }
  });

  test.each(['NOCASE', 'RTRIM'])('also in a column with collation %s', (collation) => {
    const random = new Random(seed);
    const some = [...smallIds.slice(0, 200), ...oddIds, 'a/Zx', 'a/zx', 'a/Z', 'A/b', 'a/b ', 'a/b  ', 'a '];
    const table = new Table(some, `id TEXT COLLATE ${collation}`);
    for (let i = 0; i < 30; i++) {
      const text = `allow user:a to read on ${random.pick(['a/**', 'a/Z*', 'a', 'A/**', '*/b', '"a "', 'a/"b "', '{a,b}/b'])}
allow user:a to read on ${random.pick(['b:**', 'A', 'a/*', 'a?', '"a/b "/**'])}
deny anyone to read on ${random.pick(['a/a/**', 'a/b', 'AB', '**/b', 'a/zx'])}
`;
      const made = modelOf(text);
      const found = differences(
        made,
        { ids: [...new Set(some)], table },
        { subject: 'user:a', action: 'read' },
      );
      expect(found, text).toEqual([]);
    }
  });
});

interface GoldenCase {
  readonly title: string;
  readonly policy: readonly string[];
  readonly asked: Asked;
}

/** Nobody can review characters that do not print. */
function visible(text: string): string {
  return text.replace(/[^ -~]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

describe('the text of a condition', () => {
  const path = new URL('fixtures/filter-sql/cases.json', import.meta.url);
  const cases = JSON.parse(readFileSync(path, 'utf8')) as readonly GoldenCase[];

  test.each(cases)('is as reviewed: $title', async ({ title, policy, asked }) => {
    const { model } = modelOf(`${policy.join('\n')}\n`);
    const texts = (['postgresql', 'sqlite'] as const).map((dialect) => {
      const { sql, parameters } = filterSql(model, { ...asked, column: 'documents.id', dialect });
      return `-- ${dialect}\n${sql}\n${parameters.map((each) => visible(JSON.stringify(each))).join('\n')}\n`;
    });
    const name = title.replaceAll(/[^a-z]+/g, '-');
    await expect(texts.join('\n')).toMatchFileSnapshot(`fixtures/filter-sql/${name}.expected`);
  });

  test('holds nothing of policy and request, however they are spelt', () => {
    const who = 'user:"o\'brien\\"--"';
    const { model } = modelOf(
      `allow ${who} to "re ad" on doc:"x'; --"/**\nallow ${who} to "re ad" on doc:"\`y\`"/*/"$1?"\n`,
    );
    for (const dialect of ['postgresql', 'sqlite'] as const) {
      const asked = { subject: `user:o'brien"--`, action: 're ad', column: 'id' };
      const { sql, parameters } = filterSql(model, { ...asked, dialect });
      expect(sql).not.toMatch(/brien|--|re ad|doc|`y`/);
      expect(parameters.some((each) => String(each).includes("x'; --"))).toBe(true);
    }
  });

  test('numbers the placeholders of PostgreSQL from where it is told, each parameter once', () => {
    const { model } = modelOf('allow user:a to read on {x,y}\n');
    const { sql, parameters } = filterSql(model, {
      ...{ subject: 'user:a', action: 'read', column: 'id', dialect: 'postgresql', firstParameter: 4 },
    });
    expect(parameters).toEqual([['x', 'y']]);
    expect([...sql.matchAll(/\$\d+/g)].map(String)).toEqual(['$4', '$4']);
  });

  test('has as many placeholders as parameters in SQLite', () => {
    const { model } = modelOf('allow user:a to read on a/*/b/**\nallow user:a to read on a?:**\n');
    const { sql, parameters } = sqliteFilter(model, { subject: 'user:a', action: 'read' });
    expect(sql.split('?').length - 1).toBe(parameters.length);
  });
});

describe('a row that holds no id', () => {
  test.each([
    ['on everything', 'allow anyone to read on **'],
    ['on one id', 'allow anyone to read on a'],
    ['on nothing', 'deny anyone to read on **'],
  ])('is not selected and makes no condition NULL: %s', (_, policy) => {
    const { model } = modelOf(`${policy}\n`);
    const database = new DatabaseSync(':memory:');
    database.exec("CREATE TABLE odd (id); INSERT INTO odd VALUES (NULL), (1), (x'61'), (1.5)");
    const { sql, parameters } = filterSql(model, { action: 'read', column: 'id', dialect: 'sqlite' });
    const rows = database.prepare(`SELECT ${sql} AS answer FROM odd`).all(...(parameters as string[]));
    expect(rows.map(({ answer }) => answer)).toEqual([0, 0, 0, 0]);
  });

  test('is every row of a database in UTF-16, where bytes are of another order', () => {
    const { model } = modelOf('allow anyone to read on **\n');
    const database = new DatabaseSync(':memory:');
    database.exec("PRAGMA encoding = 'UTF-16le'; CREATE TABLE odd (id TEXT); INSERT INTO odd VALUES ('a')");
    const { sql, parameters } = filterSql(model, { action: 'read', column: 'id', dialect: 'sqlite' });
    expect(database.prepare(`SELECT id FROM odd WHERE ${sql}`).all(...(parameters as string[]))).toEqual([]);
  });
});

describe('the form of ids', () => {
  test('is checked by the same characters as the validator checks', () => {
    const isForbidden = (code: number): boolean =>
      forbiddenCharacters.some(([first, last]) => first <= code && code <= last);
    const differing: number[] = [];
    for (let code = 0; code <= 0x10ffff; code++) {
      if (isForbidden(code) !== FORBIDDEN_UNICODE.test(String.fromCodePoint(code))) differing.push(code);
    }
    expect(differing).toEqual([]);
  });

  test('is in SQLite what the validator says, at the ends of every range and over all odd ids', () => {
    const ends = forbiddenCharacters.flatMap(([first, last]) => [first - 1, first, last, last + 1]);
    const characters = ends.filter(
      (code) => code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff),
    );
    const ids = [
      ...new Set([
        ...characters.map((code) => `a${String.fromCodePoint(code)}b`),
        ...oddIds,
        ...longIds,
        ...smallIds,
      ]),
    ];
    const isWellFormed = inSqlite(sqlite.isWellFormed(sqlite.exact(sqlite.column(['id']))));
    expect(new Table(ids).select(isWellFormed).toSorted()).toEqual(ids.filter(scan).toSorted());
  });
});

test('an index serves what begins alike and what is named', () => {
  const { model } = modelOf(
    `allow user:a to read on {a,b}/x/**
allow user:a to read on c:*
allow user:a to read on {d,e}
deny user:a to read on **/secret
`,
  );
  const filter = sqliteFilter(model, { subject: 'user:a', action: 'read' });
  const plan = new Table(smallIds).plan(filter);
  expect(plan).toContain('MULTI-INDEX OR');
  expect(plan).not.toContain('SCAN resources');
});

test('thousands of rules of one asker make one condition that a database takes', () => {
  const numbers = Array.from({ length: 600 }, (_, i) => i);
  const text = numbers
    .map(
      (i) =>
        `allow user:a to read on n:${i}\nallow user:a to read on t:/${i}/**\ndeny user:a to read on t:/${i}/no/**`,
    )
    .join('\n');
  const made = modelOf(`${text}\n`);
  const ids = ['n:7', 'n:600', 't:/3', 't:/3/x', 't:/3/no', 't:/3/no/x', 't:/600/x'];
  expect(differences(made, { ids, table: new Table(ids) }, { subject: 'user:a', action: 'read' })).toEqual(
    [],
  );
});

test('wildcards that lie across one another take no time to speak of', () => {
  const rules = Array.from(
    { length: 12 },
    (_, i) => `allow user:a to read on d:/**/x${i}/**\ndeny user:a to read on d:/*/y${i}*/**`,
  );
  const made = modelOf(`${rules.join('\n')}\n`);
  const ids = ['d:/x1', 'd:/a/x2', 'd:/a/y1/x2', 'd:/a/b/y1/x2', 'd:/y1/x2', 'd:/x', 'd:/q/y11b/x3/z'];
  expect(differences(made, { ids, table: new Table(ids) }, { subject: 'user:a', action: 'read' })).toEqual(
    [],
  );
});

describe('what a filter refuses', () => {
  const { model } = modelOf(`allow anyone to read on {x}:{x}
allow anyone to write on a when resource.id in cidr("10.0.0.0/8")
namespace n { resource n:<x> { actions read enforced in strict } }
`);
  const options: FilterSqlOptions = { action: 'full', column: 'id', dialect: 'sqlite' };

  test.each(['', 'a.', '.a', 'a b', '1a', '"a"', 'a"b', 'a`b', "a'", 'a;b', 'lower(id)', 'a.b.c.d.e', 'a\n'])(
    'a column written %j',
    (column) => {
      expect(() => filterSql(model, { ...options, column })).toThrow(
        expect.objectContaining({ code: 'column' }),
      );
    },
  );

  test.each([
    ['another dialect', { dialect: 'mysql' as 'sqlite' }, 'option'],
    ['no number', { firstParameter: 0 }, 'option'],
    ['a context that is no object', { context: [] }, 'option'],
    ['attributes that are no JSON', { attributes: { subject: { at: new Date(0) } } }, 'option'],
    ['one variable twice in a resource', { action: 'read' }, 'inexpressible'],
    ['an id read as an address', { action: 'write' }, 'inexpressible'],
  ])('%s', (_, changes, code) => {
    expect(() => filterSql(model, { ...options, ...changes })).toThrow(
      expect.objectContaining({ name: 'FilterError', code }),
    );
  });

  test('a mode that the policy does not know', () => {
    expect(() => filterSql(model, { ...options, mode: 'odd' })).toThrow(/unknown mode "odd"/);
  });
});

test.each([
  { subject: 'group:g', action: 'read' },
  { subject: 'nobody', action: 'read' },
  { subject: 'user:a', action: '' },
  { subject: 'user:a', action: 'read', groups: ['group:g'] },
  { subject: 'user:a', action: 'read', groups: 'g' as unknown as string[] },
])('nothing is selected for whoever is malformed: %j', (asked) => {
  const { model } = modelOf('allow anyone to read on **\n');
  expect(new Table(smallIds).select(sqliteFilter(model, asked))).toEqual([]);
});
