import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../src/compile/compile.ts';
import { createShippedImporter } from '../src/files/importer.ts';
import { build, type Model, PolicyError } from '../src/index.ts';
import { loadAcls } from '../src/interop/mesos/authorizer.ts';
import { buildModel, everyObject } from '../src/interop/mesos/build-model.ts';
import {
  areSamePrograms,
  type ListProgram,
  type ListStep,
  programsOfAcls,
} from '../src/interop/mesos/list-program.ts';
import { type AclList, aclListByName } from '../src/interop/mesos/lists.ts';
import { MesosNames } from '../src/interop/mesos/names.ts';
import { proveEqual } from '../src/interop/mesos/translate/prove.ts';
import { synthesizeSteps } from '../src/interop/mesos/translate/synthesize.ts';
import { printAcls, writeAcls } from '../src/interop/mesos/translate/write-acls.ts';
import { MesosAuthorizer } from '../src/mesos.ts';
import { exportMesosAcls, importMesosAcls, type Translation } from '../src/mesos-policies.ts';
import type { ResourcePattern, Rule } from '../src/model/model.ts';
import { parse } from '../src/syntax/parser.ts';
import { printTree } from '../src/syntax/print.ts';
import { Random, seedOfRun } from './support/generators.ts';
import { reference } from './support/generators-evaluators.ts';
import { randomAcls } from './support/mesos-generators.ts';
import { loadAcls as loadInReference } from './support/mesos-reference.ts';
import {
  askList,
  emptyRoundTripShares,
  findDifference,
  type ListQuestion,
  policyRequest,
  roundTripOnce,
} from './support/mesos-round-trip.ts';

// ACLs of Mesos as policies and policies as ACLs. What translations are proved by is not trusted here: the verdicts are
// those of the two references. `POSTERN_SEED=… npx vitest run test/mesos-policies.test.ts` repeats a run.

const seed = seedOfRun(process.env.POSTERN_SEED);
const importer = createShippedImporter();

beforeAll(() => console.log(`POSTERN_SEED=${seed}`));

function modelOf(text: string): { readonly model: Model; readonly image: Uint8Array } {
  const built = build([{ file: 'policy.acl', text }], { importer });
  if (!built.ok) throw new PolicyError(built.diagnostics, built.textOf);
  return built;
}

function exportText(text: string): Translation {
  const { model, image } = modelOf(text);
  return exportMesosAcls(model, image);
}

function textOf(translation: Translation): string {
  if (!translation.ok) throw new Error(translation.diagnostics.map(({ message }) => message).join('\n'));
  return translation.text;
}

// ---------------------------------------------------------------- there and back

describe('ACLs that become a policy', () => {
  const shares = emptyRoundTripShares();

  afterAll(() => console.log(JSON.stringify({ ...shares, refusals: [...shares.refusals] })));

  test('in canonical layout and become ACLs again decide as before, whatever is asked', () => {
    const random = new Random(seed);
    const found: string[] = [];
    while (shares.documents < 300) found.push(...[roundTripOnce(random, shares) ?? []].flat());
    expect(found.slice(0, 3), `${found.length} faults with POSTERN_SEED=${seed}`).toEqual([]);
  });

  test('are refused for strings beyond the limits of ids, and for nothing else', () => {
    expect([...shares.refusals.keys()]).toEqual([
      'P4006 a principal or object is too long for an id of a policy',
    ]);
    const refused = [...shares.refusals.values()].reduce((sum, count) => sum + count, 0);
    expect(refused / shares.documents).toBeLessThan(0.15);
    expect(shares.same + refused + shares.faulty).toBe(shares.documents);
    expect(shares.same / shares.documents).toBeGreaterThan(0.7);
    expect(shares.allowed / shares.questions).toBeGreaterThan(0.3);
    expect(shares.allowed / shares.questions).toBeLessThan(0.9);
  });

  test('keep the places of their entries, in a text that reads well, and come back in few words', async () => {
    const folder = fileURLToPath(new URL('./fixtures/mesos/import/', import.meta.url));
    const text = readFileSync(`${folder}rich.json`, 'utf8');
    const imported = textOf(importMesosAcls({ file: 'rich.json', text }));
    await expect(imported).toMatchFileSnapshot(`${folder}rich.acl`);
    expect(printTree(parse({ file: 'rich.acl', text: imported }).tree)).toBe(imported);
    expect(imported).toContain('\nimport "postern:mesos"\n');
    const exported = textOf(exportText(imported));
    await expect(exported).toMatchFileSnapshot(`${folder}rich.exported.json`);
    expect(findDifference(loadInReference(text), loadInReference(exported))).toBeUndefined();
    // What has been through once comes through unchanged.
    expect(textOf(exportText(textOf(importMesosAcls({ file: 'a.json', text: exported }))))).toBe(exported);
  });

  test.each([
    ['a permissive document without a list', '{}', '{\n  "permissive": true\n}\n'],
    ['a restrictive one', '{"permissive": false}', '{\n  "permissive": false\n}\n'],
    ['a list without entries', '{"permissive": false, "run_tasks": []}', '{\n  "permissive": false\n}\n'],
  ])('may be empty: %s', (_, text, expected) => {
    expect(textOf(exportText(textOf(importMesosAcls({ file: 'a.json', text }))))).toBe(expected);
  });

  test('are not imported where Mesos would not load them', () => {
    const text = '{"run_tasks": [{"principals": {"type": "ANY"}}]}';
    expect(() => importMesosAcls({ file: 'a.json', text })).toThrow(PolicyError);
  });

  test('are told to be too long where they are', () => {
    const entry = { principals: { values: ['x'.repeat(2_000)] }, users: { type: 'ANY' } };
    const result = importMesosAcls({ file: 'a.json', text: JSON.stringify({ run_tasks: [entry] }) });
    expect(result).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'P4006', severity: 'error', file: 'a.json' }],
    });
  });
});

// ---------------------------------------------------------------- policies that no ACLs can say

const catalogue = 'import "postern:mesos"\n';

