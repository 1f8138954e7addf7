import { parentsOf } from '../../analysis/group-parents.ts';
import type { Model } from '../../model/model.ts';
import type { GroupStatement } from '../../syntax/ast.ts';
import { groupsOfRules, reach } from '../facts/group-uses.ts';
import { defineRule, type PolicyContext, type Reported } from '../rule.ts';

export const emptyGroup = defineRule({
  id: 'empty-group',
  summary: 'a group that is granted things and has no members, or has members and is granted nothing',
  category: 'redundancy',
  presets: { strict: 'info' },
  check: { of: 'policy', run: reportGroups },
});

function reportGroups(context: PolicyContext): void {
  const uses = groupUses(context);
  for (const tree of context.trees) {
    for (const statement of tree.statements) {
      if (statement.kind !== 'group') continue;
      const problem = findProblem(statement, uses);
      if (problem !== undefined) context.report({ file: tree.file, span: statement.name.span, ...problem });
    }
  }
}

interface GroupUses {
  /** Of which a rule speaks, directly or as members of others. */
  readonly granted: ReadonlySet<string>;
  /** Those with a member that is no group, directly or through others. */
  readonly filled: ReadonlySet<string>;
  /** Whose members come with requests. */
  readonly brought: ReadonlySet<string>;
  readonly parents: ReadonlyMap<string, readonly string[]>;
}

function groupUses({ trees, model, settings }: PolicyContext): GroupUses {
  const within = new Map(
    model.groups.map(({ name, members }) => [
      name,
      members.flatMap((member) => (member.kind === 'group' ? [member.name] : [])),
    ]),
  );
  const parents = parentsOf(model.groups);
  return {
    granted: reach(groupsOfRules(model, trees), (name) => within.get(name) ?? []),
    filled: reach(ownMembers(model), (name) => parents.get(name) ?? []),
    brought: new Set([...groupsOfTests(model), ...(settings.directory?.groups ?? [])]),
    parents,
  };
}

function findProblem(
  { name: { text }, members }: GroupStatement,
  { granted, filled, brought, parents }: GroupUses,
): Pick<Reported, 'message' | 'help'> | undefined {
  // A group of empty groups is mended with these.
  if (granted.has(text) && members.length === 0 && !brought.has(text)) {
    return {
      message: `group \`${text}\` has no members, and rules speak of it`,
      help: 'add its members; if requests bring the group, show it in a test: `with { groups: […] }`',
    };
  }
  if (granted.has(text) || !filled.has(text) || !parents.has(text)) return undefined;
  return {
    message: `group \`${text}\` belongs only to groups that no rule speaks of`,
    help: 'grant it something, or delete it together with these',
  };
}

/** Groups that have a member which is no group. */
function ownMembers({ groups }: Model): readonly string[] {
  return groups.filter(({ members }) => members.some(({ kind }) => kind !== 'group')).map(({ name }) => name);
}

function groupsOfTests({ tests }: Model): readonly string[] {
  return tests.flatMap(({ cases }) => cases.flatMap(({ groups }) => groups ?? []));
}
