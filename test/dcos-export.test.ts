import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareModels } from '../src/analysis/compare-models.ts';
import {
  type ExportFormat,
  exportDcosGrants,
  exportFormats,
  type GrantsExport,
  importDcosGrants,
} from '../src/dcos-grants.ts';
import { build, type Model, renderText } from '../src/index.ts';
import { decodeRid, encodeRid, encodeRidForUrl } from '../src/interop/dcos/grants/rid-in-url.ts';
import { shellQuote } from '../src/interop/dcos/grants/shell-quote.ts';
import { readShellWords } from '../src/interop/dcos/grants/shell-words.ts';
import { Random, seedOfRun } from './support/generators.ts';
import { runInProcess as run } from './support/run-command-line.ts';

// Policies as grants of DC/OS Enterprise: what is written, that an import reads it as it was meant, and what is refused.
// `POSTERN_SEED=… npx vitest run test/dcos-export.test.ts` repeats a run.

const seed = seedOfRun(process.env.POSTERN_SEED);
beforeAll(() => console.log(`POSTERN_SEED=${seed}`));

const folder = mkdtempSync(join(tmpdir(), 'postern-export-'));
afterAll(() => rmSync(folder, { recursive: true }));

function modelOf(text: string): Model {
  const built = build([{ file: 'a.acl', text }]);
  if (!built.ok) throw new Error(renderText(built.diagnostics, built.textOf));
  return built.model;
}

/** Of a policy that imports the newest catalogue. */
function exportOf(text: string, format: ExportFormat = 'dcos'): GrantsExport {
  return exportDcosGrants(modelOf(`import "postern:dcos"\n${text}`), { format });
}

const policy = `
group dev { user:cory, user:kim }
group idle {}
allow group:dev to create, read on dcos:service:marathon:marathon:services:/dev
allow user:users to full on dcos:secrets:default:/dev/*
`;

