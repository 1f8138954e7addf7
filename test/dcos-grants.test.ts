import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  dumpSchema,
  type GrantsImport,
  grantLineSchema,
  type ImportGrantsOptions,
  importDcosGrants,
} from '../src/dcos-grants.ts';
import { diagnosticCodes } from '../src/diagnostics/codes.ts';
import { createShippedImporter } from '../src/files/importer.ts';
import { scanId } from '../src/id/check-id.ts';
import { IdElements } from '../src/id/elements.ts';
import { FAULT_NONE } from '../src/id/faults.ts';
import { Authorizer, build, type Diagnostic, InvariantError, renderText } from '../src/index.ts';
import { readCatalogue } from '../src/interop/dcos/grants/catalogue.ts';
import type { Grant } from '../src/interop/dcos/grants/grant.ts';
import { buildPermissionSet } from '../src/interop/dcos/grants/permissions.ts';
import { proveGrants } from '../src/interop/dcos/grants/prove-grants.ts';
import { detectFormat, grantFormats, readGrants } from '../src/interop/dcos/grants/read-grants.ts';
import { decodeRid, encodeRid } from '../src/interop/dcos/grants/rid-in-url.ts';
import { readShellWords } from '../src/interop/dcos/grants/shell-words.ts';
import { buildLineStarts, lineColumnAt } from '../src/source/source.ts';
import { parse } from '../src/syntax/parser.ts';
import { printTree } from '../src/syntax/print.ts';
import { covers, decideByGrants, type RawGrant, type RawRequest } from './support/dcos-grants-reference.ts';
import { Random, seedOfRun } from './support/generators.ts';
import { runInProcess as run } from './support/run-command-line.ts';
import { runPostern } from './support/run-postern.ts';

// Grants of DC/OS Enterprise: how they are read, what is said of them, and the policies made of them.
// `POSTERN_SEED=… npx vitest run test/dcos-grants.test.ts` repeats a run.

const seed = seedOfRun(process.env.POSTERN_SEED);
beforeAll(() => console.log(`POSTERN_SEED=${seed}`));

