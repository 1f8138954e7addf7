import { checkGroupName } from '../id/check-id.ts';
import { describeFault, FAULT_NONE } from '../id/faults.ts';
import type { Group, SubjectPattern } from '../model/model.ts';
import type { Span } from '../source/span.ts';
import type { GroupStatement } from '../syntax/ast.ts';
import type { ExpansionBudget } from './expansion-budget.ts';
import { checkGroupNesting } from './group-nesting.ts';
import { resolveSubject } from './resolve-pattern.ts';
import type { Declarations, FileScope } from './scope.ts';
import { sharedNames, withoutSingles } from './variables.ts';

export interface DeclaredGroup {
  readonly node: GroupStatement;
  readonly scope: FileScope;
}

/** Every group with its members bound; a group that reaches itself is reported (S16). */
export function resolveGroups(declarations: Declarations<DeclaredGroup>, budget: ExpansionBudget): Group[] {
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
      const resolved = resolveSubject(member, budget);
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
  checkGroupNesting(groups, declarations);
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