describe('what is written', () => {
  const linesOf = (format: ExportFormat): string[] =>
    exportOf(policy, format)
      .text.split('\n')
      .filter((line) => /^(?:dcos|curl|\{"p| {2}"\/)/.test(line));

  test('commands of `dcos` make groups, members and grants, in this order', () => {
    expect(linesOf('dcos')).toEqual([
      'dcos security org groups create dev',
      'dcos security org groups create idle',
      'dcos security org groups add_user dev cory',
      'dcos security org groups add_user dev kim',
      'dcos security org groups grant dev dcos:service:marathon:marathon:services:/dev create',
      'dcos security org groups grant dev dcos:service:marathon:marathon:services:/dev read',
      "dcos security org users grant users 'dcos:secrets:default:/dev/*' full",
    ]);
  });

  test('requests of `curl` make a list before they grant on it, with each slash of an id encoded twice', () => {
    const requests = linesOf('curl').map((line) => line.replace(/^.*\/acs\/api\/v1/, ''));
    expect(requests).toEqual([
      '/groups/dev',
      '/groups/idle',
      '/groups/dev/users/cory',
      '/groups/dev/users/kim',
      '/acls/dcos:service:marathon:marathon:services:%252Fdev',
      '/acls/dcos:service:marathon:marathon:services:%252Fdev/groups/dev/create',
      '/acls/dcos:service:marathon:marathon:services:%252Fdev/groups/dev/read',
      "/acls/'dcos:secrets:default:%252Fdev%252F*'",
      "/acls/'dcos:secrets:default:%252Fdev%252F*'/users/users/full",
    ]);
  });

  test('scripts name the accounts that they need', () => {
    expect(exportOf(policy).text).toContain('# Accounts that must be there: cory kim users\n');
  });

  test('JSON lines have an object for each subject and resource', () => {
    const grants = policy.replace('user:cory, user:kim', '');
    expect(exportOf(grants, 'jsonl').text).toBe(
      '{"principalType":"group","principal":"dev","resource":"dcos:service:marathon:marathon:services:/dev","action":"create,read"}\n' +
        '{"principalType":"user","principal":"users","resource":"dcos:secrets:default:/dev/*","action":"full"}\n',
    );
  });

  test('a dump has users, groups, lists, members and permissions', () => {
    const dump = JSON.parse(exportOf(policy, 'dump').text) as Record<string, unknown>;
    expect(Object.keys(dump)).toEqual([
      '/users',
      '/users?type=service',
      '/groups',
      '/acls',
      '/groups/dev/users',
      '/acls/dcos:secrets:default:%252Fdev%252F*/permissions',
      '/acls/dcos:service:marathon:marathon:services:%252Fdev/permissions',
    ]);
  });

  test.each(exportFormats)('an empty policy is an empty export (%s)', (format) => {
    expect(exportOf('', format)).toMatchObject({ ok: true, diagnostics: [], proof: { grants: 0 } });
    expect(exportDcosGrants(modelOf(''), { format }).ok).toBe(true);
  });

  test('rules in a ruleset that only allows are grants like any other', () => {
    const { ok, decidesAlike } = exportOf(
      'ruleset r first-applicable { allow user:kim to full on dcos:adminrouter:acs }',
    );
    expect([ok, decidesAlike]).toEqual([true, true]);
  });
});

describe('what is refused', () => {
  const grantable = 'allow user:b to read on dcos:mesos:master:log\n';
  test.each([
    ['a deny', 'deny user:a to full on dcos:adminrouter:acs', 'only allows'],
    ['a condition', 'allow user:a to full on dcos:adminrouter:acs when context.x == 1', 'has no condition'],
    ['anyone', 'allow anyone to full on dcos:adminrouter:acs', 'not to anyone'],
    ['authenticated', 'allow authenticated to full on dcos:adminrouter:acs', 'not to authenticated'],
    ['a pattern of subjects', 'allow user:a* to full on dcos:adminrouter:acs', 'has no patterns of them'],
    ['another subject', 'allow service:/a to read on dcos:secrets:default:/a', 'not to `service:/a`'],
    ['another action', 'allow user:a to list on dcos:adminrouter:acs', 'has no action `list`'],
    ['another resource', 'allow user:a to read on wiki:start', 'is not about `wiki:start`'],
    ['a wildcard', 'allow user:a to read on dcos:secrets:default:/a/**', 'has no pattern such as'],
    ['a variable', 'allow user:{x} to read on dcos:secrets:default:/{x}', 'has no patterns of them'],
    [
      'an id that DC/OS takes for a pattern',
      'allow user:a to read on dcos:secrets:default:/a/"*"',
      'is about every id that matches `dcos:secrets:default:/a/*`',
    ],
    ['a group in a group', 'group g { group:h }\ngroup h {}', 'has no groups in groups'],
    ['a member that is no account', 'group g { service:/a }', 'not to `service:/a`, a member of `group:g`'],
    [
      'a member that no account can be',
      'group g { user:"a b" }',
      'user `a b`, a member of `group:g`, is no id',
    ],
    ['a group that none can be', 'group "a b" {}', 'group `a b` is no id'],
    ['a default', 'ruleset r deny-overrides { default allow }', 'has no default'],
    [
      'a scope',
      'ruleset r deny-overrides { scope full on dcos:adminrouter:acs allow user:a to full on dcos:adminrouter:acs }',
      'has no scope',
    ],
    ['a uid that is none', 'allow user:"a b" to full on dcos:adminrouter:acs', 'user `a b` is no id'],
    ['an option for a uid', 'allow user:-a to full on dcos:adminrouter:acs', 'is read as something else'],
    ['an implication', 'action read implies list', 'of `read` does not imply `list`'],
    [
      'what a script would fill in',
      'allow user:a to read on dcos:secrets:default:/"$HOME"',
      '`$HOME` stands for something that is not known here',
    ],
  ])('%s', (_, text, message) => {
    const { ok, diagnostics, proof } = exportOf(grantable + text);
    expect(ok).toBe(false);
    expect(diagnostics.map((each) => each.message).join('\n')).toContain(message);
    expect(diagnostics).toHaveLength(1);
    // The rest is exported all the same, for whoever wants it.
    expect(proof.grants).toBe(1);
  });

  test('a catalogue of somebody else, or none', () => {
    const own = 'namespace dcos { resource dcos:x { actions read } }\nallow user:a to read on dcos:x';
    for (const text of [own, 'allow user:a to read on dcos:x']) {
      const { text: exported, diagnostics } = exportDcosGrants(modelOf(text), { format: 'dump' });
      expect(exported).toBe('');
      expect(diagnostics.map(({ code, file }) => [code, file])).toEqual([['P4331', 'a.acl']]);
    }
  });

  test('stars are those of the version that the policy imports', () => {
    const grantOf = (resource: string): string =>
      `allow user:a to read on dcos:secrets:default:/a/${resource}`;
    const isSaid = (version: string, resource: string): boolean =>
      exportDcosGrants(modelOf(`import "postern:dcos/${version}"\n${grantOf(resource)}`), { format: 'dcos' })
        .ok;
    expect([isSaid('1.11', '*'), isSaid('1.11', '"*"')]).toEqual([true, false]);
    expect([isSaid('1.10', '*'), isSaid('1.10', '"*"')]).toEqual([false, true]);
  });

  test('each place is told once, however many permissions a role has', () => {
    const { diagnostics } = exportOf(
      'role r { read, list on dcos:a\n read, list on dcos:b }\ngrant r to user:a',
    );
    expect(diagnostics.map(({ message, related }) => [message, related?.[0]?.text])).toEqual([
      ['a grant of DC/OS has no action `list`', 'in role `r`'],
    ]);
  });

  test('members of groups, for which JSON lines have no word', () => {
    const { ok, diagnostics } = exportOf(policy, 'jsonl');
    expect(ok).toBe(false);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'JSON lines have no word for members of groups, such as those of `dev`',
    ]);
  });
});

