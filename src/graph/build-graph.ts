import { keyOfSubject } from '../analysis/rule-items.ts';
import type { Expression, Rule } from '../model/model.ts';
import { elementsOf } from '../model/template-variants.ts';
import { buildPatternTree } from '../printing/pattern-tree.ts';
import { printCondition } from '../printing/print-condition.ts';
import type { AccessGraph } from './access-graph.ts';
import type { Claim, View } from './claims.ts';
import { HolderTable } from './holder-table.ts';
import { mergePermissions, type OpenPermission } from './merge-permissions.ts';

export interface BuildGraphOptions {
  /** The arguments of the grant that made a rule, as text: `prod-a, 5`. Without it roles are shown by their names. */
  readonly argumentsOf?: (rule: Rule) => string | undefined;
}

/**
 * The picture of a view: who is what, and who is allowed or denied what, on resources as trees. A permission that several
 * have on the same terms is one, and a role is one for all grants that give the same by the same arguments.
 */
export function buildGraph(view: View, { argumentsOf }: BuildGraphOptions = {}): AccessGraph {
  const tree = buildPatternTree(view.claims.flatMap(({ resources }) => resources.map(elementsOf)));
  const permissions = new Map<string, OpenPermission>();
  const holders = new HolderTable();
  addGroups(view, holders);
  for (const grant of grantsOf(view.claims)) {
    const found = grant.map((claim) => permissionsOf(claim, tree.rowOf, permissions));
    const [first] = grant;
    const owners = first!.subjects.map((subject) => holders.ofSubject(subject));
    const role = first!.rule?.role;
    const keys = found.flat();
    if (role === undefined) {
      for (const key of keys) addHolders(permissions.get(key)!, owners);
      continue;
    }
    const given = argumentsOf?.(first!.rule!);
    const place = holders.ofRole(given ? `${role.name}(${given})` : role.name, keys, first!.rule!);
    for (const owner of owners) holders.link(owner, place);
    for (const key of keys) addHolders(permissions.get(key)!, [place]);
  }
  addAsker(view, holders);
  const named = new Set([...permissions.values()].map(({ row }) => row));
  const { list, links, renumber } = holders.finish();
  return {
    holders: list,
    links,
    rows: tree.rows.map((row, i) => ({ ...row, count: named.has(i) ? 1 : 0, isFolded: false })),
    permissions: mergePermissions(permissions.values(), renumber),
  };
}

function addGroups({ groups }: View, holders: HolderTable): void {
  for (const { name, members } of groups) {
    const group = holders.ofSubject({ kind: 'group', name });
    holders.note(group, members.length === 1 ? '1 member' : `${members.length} members`);
    for (const member of members) holders.link(holders.ofSubject(member), group);
  }
}

/** The one whom the picture is about is whatever matches it. */
function addAsker({ asker }: View, holders: HolderTable): void {
  if (asker === undefined) return;
  const place = holders.ofSubject({ kind: 'subject', id: asker });
  for (const pattern of holders.patterns()) holders.link(place, pattern);
}

/** Claims that came by one grant, together; each other claim by itself. */
function grantsOf(claims: readonly Claim[]): readonly (readonly Claim[])[] {
  const grants = new Map<string, Claim[]>();
  for (const [i, claim] of claims.entries()) {
    const { rule, subjects } = claim;
    const key =
      rule?.role === undefined
        ? String(i)
        : JSON.stringify([
            rule.location.file,
            rule.line,
            rule.location.span.start,
            rule.role.name,
            subjects.map(keyOfSubject),
          ]);
    const grant = grants.get(key);
    if (grant === undefined) grants.set(key, [claim]);
    else grant.push(claim);
  }
  return [...grants.values()];
}

/** The keys of the permissions that a claim speaks of; they are added where they are new. */
function permissionsOf(
  claim: Claim,
  rowOf: (elements: ReturnType<typeof elementsOf>) => number,
  permissions: Map<string, OpenPermission>,
): readonly string[] {
  const { effect, actions, ruleset, rule } = claim;
  const condition = claim.condition && conditionClause(claim.condition);
  const isDefault = rule === undefined;
  return claim.resources.map((resource) => {
    const row = rowOf(elementsOf(resource));
    const key = JSON.stringify([row, effect, actions, condition, ruleset, isDefault]);
    let permission = permissions.get(key);
    if (permission === undefined) {
      permission = {
        row,
        effect,
        actions,
        condition,
        ruleset,
        isDefault,
        holders: new Set(),
        rules: new Set(),
      };
      permissions.set(key, permission);
    }
    if (rule !== undefined) permission.rules.add(rule);
    return key;
  });
}

/** As its author may have written it: `unless E` has become `when !E` in the model (S41). */
export function conditionClause(condition: Expression): string {
  return condition.kind === 'not'
    ? `unless ${printCondition(condition.operand)}`
    : `when ${printCondition(condition)}`;
}

function addHolders({ holders }: OpenPermission, added: readonly number[]): void {
  for (const holder of added) holders.add(holder);
}
