import { writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { useOwnFolders } from './support/own-folder.ts';
import { runInProcess } from './support/run-command-line.ts';

/** `postern who-can` and `postern what-can` as a user runs them, in a folder of its own for each test. */
useOwnFolders('listing');

const policy = `group ops { user:root, group:sre }
group sre { user:nick, user:kim }

allow group:ops to read, write on files:/prod/**
@id("no-keys")
deny anyone to write on files:/prod/keys/** unless context.mfa == true
allow user:{name} to read on home:/{name}/**
entity user:root { level: 3, tags: ["a"] }

namespace api {
  superuser api:root
  resource api:jobs { actions run enforced in strict }
}
allow user:root to run on api:root
`;

beforeEach(() => writeFileSync('prod.acl', policy));

describe('what-can', () => {
  test('lists trees, conditions and rules', async () => {
    expect(await runInProcess('what-can', 'user:kim', '--mode', 'strict', '-p', 'prod.acl')).toEqual({
      code: 0,
      stderr: '',
      stdout: `user:kim (in group:ops, group:sre) may in mode strict

  read, write
    on files:/prod/** except files:/prod/keys/**
    by prod.acl:4

  read
    on files:/prod/keys/**
    on home:/kim/**
    by prod.acl:4, prod.acl:7

  write
    on files:/prod/keys/**
    when context.mfa == true
    by prod.acl:4
`,
    });
  });

  test('says who is superuser, what is not enforced and what is declared', async () => {
    const { stdout } = await runInProcess('what-can', 'user:root', '--action', 'run', '-p', 'prod.acl');
    expect(stdout).toBe(`user:root (in group:ops) may

  run
    on api/**
    on api:**
    by prod.acl:14
    in part as superuser

user:root is declared with level: 3, tags: ["a"]
`);
    const other = await runInProcess('what-can', 'anyone', '-p', 'prod.acl');
    expect(other).toEqual({ code: 1, stdout: 'a request without a subject may do nothing\n', stderr: '' });
  });

  test('answers for a subject that the policy does not name, and says so', async () => {
    const { code, stdout, stderr } = await runInProcess('what-can', 'user:kmi', '-p', 'prod.acl');
    expect(code).toBe(0);
    expect(stdout).toContain('on home:/kmi/**');
    expect(stderr).toBe('postern: the policy names no subject `user:kmi`, did you mean `user:kim`?\n');
  });

  test('adds groups, and says which the policy does not declare', async () => {
    const { stdout, stderr } = await runInProcess(
      ...['what-can', 'user:x', '--groups', 'sre,opps', '--format', 'json', '-p', 'prod.acl'],
    );
    expect(JSON.parse(stdout)).toMatchObject({
      subject: 'user:x',
      groups: ['ops', 'sre'],
      total: 3,
      undecided: [],
    });
    expect(stderr).toContain('the policy names no group `opps`, did you mean `ops`?');
  });
});

describe('who-can', () => {
  test('says which action the policy does not name', async () => {
    const { code, stderr } = await runInProcess('who-can', 'wirte', 'files:/prod/x', '-p', 'prod.acl');
    expect(code).toBe(1);
    expect(stderr).toBe('postern: the policy names no action `wirte`, did you mean `write`?\n');
  });

  test('lists sets, and the known subjects with their groups', async () => {
    const found = await runInProcess('who-can', 'write', 'files:/prod/keys/tls', '-p', 'prod.acl');
    expect(found).toEqual({
      code: 0,
      stderr: '',
      stdout: `who may write on files:/prod/keys/tls

  group:ops
    when context.mfa == true
    by prod.acl:4

3 subjects that the policy names
  when context.mfa == true
    user:kim   by prod.acl:4 as group:sre in group:ops
    user:nick  by prod.acl:4 as group:sre in group:ops
    user:root  by prod.acl:4 as group:ops
`,
    });
  });

  test('goes on where a page ended', async () => {
    const ask = ['who-can', 'read', 'files:/prod/x', '--limit', '2', '-p', 'prod.acl', '--format', 'json'];
    const first = JSON.parse((await runInProcess(...ask)).stdout);
    expect(first).toMatchObject({ total: 3, items: [{ subject: 'user:kim' }, { subject: 'user:nick' }] });
    const second = JSON.parse((await runInProcess(...ask, '--cursor', first.next)).stdout);
    expect(second.items.map(({ subject }: { subject: string }) => subject)).toEqual(['user:root']);
    expect(second).not.toHaveProperty('next');
    const text = await runInProcess('who-can', 'read', 'files:/prod/x', '--limit', '2', '-p', 'prod.acl');
    expect(text.stdout).toContain(`2 of 3; those that follow: --cursor ${first.next}\n`);
    writeFileSync('prod.acl', `${policy}\nallow user:a to read on files:/prod/x`);
    const changed = await runInProcess(...ask, '--cursor', first.next);
    expect(changed).toMatchObject({ code: 2, stdout: '' });
    expect(changed.stderr).toContain('begin again without one');
  });

  test('asks about every resource at once', async () => {
    writeFileSync('prod.acl', 'allow user:a to read on **');
    const { code, stdout } = await runInProcess('who-can', 'read', '--every-resource', '-p', 'prod.acl');
    expect(code).toBe(0);
    expect(stdout).toContain('who may read on every resource at once');
  });

  test('ends with 1 where nobody may', async () => {
    const found = await runInProcess('who-can', 'read', 'elsewhere:/x', '-p', 'prod.acl');
    expect(found).toEqual({ code: 1, stdout: 'nobody may read on elsewhere:/x\n', stderr: '' });
  });

  test('writes nothing that a terminal would obey', async () => {
    writeFileSync('prod.acl', '@id("\\u{1b}[2J")\nallow user:a to read on x when context.s == "\\u{202e}"');
    const { code, stdout } = await runInProcess('who-can', 'read', 'x', '-p', 'prod.acl');
    expect(code).toBe(0);
    expect(stdout).toContain('(\\u{1b}[2J)');
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
  });
});

test.each([
  [2, 'the subject is not of the form', ['what-can', 'kim']],
  [2, 'the resource', ['who-can', 'read', 'files://x']],
  [2, 'the action', ['who-can', '', 'files:/x']],
  [2, 'unknown mode `hard`', ['what-can', 'user:kim', '--mode', 'hard']],
  [2, 'the cursor belongs to another question', ['what-can', 'user:kim', '--cursor', '1']],
  [2, '--limit takes a whole number', ['what-can', 'user:kim', '--limit', 'x']],
  [2, '--limit takes a whole number above 0', ['what-can', 'user:kim', '--limit', '0']],
  [2, 'write ACTION RESOURCE before `-p`', ['who-can', 'read']],
  [2, 'write ACTION RESOURCE before `-p`', ['who-can', 'read', 'a', '--every-resource']],
  [3, '', ['what-can', 'user:kim', '-p', 'missing.acl']],
])('exit code %i: %s', async (code, words, command) => {
  const whole = command.includes('-p') ? command : [...command, '-p', 'prod.acl'];
  const found = await runInProcess(...whole);
  expect(found).toMatchObject({ code, stdout: '' });
  expect(found.stderr).toContain(words);
});

test('a policy with an error is not listed', async () => {
  writeFileSync('prod.acl', 'allow');
  expect(await runInProcess('what-can', 'user:kim', '-p', 'prod.acl')).toMatchObject({ code: 3, stdout: '' });
});