test('what denies is counted, where grants without it allow more', () => {
  const { denialsRefused } = exportOf(
    'deny user:a to full on dcos:adminrouter:acs\nruleset r deny-overrides { scope full on dcos:adminrouter:acs default deny }',
  );
  expect(denialsRefused).toBe(2);
});

describe('policies of any grants', () => {
  const words = [
    'dev',
    'web',
    'a b',
    '*',
    'x*',
    "it's",
    '"',
    'é',
    '#',
    '?',
    '[',
    '+',
    '=',
    '@',
    '-a',
    ',',
    'users',
    '~',
    '!',
  ];
  const heads = [
    'dcos:adminrouter:service:',
    'dcos:mesos:master:framework:role:',
    'dcos:service:marathon:marathon:services:/',
    'dcos:secrets:default:/',
    'dcos:cluster:linker:',
    'dcos:no-such:',
  ];
  const names = ['alice', 'bob', 'a.b@c', 'users', 'groups', '0', 'full'];
  const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

  function randomPolicy(random: Random, canHaveMembers: boolean): string {
    const groups = random.sample(names, random.below(4));
    const lines = groups.map((name) => {
      const members = canHaveMembers ? random.sample(names, random.below(3)) : [];
      return `group ${quoted(name)} { ${members.map((uid) => `user:${quoted(uid)}`).join(', ')} }`;
    });
    for (let i = random.between(1, 12); i > 0; i--) {
      const subjects = random.times(random.between(1, 2), () =>
        groups.length > 0 && random.chance(0.4)
          ? `group:${quoted(random.pick(groups))}`
          : `user:${quoted(random.pick(names))}`,
      );
      const actions = random.sample(['create', 'read', 'update', 'delete', 'full'], random.between(1, 3));
      lines.push(`allow ${subjects.join(', ')} to ${actions.join(', ')} on ${randomResource(random)}`);
    }
    return lines.join('\n');
  }

  function randomResource(random: Random): string {
    if (random.chance(0.2))
      return random.pick(['dcos:cluster:linker:*', 'dcos:secrets:default:/a/*', 'dcos:superuser']);
    const [head, word] = [random.pick(heads), random.pick(words)];
    const tail = `${word}${random.pick(['', '', '-role', '/x', '.y'])}`;
    // Such ids are patterns for DC/OS.
    const isStar = tail === '*' && /secrets|linker/.test(head);
    return `${head}${quoted(isStar ? 'star' : tail)}`;
  }

  test(`are the same when what is exported is imported, in every format (POSTERN_SEED=${seed})`, () => {
    const random = new Random(seed);
    for (let i = 0; i < 12; i++) {
      for (const format of exportFormats) {
        const model = modelOf(`import "postern:dcos"\n${randomPolicy(random, format !== 'jsonl')}`);
        const { ok, text, diagnostics } = exportDcosGrants(model, { format });
        if (!ok) {
          // What a URL or a command cannot hold is refused and nothing else.
          expect(diagnostics.map(({ message }) => message).join('\n'), text).toMatch(
            /read as something else/,
          );
          continue;
        }
        const imported = importDcosGrants([{ file: 'again', text }]);
        expect(imported.ok, text).toBe(true);
        const after = modelOf(imported.text);
        expect(compareModels(model, { ...after, routes: model.routes }), text).toEqual({ kind: 'equal' });
      }
    }
  });

  test(`are all exported as a dump (POSTERN_SEED=${seed})`, () => {
    const random = new Random(seed);
    for (let i = 0; i < 15; i++) {
      const model = modelOf(`import "postern:dcos"\n${randomPolicy(random, true)}`);
      expect(exportDcosGrants(model, { format: 'dump' })).toMatchObject({ ok: true, decidesAlike: true });
    }
  });
});

