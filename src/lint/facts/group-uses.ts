import type { Expression, Model } from '../../model/model.ts';
import type { ExpressionNode, SyntaxTree } from '../../syntax/ast.ts';

/** Groups that rules speak of, as who is meant or in a condition; those of roles that nobody is granted too. */
export function groupsOfRules({ rules }: Model, trees: readonly SyntaxTree[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { subjects, condition } of rules) {
    for (const subject of subjects) if (subject.kind === 'group') names.add(subject.name);
    if (condition !== undefined) addGroups(condition, names);
  }
  for (const { statements } of trees) {
    for (const statement of statements) {
      if (statement.kind !== 'role') continue;
      for (const { when, unless } of statement.permissions) {
        for (const node of [when, unless]) if (node !== undefined) addGroupsOfNode(node, names);
      }
    }
  }
  return names;
}

function addGroups(condition: Expression, names: Set<string>): void {
  if (condition.kind === 'in-group') names.add(condition.group);
  else if (condition.kind === 'not') addGroups(condition.operand, names);
  else if (condition.kind === 'and' || condition.kind === 'or') {
    addGroups(condition.left, names);
    addGroups(condition.right, names);
  }
}

function addGroupsOfNode(node: ExpressionNode, names: Set<string>): void {
  if (node.kind === 'group') names.add(node.name);
  else if (node.kind === 'not') addGroupsOfNode(node.operand, names);
  else if (node.kind === 'binary') {
    addGroupsOfNode(node.left, names);
    addGroupsOfNode(node.right, names);
  }
}

/** These and all groups that are reached from them, such as `next` says. */
export function reach(
  from: Iterable<string>,
  next: (name: string) => readonly string[],
): ReadonlySet<string> {
  const reached = new Set(from);
  for (const name of reached) for (const other of next(name)) reached.add(other);
  return reached;
}