describe('a policy is refused, with the rule and the reason, where it', () => {
  test.each([
    [
      'has a condition',
      'allow principal:a to run_tasks on mesos:user:root when context.mfa',
      ['rule at policy.acl:1 has a condition'],
    ],
    [
      'tells a given principal from none',
      'allow authenticated to run_tasks on mesos:user:root',
      ['rule at policy.acl:1 speaks of `authenticated`: ACLs cannot tell a given principal from none'],
    ],
    [
      'speaks of subjects by a pattern',
      'allow principal:ops-* to run_tasks on mesos:user:root',
      ['rule at policy.acl:1 speaks of a pattern of subjects: ACLs list principals one by one'],
    ],
    [
      'has a group with a pattern',
      'group g { principal:a, principal:* }\nallow group:g to run_tasks on mesos:user:root',
      ['rule at policy.acl:2 speaks of a pattern of subjects: ACLs list principals one by one'],
    ],
    [
      'speaks of a subject that is no principal',
      'allow user:alice to run_tasks on mesos:user:root',
      ['rule at policy.acl:1 speaks of `user:alice`: who asks Mesos is a `principal:NAME`'],
    ],
    [
      'speaks of a principal whose name stands for no string',
      'allow principal:~0041 to run_tasks on mesos:user:root',
      ['rule at policy.acl:1 speaks of `principal:~0041`: who asks Mesos is a `principal:NAME`'],
    ],
    [
      'has a variable in subject and resource',
      'allow principal:{x} to run_tasks on mesos:user:{x}',
      ['rule at policy.acl:1 speaks of a pattern of subjects: ACLs list principals one by one'],
    ],
    [
      'has a variable in the resource alone',
      'allow principal:a to view_roles on mesos:role:{x}/{x}',
      [
        'rule at policy.acl:1 speaks of `mesos:role:{x}/{x}`: `view_roles` takes `mesos:role:VALUE`, `mesos:role:a/*/**` and `mesos:role:**`',
      ],
    ],
    [
      'is about an action that is no list',
      'allow principal:a to run_task on mesos:user:root',
      ['rule at policy.acl:1 is about `run_task`, which is no list of ACLs'],
    ],
    [
      'is about something else than Mesos',
      'allow principal:a to read on wiki:/page',
      ['rule at policy.acl:1 is about `read`, which is no list of ACLs'],
    ],
    [
      'is about an action that implies lists, on an id whose template lists none of them',
      'namespace mesos { resource mesos:user[:<user>] { actions run_tasks } }\naction look implies view_tasks\nallow principal:a to look on mesos:user:root',
      ['rule at policy.acl:3 is about `look`, which is no list of ACLs'],
    ],
    [
      'puts a list to a kind that it is not about',
      'allow principal:a to run_tasks on mesos:role:eng',
      [
        'rule at policy.acl:1 speaks of `mesos:role:eng`: `run_tasks` takes `mesos:user:VALUE` and `mesos:user:**`',
      ],
    ],
    [
      'gives a value to a list that is asked about none',
      'allow principal:a to view_flags on mesos:flag:x',
      ['rule at policy.acl:1 speaks of `mesos:flag:x`: `view_flags` takes `mesos:flag` and `mesos:flag:**`'],
    ],
    [
      'speaks of one segment, whatever it holds',
      'allow principal:a to view_roles on mesos:role:eng/*',
      [
        'rule at policy.acl:1 speaks of `mesos:role:eng/*`: `view_roles` takes `mesos:role:VALUE`, `mesos:role:a/*/**` and `mesos:role:**`',
      ],
    ],
    [
      'speaks of values by a glob',
      'allow principal:a to run_tasks on mesos:user:svc-*',
      [
        'rule at policy.acl:1 speaks of `mesos:user:svc-*`: `run_tasks` takes `mesos:user:VALUE` and `mesos:user:**`',
      ],
    ],
    [
      'speaks of what is below a user',
      'allow principal:a to run_tasks on mesos:user:a/**',
      [
        'rule at policy.acl:1 speaks of `mesos:user:a/**`: `run_tasks` takes `mesos:user:VALUE` and `mesos:user:**`',
      ],
    ],
    [
      'speaks of what is below the empty role, where nothing is',
      'allow principal:a to view_roles on mesos:role:~/**',
      [
        'rule at policy.acl:1 speaks of `mesos:role:~/**`: `view_roles` takes `mesos:role:VALUE`, `mesos:role:a/*/**` and `mesos:role:**`',
      ],
    ],
    [
      'speaks of the role `a/%` alone, which ACLs take for those below `a`',
      'allow principal:a to view_roles on mesos:role:"a/%"',
      [
        'rule at policy.acl:1 speaks of `mesos:role:a/%`: `view_roles` takes `mesos:role:VALUE`, `mesos:role:a/*/**` and `mesos:role:**`',
      ],
    ],
    [
      'speaks of the role `a/%` and those below it',
      'allow principal:a to view_roles on mesos:role:"a/%"/**',
      [
        'rule at policy.acl:1 speaks of `mesos:role:"a/%"/**`: `view_roles` takes `mesos:role:VALUE`, `mesos:role:a/*/**` and `mesos:role:**`',
      ],
    ],
    [
      'speaks of an id that stands for no value',
      'allow principal:a to view_roles on mesos:role:~0041',
      [
        'rule at policy.acl:1 speaks of `mesos:role:~0041`: `view_roles` takes `mesos:role:VALUE`, `mesos:role:a/*/**` and `mesos:role:**`',
      ],
    ],
    [
      'speaks of an object that is too long to be asked by its name',
      `allow principal:a to view_roles on mesos:role:${'x'.repeat(4_050)}`,
      ['rule at policy.acl:1 speaks of an object of more than 4,000 characters or 240 pieces'],
    ],
    [
      'speaks of what is below an object of too many pieces',
      `allow principal:a to view_roles on mesos:role:${'x/'.repeat(248)}*/**`,
      ['rule at policy.acl:1 speaks of an object of more than 4,000 characters or 240 pieces'],
    ],
    [
      'speaks of the question about no user in particular alone',
      'allow principal:a to run_tasks on mesos:user',
      ['rule at policy.acl:1 speaks of `mesos:user` alone: write `mesos:user:**` for every one'],
    ],
    [
      'speaks of ids by pieces of their last segment',
      'namespace mesos { resource mesos:role:<role... by "."> { } }\nallow principal:a to view_roles on mesos:role:eng',
      [
        'rule at policy.acl:2 speaks of `mesos:role:eng`: `view_roles` takes `mesos:role:VALUE`, `mesos:role:a/*/**` and `mesos:role:**`',
      ],
    ],
    [
      'allows an endpoint that cannot be authorized',
      'allow principal:a to get_endpoints on mesos:endpoint:/flags',
      ['rule at policy.acl:1 speaks of `/flags`, which is no endpoint that can be authorized'],
    ],
    [
      'lets two rulesets speak of one list',
      [
        'ruleset one first-applicable { scope run_tasks on mesos:user:**\n default deny }',
        'ruleset two deny-overrides { scope run_tasks on mesos:user:**\n allow anyone to run_tasks on mesos:user:www }',
      ].join('\n'),
      ['ruleset `two` speaks of `run_tasks` as well as `one`'],
    ],
    [
      'has a ruleset that speaks of a part of a list',
      'ruleset one first-applicable { scope run_tasks on mesos:user:www\n default allow }',
      ['ruleset `one` speaks of a part of `run_tasks`: its scope must be `mesos:user:**`'],
    ],
    [
      'has a ruleset whose scope leaves out the question about no user in particular',
      'ruleset one first-applicable { scope run_tasks on mesos:user:*\n default allow }',
      ['ruleset `one` speaks of `mesos:user:*`: `run_tasks` takes `mesos:user:VALUE` and `mesos:user:**`'],
    ],
    [
      'has a ruleset that speaks of something else',
      'ruleset one first-applicable { scope read on wiki:**\n default allow }',
      ['ruleset `one` has a scope on `read`, which is no list of ACLs'],
    ],
    [
      'knows a superuser',
      'namespace mesos { superuser mesos:ops }\nallow principal:a to run_tasks on mesos:user:root',
      ['ACLs know no superuser, as namespace `mesos` does'],
    ],
    [
      'enforces nothing in some mode',
      'namespace mesos { resource mesos:user:<user> { enforced in strict } }\nallow principal:a to run_tasks on mesos:user:root',
      ['ACLs know no modes, as the resources of namespace `mesos` do'],
    ],
    [
      'denies some principals some users, which others have, while the former have others',
      'ruleset r first-applicable {\n  scope run_tasks on mesos:user:**\n  default allow\n  @id("no-root")\n  deny principal:a to run_tasks on mesos:user:root\n}',
      [
        'rule `no-root` denies some principals some of `run_tasks`: `a` is denied `root`, which others are allowed, and is allowed others',
      ],
    ],
    [
      'denies some principals some users in a list that is too long to be put together anew',
      [
        'deny principal:p0 to run_tasks on mesos:user:u0',
        ...Array.from({ length: 300 }, (_, i) => `allow principal:p${i} to run_tasks on mesos:user:u${i}`),
      ].join('\n'),
      [
        'rule at policy.acl:1 denies some principals some of `run_tasks`: the list is too long to look for another form',
      ],
    ],
    [
      'is wrong in more than one way, each of which is told',
      'allow user:alice to run_tasks on mesos:user:root\n@id("second")\nallow principal:a to run_tasks on mesos:role:a\nallow principal:a to run_tasks on mesos:user:root',
      [
        'rule at policy.acl:1 speaks of `user:alice`: who asks Mesos is a `principal:NAME`',
        'rule `second` speaks of `mesos:role:a`: `run_tasks` takes `mesos:user:VALUE` and `mesos:user:**`',
      ],
    ],
  ])('%s', (_, policy, messages) => {
    const result = exportText(policy);
    if (result.ok) throw new Error(`exported: ${result.text}`);
    expect(result.diagnostics.map(({ message }) => message)).toEqual(messages);
    for (const { code, severity, file, span } of result.diagnostics) {
      expect({ code, severity, file }).toEqual({ code: 'P4201', severity: 'error', file: 'policy.acl' });
      expect(span.start).toBeLessThan(span.end);
      expect(span.end).toBeLessThanOrEqual(policy.length);
    }
  });
});