const fixtures = fileURLToPath(new URL('./fixtures/dcos/grants/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'postern-grants-'));
afterAll(() => rmSync(folder, { recursive: true }));

function readFixture(name: string): string {
  return readFileSync(join(fixtures, name), 'utf8');
}

// ---------------------------------------------------------------- readers

type Short = readonly [type: string, principal: string, resource: string, action: string];

function shortOf({ principalType, principal, resource, action }: Grant): Short {
  return [principalType, principal, resource, action];
}

const grant = 'dcos security org users grant';
const alice: Short = ['user', 'alice', 'dcos:adminrouter:package', 'full'];

describe('commands', () => {
  const cases: readonly (readonly [title: string, text: string, ...grants: readonly Short[]])[] = [
    ['a grant to a user', `${grant} alice dcos:adminrouter:package full`, alice],
    [
      'a grant to a group',
      'dcos security org groups grant dev dcos:adminrouter:package full',
      ['group', 'dev', 'dcos:adminrouter:package', 'full'],
    ],
    ['quotes of every kind, and escapes', `${grant} 'al'"i"c\\e "dcos:adminrouter":package 'full'`, alice],
    ['lines that go on', `${grant} \\\n  alice \\\r\n dcos:adminrouter:package full`, alice],
    ['a word that goes on in the next line', `${grant} alice dcos:adminrouter:\\\npackage full`, alice],
    [
      'lines that go on behind the second prompt',
      `$ ${grant} \\\n> alice dcos:adminrouter:package \\\n> full`,
      alice,
    ],
    [
      'several commands on a line',
      `cd x; ${grant} alice dcos:adminrouter:package full&&echo done|| exit`,
      alice,
    ],
    ['a pipe and redirections', `${grant} alice dcos:adminrouter:package full 2>&1 >log | tee -a log`, alice],
    ['a redirection in the middle', `${grant} alice >/dev/null dcos:adminrouter:package full`, alice],
    ['other programs before it', `sudo -E env A=b time ${grant} alice dcos:adminrouter:package full`, alice],
    ['an assignment before it', `DCOS_CLUSTER=x ${grant} alice dcos:adminrouter:package full`, alice],
    ['control flow around it', `for i in 1; do ${grant} alice dcos:adminrouter:package full; done`, alice],
    ['a block around it', `{ ${grant} alice dcos:adminrouter:package full; } && (true)`, alice],
    ['prompts', `bob@host:~$ ${grant} alice dcos:adminrouter:package full`, alice],
    [
      'a path to the program',
      `/opt/bin/dcos security org users grant alice dcos:adminrouter:package full`,
      alice,
    ],
    [
      'options before and among the words',
      `dcos --debug security org users grant -d "a b" alice --description=x dcos:adminrouter:package full`,
      alice,
    ],
    ['a comment behind it', `${grant} alice dcos:adminrouter:package full # --help`, alice],
    [
      'a hash sign within a word',
      `${grant} a#b dcos:adminrouter:package full`,
      ['user', 'a#b', 'dcos:adminrouter:package', 'full'],
    ],
    [
      'nothing in comments, quotes and here-documents',
      `# ${grant} a b c\ncat <<E\n${grant} a b c\nE\necho '${grant} a b c'`,
    ],
    [
      'what stands behind a here-document',
      `cat <<'E' >x\nit's\nE\n${grant} alice dcos:adminrouter:package full`,
      alice,
    ],
    [
      'names with blanks in brackets',
      `${grant} <uid> dcos:x:<a b> full`,
      ['user', '<uid>', 'dcos:x:<a b>', 'full'],
    ],
    [
      'service accounts that the script makes',
      `dcos security org service-accounts create -p pub.pem -d "It is" alice\n${grant} alice dcos:adminrouter:package full`,
      ['service-account', 'alice', 'dcos:adminrouter:package', 'full'],
    ],
    ['no other command', 'dcos security org users create alice\ndcos security org groups create dev\nls'],
    [
      'no grant that is taken back',
      `${grant} alice dcos:adminrouter:package full\ndcos security org users revoke alice dcos:adminrouter:package full`,
    ],
    [
      'a grant after it was taken back',
      `dcos security org users revoke alice dcos:adminrouter:package full\n${grant} alice dcos:adminrouter:package full`,
      alice,
    ],
    [
      'a request of curl',
      'curl -X PUT https://m/acs/api/v1/acls/dcos:adminrouter:package/users/alice/full',
      alice,
    ],
    [
      'a method among other letters',
      'curl -kfsX PUT "$U/acs/api/v1/acls/dcos:adminrouter:package/users/alice/full" -d x',
      alice,
    ],
    [
      'encoded slashes',
      'curl -XPUT $U/acls/dcos:secrets:default:%252Fa%252Fb/groups/dev/read',
      ['group', 'dev', 'dcos:secrets:default:/a/b', 'read'],
    ],
    ['no request of another method', 'curl $U/acs/api/v1/acls/dcos:adminrouter:package/users/alice/full'],
  ];

  test.each(cases.map(([title, text, ...grants]) => ({ title, text, grants })))(
    '$title',
    ({ text, grants }) => {
      expect(readGrants({ file: 'a.sh', text }, 'shell').grants.map(shortOf)).toEqual(grants);
    },
  );

  test('a grant knows its place and that of its parts', () => {
    const text = `ls\n${grant} alice "dcos:adminrouter:package" full`;
    const [{ span, at }] = readGrants({ file: 'a.sh', text }).grants as [Grant];
    expect(
      [span, at.principal, at.resource, at.action].map(({ start, end }) => text.slice(start, end)),
    ).toEqual([text.slice(3), 'alice', '"dcos:adminrouter:package"', 'full']);
  });

  test('whatever is quoted, and however, comes back as it was', () => {
    const random = new Random(seed);
    const alphabet = [...'ab:/*$`"\'\\ #;&|<>(){}[]~!%\n\t=é-', '𝒳', '$x', '<y>', '`z`', '\\\\'];
    for (let i = 0; i < 2_000; i++) {
      const words = random.times(random.between(1, 5), () =>
        random.times(random.between(0, 12), () => random.pick(alphabet)).join(''),
      );
      const text = words
        .map((word) => quoteSomehow(word, random))
        .join(random.pick([' ', '  ', '\t', ' \\\n ', ' \\\r\n']));
      const { commands, unclosed } = readShellWords(text);
      expect([commands.map((command) => command.words.map((word) => word.text)), unclosed], text).toEqual([
        [words],
        [],
      ]);
    }
  });

  /** A way to write a word in which nothing expands. */
  function quoteSomehow(word: string, random: Random): string {
    if (word === '') return random.pick(["''", '""']);
    return [...word]
      .map((unit) => {
        const kind = unit === '\n' ? random.below(2) : random.below(4);
        if (kind === 0 && unit !== "'") return `'${unit}'`;
        if (kind <= 1) return `"${unit.replace(/["\\$`]/g, '\\$&')}"`;
        return kind === 2 && /[a-z:/~]/.test(unit) ? unit : `\\${unit}`;
      })
      .join('');
  }
});

describe('ids in URLs', () => {
  test.each([
    ['dcos:superuser', 'dcos:superuser'],
    ['dcos:secrets:default:%252Fa%252Fb', 'dcos:secrets:default:/a/b'],
    ['dcos%3Asuperuser', 'dcos:superuser'],
    ['dcos:cluster:linker:*', 'dcos:cluster:linker:*'],
  ])('%s is %s', (segment, resource) => {
    expect(decodeRid(segment)).toEqual({ ok: true, resource });
  });

  test.each(['a:%2Fb', 'a:%2fb', 'a:%252fb', 'a:%252', 'a:%25252Fb', 'a:%', 'a:%zz', 'a:%C3'])(
    '%s is refused',
    (segment) => {
      expect(decodeRid(segment)).toMatchObject({ ok: false });
    },
  );

  test('what is encoded is decoded once, and no more', () => {
    const random = new Random(seed);
    for (let i = 0; i < 1_000; i++) {
      const resource = random.times(random.between(1, 20), () => random.pick([...'ab:/*.-_'])).join('');
      expect(decodeRid(encodeRid(resource))).toEqual({ ok: true, resource });
    }
  });
});

