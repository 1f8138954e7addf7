import { checkGroupName } from '../id/check-id.ts';
import { describeFault, FAULT_NONE } from '../id/faults.ts';
import type { Group, SubjectPattern } from '../model/model.ts';
import type { Span } from '../source/span.ts';
import type { GroupStatement } from '../syntax/ast.ts';
import { resolveSubject } from './resolve-pattern.ts';
import type { Declarations, FileScope } from './scope.ts';
import { sharedNames, withoutSingles } from './variables.ts';

export interface DeclaredGroup {
  readonly node: GroupStatement;
  readonly scope: FileScope;
}

/** Every group with its members bound; a group that reaches itself is reported once for its cycle (S16). */
export function resolveGroups(declarations: Declarations<DeclaredGroup>): Group[] {
  const groups: Group[] = [];
  for (const [name, { node, scope }] of declarations.values) {
    const fault = checkGroupName(name);
    if (fault !== FAULT_NONE) {
      scope.report({
        code: 'P1005',
        span: node.name.span,
        message: `malformed name of a group: it ${describeFault(fault)}`,
        help: 'a group has a name of 1 to 1,024 visible characters',
      });
    }
    const members: SubjectPattern[] = [];
    for (const member of node.members) {
      if (member.kind !== 'pattern') {
        scope.report({
          code: 'P1019',
          span: member.span,
          message: `\`${member.kind}\` cannot be a member of a group`,
          help: 'name it in the rule instead',
        });
        continue;
      }
      const resolved = resolveSubject(member);
      if (!resolved.ok) {
        scope.report(resolved.finding);
        continue;
      }
      for (const pattern of resolved.value) {
        if (pattern.kind === 'group' && !declarations.values.has(pattern.name)) {
          declarations.reportUnknown(pattern.name, member.span, 'P1002', scope.report);
        } else if (pattern.kind !== 'pattern') members.push(pattern);
        else if (sharedNames([pattern]).size > 0) reportVariables(member.span, scope);
        else members.push(withoutSingles(pattern, noNames));
      }
    }
    groups.push({ name, location: scope.locate(node.name.span), members });
  }
  reportCycles(groups, declarations);
  return groups.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const noNames: ReadonlySet<string> = new Set();

function reportVariables(span: Span, scope: FileScope): void {
  scope.report({
    code: 'P1018',
    span,
    message: 'a member of a group shares no variables',
    help: 'write `*` for any segment',
  });
}

/** Depth-first over the members with a stack of its own: groups may nest as deep as they like. */
function reportCycles(groups: readonly Group[], declarations: Declarations<DeclaredGroup>): void {
  const byName = new Map(groups.map((group) => [group.name, group]));
  const state = new Map<string, 'open' | 'done'>();
  for (const root of groups) {
    if (state.has(root.name)) continue;
    const path: { name: string; nested: string[] }[] = [];
    const enter = (name: string): void => {
      state.set(name, 'open');
      path.push({ name, nested: nestedGroups(byName.get(name)!) });
    };
    enter(root.name);
    while (path.length > 0) {
      const next = path[path.length - 1]!.nested.pop();
      if (next === undefined) {
        state.set(path.pop()!.name, 'done');
      } else if (state.get(next) === 'open') {
        const from = path.findIndex(({ name }) => name === next);
        reportCycle(
          path.slice(from).map(({ name }) => name),
          declarations,
        );
      } else if (!state.has(next)) enter(next);
    }
  }
}

function nestedGroups(group: Group): string[] {
  return group.members.flatMap((member) => (member.kind === 'group' ? [member.name] : [])).reverse();
}

function reportCycle(cycle: readonly string[], declarations: Declarations<DeclaredGroup>): void {
  const { node, scope } = declarations.values.get(cycle[0]!)!;
  scope.report({
    code: 'P1007',
    span: node.name.span,
    message: `group \`${cycle[0]}\` contains itself: ${[...cycle, cycle[0]].map((name) => `\`${name}\``).join(' contains ')}`,
    help: 'remove one of these memberships',
    related: cycle.slice(1).map((name) => {
      const other = declarations.values.get(name)!;
      return { ...other.scope.locate(other.node.name.span), text: `\`${name}\` is declared here` };
    }),
  });
}