// ---------------------------------------------------------------- policies that ACLs can say

const anyone = { type: 'ANY' };
const all = { type: 'ANY' };
const none = { type: 'NONE' };

const mostLists = [...aclListByName.keys()].filter((list) => list !== 'run_tasks');

function some(...values: string[]): { readonly values: string[] } {
  return { values };
}

describe('a policy is exported where', () => {
  test.each([
    ['it says nothing', '', { permissive: false }],
    [
      'rules stand outside of rulesets: denials come first, whatever their order',
      'allow anyone to run_tasks on mesos:user:**\ndeny anyone to run_tasks on mesos:user:root\nallow principal:a to view_flags on mesos:flag',
      {
        permissive: false,
        run_tasks: [
          { principals: none, users: some('root') },
          { principals: anyone, users: all },
        ],
        view_flags: [{ principals: some('a'), flags: all }],
      },
    ],
    [
      'groups have principals, and groups in them',
      'group all { group:some, principal:c }\ngroup some { principal:b, principal:a }\ngroup nobody { }\nallow group:all to run_tasks on mesos:user:www\nallow group:nobody to run_tasks on mesos:user:**',
      { permissive: false, run_tasks: [{ principals: some('a', 'b', 'c'), users: some('www') }] },
    ],
    [
      'an action implies several lists',
      'action look implies view_tasks, view_frameworks\naction work implies look, run_tasks\nallow principal:a to work on mesos:user:www\ndeny principal:b to look on mesos:user:**',
      {
        permissive: false,
        // A denial of `look` is one of `work`, which no list is asked for.
        run_tasks: [{ principals: some('a'), users: some('www') }],
        view_frameworks: [
          { principals: some('b'), users: none },
          { principals: some('a'), users: some('www') },
        ],
        view_tasks: [
          { principals: some('b'), users: none },
          { principals: some('a'), users: some('www') },
        ],
      },
    ],
    [
      'an action implies lists of which the template of an id has some',
      'namespace mesos { resource mesos:user[:<user>] { actions run_tasks } }\naction work implies run_tasks, view_tasks\nallow principal:a to work on mesos:user:www\nallow principal:a to work on mesos:user:**',
      {
        permissive: false,
        run_tasks: [{ principals: some('a'), users: all }],
        view_tasks: [{ principals: some('a'), users: all }],
      },
    ],
    [
      'an allow outside is overruled by the ruleset, which denies the rest',
      'allow principal:a to run_tasks on mesos:user:www\nruleset r first-applicable {\n  scope run_tasks on mesos:user:**\n  default deny\n  allow principal:b to run_tasks on mesos:user:www\n}',
      { permissive: false, run_tasks: [{ principals: some('b'), users: some('www') }] },
    ],
    [
      'a denial outside overrules the ruleset, which allows the rest',
      'deny anyone to run_tasks on mesos:user:root\nruleset r first-applicable {\n  scope run_tasks on mesos:user:**\n  default allow\n  deny principal:b to run_tasks on mesos:user:**\n}',
      {
        permissive: false,
        run_tasks: [
          { principals: none, users: some('root') },
          { principals: some('b'), users: none },
          { principals: anyone, users: all },
        ],
      },
    ],
    [
      'rules outside have the word where the ruleset has none',
      'allow principal:a to run_tasks on mesos:user:**\nruleset r deny-overrides {\n  scope run_tasks on mesos:user:**\n  default none\n  allow principal:b to run_tasks on mesos:user:www\n  deny anyone to run_tasks on mesos:user:root\n}',
      {
        permissive: false,
        run_tasks: [
          { principals: none, users: some('root') },
          { principals: some('b'), users: some('www') },
          { principals: some('a'), users: all },
        ],
      },
    ],
    [
      'a ruleset without scopes allows all that is asked',
      'ruleset r first-applicable {\n  default allow\n  deny principal:a to view_flags on mesos:flag:**\n}',
      { permissive: true, view_flags: [{ principals: some('a'), flags: none }] },
    ],
    [
      'rules speak of roles and those below them',
      'allow principal:a to view_roles on mesos:role:eng/**\nallow principal:b to view_roles on mesos:role:eng/*/**\nallow principal:c to view_roles on mesos:role:/**\nallow principal:d to view_roles on mesos:role:{a,b/**}',
      {
        permissive: false,
        view_roles: [
          { principals: some('a'), roles: some('eng', 'eng/%') },
          { principals: some('b'), roles: some('eng/%') },
          { principals: some('c'), roles: some('/%') },
          { principals: some('d'), roles: some('a', 'b', 'b/%') },
        ],
      },
    ],
    [
      'values are written as their names',
      'allow principal:~ to view_roles on mesos:role:~\nallow principal:a~007eb to view_roles on mesos:role:"*"\nallow principal:"a b" to view_roles on mesos:role:a~003ab/~/x',
      {
        permissive: false,
        view_roles: [
          { principals: some(''), roles: some('') },
          { principals: some('a~b'), roles: some('*') },
          { principals: some('a b'), roles: some('a:b//x') },
        ],
      },
    ],
    [
      'a rule on `mesos:user` stands for every user, as the catalogue says',
      `${catalogue}allow principal:a to run_tasks on mesos:user\nallow principal:a to launch_standalone_containers on mesos:user`,
      {
        permissive: false,
        run_tasks: [{ principals: some('a'), users: all }],
        launch_standalone_containers: [{ principals: some('a'), users: all }],
      },
    ],
    [
      'patterns cover more than a list is about',
      'deny principal:a to view_flags on **\nallow anyone to view_flags, run_tasks on mesos:**',
      {
        permissive: false,
        run_tasks: [{ principals: anyone, users: all }],
        view_flags: [
          { principals: some('a'), flags: none },
          { principals: anyone, flags: all },
        ],
      },
    ],
    [
      'most lists allow by default: one that denies says so at its end',
      `ruleset r first-applicable {\n  scope ${mostLists.join(', ')} on mesos:**\n  default allow\n}\nallow principal:a to run_tasks on mesos:user:www`,
      {
        permissive: true,
        run_tasks: [
          { principals: some('a'), users: some('www') },
          { principals: anyone, users: none },
        ],
      },
    ],
    [
      'a role of the policy is granted, and of a shipped one',
      'import "postern:mesos/hardened"\ngrant framework(apps, www) to principal:marathon\nrole tester(user) { run_tasks on mesos:user:{user} }\ngrant tester(test) to principal:qa',
      {
        permissive: false,
        register_frameworks: [{ principals: some('marathon'), roles: some('apps', 'apps/%') }],
        run_tasks: [
          { principals: some('marathon'), users: some('www') },
          { principals: some('qa'), users: some('test') },
        ],
        reserve_resources: [{ principals: some('marathon'), roles: some('apps', 'apps/%') }],
        create_volumes: [{ principals: some('marathon'), roles: some('apps', 'apps/%') }],
        resize_volumes: [{ principals: some('marathon'), roles: some('apps', 'apps/%') }],
      },
    ],
    [
      'some are denied some, and had nothing else: they are denied everything',
      'ruleset r first-applicable {\n  scope run_tasks on mesos:user:**\n  default deny\n  deny principal:a to run_tasks on mesos:user:root\n  allow principal:b to run_tasks on mesos:user:**\n}',
      { permissive: false, run_tasks: [{ principals: some('b'), users: all }] },
    ],
    [
      'some are denied some: what they are allowed is all that is told of them',
      'deny principal:a to run_tasks on mesos:user:root\nallow principal:a, principal:b to run_tasks on mesos:user:{root,www}',
      {
        permissive: false,
        run_tasks: [
          { principals: some('a'), users: some('www') },
          { principals: some('b'), users: some('root', 'www') },
        ],
      },
    ],
    [
      'some are denied some and allowed the rest, which nobody else has',
      'deny principal:a to view_roles on mesos:role:eng/*/**\nallow principal:a to view_roles on mesos:role:**',
      {
        permissive: false,
        view_roles: [
          { principals: none, roles: some('eng/%') },
          { principals: some('a'), roles: all },
        ],
      },
    ],
  ])('%s', (_, policy, acls) => {
    const { model } = modelOf(policy);
    const exported = textOf(exportText(policy));
    expect(JSON.parse(exported)).toEqual(acls);
    expect(findUnlike(model, exported)).toBeUndefined();
  });

  test('its ACLs are printed an entry a line, in the order in which Mesos checks the lists', () => {
    const policy =
      'allow principal:a to view_flags on mesos:flag\nallow principal:b to run_tasks on mesos:user:"a\\"b"\ndeny anyone to run_tasks on mesos:user:root';
    expect(textOf(exportText(policy))).toBe(
      [
        '{',
        '  "permissive": false,',
        '  "run_tasks": [',
        '    {"principals": {"type": "NONE"}, "users": {"values": ["root"]}},',
        '    {"principals": {"values": ["b"]}, "users": {"values": ["a\\"b"]}}',
        '  ],',
        '  "view_flags": [',
        '    {"principals": {"values": ["a"]}, "flags": {"type": "ANY"}}',
        '  ]',
        '}',
        '',
      ].join('\n'),
    );
  });
});