describe('formats', () => {
  test.each([
    ['a script', '#!/bin/sh\nls', 'shell'],
    ['a command', `$ ${grant} a b c`, 'shell'],
    ['a prompt in brackets', `[root@host ~]# ${grant} a b c`, 'shell'],
    ['a list of commands', `{ ${grant} a b c; }`, 'shell'],
    ['a request', 'curl -X PUT https://m/acs/api/v1/acls/a/users/b/c', 'shell'],
    ['permission strings', '# mine\n\ndcos:adminrouter:package full\n', 'strings'],
    ['permission strings without a prefix', 'adminrouter:package full', 'strings'],
    ['JSON lines', '{"principal": "a", "resource": "b", "action": "c"}\n', 'jsonl'],
    ['a dump', '{"/acls": {"array": []}}', 'dump'],
    ['a dump on many lines', '{\n  "/acls": {"array": []}\n}', 'dump'],
    ['a list of a backup tool', '[\n', 'dump'],
  ])('%s', (_, text, format) => {
    expect(detectFormat(text)).toBe(format);
  });

  test('no text crashes a reader, and whatever comes out can be imported', () => {
    const random = new Random(seed);
    const pieces = [
      ...[
        'dcos security org users grant',
        'curl -X PUT',
        '/acs/api/v1/acls/',
        '/users/',
        'dcos:',
        'secrets:default:/',
        'full',
        'read,',
      ],
      ...[
        '{"resource": "',
        '"principal": "',
        '{"/acls": {"array": [',
        '"rid": "',
        '}',
        ']',
        '"',
        "'",
        '`',
        '$(',
        '${',
        '<',
        '>',
        '<<E',
        '\n',
        ' ',
      ],
      ...[':', '/', '*', '\\', '%2F', '%252F', '\ufeff', '\u0000', '\ud800', 'é', '#', ';', 'alice', 'x'],
    ];
    for (let i = 0; i < 1_500; i++) {
      const text = random
        .times(random.between(1, 30), () => random.pick(pieces))
        .join(random.pick(['', ' ']));
      const format = random.pick([...grantFormats, undefined]);
      const result = importDcosGrants([{ file: 'a', text }], {
        ...(format && { format }),
        grantee: { principalType: 'user', principal: 'bob' },
      });
      expect(result.ok).toBe(result.refused.length === 0 && !hasError(result.diagnostics));
    }
  });

  function hasError(diagnostics: readonly Diagnostic[]): boolean {
    return diagnostics.some(({ severity }) => severity === 'error');
  }

  test('the schemas are of draft 7 and take what the readers take', () => {
    const ajv = new Ajv({ strict: true, strictRequired: false, validateSchema: true, allowUnionTypes: true });
    for (const schema of [dumpSchema, grantLineSchema]) expect(schema.$schema).toContain('draft-07');
    expect(ajv.validate(dumpSchema, JSON.parse(readFixture('dump.json')))).toBe(true);
    expect(ajv.validate(dumpSchema, JSON.parse(readFixture('backup.json')))).toBe(true);
    expect(ajv.validate(dumpSchema, { '/acl': {} })).toBe(false);
    expect(ajv.validate(grantLineSchema, { resource: 'a', context: 3 })).toBe(true);
    expect(ajv.validate(grantLineSchema, { resource: '' })).toBe(false);
  });
});

// ---------------------------------------------------------------- what is said, and what comes out

const goldens: readonly (readonly [title: string, file: string, options?: ImportGrantsOptions])[] = [
  ['what an installer grants becomes a role that is granted by name', 'installer.sh'],
  ['a variable is refused by its name', 'variables.sh'],
  ['commands that grant nothing, or not what they seem to', 'commands-that-grant-nothing.sh'],
  ['ids in URLs are decoded once', 'requests.sh'],
  [
    'resources that nothing asks for, and how they are meant',
    'resources.txt',
    { grantee: { principalType: 'group', principal: 'dev' } },
  ],
  [
    'actions that a resource does not have',
    'actions.txt',
    { grantee: { principalType: 'user', principal: 'alice' } },
  ],
  ['grants that give more than they seem to', 'broad.jsonl'],
  ['names of every kind', 'names.jsonl'],
  ['lines that are no grants', 'no-grants-at-all.jsonl'],
  ['a dump brings its groups and their members', 'dump.json'],
  ['lists into which a backup tool put everything', 'backup.json'],
  ['a dump that contradicts itself', 'contradictions.json'],
  ['a dump with a path that nobody reads', 'another-path.json'],
  ['a page in Markdown: its fenced blocks', 'page.md'],
  [
    'permissions of 1.7 in their own version',
    'old.txt',
    { version: '1.7', grantee: { principalType: 'user', principal: 'alice' } },
  ],
  [
    'permissions of 1.7 in 2.2',
    'old.txt',
    { version: '2.2', grantee: { principalType: 'user', principal: 'alice' } },
  ],
  ['a source without grants', 'nothing.sh'],
];

