import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { runInProcess } from './support/run-command-line.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'postern-ci-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function read(name: string): string {
  return readFileSync(join(root, 'docs/ci', name), 'utf8');
}

/**
 * The values of a key in YAML of the plain kind that the recipes are: a text on the line of the key, a block after `|`, or a
 * list of texts. Anything else fails.
 */
function valuesOf(yaml: string, key: string): string[] {
  const lines = yaml.split('\n');
  return lines.flatMap((line, i) => {
    const [, before, value] = new RegExp(`^( *(?:- )?)${key}:(?: (.*))?$`).exec(line) ?? [];
    if (before === undefined) return [];
    if (value !== undefined && value !== '|') return plainText(value);
    const beneath = lines.slice(i + 1);
    const end = beneath.findIndex((text) => text !== '' && /^ */.exec(text)![0].length <= before.length);
    const block = beneath.slice(0, end < 0 ? undefined : end).filter((text) => text !== '');
    if (value === '|') return block.map((text) => text.trim()).join('\n');
    return block.map((text) => plainText(/^ *- (.*)$/.exec(text)![1]!));
  });
}

/** A text that YAML takes as it stands. */
function plainText(value: string): string {
  expect(value).not.toMatch(/^['"&*!%@`{[>|]|: | #|:$/);
  return value;
}

interface Repository {
  readonly folder: string;
  /** @param isQuick  without npx itself */
  readonly run: (
    command: string,
    isQuick?: boolean,
  ) => { readonly code: number | null; readonly output: string };
}

let count = 0;

/** Runs the installed command at once: npx itself, which takes longer than the command, runs in one test of each recipe. */
const shortcuts = join(scratch, 'shortcuts');
mkdirSync(shortcuts);
writeFileSync(join(shortcuts, 'npx'), '#!/bin/sh\nshift\nexec "node_modules/.bin/$@"\n');
chmodSync(join(shortcuts, 'npx'), 0o755);

/** What `postern init` makes, in git, with this checkout in the place of the installed package. */
async function makeRepository(): Promise<Repository> {
  const folder = join(scratch, String(count++));
  const made = await runInProcess('init', folder);
  expect(made.code, made.stderr).toBe(0);
  const binary = join(folder, 'node_modules/.bin/postern');
  mkdirSync(dirname(binary), { recursive: true });
  writeFileSync(binary, `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'src/cli/bin.ts')}' "$@"\n`);
  chmodSync(binary, 0o755);
  writeFileSync(join(folder, '.gitignore'), 'node_modules\n');
  const env = {
    ...process.env,
    POLICIES: 'policies',
    SARIF: 'postern.sarif',
    NO_COLOR: '1',
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@example.com',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@example.com',
  };
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
  const run: Repository['run'] = (command, isQuick = true) => {
    const PATH = isQuick ? `${shortcuts}${delimiter}${path}` : path;
    const result = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', command], {
      cwd: folder,
      env: { ...env, PATH },
      encoding: 'utf8',
    });
    return { code: result.status, output: result.stdout + result.stderr };
  };
  expect(run('git init -q && git add . && git commit -qm start').code).toBe(0);
  return { folder, run };
}

const policy = 'policies/wiki.acl';

/** A policy with bad layout, with a finding, and with a test that fails. */
const faults = {
  layout: (text: string) => text.replace('allow anyone to', 'allow   anyone to'),
  finding: (text: string) => `${text}\ngroup nobody-uses-this { user:x }\n`,
  test: (text: string) => text.replace('deny  anyone   to view', 'allow anyone   to view'),
} as const;

function putFault({ folder }: Repository, fault: keyof typeof faults): void {
  const path = join(folder, policy);
  const before = readFileSync(path, 'utf8');
  const after = faults[fault](before);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
}

function codesOf(
  repository: Repository,
  commands: readonly string[],
  { isQuick = true } = {},
): (number | null)[] {
  return commands.map((command) => repository.run(command, isQuick).code);
}

let repository: Repository;
beforeEach(async () => {
  repository = await makeRepository();
});

