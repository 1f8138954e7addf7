import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createImporter } from '../src/files/importer.ts';
import { listShippedNames, shippedName } from '../src/files/shipped-policies.ts';
import {
  Authorizer,
  type BuildResult,
  build,
  buildFiles,
  type Decision,
  type HttpDecision,
  type HttpRequest,
  type Request,
  runPolicyTests,
} from '../src/index.ts';
import { type MesosAction, mesosActions } from '../src/interop/mesos/actions.ts';
import { aclListByName, aclLists, authorizableEndpoints, resourceKinds } from '../src/interop/mesos/lists.ts';
import { createReference } from '../src/reference/reference.ts';
import { authorized, loadAcls } from './support/mesos-reference.ts';
import { runInProcess } from './support/run-command-line.ts';
import { runPostern } from './support/run-postern.ts';

/**
 * The shipped policies and the examples: every `test` block holds, and every request gets the answer that stands beside it,
 * from the compiled engine, from the reference evaluator and from the command line.
 */
const policies = fileURLToPath(new URL('../policies/', import.meta.url));
/** Every file that can be imported, with the rules that it brings along. */
const catalogues = [
  { file: 'dcos/dcos.acl', rules: [] },
  // What each version holds is held against the facts in test/dcos-catalogues.test.ts.
  ...['1.7', '1.8', '1.9', '1.10', '1.11', '1.12', '1.13', '2.0', '2.1'].map((version) => ({
    file: `dcos/${version}.acl`,
    rules: [],
  })),
  { file: 'dcos/routes.acl', rules: [] },
  { file: 'dcos/services.acl', rules: [] },
  { file: 'dcos/spaces.acl', rules: ['dcos-spaces'] },
  { file: 'mesos/mesos.acl', rules: [] },
  { file: 'mesos/open.acl', rules: ['mesos-open'] },
  { file: 'mesos/hardened.acl', rules: [] },
];
const testFiles = [
  'dcos/dcos.tests.acl',
  'dcos/services.tests.acl',
  'dcos/spaces.tests.acl',
  'mesos/mesos.tests.acl',
];
const examples = readdirSync(join(policies, 'examples')).sort();
const mesosExamples = readdirSync(join(policies, 'mesos/examples')).sort();

interface Settings {
  readonly mode?: string;
}

describe('what ships', () => {
  test.each([
    ...catalogues.map(({ file }) => file),
    ...testFiles,
    'mesos',
    ...examples.map((name) => `examples/${name}`),
  ])('%s is in canonical layout, and the linter finds nothing in it', async (path) => {
    const target = join(policies, path);
    expect(await runInProcess('fmt', '--check', target)).toMatchObject({ code: 0 });
    expect(await runInProcess('lint', target)).toMatchObject({ code: 0, stdout: '' });
  });

  test('is what can be imported', () => {
    const names = catalogues.map(({ file }) => shippedName(file));
    expect(listShippedNames()).toEqual(names.sort());
  });

  test.each(catalogues)(
    '$file builds by itself and grants nothing to single people',
    async ({ file, rules }) => {
      const { model } = await buildOrThrow(policies, [file]);
      expect(model.tests).toEqual([]);
      expect([...new Set(model.rules.map(({ id }) => id))]).toEqual(rules);
    },
  );

  test('the newest catalogue of DC/OS names the three modes there ever were, and one superuser', async () => {
    const { model } = await buildOrThrow(policies, ['dcos/dcos.acl']);
    expect(model.modes).toEqual(['disabled', 'permissive', 'strict']);
    expect(model.namespaces.map(({ name, superuser }) => ({ name, superuser }))).toEqual([
      { name: 'dcos', superuser: 'dcos:superuser' },
    ]);
  });

  test('every template says in which modes it is enforced, strict among them', async () => {
    const { model } = await buildOrThrow(policies, ['dcos/dcos.acl']);
    const templates = model.namespaces.flatMap((namespace) => namespace.templates);
    expect(templates).toHaveLength(64);
    for (const { text, actions, enforcedIn } of templates) {
      expect(actions, text).not.toHaveLength(0);
      const modes = enforcedIn
        ?.map(({ mode, authenticatedOnly }) => (authenticatedOnly ? `${mode}*` : mode))
        .sort();
      expect(modes, text).toEqual(modesOf(text));
    }
  });

  /** SEMANTICS of DC/OS: Mesos checks in strict mode, Marathon and Metronome in permissive where there is a token. */
  function modesOf(template: string): string[] {
    if (template.startsWith('dcos:mesos:')) return ['strict'];
    if (template.startsWith('dcos:service:')) return ['permissive*', 'strict'];
    return ['disabled', 'permissive', 'strict'];
  }
});