/** A question to which a policy, by the reference of policies, and ACLs, by that of ACLs, give different answers. */
function findUnlike(
  model: Model,
  acls: string,
  questions: readonly ListQuestion[] = policyQuestions,
): ListQuestion | undefined {
  const policy = reference.load(model, undefined);
  const loaded = loadInReference(acls);
  return questions.find(
    (question) => (policy.decide(policyRequest(question)).decision === 'allow') !== askList(loaded, question),
  );
}

/** What the policies of these tests speak of, and what they do not. */
const policyPrincipals = [null, 'a', 'b', 'c', 'd', 'marathon', '', 'a~b', 'stranger'];
const policyObjects: Readonly<Record<string, readonly (string | null)[]>> = {
  users: [null, 'root', 'www', 'a/%', 'a/b', '', '/x', 'stranger'],
  roles: [
    ...[null, 'a', 'a/', 'a/b', 'a/b/c', 'b', 'b/c', 'a//x', '', '*', '/', '/x', '/a', '/a/b', '~', 'a/%'],
    ...['eng', 'eng/web', 'engine', 'apps/x', 'stranger'],
  ],
  paths: [null, '/containers', '/files/debug', 'stranger'],
};
const policyQuestions = [...aclListByName.values()].flatMap(({ name, objectField }) =>
  policyPrincipals.flatMap((principal) =>
    (policyObjects[objectField] ?? [null]).map((object): ListQuestion => ({ list: name, principal, object })),
  ),
);

