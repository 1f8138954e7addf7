import type { IamState } from '../iam/iam-state.ts';
import type { Entry } from '../iam/operation.ts';
import { scan } from '../id/scan.ts';
import type { Group, Model, Rule, SubjectPattern } from '../model/model.ts';
import type { Location } from '../source/span.ts';
import { starPatternOf } from './star-pattern.ts';

/** What stands in the place of a file in the rules of a store. Their lines are revisions. */
export const storeFile = 'store';

const storeLocation: Location = { file: storeFile, span: { start: 0, end: 0 } };

/**
 * What policies and a store say together: one group for each name, with the members of both, sorted by name; and behind the
 * rules of the policies one for each stored action, in the order of the revisions that stored them.
 */
export function modelWithStore(model: Model, state: IamState): Model {
  return {
    ...model,
    groups: groupsWithStore(model.groups, state),
    rules: [...model.rules, ...storedRules(state)],
  };
}

function groupsWithStore(groups: readonly Group[], state: IamState): Group[] {
  const known = new Set(groups.map(({ name }) => name));
  const joined = groups.map((group) => {
    const members = membersOf(state, group.name);
    if (members.length === 0) return group;
    const named = new Set(group.members.flatMap((member) => (member.kind === 'subject' ? member.id : [])));
    return { ...group, members: [...group.members, ...members.filter(({ id }) => !named.has(id))] };
  });
  const added = [...state.groups()]
    .filter(({ gid }) => !known.has(gid))
    .map(({ gid }) => ({ name: gid, location: storeLocation, members: membersOf(state, gid) }));
  return [...joined, ...added].sort((a, b) => byUnits(a.name, b.name));
}

function membersOf(state: IamState, gid: string): { readonly kind: 'subject'; readonly id: string }[] {
  return state.membersOf(gid).map((uid) => ({ kind: 'subject', id: subjectOf(uid) }));
}

/** A uid as subjects are written, service accounts too. */
export function subjectOf(uid: string): string {
  return `user:${uid}`;
}

function storedRules(state: IamState): Rule[] {
  const found: Stored[] = [];
  for (const { rid } of state.acls()) {
    // The API admits no other; no request could name one.
    if (!scan(rid)) continue;
    for (const { entry, actions } of state.entriesOf(rid))
      for (const { action, revision } of actions) found.push({ entry, action, revision });
  }
  // What was stored at once bears one name, so that its order changes no decision: it is that of its texts, and the same state
  // gives the same rules.
  found.sort((a, b) => a.revision - b.revision || byUnits(keyOf(a), keyOf(b)));
  return found.map(({ entry, action, revision }) => ({
    effect: 'allow',
    subjects: [patternOf(entry)],
    actions: [action],
    resources: [starPatternOf(entry.rid) ?? { kind: 'literal', id: entry.rid }],
    location: storeLocation,
    line: revision,
  }));
}

interface Stored {
  readonly entry: Entry;
  readonly action: string;
  readonly revision: number;
}

function patternOf({ subjects, id }: Entry): SubjectPattern {
  return subjects === 'users' ? { kind: 'subject', id: subjectOf(id) } : { kind: 'group', name: id };
}

function keyOf({ entry, action }: Stored): string {
  return [entry.rid, entry.subjects, entry.id, action].join('\n');
}

function byUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
