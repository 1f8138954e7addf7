import { describe, expect, test } from 'vitest';
import { RequestError } from '../src/decision/errors.ts';
import { createShippedImporter } from '../src/files/importer.ts';
import { Authorizer } from '../src/index.ts';
import {
  type Containerizer,
  type DefaultLinuxUser,
  defaultLinuxUser,
  type LinuxUserTarget,
  linuxUserOverride,
  type SecurityMode,
} from '../src/interop/dcos/linux-users.ts';

/** The tables of the documentation of DC/OS, whole. */
const modes: readonly SecurityMode[] = ['disabled', 'permissive', 'strict'];
const table: readonly [Containerizer, LinuxUserTarget, ...DefaultLinuxUser[]][] = [
  // containerizer, of, then disabled, permissive, strict
  ['mesos', 'task', 'root', 'root', 'nobody'],
  ['mesos', 'files', 'root', 'root', 'nobody'],
  ['docker', 'task', 'root', 'root', 'root'],
  ['docker', 'files', 'root', 'root', 'nobody'],
];
const cells = table.flatMap(([containerizer, of, ...users]) =>
  modes.map((mode, i) => ({ containerizer, of, mode, user: users[i]! })),
);

const withDisabled = ['1.8', '1.9', '1.10', '1.11'];
const withoutDisabled = ['1.12', '1.13', '2.0', '2.1', '2.2'];
const versions = [...withDisabled, ...withoutDisabled];
const launch = { launcher: 'dcos_marathon', user: 'root', mode: 'strict', version: '2.2' } as const;

describe('the default Linux user', () => {
  test.each(cells)('of the $of of $containerizer in $mode is $user', ({ user, ...question }) => {
    expect(defaultLinuxUser(question)).toBe(user);
  });

  test.each([
    ['mode', { containerizer: 'mesos', of: 'task', mode: 'hardened' }, 'unknown security mode "hardened"'],
    ['mode of every object', { containerizer: 'mesos', of: 'task', mode: 'toString' }, '"toString"'],
    ['mode that is none', { containerizer: 'mesos', of: 'task' }, 'unknown security mode of type undefined'],
    ['containerizer', { containerizer: 'ucr', of: 'task', mode: 'strict' }, 'unknown containerizer "ucr"'],
    ['subject', { containerizer: 'mesos', of: 'sandbox', mode: 'strict' }, 'unknown `of` "sandbox"'],
  ])('is not made up for an unknown %s', (_, question, message) => {
    const ask = () => defaultLinuxUser(question as Parameters<typeof defaultLinuxUser>[0]);
    expect(ask).toThrow(RequestError);
    expect(ask).toThrow(message);
  });
});

describe('another Linux user', () => {
  test.each(versions.flatMap((version) => ['root', 'nobody', 'core'].map((user) => ({ version, user }))))(
    'takes one permission of the launcher in strict: $user in $version',
    ({ version, user }) => {
      const { permissions, notes } = linuxUserOverride({ ...launch, version, user });
      expect(permissions).toEqual([
        {
          subject: 'user:dcos_marathon',
          action: 'create',
          resource: `dcos:mesos:master:task:user:${user}`,
        },
      ]);
      expect(notes).toEqual([
        {
          kind: 'undocumented',
          text: expect.stringContaining('DCOS-15682'),
          permission: {
            subject: 'user:dcos_marathon',
            action: 'create',
            resource: `dcos:mesos:agent:task:user:${user}`,
          },
        },
      ]);
    },
  );

  test.each([
    ...withDisabled.map((version) => ({ version, mode: 'disabled' as const })),
    ...versions.map((version) => ({ version, mode: 'permissive' as const })),
  ])('takes nothing where Mesos does not check: $mode in $version', ({ version, mode }) => {
    const { permissions, notes } = linuxUserOverride({ ...launch, version, mode });
    expect(permissions).toEqual([]);
    expect(notes).toEqual([{ kind: 'not-enforced', text: expect.stringContaining(mode) }]);
  });

  test.each(withoutDisabled)('there is no disabled mode in %s', (version) => {
    expect(() => linuxUserOverride({ ...launch, version, mode: 'disabled' })).toThrow(
      new RequestError(`DC/OS ${version} has no mode \`disabled\``),
    );
  });

  test.each(modes)('there is no %s mode in 1.7', (mode) => {
    expect(() => linuxUserOverride({ ...launch, version: '1.7', mode })).toThrow('no security modes');
  });

  test.each([
    ['mode', { mode: 'Strict' }, 'unknown security mode "Strict"'],
    ['mode in a version without any', { mode: 'open', version: '1.7' }, 'unknown security mode "open"'],
    ['version', { version: '1.14' }, 'unknown version of DC/OS "1.14"'],
    ['version that is a number', { version: 2 }, 'unknown version of DC/OS of type number'],
    ['account of two parts', { launcher: 'user:dcos_marathon' }, 'invalid account "user:dcos_marathon"'],
    ['account with a slash', { launcher: 'dev/kafka' }, 'invalid account "dev/kafka"'],
    ['account that is empty', { launcher: '' }, 'invalid account ""'],
    ['account that is none', { launcher: undefined }, 'invalid account of type undefined'],
    ['account that is too long', { launcher: 'a'.repeat(2000) }, 'invalid account'],
    ['user of two parts', { user: 'root:wheel' }, 'invalid Linux user "root:wheel"'],
    ['user with a slash', { user: 'a/b' }, 'invalid Linux user "a/b"'],
    ['user that is empty', { user: '' }, 'invalid Linux user ""'],
    ['user that is two dots', { user: '..' }, 'invalid Linux user ".."'],
    ['user that is no text', { user: Symbol('root') }, 'invalid Linux user of type symbol'],
    ['user that turns the line round', { user: 'a\u202eb' }, 'invalid Linux user'],
    ['user that is none', { user: undefined }, 'invalid Linux user of type undefined'],
    ['user in permissive mode', { user: 'a/b', mode: 'permissive' }, 'invalid Linux user "a/b"'],
  ])('is refused for an invalid %s', (_, change, message) => {
    const ask = () => linuxUserOverride({ ...launch, ...change } as Parameters<typeof linuxUserOverride>[0]);
    expect(ask).toThrow(RequestError);
    expect(ask).toThrow(message);
  });

  test('is what the role `run-tasks-as` gives', () => {
    const text =
      'import "postern:dcos"\nimport "postern:dcos/services"\ngrant run-tasks-as(root) to user:dcos_marathon';
    const authorizer = Authorizer.fromSources([{ file: 'a.acl', text }], {
      importer: createShippedImporter(),
      mode: 'strict',
    });
    const [permission] = linuxUserOverride(launch).permissions;
    expect(authorizer.decide(permission!).decision).toBe('allow');
    const [other] = linuxUserOverride({ ...launch, user: 'core' }).permissions;
    expect(authorizer.decide(other!).decision).toBe('deny');
  });
});