// ---------------------------------------------------------------- random policies

describe('a random policy', () => {
  const counts = { exported: 0, refused: 0 };
  const questions = policyQuestions.filter(({ list }) => list in kindOfList || list === 'update_quotas');

  test('that is exported decides as its ACLs do', () => {
    const random = new Random(seed);
    while (counts.exported + counts.refused < 300) {
      const policy = randomPolicy(random);
      const { model, image } = modelOf(policy);
      const result = exportMesosAcls(model, image);
      counts[result.ok ? 'exported' : 'refused']++;
      if (!result.ok) continue;
      const unlike = findUnlike(model, result.text, questions);
      expect(unlike, `POSTERN_SEED=${seed}\n${policy}\n${result.text}`).toBeUndefined();
    }
  });

  test('is exported often enough for that to mean something, and refused now and then', () => {
    expect(counts.exported).toBeGreaterThan(150);
    expect(counts.refused).toBeGreaterThan(30);
  });
});

const kindOfList: Readonly<Record<string, string>> = {
  run_tasks: 'user',
  view_tasks: 'user',
  launch_standalone_containers: 'user',
  view_roles: 'role',
  get_quotas: 'role',
  view_flags: 'flag',
  get_endpoints: 'endpoint',
};
const randomValues: Readonly<Record<string, readonly string[]>> = {
  user: ['root', 'www', '"a/%"', 'a/b', '**', '**', '~', '{root,www}', '/x'],
  role: [
    ...['a', 'a/b', 'a/**', 'a/*/**', '**', '**', '"*"', '/**', '/*/**', 'a/b/*/**', '~', 'a/~', 'a/~/**'],
    ...['{a,b/**}', '/a/**', '~/**', 'a/*'],
  ],
  flag: ['**'],
  endpoint: ['/containers', '/files/debug', '**'],
};
const randomHeads: readonly string[] = [
  '',
  '',
  catalogue,
  `${catalogue}action view_tasks implies run_tasks\n`,
  'action get_quotas implies view_roles\n',
  'action every implies view_tasks, run_tasks\naction view_roles implies get_quotas\n',
  'namespace mesos { action view_tasks implies run_tasks }\n',
  'namespace mesos { resource mesos:role:<role...> { } }\n',
  'namespace mesos { resource mesos:user[:<user>] { actions run_tasks } }\naction every implies view_tasks, run_tasks\n',
  'namespace mesos { resource mesos:<kind>[:<value>] { } }\n',
];

/** Rules in and out of rulesets that speak of the same few things in all ways that ACLs might say. */
function randomPolicy(random: Random): string {
  const head = random.pick(randomHeads);
  const groups = 'group g { principal:a, principal:b, group:h }\ngroup h { principal:c }\n';
  const outside = random.times(random.below(5), () => randomRule(random, head));
  const rulesets = random.times(random.below(3), (i) => randomRuleset(random, head, `r${i}`));
  return head + groups + [...outside, ...rulesets].join('\n');
}

function randomRuleset(random: Random, head: string, name: string): string {
  const actions = randomActions(random, '');
  const isWhole = random.chance(0.9);
  const scope = isWhole ? `mesos:${kindOfList[actions[0]!]}:**` : randomResource(random, head, actions);
  const lines = [
    ...(random.chance(0.9) ? [`scope ${actions.join(', ')} on ${scope}`] : []),
    `default ${random.pick(['allow', 'deny', 'none'])}`,
    ...random.times(random.below(5), () => randomRule(random, head)),
  ];
  return `ruleset ${name} ${random.pick(['first-applicable', 'deny-overrides'])} {\n  ${lines.join('\n  ')}\n}`;
}