describe('the catalogue of Mesos', () => {
  test('is closed, and has each of the 54 lists on the kind of thing that it is about', async () => {
    const { model } = await buildOrThrow(policies, ['mesos/mesos.acl']);
    expect(model.namespaces.map(({ name, isClosed }) => ({ name, isClosed }))).toEqual([
      { name: 'mesos', isClosed: true },
    ]);
    const found = model.namespaces[0]!.templates.map(({ text, actions }) => ({
      text,
      actions: [...actions!].sort(),
    }));
    const expected = Object.entries(resourceKinds).map(([field, kind]) => {
      const lists = aclLists.filter(({ objectField }) => objectField === field);
      // `<>` is a value taken whole; a path would be `<...>`.
      const value = lists.some(({ match }) => match !== 'any') ? '[:<>]' : '';
      return { text: `mesos:${kind}${value}`, actions: lists.map(({ name }) => name).sort() };
    });
    const byText = (a: { text: string }, b: { text: string }) => (a.text < b.text ? -1 : 1);
    expect(found.sort(byText)).toEqual(expected.sort(byText));
    expect(found.flatMap(({ actions }) => actions)).toHaveLength(54);
  });

  test.each([
    ['a misspelt list', 'resize_volume', 'mesos:role:a'],
    ['a list on the kind of another', 'run_tasks', 'mesos:role:a'],
    ['a kind that does not exist', 'run_tasks', 'mesos:users'],
    ['a value where Mesos takes none', 'view_flags', 'mesos:flag:a'],
  ])('refuses %s', (_, action, resource) => {
    const text = `import "postern:mesos"\nallow principal:a to ${action} on ${resource}`;
    const result = build([{ file: 'a.acl', text }], { importer: createImporter(policies) });
    expect(result.ok).toBe(false);
  });
});

describe('the templates for Mesos decide as their twins in JSON', () => {
  const grants = `
    grant framework(apps, www) to principal:marathon
    grant owner(marathon)      to principal:marathon
    grant operator             to principal:operator
    grant observer             to principal:observer, principal:operator
    grant agent                to principal:agent`;
  const subjects = ['marathon', 'operator', 'observer', 'agent', 'stranger', undefined];
  const values: Readonly<Record<string, readonly string[]>> = {
    role: ['apps', 'apps/web', 'apps/web/eu', 'application', 'web', '*'],
    user: ['www', 'root', 'www/x'],
    endpoint: authorizableEndpoints,
  };
  const principals = ['marathon', 'operator', 'chronos'];

  test.each([
    { name: 'open', grants: '' },
    { name: 'hardened', grants },
  ])('$name', ({ name, grants }) => {
    const text = `import "postern:mesos/${name}"\n${grants}`;
    const authorizer = Authorizer.fromSources([{ file: 'a.acl', text }], {
      importer: createImporter(policies),
    });
    const acls = loadAcls(readFileSync(join(policies, `mesos/${name}.acls.json`), 'utf8'));
    for (const action of mesosActions.filter(({ questions }) => questions.length > 0)) {
      const kind = kindOf(action);
      for (const subject of subjects) {
        for (const value of [undefined, ...(values[kind] ?? principals)]) {
          const isAllowed = action.questions.every(
            ({ list }) =>
              authorizer.decide({
                ...(subject === undefined ? {} : { subject: `principal:${subject}` }),
                action: list,
                resource: resourceOf(list, value),
              }).decision === 'allow',
          );
          const asked = {
            action: action.name,
            subject: subject === undefined ? null : { value: subject },
            object: objectOf(action, value),
          };
          expect(isAllowed, JSON.stringify(asked)).toBe(authorized(acls, asked));
        }
      }
    }
  });

  test('hardened names every list', () => {
    const twin = JSON.parse(readFileSync(join(policies, 'mesos/hardened.acls.json'), 'utf8')) as object;
    expect(Object.keys(twin).sort()).toEqual(['permissive', ...aclLists.map(({ name }) => name)].sort());
  });

  function kindOf({ questions }: MesosAction): string {
    return resourceKinds[aclListByName.get(questions[0]!.list)!.objectField];
  }

  function resourceOf(list: string, value: string | undefined): string {
    const { objectField, match } = aclListByName.get(list)!;
    const kind = `mesos:${resourceKinds[objectField]}`;
    return value === undefined || match === 'any' ? kind : `${kind}:${value}`;
  }

  /** An object from which every action reads this value; a launch reads it for the parent and for the command. */
  function objectOf(action: MesosAction, value: string | undefined): Record<string, unknown> | null {
    if (value === undefined) return null;
    if (action.name === 'UPDATE_QUOTA') return { quota_info: { role: value } };
    if (kindOf(action) !== 'user') return { value };
    const command = { user: value };
    return {
      framework_info: { user: value },
      task: { user: value },
      task_info: { command },
      executor_info: { command },
      command_info: command,
    };
  }
});

describe.each(mesosExamples)('the Mesos example %s', (name) => {
  const folder = join(policies, 'mesos/examples', name);
  const requests = readLines(join(folder, 'requests.jsonl'));

  test('is complete', () => {
    expect(readdirSync(folder).sort()).toEqual(['README.md', 'acls.json', 'answers.jsonl', 'requests.jsonl']);
    expect(readFileSync(join(policies, 'README.md'), 'utf8')).toContain(`(mesos/examples/${name})`);
  });

  test('has the answers of the reference', () => {
    const acls = loadAcls(readFileSync(join(folder, 'acls.json'), 'utf8'));
    const answers = requests.map((line) => ({ allowed: authorized(acls, JSON.parse(line)) }));
    const text = answers.map((answer) => `${JSON.stringify(answer)}\n`).join('');
    expect(readFileSync(join(folder, 'answers.jsonl'), 'utf8')).toBe(text);
  });
});

