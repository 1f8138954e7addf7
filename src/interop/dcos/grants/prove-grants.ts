import { RuntimeAuthorizer } from '../../../evaluate/authorizer.ts';
import type { Model, PatternElement, ResourcePattern, SubjectPattern } from '../../../model/model.ts';
import { InvariantError } from '../../../source/invariant.ts';
import type { PermissionSet } from './permissions.ts';

/** What was proved of a policy made from grants. */
export interface GrantsProof {
  /** Distinct grants: each is allowed, and the policy's rules say these and no others. */
  readonly grants: number;
  readonly subjects: number;
  readonly memberships: number;
}

/**
 * Proves that a policy says what the grants say: its rules, taken apart, are the grants one by one, its groups have the
 * members that they should have, and the image allows every grant.
 *
 * @param file  the policy's own file; what it imports grants nothing
 * @throws {InvariantError} that names a difference
 */
export function proveGrants(
  set: PermissionSet,
  { model, image }: { readonly model: Model; readonly image: Uint8Array },
  file: string,
): GrantsProof {
  const expected = new Set(triplesOf(set));
  compareSets('grant', expected, new Set(triplesOfModel(model, file)));
  const members = new Set(
    set.groups.flatMap(({ name, members }) => members.map((uid) => `user:${uid} in ${name}`)),
  );
  compareSets('member', members, new Set(membersOfModel(model)));
  askForAll(set, image);
  return { grants: expected.size, subjects: set.subjects.length, memberships: members.size };
}

function compareSets(what: string, expected: ReadonlySet<string>, found: ReadonlySet<string>): void {
  const missing = [...expected].find((item) => !found.has(item));
  if (missing !== undefined) throw new InvariantError(`an imported policy lacks the ${what} ${missing}`);
  const excess = [...found].find((item) => !expected.has(item));
  if (excess !== undefined) throw new InvariantError(`an imported policy has the ${what} ${excess} too many`);
}

// ---------------------------------------------------------------- the grants, one by one

function* triplesOf({ subjects }: PermissionSet): Generator<string> {
  for (const { subject, permissions } of subjects) {
    for (const { resource, isPattern, actions } of permissions) {
      for (const action of actions) yield tripleText(subject, action, isPattern ? 'pattern' : 'id', resource);
    }
  }
}

function* triplesOfModel({ rules }: Model, file: string): Generator<string> {
  for (const { subjects, actions, resources, effect, condition, ruleset, location } of rules) {
    if (location.file !== file) throw new InvariantError(`${location.file} has a rule`);
    const isPlain = effect === 'allow' && condition === undefined && ruleset === undefined;
    if (!isPlain) throw new InvariantError('an imported policy has a rule that is no grant');
    for (const subject of subjects) {
      for (const action of actions) {
        for (const resource of resources) yield `${subjectText(subject)} ${action} ${resourceText(resource)}`;
      }
    }
  }
}

function tripleText(subject: string, action: string, kind: string, resource: string): string {
  return `${JSON.stringify(subject)} ${action} ${kind} ${JSON.stringify(resource)}`;
}

function subjectText(subject: SubjectPattern): string {
  if (subject.kind === 'subject') return JSON.stringify(subject.id);
  return subject.kind === 'group' ? JSON.stringify(`group:${subject.name}`) : subject.kind;
}

function resourceText(resource: ResourcePattern): string {
  if (resource.kind === 'literal') return `id ${JSON.stringify(resource.id)}`;
  const last = resource.elements.at(-1);
  const isWildcardLast = resource.elements.every(
    (element) => element === last || element.kind === 'literal' || element.kind === 'root',
  );
  if (last?.kind !== 'one' || !isWildcardLast) return `other ${resource.text}`;
  return `pattern ${JSON.stringify(textOf(resource.elements))}`;
}

function textOf(elements: readonly PatternElement[]): string {
  let text = '';
  let isAfterRoot = false;
  for (const element of elements) {
    if (element.kind === 'root') text += element.separator === 'colon' ? ':/' : '/';
    else {
      const separator = { start: '', colon: ':', slash: isAfterRoot ? '' : '/' }[element.separator];
      text += separator + (element.kind === 'literal' ? element.text : '*');
    }
    isAfterRoot = element.kind === 'root';
  }
  return text;
}

function* membersOfModel({ groups }: Model): Generator<string> {
  for (const { name, members } of groups) {
    for (const member of members) {
      if (member.kind !== 'subject') throw new InvariantError(`group ${name} has a member that is no user`);
      yield `${member.id} in ${name}`;
    }
  }
}

// ---------------------------------------------------------------- asking

/** A group cannot ask; somebody who is in no other does. */
function askForAll({ subjects }: PermissionSet, image: Uint8Array): void {
  const authorizer = new RuntimeAuthorizer(image);
  const names = new Set(subjects.map(({ subject }) => subject));
  let stranger = 'user:somebody';
  while (names.has(stranger)) stranger += '-else';
  for (const { subject, type, name, permissions } of subjects) {
    for (const { resource, actions } of permissions) {
      for (const action of actions) {
        const request = { action, resource };
        const { decision } = authorizer.decide(
          type === 'group' ? { ...request, subject: stranger, groups: [name] } : { ...request, subject },
        );
        if (decision === 'allow') continue;
        throw new InvariantError(`an imported policy denies ${subject} ${action} on ${resource}`);
      }
    }
  }
}