function randomRule(random: Random, head: string): string {
  const subjects = ['anyone', 'principal:a', 'principal:b', 'principal:a, principal:d', 'group:g', 'group:h'];
  const actions = randomActions(random, head);
  const resource = randomResource(random, head, actions);
  return `${random.chance(0.6) ? 'allow' : 'deny'} ${random.pick(subjects)} to ${actions.join(', ')} on ${resource}`;
}

function randomActions(random: Random, head: string): string[] {
  if (head.includes('every') && random.chance(0.3)) return ['every'];
  const first = random.pick(Object.keys(kindOfList));
  if (first === 'launch_standalone_containers' || random.chance(0.7)) return [first];
  const others = Object.keys(kindOfList).filter(
    (each) => kindOfList[each] === kindOfList[first] && each !== 'launch_standalone_containers',
  );
  return [...new Set([first, random.pick(others)])];
}

function randomResource(random: Random, head: string, [action]: readonly string[]): string {
  if (random.chance(0.02)) return random.pick(['**', 'mesos:**']);
  const kind = kindOfList[action!] ?? 'user';
  if (action === 'launch_standalone_containers') return 'mesos:user:**';
  const isBareAllowed = head.includes('import') || kind === 'flag';
  if (isBareAllowed && random.chance(0.15)) return `mesos:${kind}`;
  return `mesos:${kind}:${random.pick(randomValues[kind]!)}`;
}

// ---------------------------------------------------------------- denials of some to some

describe('a list put together anew from its verdicts', () => {
  const counts = { found: 0, impossible: 0 };

  test('is found if and only if there is one, and decides alike', () => {
    const random = new Random(seed);
    for (let i = 0; i < 4_000; i++) {
      const program = randomProgram(random);
      const table = tableOf(program);
      const synthesis = synthesizeSteps(program);
      const place = `POSTERN_SEED=${seed}\n${JSON.stringify(program)}`;
      expect(synthesis.ok, place).toBe(isReachable(table));
      counts[synthesis.ok ? 'found' : 'impossible']++;
      if (!synthesis.ok) continue;
      expect(
        synthesis.steps.filter(({ effect, principals, objects }) => {
          return effect === 'deny' && principals !== 'any' && objects !== 'any';
        }),
      ).toEqual([]);
      expect(tableOf({ ...program, steps: synthesis.steps }).cells, place).toEqual(table.cells);
      expect(cellsOfAcls(program, table), place).toEqual(table.cells);
    }
  });

  test('was there and was not there often enough', () => {
    expect(counts.found).toBeGreaterThan(1_000);
    expect(counts.impossible).toBeGreaterThan(1_000);
  });
});

const tablePrincipals = ['p', 'q'];
const tableValues: Readonly<Record<string, readonly string[]>> = {
  run_tasks: ['x', 'y'],
  view_roles: ['a/b', 'c', 'a/%'],
};

/** Two principals and two objects, in role lists also what is below one; one denial of some to some at least. */
function randomProgram(random: Random): ListProgram {
  const list = aclListByName.get(random.pick(Object.keys(tableValues)))!;
  const values = tableValues[list.name]!;
  const side = (pool: readonly string[]) =>
    random.chance(0.25) ? 'any' : random.sample(pool, random.between(1, pool.length)).sort();
  const steps = random.times(random.between(0, 5), (): ListStep => {
    return {
      effect: random.chance(0.5) ? 'allow' : 'deny',
      principals: side(tablePrincipals),
      objects: side(values),
    };
  });
  const odd: ListStep = {
    effect: 'deny',
    principals: random.sample(tablePrincipals, random.between(1, 2)).sort(),
    objects: random.sample(values, random.between(1, 2)).sort(),
  };
  steps.splice(random.below(steps.length + 1), 0, odd);
  return { list, steps, fallback: random.chance(0.5) ? 'allow' : 'deny' };
}

interface Table {
  readonly list: AclList;
  readonly principals: readonly (string | null)[];
  readonly objects: readonly (string | null)[];
  /** Row by row. */
  readonly cells: readonly ('allow' | 'deny')[];
}

function tableOf(program: ListProgram): Table {
  const { list } = program;
  const principals = [null, ...tablePrincipals, 'other'];
  const objects = list.match === 'role' ? [null, 'a/b', 'c', 'a/z', 'other'] : [null, 'x', 'y', 'other'];
  const cells = principals.flatMap((principal) => objects.map((object) => judge(program, principal, object)));
  return { list, principals, objects, cells };
}

/** The first step that applies decides. */
function judge({ list, steps, fallback }: ListProgram, principal: string | null, object: string | null) {
  return steps.find((step) => stepApplies(list.match, step, principal, object))?.effect ?? fallback;
}

function stepApplies(
  match: AclList['match'],
  { principals, objects }: ListStep,
  principal: string | null,
  object: string | null,
): boolean {
  if (principals !== 'any' && (principal === null || !principals.includes(principal))) return false;
  if (objects === 'any') return true;
  return object !== null && objects.some((value) => isListed(match, value, object));
}

function isListed(match: AclList['match'], value: string, object: string): boolean {
  return match === 'role' && value.endsWith('/%') ? object.startsWith(value.slice(0, -1)) : value === object;
}

/**
 * Whether any list of entries gives the table: all states that entries can lead to are walked, a state being the cells
 * that are decided. An entry may come next if it is right about every cell that it decides.
 */