function renderResult(file: string, options: ImportGrantsOptions = {}): string {
  const text = readFixture(file);
  const { text: policy, diagnostics, imported, refused } = importDcosGrants([{ file, text }], options);
  const told = renderText(diagnostics, () => text);
  return `${policy}\n# ${imported.length} imported, ${refused.length} refused\n\n${told}`;
}

describe('what is said of grants, and the policy that they make', () => {
  const cases = goldens.map(([title, file, options]) => ({ title, file, options }));
  test.each(cases)('$title', async ({ file, options }) => {
    const version = options?.version === undefined ? '' : `.${options.version}`;
    await expect(renderResult(file, options)).toMatchFileSnapshot(
      join(fixtures, `${file}${version}.expected`),
    );
  });

  test('every code about grants is told of one of them', () => {
    const told = goldens.flatMap(([, file, options]) => {
      return importDcosGrants([{ file, text: readFixture(file) }], options).diagnostics.map(
        ({ code }) => code,
      );
    });
    const ofExport = 'P4331';
    const codes = Object.keys(diagnosticCodes).filter((code) => code.startsWith('P43') && code !== ofExport);
    expect([...new Set<string>(told)].sort()).toEqual(codes);
  });

  test('the text has the canonical layout', () => {
    for (const [, file, options] of goldens) {
      const { text } = importDcosGrants([{ file, text: readFixture(file) }], options);
      expect(printTree(parse({ file: 'a.acl', text }).tree)).toBe(text);
    }
  });

  test('whoever spells a resource as the help says has nothing more to hear about it', () => {
    const source = { file: 'resources.txt', text: readFixture('resources.txt') };
    const grantee = { principalType: 'user', principal: 'alice' } as const;
    const shape = new Set(['P4318', 'P4319', 'P4320', 'P4321', 'P4322', 'P4323', 'P4325', 'P4326']);
    const helped = importDcosGrants([source], { grantee }).diagnostics.flatMap(({ code, help = '' }) => {
      const meant = /^write `(dcos:[^`]*)`/.exec(help)?.[1];
      return shape.has(code) && meant !== undefined ? [meant] : [];
    });
    expect(helped.length).toBeGreaterThan(12);
    const text = helped.map((resource) => `${resource} full\n`).join('');
    const again = importDcosGrants([{ file: 'a.txt', text }], { grantee });
    expect(again.diagnostics.filter(({ code }) => shape.has(code))).toEqual([]);
  });

  test('every version has its catalogue, and takes what its clusters hold', () => {
    const source = { file: 'installer.sh', text: readFixture('installer.sh') };
    const { versions } = JSON.parse(
      readFileSync(new URL('../policies/dcos/resources.json', import.meta.url), 'utf8'),
    ) as { readonly versions: readonly string[] };
    expect(versions.length).toBeGreaterThanOrEqual(10);
    for (const version of versions) {
      const { ok, text } = importDcosGrants([source], { version });
      const isNewest = version === versions.at(-1);
      expect([ok, text.includes(`import "postern:dcos${isNewest ? '' : `/${version}`}"`)]).toEqual([
        true,
        true,
      ]);
    }
    expect(() => importDcosGrants([source], { version: '1.6' })).toThrow(/unknown version `1\.6` of DC\/OS/);
  });

  test('several sources are one policy, in whatever order they come', () => {
    const sources = ['installer.sh', 'broad.jsonl', 'dump.json'].map((file) => ({
      file,
      text: readFixture(file),
    }));
    const [a, b] = [sources, sources.toReversed()].map((some) => {
      return importDcosGrants(some).text.replace(/ *#.*/g, '');
    });
    expect(b).toBe(a);
    expect(a).toContain('role framework(name) {');
  });
});

// ---------------------------------------------------------------- grants of the public

interface PublicGrant extends RawGrant {
  readonly suspect?: string;
  readonly suspectClasses?: readonly string[];
}

const publicText = readFileSync(new URL('./fixtures/dcos/grants-public.jsonl', import.meta.url), 'utf8');
const publicLines = publicText.trimEnd().split('\n');
const publicGrants = publicLines.map((line) => JSON.parse(line) as PublicGrant);
const somebody = { principalType: 'user', principal: 'somebody-else' } as const;

/** The codes whose messages name the problem of a class. */
const codesOfClass: Readonly<Record<string, readonly string[]>> = {
  'action-not-in-reference': ['P4314'],
  'unsupported-action': ['P4315', 'P4316'],
  'no-action': ['P4317'],
  'unknown-resource': ['P4311'],
  'undocumented-resource': ['P4313'],
  'truncated-resource': ['P4312'],
  'missing-slash': ['P4318'],
  'leading-slash': ['P4319'],
  'trailing-slash': ['P4320'],
  'missing-prefix': ['P4321'],
  separator: ['P4322'],
  'old-syntax': ['P4323'],
  wildcard: ['P4324'],
  encoding: ['P4325'],
  // A slip in an id, a name that is none, a command whose words are not where they should be.
  typo: ['P4326', 'P4304', 'P4306'],
  'over-broad': ['P4327'],
  'principal-mismatch': ['P4328'],
  // In lines of JSON a list without entries is a resource without an action: nothing on it is granted to anybody.
  'orphan-acl': ['P4329', 'P4317'],
  'id-mismatch': ['P4330'],
};

describe('the 1,074 public grants', () => {
  const result = importDcosGrants([{ file: 'grants-public.jsonl', text: publicText }]);
  const withSubject = importDcosGrants([{ file: 'grants-public.jsonl', text: publicText }], {
    grantee: somebody,
  });
  const starts = buildLineStarts(publicText);
  const lineAt = (offset: number): number => lineColumnAt(starts, offset).line - 1;
  const told = publicLines.map((): Diagnostic[] => []);
  for (const diagnostic of result.diagnostics) told[lineAt(diagnostic.span.start)]!.push(diagnostic);
  const names = (classes: readonly string[], i: number): boolean =>
    classes.some((name) => told[i]!.some(({ code }) => codesOfClass[name]!.includes(code)));

  test('nearly every suspicious one is told with the problem that it is suspected of, and nearly no other is warned of', async () => {
    const flagged = publicGrants.flatMap(({ suspectClasses }, i) =>
      suspectClasses ? [{ classes: suspectClasses, i }] : [],
    );
    const named = flagged.filter(({ classes, i }) => names(classes, i));
    const rest = publicGrants.flatMap(({ suspect }, i) => (suspect === undefined ? [i] : []));
    const warned = rest.filter((i) => told[i]!.some(({ severity }) => severity !== 'info'));
    const table = Object.keys(codesOfClass).map((name) => {
      const ofClass = flagged.filter(({ classes }) => classes.includes(name));
      const hit = ofClass.filter(({ i }) => names([name], i)).length;
      const elsewhere = rest.filter((i) =>
        told[i]!.some(({ code, severity }) => severity !== 'info' && codesOfClass[name]!.includes(code)),
      ).length;
      const noted = rest.filter((i) =>
        told[i]!.some(({ code, severity }) => severity === 'info' && codesOfClass[name]!.includes(code)),
      ).length;
      return [name.padEnd(24), ofClass.length, hit, elsewhere, noted]
        .map((cell) => String(cell).padStart(8))
        .join('');
    });
    const head = `${'class'.padEnd(24)} flagged   named  warned   noted`;
    const missed = flagged
      .filter(({ classes, i }) => !names(classes, i))
      .map(({ classes, i }) => `line ${i + 1}: ${classes.join(', ')}`);
    const others = warned.map(
      (i) =>
        `line ${i + 1}: ${[...new Set(told[i]!.filter(({ severity }) => severity !== 'info').map(({ code }) => code))].join(', ')}`,
    );
    const page = [
      head,
      ...table,
      '',
      `${named.length} of ${flagged.length} flagged lines are told with a problem of theirs; not so:`,
      ...missed,
      '',
      `${warned.length} of ${rest.length} other lines are warned of:`,
      ...others,
      '',
    ];
    await expect(page.join('\n')).toMatchFileSnapshot(join(fixtures, 'confusion.expected'));
    expect([flagged.length, rest.length]).toEqual([272, 802]);
    expect(named.length / flagged.length).toBeGreaterThanOrEqual(0.95);
    expect(warned.length / rest.length).toBeLessThanOrEqual(0.02);
  });

  test('each is imported, or refused with a reason', () => {
    const key = ({ principalType, principal, resource, action }: RawGrant): string =>
      JSON.stringify([principalType, principal, resource, action]);
    const imported = new Set(withSubject.imported.map(key));
    const errors = new Set(
      withSubject.diagnostics
        .filter(({ severity }) => severity === 'error')
        .map(({ span }) => lineAt(span.start)),
    );
    for (const [i, line] of publicGrants.entries()) {
      const named = line.principal === '' ? { ...line, ...somebody } : line;
      const isImported = named.action.split(',').every((action) => imported.has(key({ ...named, action })));
      expect(isImported !== errors.has(i), publicLines[i]).toBe(true);
    }
    // Without a subject the file is told once what it lacks.
    expect(result.diagnostics.filter(({ code }) => code === 'P4303')).toHaveLength(1);
  });
});

const withoutFlag = publicGrants.filter(({ suspect }) => suspect === undefined);

describe.each([
  { title: 'the grants that nothing is wrong with', lines: withoutFlag, least: 780 },
  { title: 'all grants that can be imported', lines: publicGrants, least: 1_000 },
])('the policy of $title', ({ lines, least }) => {
  const text = lines
    .map((line) => `${JSON.stringify({ ...line, ...(line.principal === '' ? granteeOf(line) : {}) })}\n`)
    .join('');
  const { text: policy, imported } = importDcosGrants([{ file: 'grants.jsonl', text }]);
  const raw: readonly RawGrant[] = imported;

  test('allows each of them', () => {
    expect(imported.length).toBeGreaterThan(least);
    const authorizer = loadPolicy(policy);
    for (const { principalType, principal, resource, action } of imported) {
      const who =
        principalType === 'group'
          ? { subject: 'user:x', groups: [principal] }
          : { subject: `user:${principal}` };
      expect(authorizer.decide({ ...who, resource, action }), resource).toMatchObject({ decision: 'allow' });
    }
  });

  test('decides 10,000 requests near them as a reading of the grants one by one', () => {
    const random = new Random(seed);
    const authorizer = loadPolicy(policy);
    const answers = { allow: 0, deny: 0 };
    for (let i = 0; i < 10_000; i++) {
      const request = randomRequest(raw, random);
      const { principal, ...rest } = request;
      const { decision } = authorizer.decide({ subject: `user:${principal}`, ...rest });
      expect({ request, decision }).toEqual({
        request,
        decision: decideByGrants(raw, request) ? 'allow' : 'deny',
      });
      answers[decision]++;
    }
    expect(Math.min(answers.allow, answers.deny)).toBeGreaterThan(1_000);
  });
});

test('the reading covers by whole segments', () => {
  const services = 'dcos:service:marathon:marathon:services:';
  expect(covers(`${services}/dev`, `${services}/dev/web`)).toBe(true);
  expect(covers(`${services}/dev`, `${services}/development`)).toBe(false);
  expect(covers(`${services}/dev`, `${services}/`)).toBe(false);
  expect(covers('dcos:mesos:master:task:app_id', 'dcos:mesos:master:task:app_id:/a')).toBe(true);
  expect(covers('dcos:mesos:master:task:app_id:/a', 'dcos:mesos:master:task:app_id')).toBe(false);
  expect(covers('dcos:mesos:master:task:user', 'dcos:mesos:master:task:user:root')).toBe(true);
  expect(covers('dcos:service:metronome:metronome:jobs:a', 'dcos:service:metronome:metronome:jobs:a.b')).toBe(
    true,
  );
  expect(covers('dcos:adminrouter:service:a', 'dcos:adminrouter:service:a/b')).toBe(false);
  expect(covers('dcos:mesos:master:framework:role:*', 'dcos:mesos:master:framework:role:x')).toBe(false);
  expect(covers('dcos:secrets:default:/a/*', 'dcos:secrets:default:/a/b')).toBe(true);
  expect(covers('dcos:secrets:default:/a/*', 'dcos:secrets:default:/a/b/c')).toBe(false);
});

/** Who may do everything says nothing about the other grants, so it is somebody else. */
function granteeOf({ resource }: RawGrant): Pick<RawGrant, 'principalType' | 'principal'> {
  return resource === 'dcos:superuser' ? { ...somebody, principal: 'a-superuser' } : somebody;
}

function loadPolicy(text: string): Authorizer {
  const built = build([{ file: 'imported.acl', text }], { importer: createShippedImporter() });
  if (!built.ok) throw new Error(renderText(built.diagnostics, built.textOf));
  return Authorizer.fromImage(built.image);
}

const scratch = new IdElements();

/** About a grant, or about something near it: above, below, beside, with a part left out, for somebody else. */
function randomRequest(grants: readonly RawGrant[], random: Random): RawRequest {
  for (;;) {
    const { principalType, principal, resource, action } = random.pick(grants);
    const other = random.pick(grants);
    const groups = grants.filter((grant) => grant.principalType === 'group').map((grant) => grant.principal);
    const near = random.pick([
      resource,
      `${resource}/x`,
      `${resource}x`,
      `${resource}:x`,
      `${resource}.x`,
      `${resource}:/x`,
      resource.replace(/[^:/]*$/, ''),
      resource.replace(/[:/.][^:/.]*$/, ''),
      resource.replace(/[^:/.]*$/, 'y'),
      resource.replace(/\*$/, 'a'),
      resource.replace(/\*$/, 'a/b'),
      resource.replace(/:marathon:(?=services)/, ':other:'),
      resource.replace(':master:', ':agent:'),
      resource.replace(/:\/?/, '/'),
      other.resource,
    ]);
    if (scanId(near, scratch) !== FAULT_NONE) continue;
    const isGroup = principalType === 'group';
    return {
      principal:
        random.chance(0.2) || isGroup ? (random.chance(0.5) ? 'nobody-known' : other.principal) : principal,
      groups: isGroup ? [principal] : random.chance(0.1) ? [random.pick(groups)] : [],
      resource: near,
      action: random.chance(0.5)
        ? action
        : random.pick(['create', 'read', 'update', 'delete', 'full', 'list']),
    };
  }
}

describe('policies of any grants', () => {
  test('put reserved words in quotes where a role takes them', () => {
    const lines = ['on', 'to', 'kafka'].flatMap((principal) =>
      [`dcos:mesos:master:framework:role:${principal}`, `dcos:secrets:default:/${principal}`].map(
        (resource) => JSON.stringify({ principalType: 'user', principal, resource, action: 'create' }),
      ),
    );
    const { text } = importDcosGrants([{ file: 'a.jsonl', text: lines.join('\n') }]);
    expect(text).toContain('grant framework("to")  to user:to');
  });

  test('say what the grants say, whatever the names', () => {
    const random = new Random(seed);
    const words = [
      'kafka',
      'dev',
      'a b',
      '*',
      '<x>',
      '$V',
      '"',
      '\\n',
      'é',
      'web-*',
      '{x}',
      '[y]',
      'on',
      'unless',
      '@z',
      '..',
      'name',
      'dcos',
    ];
    const heads = [
      'dcos:adminrouter:service:',
      'dcos:mesos:master:framework:role:',
      'dcos:service:marathon:marathon:services:/',
      'dcos:secrets:default:/',
      'dcos:cluster:linker:',
      '',
      'other:',
    ];
    for (let i = 0; i < 150; i++) {
      const principals = random.sample(words, 4);
      const lines = random.times(random.between(1, 25), () => {
        const principal = random.pick(principals);
        const tail = random.chance(0.4) ? principal : random.pick(words);
        return {
          principalType: random.pick(['user', 'group', 'service-account']),
          principal,
          resource: `${random.pick(heads)}${tail}${random.pick(['', '', '-role', '/*', '/x'])}`,
          action: random.pick(['create', 'read', 'update', 'delete', 'full']),
        };
      });
      const text = lines.map((line) => JSON.stringify(line)).join('\n');
      // It throws unless the policy is proved to be the grants.
      const { proof, imported } = importDcosGrants([{ file: 'a.jsonl', text }], {
        version: random.pick(['1.10', '1.11', '2.2']),
      });
      expect(proof.grants).toBeLessThanOrEqual(imported.length);
    }
  });
});

describe('the proof', () => {
  const data: unknown = JSON.parse(
    readFileSync(new URL('../policies/dcos/resources.json', import.meta.url), 'utf8'),
  );
  const catalogue = readCatalogue(data)!;
  const { grants, memberships } = readGrants({ file: 'dump.json', text: readFixture('dump.json') });
  const set = buildPermissionSet(grants, memberships, catalogue);
  const { text } = importDcosGrants([{ file: 'dump.json', text: readFixture('dump.json') }]);
  const prove = (policy: string): unknown => {
    const built = build([{ file: 'a.acl', text: policy }], { importer: createShippedImporter() });
    if (!built.ok) throw new Error(renderText(built.diagnostics, built.textOf));
    return proveGrants(set, built, 'a.acl');
  };

  test('holds for what was imported', () => {
    expect(prove(text)).toEqual({ grants: 4, subjects: 3, memberships: 3 });
  });

  test.each([
    ['lacks a grant', /^allow user:dcos_metronome .*$/m, ''],
    ['lacks an action', 'create, update on', 'create on'],
    ['has an action too many', 'create, update on', 'create, delete, update on'],
    ['has another resource', 'services:/dev', 'services:/dev/web'],
    ['has a pattern for an id', 'services:/dev ', 'services:/dev/* '],
    ['has another subject', 'user:dcos_metronome', 'user:dcos_marathon'],
    ['has a rule for anyone', /$/, 'allow anyone to read on dcos:mesos:master:log'],
    ['denies something', /$/, 'deny user:x to read on dcos:mesos:master:log'],
    ['has a condition', 'to full on dcos:superuser', 'to full on dcos:superuser when context.ok == true'],
    ['has a ruleset', /$/, 'ruleset r deny-overrides { allow user:root to full on dcos:superuser }'],
    ['lacks a member', 'user:alice, ', ''],
    ['has a member too many', 'user:alice, ', 'user:alice, user:bob, '],
    ['has a group in a group', 'user:alice, ', 'user:alice, group:superusers, '],
  ])('fails for a policy that %s', (_, what, instead) => {
    expect(text.replace(what, instead)).not.toBe(text);
    expect(() => prove(text.replace(what, instead))).toThrow(InvariantError);
  });
});

// ---------------------------------------------------------------- the command

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('members that a script puts into groups', () => {
  const add = 'dcos security org groups add_user';
  const grant = 'dcos security org groups grant dev dcos:adminrouter:package full\n';
  const importOf = (script: string): GrantsImport =>
    importDcosGrants([{ file: 'a.sh', text: grant + script }]);

  test('are members of the policy, each once', () => {
    const { ok, text, proof } = importOf(`${add} dev alice\n${add} dev bob\n${add} dev alice`);
    expect(ok).toBe(true);
    expect(text).toMatch(/group dev \{ user:alice, user:bob \}/);
    expect(proof.memberships).toBe(2);
  });

  test('may leave again', () => {
    const { ok, text } = importOf(
      `${add} dev alice\n${add} dev bob\ndcos security org groups del_user dev alice`,
    );
    expect(ok).toBe(true);
    expect(text).toMatch(/group dev \{ user:bob \}/);
  });

  test.each([
    ['one who is not in cannot leave', 'dcos security org groups del_user dev alice', 'P4305'],
    ['a variable is nobody', `${add} dev $WHO`, 'P4302'],
    ['the group comes first, then one member', `${add} dev alice bob`, 'P4306'],
    ['nobody is no member', `${add} dev`, 'P4306'],
  ])('%s', (_, script, code) => {
    const { ok, diagnostics } = importOf(script);
    expect(ok).toBe(false);
    expect(diagnostics.filter(({ severity }) => severity === 'error').map((each) => each.code)).toEqual([
      code,
    ]);
  });
});

describe('import dcos-grants', () => {
  const one = 'dcos security org users grant alice dcos:adminrouter:package full\n';

  test('prints the policy, tells what was proved, and ends with 0', async () => {
    const { code, stdout, stderr } = await run('import', 'dcos-grants', write('one.sh', one));
    expect(code).toBe(0);
    expect(stdout).toContain(
      'import "postern:dcos"\n\nallow user:alice to full on dcos:adminrouter:package #',
    );
    expect(stderr).toBe('postern: proved: the policy allows 1 grant of 1 subject, and grants nothing else\n');
  });

  test('takes several files and standard input, from a process of its own', async () => {
    const words = ['import', 'dcos-grants', write('one.sh', one), '-'];
    const { code, stdout } = await runPostern(words, { input: one.replace('alice', 'bob') });
    expect(code).toBe(0);
    expect(stdout).toContain('allow user:alice, user:bob to full');
    expect(stdout).toContain('(standard input):1');
  });

  test('its --version is that of DC/OS, and that of postern is still there', async () => {
    const { code, stdout } = await run('import', 'dcos-grants', '--version', '1.11', write('one.sh', one));
    expect([code, stdout.includes('import "postern:dcos/1.11"')]).toEqual([0, true]);
    const unknown = await run('import', 'dcos-grants', '--version', '3.0', write('one.sh', one));
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toMatch(/^postern: unknown version `3\.0` of DC\/OS; there are 1\.7, .*2\.2\n$/);
    expect((await runPostern(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+/);
  });

  test('what was printed can be imported by a policy, and decides', async () => {
    const { stdout } = await run('import', 'dcos-grants', join(fixtures, 'installer.sh'));
    const policy = write('grants.acl', stdout);
    const ask = [
      'check',
      'user:kafka',
      'create',
      'dcos:mesos:master:framework:role:kafka-role',
      '-p',
      policy,
    ];
    expect(await run(...ask)).toMatchObject({ code: 0 });
    expect(await run(...ask.with(1, 'user:cassandra'))).toMatchObject({ code: 1 });
  });

  test('with something refused the rest is printed, and it ends with 1', async () => {
    const file = write('two.sh', `${one}dcos security org users grant $WHO dcos:adminrouter:package full\n`);
    const { code, stdout, stderr } = await run('import', 'dcos-grants', file);
    expect(code).toBe(1);
    expect(stdout).toContain('allow user:alice');
    expect(stderr).toContain('error[P4302]: `$WHO` stands for something that is not known here');
    expect(stderr).toContain('postern: 1 error: what they are about is not imported\n');
  });

  test('--strict prints nothing where something is refused or warned of', async () => {
    const file = write('broad.sh', 'dcos security org users grant alice dcos:superuser full\n');
    expect(await run('import', 'dcos-grants', file)).toMatchObject({ code: 0 });
    expect(await run('import', 'dcos-grants', file, '--strict')).toMatchObject({ code: 1, stdout: '' });
    expect(await run('import', 'dcos-grants', write('one.sh', one), '--strict')).toMatchObject({ code: 0 });
  });

  test('--subject names who gets permission strings, --input-format how a text is read', async () => {
    const file = write('strings.txt', 'dcos:adminrouter:package full\n');
    expect(await run('import', 'dcos-grants', file)).toMatchObject({ code: 1 });
    const named = await run('import', 'dcos-grants', file, '--subject', 'group:dev');
    expect(named).toMatchObject({ code: 0 });
    expect(named.stdout).toContain('allow group:dev to full on dcos:adminrouter:package');
    expect(await run('import', 'dcos-grants', file, '--subject', 'dev')).toMatchObject({ code: 2 });
    expect(await run('import', 'dcos-grants', file, '--input-format', 'shell')).toMatchObject({ code: 0 });
    expect(await run('import', 'dcos-grants', file, '--input-format', 'yaml')).toMatchObject({ code: 2 });
  });

  test('what cannot be read ends with 3', async () => {
    expect(await run('import', 'dcos-grants', join(folder, 'none.sh'))).toMatchObject({
      code: 3,
      stdout: '',
    });
    expect(await run('import', 'dcos-grants', join(fixtures, 'another-path.json'))).toMatchObject({
      code: 3,
      stdout: '',
    });
    const bytes = join(folder, 'bytes.sh');
    writeFileSync(bytes, Buffer.from([0x64, 0xff, 0xfe]));
    expect(await run('import', 'dcos-grants', bytes)).toMatchObject({ code: 3, stdout: '' });
  });

  test('--help has examples and the exit codes', async () => {
    const { code, stdout } = await runPostern(['import', 'dcos-grants', '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain('Exit codes:');
  });
});
