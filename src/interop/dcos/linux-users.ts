import { RequestError } from '../../decision/errors.ts';
import { escapeUnprintable } from '../../diagnostics/visible-text.ts';
import { checkSubject, scanId } from '../../id/check-id.ts';
import { IdElements } from '../../id/elements.ts';
import { FAULT_NONE } from '../../id/faults.ts';

/**
 * As which Linux user tasks run and files are made on DC/OS Enterprise, and what it takes to have another one. The facts are
 * those of the documentation of DC/OS: the overview of security for the defaults, the page on Linux users and the permission
 * reference for the rest. Nothing here asks a policy: it says which permissions to ask for.
 */

/** `mesos` is the Universal Container Runtime. */
export type Containerizer = 'mesos' | 'docker';

/** `files`: what the agent fetches or creates for a task, its sandbox. */
export type LinuxUserTarget = 'task' | 'files';

/** Chosen when a cluster is installed. `disabled` existed up to 1.11. */
export type SecurityMode = 'disabled' | 'permissive' | 'strict';

export type DefaultLinuxUser = 'root' | 'nobody';

export interface DefaultLinuxUserQuestion {
  readonly containerizer: Containerizer;
  readonly of: LinuxUserTarget;
  readonly mode: SecurityMode;
}

/** Who launches, and as whom. */
export interface LinuxUserOverride {
  /** Id of the account that asks Mesos: `dcos_marathon` for services, `dcos_metronome` for jobs, or a framework's own. */
  readonly launcher: string;
  /** Name of the Linux user. */
  readonly user: string;
  readonly mode: SecurityMode;
  /** Of DC/OS, `1.8` to `2.2`. */
  readonly version: string;
}

/** One permission, in the words of a policy: `allow SUBJECT to ACTION on RESOURCE`. */
export interface LinuxUserPermission {
  /** `user:` and the id of the account. */
  readonly subject: string;
  readonly action: string;
  readonly resource: string;
}

export interface LinuxUserRequirements {
  /** All must be allowed. Empty where Mesos does not check; where it does, the default user is asked for like any other. */
  readonly permissions: readonly LinuxUserPermission[];
  readonly notes: readonly LinuxUserNote[];
}

export interface LinuxUserNote {
  /**
   * `undocumented`: installers grant this permission besides, and no reference lists it.
   * `not-enforced`: why nothing is required.
   */
  readonly kind: 'undocumented' | 'not-enforced';
  readonly text: string;
  readonly permission?: LinuxUserPermission;
}

type Defaults = Readonly<Record<SecurityMode, DefaultLinuxUser>>;

const rootUnlessStrict: Defaults = { disabled: 'root', permissive: 'root', strict: 'nobody' };
const alwaysRoot: Defaults = { disabled: 'root', permissive: 'root', strict: 'root' };

const defaults: Readonly<Record<Containerizer, Readonly<Record<LinuxUserTarget, Defaults>>>> = {
  mesos: { task: rootUnlessStrict, files: rootUnlessStrict },
  docker: { task: alwaysRoot, files: rootUnlessStrict },
};

const securityModes: readonly SecurityMode[] = ['disabled', 'permissive', 'strict'];
const modesFrom112: readonly SecurityMode[] = ['permissive', 'strict'];

/** The versions that have security modes, in the order of their release; 1.7 has none. */
const modesByVersion: ReadonlyMap<string, readonly SecurityMode[]> = new Map([
  ['1.8', securityModes],
  ['1.9', securityModes],
  ['1.10', securityModes],
  ['1.11', securityModes],
  ['1.12', modesFrom112],
  ['1.13', modesFrom112],
  ['2.0', modesFrom112],
  ['2.1', modesFrom112],
  ['2.2', modesFrom112],
]);

/** What an id of DC/OS takes for an account: a service account may not have a slash, and none has a colon. */
const accountPattern = /^[A-Za-z0-9_@.-]+$/;
const separatorPattern = /[:/\s]/;

const aboutTwin =
  'a defect of DC/OS 1.10 (DCOS-15682) wanted this as well; installers grant it in other versions too, and no reference lists it';

