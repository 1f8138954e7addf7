import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  Authorizer,
  type BuildResult,
  buildFiles,
  type Decision,
  type HttpDecision,
  type HttpRequest,
  type Request,
  runPolicyTests,
} from '../src/index.ts';
import { createReference } from '../src/reference/reference.ts';
import { runPostern } from './support/run-postern.ts';

/**
 * The shipped policies and the examples: every `test` block holds, and every request gets the answer that stands beside it,
 * from the compiled engine, from the reference evaluator and from the command line.
 */
const policies = fileURLToPath(new URL('../policies/', import.meta.url));
const catalogues = ['dcos/dcos.acl', 'dcos/spaces.acl'];
const testFiles = ['dcos/dcos.tests.acl', 'dcos/spaces.tests.acl'];
const examples = readdirSync(join(policies, 'examples')).sort();

interface Settings {
  readonly mode?: string;
}

describe('what ships', () => {
  test.each(catalogues)('%s builds by itself and grants nothing to people', async (file) => {
    const { model } = await buildOrThrow(policies, [file]);
    expect(model.tests).toEqual([]);
    expect(model.rules.map(({ id }) => id)).toEqual(file === 'dcos/dcos.acl' ? [] : ['dcos-spaces']);
  });

  test('the catalogue of DC/OS names the three modes and one superuser', async () => {
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