describe('words', () => {
  test.each(['a', "it's", '$x `y` "z"', '', "''", '\\', 'a\tb', '#', '~', '{a,b}', '!'])(
    'a shell reads %j as it was',
    (text) => {
      expect(readShellWords(`x ${shellQuote(text)}`).commands.map(({ words }) => words[1]?.text)).toEqual([
        text,
      ]);
    },
  );

  test.each([
    ['dcos:secrets:default:/a/b', 'dcos:secrets:default:%252Fa%252Fb'],
    ['dcos:mesos:role:*', 'dcos:mesos:role:*'],
    ['a:@+$=,', 'a:@+$=,'],
    ['a:b c?#', 'a:b%20c%3F%23'],
    ['a:é', 'a:%C3%A9'],
  ])('%j stands in a URL as %j', (resource, segment) => {
    expect(encodeRidForUrl(resource)).toBe(segment);
    expect(decodeRid(segment)).toEqual({ ok: true, resource });
    if (/^[\w:/*-]+$/.test(resource)) expect(segment).toBe(encodeRid(resource));
  });
});

describe('requests of `curl` for members', () => {
  const put = 'curl -X PUT https://m/acs/api/v1/groups/dev/users/alice';
  const membersOf = (script: string): string =>
    /^group .*$/m.exec(importDcosGrants([{ file: 'a.sh', text: script }]).text)?.[0] ?? '';

  test('put them in and take them out', () => {
    expect(membersOf(put)).toBe('group dev { user:alice }');
    expect(membersOf(`${put}\n${put.replace('alice', 'bob')}\n${put.replace('PUT', 'DELETE')}`)).toBe(
      'group dev { user:bob }',
    );
    expect(membersOf(put.replace('-X PUT ', ''))).toBe('');
  });

  test('are refused with a variable', () => {
    const { diagnostics } = importDcosGrants([{ file: 'a.sh', text: put.replace('alice', '$WHO') }]);
    expect(diagnostics.map(({ code }) => code)).toContain('P4302');
  });
});

describe('export dcos-grants', () => {
  const file = join(folder, 'policy.acl');
  const write = (text: string): void => writeFileSync(file, `import "postern:dcos"\n${text}`);

  test('prints grants, tells what was proved, and ends with 0', async () => {
    write('allow user:a to full on dcos:adminrouter:acs\n');
    const { code, stdout, stderr } = await run('export', 'dcos-grants', file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\n\ndcos security org users grant a dcos:adminrouter:acs full\n$/);
    expect(stderr).toBe(
      'postern: proved: what is imported from it allows 1 grant of 1 subject, and grants nothing else\n' +
        'postern: proved: the policy decides every request alike\n',
    );
  });

  test('prints nothing if something is refused, and the rest with --partial; both end with 1', async () => {
    write('allow user:a to full on dcos:adminrouter:acs\ndeny user:b to full on dcos:adminrouter:acs\n');
    const { code, stdout, stderr } = await run('export', 'dcos-grants', file);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('error[P4331]: a grant of DC/OS only allows');
    const partial = await run('export', 'dcos-grants', file, '--partial', '--format', 'jsonl');
    expect(partial.code).toBe(1);
    expect(partial.stdout).toBe(
      '{"principalType":"user","principal":"a","resource":"dcos:adminrouter:acs","action":"full"}\n',
    );
    expect(partial.stderr).toMatch(/without 1 denial the grants allow more than the policy\n$/);
  });

  test('an empty policy is no lines of JSON, and that is no fault', async () => {
    write('');
    expect(await run('export', 'dcos-grants', file, '--format', 'jsonl')).toMatchObject({
      code: 0,
      stdout: '',
    });
  });

  test('ends with 3 for a policy with errors, and with 2 for a format that there is not', async () => {
    write('allow user:a to');
    expect((await run('export', 'dcos-grants', file)).code).toBe(3);
    expect((await run('export', 'dcos-grants', file, '--format', 'xml')).code).toBe(2);
  });
});