describe.each([
  ...testFiles.map((file) => ({ name: file, folder: policies, files: [file] })),
  ...examples.map((name) => ({ name, folder: join(policies, 'examples', name), files: ['policy.acl'] })),
])('the test blocks of $name', ({ folder, files }) => {
  test('there are some', async () => {
    const { model } = await buildOrThrow(folder, files);
    expect(model.tests.length).toBeGreaterThan(0);
    for (const { title, cases } of model.tests) expect(cases.length, title).toBeGreaterThan(0);
  });

  test('hold on the engine', async () => {
    const { model, image } = await buildOrThrow(folder, files);
    expect(runPolicyTests(model, image).filter(({ passed }) => !passed)).toEqual([]);
  });

  test('get the same decisions from the reference evaluator', async () => {
    const { model, image } = await buildOrThrow(folder, files);
    for (const { case: testCase, actual } of runPolicyTests(model, image)) {
      const { subject, action, resource, groups, context, attributes, mode, location, line } = testCase;
      const request = { subject, action, resource, groups, context, attributes };
      const decision = createReference(model, withMode(mode)).decide(request);
      expect(withoutDetail(actual), `${location.file}:${line}`).toEqual(withoutDetail(decision));
    }
  });
});

describe.each(examples)('the example %s', (name) => {
  const folder = join(policies, 'examples', name);
  const { mode } = JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8')) as Settings;
  const requests = readLines(join(folder, 'requests.jsonl')).map((line) => JSON.parse(line) as Request);

  test('is complete', () => {
    for (const file of ['policy.acl', 'README.md', 'requests.jsonl', 'decisions.jsonl']) {
      expect(existsSync(join(folder, file)), file).toBe(true);
    }
    expect(readLines(join(folder, 'decisions.jsonl'))).toHaveLength(requests.length);
  });

  test('gets its answers from the command line', async () => {
    const args = ['eval', '-p', 'policy.acl', '--requests', 'requests.jsonl'];
    const run = await runPostern(mode === undefined ? args : [...args, '--mode', mode], { cwd: folder });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    await expect(run.stdout).toMatchFileSnapshot(join(folder, 'decisions.jsonl'));
  });

  test('gets the same answers from the library', async () => {
    const authorizer = await Authorizer.fromFiles([join(folder, 'policy.acl')], {
      root: folder,
      ...withMode(mode),
    });
    expect(requests.map((request) => authorizer.decide(request))).toEqual(readDecisions(folder));
  });

  test('gets the same answers from the reference evaluator', async () => {
    const { model } = await buildOrThrow(folder, ['policy.acl']);
    const reference = createReference(model, withMode(mode));
    expect(requests.map((request) => withoutDetail(reference.decide(request)))).toEqual(
      readDecisions(folder).map(withoutDetail),
    );
  });

  test('shows both answers', () => {
    const decisions = readDecisions(folder).map(({ decision }) => decision);
    expect(new Set(decisions)).toEqual(new Set(['allow', 'deny']));
  });
});

describe.each(examples.filter((name) => existsSync(join(policies, 'examples', name, 'http-requests.jsonl'))))(
  'the routes of the example %s',
  (name) => {
    test('answer alike from the library and the reference evaluator', async () => {
      const folder = join(policies, 'examples', name);
      const { model, image } = await buildOrThrow(folder, ['policy.acl']);
      const authorizer = Authorizer.fromImage(image);
      const reference = createReference(model);
      const asked = readLines(join(folder, 'http-requests.jsonl')).map(
        (line) => JSON.parse(line) as HttpRequest,
      );
      const answers = asked.map((request) => authorizer.authorizeHttp(request));
      const line = ({ decision, reason, requirements }: HttpDecision) =>
        `${JSON.stringify({ decision, reason, requirements })}\n`;
      const text = answers.map(line).join('');
      await expect(text).toMatchFileSnapshot(join(folder, 'http-decisions.jsonl'));
      const outcome = ({ decision, reason }: HttpDecision) => ({ decision, reason });
      expect(answers.map(outcome)).toEqual(asked.map((request) => outcome(reference.authorizeHttp(request))));
    });
  },
);

async function buildOrThrow(
  root: string,
  files: readonly string[],
): Promise<Extract<BuildResult, { readonly ok: true }>> {
  const result = await buildFiles(
    files.map((file) => join(root, file)),
    { root },
  );
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 2));
  return result;
}

function withMode(mode: string | undefined): { readonly mode?: string } {
  return mode === undefined ? {} : { mode };
}

function readLines(file: string): string[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}

function readDecisions(folder: string): Decision[] {
  return readLines(join(folder, 'decisions.jsonl')).map((line) => JSON.parse(line) as Decision);
}

/** What is wrong with a malformed request is worded for people, and by each evaluator in its own way. */
function withoutDetail({ detail: _, ...decision }: Decision): Omit<Decision, 'detail'> {
  return decision;
}