/**
 * The Linux user that DC/OS takes where a service or job names none (documentation of DC/OS, overview of security). In strict
 * too a Docker task is root's, inside its container; the files it is given are not.
 *
 * @throws {RequestError} for a containerizer, a kind of thing or a mode that does not exist
 */
export function defaultLinuxUser({ containerizer, of, mode }: DefaultLinuxUserQuestion): DefaultLinuxUser {
  const byTarget = readChoice('containerizer', defaults, containerizer);
  const byMode = readChoice('`of`', byTarget, of);
  return readChoice('security mode', byMode, mode);
}

/**
 * What the launching account must be allowed, so that a task may run as `user` (documentation of DC/OS, page on Linux users and
 * permission reference of the Mesos master). Whoever asks for the service or job needs no more than that service or job. A
 * launch may also be checked by its path, `dcos:mesos:master:task:app_id`, whatever the user: that is not part of the answer.
 *
 * @throws {RequestError} for a mode or version that does not exist, a mode that the version does not have, or a name that
 *   can stand in no id
 */
export function linuxUserOverride({
  launcher,
  user,
  mode,
  version,
}: LinuxUserOverride): LinuxUserRequirements {
  checkMode(mode, version);
  checkLauncher(launcher);
  checkUser(user);
  if (mode !== 'strict') return { permissions: [], notes: [notEnforced(mode)] };
  const subject = `user:${launcher}`;
  return {
    permissions: [createTasksAs('master', subject, user)],
    notes: [{ kind: 'undocumented', text: aboutTwin, permission: createTasksAs('agent', subject, user) }],
  };
}

function createTasksAs(component: 'master' | 'agent', subject: string, user: string): LinuxUserPermission {
  return { subject, action: 'create', resource: `dcos:mesos:${component}:task:user:${user}` };
}

function checkUser(user: unknown): void {
  const isPlain = typeof user === 'string' && user !== '' && !separatorPattern.test(user);
  if (isPlain && scanId(`dcos:mesos:master:task:user:${user}`, new IdElements()) === FAULT_NONE) return;
  throw new RequestError(`invalid Linux user ${quote(user)}`);
}

function checkLauncher(launcher: unknown): void {
  const isAccount = typeof launcher === 'string' && accountPattern.test(launcher);
  if (isAccount && checkSubject(`user:${launcher}`) === FAULT_NONE) return;
  throw new RequestError(`invalid account ${quote(launcher)}`);
}

function notEnforced(mode: SecurityMode): LinuxUserNote {
  return {
    kind: 'not-enforced',
    text: `in ${mode} mode Mesos checks nothing, and a task runs as whom it names`,
  };
}

function checkMode(mode: SecurityMode, version: string): void {
  if (!securityModes.includes(mode)) throw unknown('security mode', mode, securityModes);
  if (version === '1.7') throw new RequestError('DC/OS 1.7 has no security modes');
  const modes = modesByVersion.get(version);
  if (modes === undefined) throw unknown('version of DC/OS', version, [...modesByVersion.keys()]);
  if (!modes.includes(mode)) throw new RequestError(`DC/OS ${version} has no mode \`${mode}\``);
}

/** A caller without types may ask for anything: only what the table itself holds counts, not what every object has. */
function readChoice<T>(what: string, table: Readonly<Record<string, T>>, key: string): T {
  if (typeof key !== 'string' || !Object.hasOwn(table, key)) throw unknown(what, key, Object.keys(table));
  return table[key]!;
}

function unknown(what: string, value: unknown, known: readonly string[]): RequestError {
  const names = known.map((name) => `\`${name}\``).join(', ');
  return new RequestError(`unknown ${what} ${quote(value)}; there are ${names}`);
}

/** Names come from callers: a long one is cut, and what is no string is not printed. */
function quote(value: unknown): string {
  if (typeof value !== 'string') return `of type ${typeof value}`;
  return `"${escapeUnprintable(value.slice(0, 100))}"`;
}