function isReachable({ list, principals, objects, cells }: Table): boolean {
  const maskOf = (isIn: (row: number, column: number) => boolean) =>
    cells.reduce(
      (mask, _, cell) =>
        isIn(Math.floor(cell / objects.length), cell % objects.length) ? mask | (1 << cell) : mask,
      0,
    );
  const subsets = (pool: readonly string[]): readonly string[][] => {
    const sets: string[][] = [[]];
    for (const each of pool) for (const set of [...sets]) sets.push([...set, each]);
    return sets.slice(1);
  };
  const moves = (['allow', 'deny'] as const).flatMap((effect) =>
    (['any', ...subsets(tablePrincipals)] as const).flatMap((who) =>
      (['any', ...subsets(tableValues[list.name]!)] as const)
        .filter((what) => effect === 'allow' || who === 'any' || what === 'any')
        .map((what) => {
          const step: ListStep = { effect, principals: who, objects: what };
          return {
            effect,
            mask: maskOf((row, column) => stepApplies(list.match, step, principals[row]!, objects[column]!)),
          };
        }),
    ),
  );
  const of = (effect: string) =>
    cells.reduce((mask, cell, i) => (cell === effect ? mask | (1 << i) : mask), 0);
  const right = { allow: of('allow'), deny: of('deny') };
  const whole = right.allow | right.deny;
  const seen = new Set([0]);
  // A set that grows while it is walked is walked to its end.
  for (const state of seen) {
    if (state === whole) return true;
    for (const { effect, mask } of moves) if ((mask & ~state & ~right[effect]) === 0) seen.add(state | mask);
  }
  return false;
}

/** The verdicts of the reference on the ACLs that are written for the program. */
function cellsOfAcls(program: ListProgram, { principals, objects }: Table): string[] {
  const written = writeAcls([program]);
  if (!written.ok) throw new Error(written.refusals[0]!.message);
  const acls = loadInReference(printAcls(written.acls, [program]));
  return principals.flatMap((principal) =>
    objects.map((object) =>
      askList(acls, { list: program.list.name, principal, object }) ? 'allow' : 'deny',
    ),
  );
}

// ---------------------------------------------------------------- proofs

/** Leaves out the question about no user in particular, as no entry of ACLs does. */
const everyUserButNone: ResourcePattern = {
  kind: 'pattern',
  text: 'mesos:user:*',
  elements: [
    { kind: 'literal', separator: 'start', text: 'mesos' },
    { kind: 'literal', separator: 'colon', text: 'user' },
    { kind: 'one', separator: 'colon' },
  ],
};

describe('a proof', () => {
  const counts = { equal: 0, different: 0 };

  test('finds a difference where a change makes one, and nowhere else', () => {
    const random = new Random(seed);
    while (counts.equal + counts.different < 400) proveOnce(random);
    expect(counts.equal).toBeGreaterThan(60);
    expect(counts.different).toBeGreaterThan(100);
  });

  test.each([
    ['without a principal', { subjects: [{ kind: 'authenticated' }] }, { principal: undefined }],
    ['without an object', { resources: [everyUserButNone] }, { object: undefined }],
    ['by somebody whom nobody lists', { subjects: [{ kind: 'subject', id: 'principal:a' }] }, {}],
    ['about something that nobody lists', { resources: [{ kind: 'literal', id: 'mesos:user' }] }, {}],
  ] as const)('finds an image that decides otherwise than its list on a request %s', (_, change, found) => {
    const text =
      '{"permissive": false, "run_tasks": {"principals": {"type": "ANY"}, "users": {"type": "ANY"}}}';
    const acls = loadAcls({ file: 'acls.json', text });
    const names = new MesosNames(acls);
    const programs = programsOfAcls(acls);
    const model = buildModel(acls, names, 'acls.json');
    const right = { programs, names, image: compile(model) };
    const rules = model.rules.map((rule): Rule => ({ ...rule, ...change }));
    const wrong = { programs, names, image: compile({ ...model, rules }) };
    expect(proveEqual(right, right).difference).toBeUndefined();
    expect(proveEqual(right, wrong).difference).toMatchObject({ list: 'run_tasks', ...found });
  });

  test('step by step takes two lists for one only if they decide alike', () => {
    const random = new Random(seed);
    let same = 0;
    for (let i = 0; i < 4_000; i++) {
      const program = randomProgram(random);
      const other = random.chance(0.5) ? rewritten(random, program) : randomProgram(random);
      if (other.list !== program.list || !areSamePrograms(program, other)) continue;
      same++;
      const place = `POSTERN_SEED=${seed}\n${JSON.stringify(program)}\n${JSON.stringify(other)}`;
      expect(tableOf(other).cells, place).toEqual(tableOf(program).cells);
    }
    expect(same).toBeGreaterThan(1_500);
  });

  function proveOnce(random: Random): void {
    const text = randomAcls(random);
    const acls = loadOrUndefined(text);
    if (acls === undefined || acls.lists.size === 0) return;
    const names = new MesosNames(acls);
    const programs = programsOfAcls(acls);
    const model = buildModel(acls, names, 'acls.json');
    const side = { programs, image: compile(model), names };
    const change = randomChange(random, model, programs, names);
    if (change === undefined) return;
    const image = compile(change.model);
    // That the programs know nothing of a change must not hide it, unless it brings a value that they do not know.
    const changed = {
      programs: random.chance(0.7) || change.isNew ? change.programs : programs,
      image,
      names,
    };
    const [before, after] = [programs, change.programs].map((each) => each[change.index]!) as [
      ListProgram,
      ListProgram,
    ];
    const difference = differs(before, after);
    const proof = random.chance(0.5) ? proveEqual(side, changed) : proveEqual(changed, side);
    const place = `POSTERN_SEED=${seed}\n${change.kind} of ${before.list.name}\n${text}`;
    expect(proof.listsByStep, place).toEqual([]);
    expect(proof.difference !== undefined, place).toBe(difference !== undefined);
    counts[difference === undefined ? 'equal' : 'different']++;
    if (proof.difference === undefined) return;
    const { list, principal = null, object = null } = proof.difference;
    expect(list, place).toBe(before.list.name);
    expect(judge(before, principal, object), place).not.toBe(judge(after, principal, object));
  }
});

/** The same list in other words: a step repeated, or cut in two, or said once more at the end. */
function rewritten(random: Random, program: ListProgram): ListProgram {
  const { steps, fallback } = program;
  const at = random.below(steps.length);
  const step = steps[at]!;
  const objects = step.objects === 'any' ? [] : step.objects;
  const halves =
    objects.length < 2
      ? [step, step]
      : [
          { ...step, objects: objects.slice(0, 1) },
          { ...step, objects: objects.slice(1) },
        ];
  const end: ListStep = { effect: fallback, principals: 'any', objects: 'any' };
  return random.pick([
    { ...program, steps: steps.toSpliced(at, 1, ...halves) },
    { ...program, steps: [...steps, end] },
    { ...program, steps: [...steps, end, step], fallback: random.pick(['allow', 'deny']) },
  ]);
}