describe('the GitHub action', () => {
  const commands = valuesOf(read('action.yml'), 'run');

  test('takes its inputs as the test does', () => {
    expect(commands).toHaveLength(4);
    expect(valuesOf(read('action.yml'), 'default')).toEqual(['policies', 'postern.sarif']);
    const taken = [...read('action.yml').matchAll(/\$\{\{ inputs\.(\w+) \}\}/g)].map(([, input]) => input);
    expect(taken.sort()).toEqual(['policies', 'policies', 'policies', 'policies', 'sarif']);
  });

  test('succeeds where all is well, and leaves a report', () => {
    expect(codesOf(repository, commands, { isQuick: false })).toEqual([0, 0, 0, 0]);
    expect(JSON.parse(readFileSync(join(repository.folder, 'postern.sarif'), 'utf8'))).toMatchObject({
      version: '2.1.0',
    });
  });

  test.each([
    ['layout', [1, 0, 0, 0]],
    ['finding', [0, 1, 0, 0]],
    ['test', [0, 0, 0, 1]],
  ] as const)('fails in its step for a fault of %s', (fault, codes) => {
    putFault(repository, fault);
    expect(codesOf(repository, commands)).toEqual(codes);
  });

  test('a policy that does not parse fails every step', () => {
    writeFileSync(join(repository.folder, policy), 'allow user:a to');
    expect(codesOf(repository, commands)).toEqual([3, 3, 1, 3]);
  });

  test('is what the workflow uses, and the workflow installs and uploads besides', () => {
    const workflow = read('github-workflow.yml');
    expect(valuesOf(workflow, 'run')).toEqual(['npm ci']);
    expect(valuesOf(workflow, 'uses')).toContain('./.github/actions/postern');
    expect(valuesOf(workflow, 'sarif_file')).toEqual(valuesOf(read('action.yml'), 'default').slice(1));
  });
});

describe('the GitLab job', () => {
  const [install, ...commands] = valuesOf(read('gitlab-ci.yml'), 'script');

  test('succeeds where all is well, and leaves both reports', () => {
    expect(install).toBe('npm ci');
    expect(codesOf(repository, commands, { isQuick: false })).toEqual([0, 0, 0]);
    const [quality] = valuesOf(read('gitlab-ci.yml'), 'codequality');
    const [junit] = valuesOf(read('gitlab-ci.yml'), 'junit');
    expect(JSON.parse(readFileSync(join(repository.folder, quality!), 'utf8'))).toEqual([]);
    expect(readFileSync(join(repository.folder, junit!), 'utf8')).toMatch(/<testsuites[^>]* tests="11"/);
  });

  test('reports what it fails for', () => {
    putFault(repository, 'finding');
    putFault(repository, 'test');
    expect(codesOf(repository, commands)).toEqual([0, 1, 1]);
    const quality = readFileSync(join(repository.folder, 'gl-code-quality-report.json'), 'utf8');
    expect(JSON.parse(quality)).toMatchObject([{ location: { path: policy } }]);
    expect(readFileSync(join(repository.folder, 'postern-junit.xml'), 'utf8')).toContain('<failure');
  });
});

describe('hooks before a commit', () => {
  const entries = valuesOf(read('pre-commit-hooks.yaml'), 'entry');

  test('for pre-commit: the first formats the files it is given, the others look at all', () => {
    expect(entries).toHaveLength(3);
    expect(valuesOf(read('pre-commit-hooks.yaml'), 'pass_filenames')).toEqual(['false', 'false']);
    expect(valuesOf(read('pre-commit-hooks.yaml'), 'files')).toEqual(Array<string>(3).fill('\\.acl$'));
    putFault(repository, 'layout');
    expect(codesOf(repository, [`${entries[0]} ${policy}`, ...entries.slice(1)])).toEqual([0, 0, 0]);
    expect(repository.run('git diff --exit-code').code).toBe(0);
  });

  test('plain git: a commit with a fault is stopped, one without policies is not looked at', () => {
    copyFileSync(join(root, 'docs/ci/pre-commit'), join(repository.folder, '.git/hooks/pre-commit'));
    chmodSync(join(repository.folder, '.git/hooks/pre-commit'), 0o755);
    putFault(repository, 'test');
    const stopped = repository.run('git commit -qam faulty');
    expect(stopped.code, stopped.output).toBe(1);
    expect(repository.run('touch note && git add note && git commit -qm note').code).toBe(0);
    expect(
      repository.run('git checkout -q policies && echo >> policies/wiki.acl && npx --no-install postern fmt')
        .code,
    ).toBe(0);
    expect(repository.run('echo "# a remark" >> policies/wiki.acl && git commit -qam remark').code).toBe(0);
  });
});

test('the npm scripts do what their names say', () => {
  writeFileSync(join(repository.folder, 'package.json'), read('package.json'));
  expect(repository.run('npm run -s verify').code).toBe(0);
  putFault(repository, 'layout');
  expect(repository.run('npm run -s verify').code).toBe(1);
  expect(codesOf(repository, ['npm run -s fmt', 'npm run -s verify'])).toEqual([0, 0]);
});
