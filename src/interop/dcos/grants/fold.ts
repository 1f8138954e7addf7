import type { Permission, PermissionSet, SubjectPermissions } from './permissions.ts';
import { printPrincipal, printResource } from './policy-names.ts';

/** Permissions as a policy says them: shared ones once, the rest by subject. */
export interface FoldedPermissions {
  readonly shared: readonly SharedPermissions[];
  readonly own: readonly SubjectPermissions[];
}

/** What several subjects have in common. */
export interface SharedPermissions {
  /** Name of the role that it is worth; absent where one rule can list all subjects. */
  readonly role?: string;
  /** Whether the permissions differ by the subject's name, which `{name}` stands for in them. */
  readonly isParametric: boolean;
  /** Policy text of each: `create on dcos:mesos:master:framework:role:{name}-role`. */
  readonly texts: readonly string[];
  /** Each with its permissions in the order of the texts. */
  readonly holders: readonly Holder[];
}

export interface Holder {
  readonly subject: SubjectPermissions;
  readonly permissions: readonly Permission[];
}

/**
 * Finds permissions that several subjects hold alike, literally or but for their own name, and makes roles of them where
 * that is shorter. Permissions that the same subjects share stay together, so no subject holds two roles of the same people.
 * Cost: linear in the permissions, but for the sorting of keys.
 */
export function foldPermissions({ subjects }: PermissionSet): FoldedPermissions {
  const uses = new Map<string, Use[]>();
  for (const subject of subjects) {
    for (const permission of subject.permissions) {
      const text = parametricText(subject, permission) ?? literalText(permission);
      const ofText = uses.get(text);
      if (ofText === undefined) uses.set(text, [{ subject, permission }]);
      else ofText.push({ subject, permission });
    }
  }
  const common = [...uses].filter(([, users]) => users.length > 1);
  const bySubjects = Map.groupBy(common, ([, users]) =>
    JSON.stringify(users.map(({ subject }) => subject.subject)),
  );
  const roles = new RoleNames();
  const folded = [...bySubjects.values()]
    .map(candidateOf)
    .filter(isShorter)
    .map((candidate) => roles.name(candidate));
  const taken = new Set(folded.flatMap(({ holders }) => holders.flatMap(({ permissions }) => permissions)));
  const own = subjects
    .map((subject) => ({ ...subject, permissions: subject.permissions.filter((one) => !taken.has(one)) }))
    .filter(({ permissions }) => permissions.length > 0);
  return { shared: folded, own };
}

interface Use {
  readonly subject: SubjectPermissions;
  readonly permission: Permission;
}

/** @param texts  permissions with the same users in the same order */
function candidateOf(texts: readonly (readonly [string, readonly Use[]])[]): SharedPermissions {
  const [, users] = texts[0]!;
  return {
    isParametric: texts.some(([text]) => text.includes(parameter)),
    texts: texts.map(([text]) => text),
    holders: users.map(({ subject }, i) => ({
      subject,
      permissions: texts.map(([, ofText]) => ofText[i]!.permission),
    })),
  };
}

/** Lines cost their length and something for being lines. */
const lineCost = 10;

function isShorter({ isParametric, texts, holders }: SharedPermissions): boolean {
  // A lone permission is no set: it is said once where one line holds everybody, and else beside the others of its holder.
  if (texts.length === 1 && (isParametric || !fitsInLine(holders))) return false;
  const body = texts.reduce((sum, text) => sum + text.length + lineCost, 0);
  const names = holders.reduce((sum, { subject }) => sum + subject.subject.length, 0);
  // `role …`, `}`, and a grant for each; without a parameter a list of subjects.
  const heads = isParametric ? 2 * names + holders.length * (20 + lineCost) : names;
  return body + heads + 2 * lineCost < body * holders.length;
}

/** Longer lines are broken, or not made. */
export const maxLineLength = 100;

/** Whether `allow …` can list the holders. */
function fitsInLine(holders: readonly Holder[]): boolean {
  return holders.map(holderText).join(', ').length <= maxLineLength - 'allow  {'.length;
}

export const parameterName = 'name';
const parameter = `{${parameterName}}`;

/** Names that can stand for themselves as an argument, and are no part of other words too often. */
const plainName = /^[A-Za-z0-9][A-Za-z0-9_.-]+$/;

/** The permission with the subject's name left open in the last part of the resource; undefined if it is not there. */
function parametricText({ name }: SubjectPermissions, permission: Permission): string | undefined {
  if (!plainName.test(name)) return undefined;
  const resource = printResource(permission);
  if (resource.includes('"')) return undefined;
  const at = resource.lastIndexOf(':') + 1;
  const word = new RegExp(`(?<![A-Za-z0-9])${name.replace(/[.]/g, '\\.')}(?![A-Za-z0-9])`, 'g');
  const tail = resource.slice(at).replace(word, parameter);
  return tail === resource.slice(at)
    ? undefined
    : `${actionsText(permission)} on ${resource.slice(0, at)}${tail}`;
}

export function literalText(permission: Permission): string {
  return `${actionsText(permission)} on ${printResource(permission)}`;
}

function actionsText({ actions }: Permission): string {
  return actions.join(', ');
}

/** Names by what a role is for, told apart by numbers. */
class RoleNames {
  readonly #uses = new Map<string, number>();

  name(shared: SharedPermissions): SharedPermissions {
    if (!shared.isParametric && fitsInLine(shared.holders)) return shared;
    const kind = kindOf(shared.texts);
    const count = (this.#uses.get(kind) ?? 0) + 1;
    this.#uses.set(kind, count);
    return { ...shared, role: count === 1 ? kind : `${kind}-${count}` };
  }
}

function kindOf(texts: readonly string[]): string {
  const isAbout = (prefix: string): boolean => texts.some((text) => text.includes(` on ${prefix}`));
  if (isAbout('dcos:mesos:master:framework:role')) return 'framework';
  if (texts.every((text) => text.startsWith('read on '))) return 'viewer';
  if (isAbout('dcos:service:')) return 'tenant';
  return 'shared';
}

export function holderText({ subject: { type, name } }: Holder): string {
  return printPrincipal(type, name);
}