function loadOrUndefined(text: string): ReturnType<typeof loadAcls> | undefined {
  try {
    return loadAcls({ file: 'acls.json', text });
  } catch (error) {
    if (error instanceof PolicyError) return undefined;
    throw error;
  }
}

interface Change {
  readonly kind: string;
  /** Of the program that is changed. */
  readonly index: number;
  readonly programs: readonly ListProgram[];
  readonly model: Model;
  readonly isNew: boolean;
}

/** One step of one list, and the rule that stands for it, changed in the same way. */
function randomChange(
  random: Random,
  model: Model,
  programs: readonly ListProgram[],
  names: MesosNames,
): Change | undefined {
  const index = random.pick([...programs.keys()].filter((i) => programs[i]!.steps.length > 0).concat(-1));
  const program = programs[index];
  if (program === undefined) return undefined;
  const at = random.below(program.steps.length);
  const step = program.steps[at]!;
  const rule = model.rules.filter(({ actions }) => actions[0] === program.list.name)[at]!;
  const place = model.rules.indexOf(rule);
  const { kind, isNew = false, ...made } = random.pick(changesOf(step, rule, program.list, names));
  return {
    kind,
    index,
    isNew,
    programs: programs.with(index, { ...program, steps: program.steps.toSpliced(at, 1, ...made.steps) }),
    model: { ...model, rules: model.rules.toSpliced(place, 1, ...made.rules) },
  };
}

interface MadeChange {
  readonly kind: string;
  readonly steps: readonly ListStep[];
  readonly rules: readonly Rule[];
  readonly isNew?: true;
}

function changesOf(step: ListStep, rule: Rule, list: AclList, names: MesosNames): MadeChange[] {
  const flipped = step.effect === 'allow' ? 'deny' : 'allow';
  const toEverybody: Rule = { ...rule, subjects: [{ kind: 'anyone' }] };
  const onEverything: Rule = { ...rule, resources: [everyObject(list)] };
  const changes: MadeChange[] = [
    { kind: 'a repetition', steps: [step, step], rules: [rule, { ...rule, id: 'again' }] },
    { kind: 'another effect', steps: [{ ...step, effect: flipped }], rules: [{ ...rule, effect: flipped }] },
    { kind: 'the removal', steps: [], rules: [] },
    { kind: 'all principals', steps: [{ ...step, principals: 'any' }], rules: [toEverybody] },
    { kind: 'all objects', steps: [{ ...step, objects: 'any' }], rules: [onEverything] },
  ];
  if (step.principals !== 'any') {
    changes.push({
      kind: 'one principal more',
      steps: [{ ...step, principals: [...step.principals, 'somebody'].sort() }],
      rules: [
        { ...rule, subjects: [...rule.subjects, { kind: 'subject', id: names.principal('somebody') }] },
      ],
      isNew: true,
    });
  }
  if (step.objects !== 'any') {
    const id = names.resource(list.objectField, 'something');
    changes.push({
      kind: 'one object more',
      steps: [{ ...step, objects: [...step.objects, 'something'].sort() }],
      rules: [{ ...rule, resources: [...rule.resources, { kind: 'literal', id }] }],
      isNew: true,
    });
  }
  return changes;
}

/** A question to which two programs of a list give different answers: all of them are put. */
function differs(a: ListProgram, b: ListProgram): ListQuestion | undefined {
  const steps = [...a.steps, ...b.steps];
  const listed = (sides: readonly ListStep['principals'][]) =>
    sides.flatMap((side) => (side === 'any' ? [] : side));
  const principals = new Set([null, 'fresh', ...listed(steps.map((step) => step.principals))]);
  const values = listed(steps.map((step) => step.objects));
  const below = values.filter((value) => value.endsWith('/%')).map((value) => `${value.slice(0, -1)}fresh`);
  const isAsked = a.list.match !== 'any';
  const objects = new Set([null, ...(isAsked ? ['fresh', ...values, ...below] : [])]);
  for (const principal of principals) {
    for (const object of objects) {
      if (judge(a, principal, object) !== judge(b, principal, object))
        return { list: a.list.name, principal, object };
    }
  }
  return undefined;
}

// ---------------------------------------------------------------- long lists

describe('a list of 10,000 entries', () => {
  const entries = Array.from({ length: 10_000 }, (_, i) => {
    if (i % 7 === 3) return { principals: { type: 'NONE' }, users: { values: [`d${i}`] } };
    return {
      principals: { values: [`p${i}`] },
      users: i % 3 === 0 ? all : { values: [`u${i}`, `v${i % 10}`] },
    };
  });
  const text = JSON.stringify({ permissive: false, run_tasks: entries });

  test('is imported and exported in little time, and proved step by step', () => {
    const start = performance.now();
    const imported = importMesosAcls({ file: 'long.json', text });
    const exported = exportText(textOf(imported));
    expect(performance.now() - start).toBeLessThan(20_000);
    if (!imported.ok || !exported.ok) throw new Error('refused');
    for (const { proof } of [imported, exported]) {
      expect(proof).toMatchObject({ lists: 54, listsByStep: ['run_tasks'] });
      expect(proof.difference).toBeUndefined();
    }
    const [before, after] = [text, exported.text].map((each) => MesosAuthorizer.fromAcls(each)) as [
      MesosAuthorizer,
      MesosAuthorizer,
    ];
    const random = new Random(seed);
    let allowed = 0;
    for (let i = 0; i < 5_000; i++) {
      const user = `${random.pick(['u', 'v', 'd'])}${random.below(10_000)}`;
      const number = random.chance(0.5) ? user.slice(1) : random.below(10_000);
      const request = { action: 2, subject: { value: `p${number}` }, object: { framework_info: { user } } };
      expect(after.authorized(request)).toBe(before.authorized(request));
      if (before.authorized(request)) allowed++;
    }
    expect(allowed).toBeGreaterThan(1_000);
  });
});
