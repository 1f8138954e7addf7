import type { GrantStatement, RuleStatement, SubjectNode, SyntaxTree } from '../../syntax/ast.ts';
import { type VariablePart, variablesOf } from '../facts/pattern-variables.ts';
import { type PlacedRole, rolesOf, ruleStatementsOf } from '../facts/rule-statements.ts';
import { defineRule, type Reported } from '../rule.ts';

export const freeVariable = defineRule({
  id: 'free-variable',
  summary: 'a variable that binds nothing for some subjects of a rule, or for none',
  category: 'correctness',
  presets: { recommended: 'warning', strict: 'warning' },
  check: {
    of: 'policy',
    run({ trees, report }) {
      const roles = rolesOf(trees);
      for (const tree of trees) {
        for (const { statement } of ruleStatementsOf(tree)) {
          for (const finding of findFree(tree, statement, roles)) report(finding);
        }
      }
    },
  },
});

/** A subject of a rule with the variables in it. */
interface Subject {
  readonly node: SubjectNode;
  readonly variables: readonly VariablePart[];
}

/** A variable of what a rule is about, with the file where it stands: that of the role for a grant. */
interface ResourceVariable {
  readonly file: string;
  readonly variable: VariablePart;
}

function findFree(
  tree: SyntaxTree,
  statement: RuleStatement | GrantStatement,
  roles: ReadonlyMap<string, PlacedRole>,
): readonly Reported[] {
  const subjects = statement.subjects.map((node) => ({ node, variables: variablesOf(node) }));
  const names = new Set(subjects.flatMap(({ variables }) => variables.map(({ name }) => name)));
  if (names.size === 0) return [];
  const beyond =
    statement.kind === 'rule'
      ? resourceVariables(tree, statement)
      : roleVariables(roles.get(statement.role.text));
  const shared = beyond.filter(({ variable }) => names.has(variable.name));
  const found = subjects.flatMap((subject) => findUnbound(tree, subject, shared));
  if (found.length > 0 || shared.length > 0) return found;
  return findUnshared(tree, subjects, beyond);
}

function resourceVariables(
  { file }: SyntaxTree,
  { permissions }: RuleStatement,
): readonly ResourceVariable[] {
  return permissions.flatMap(({ resource }) => variablesOf(resource).map((variable) => ({ file, variable })));
}

/** Parameters are no variables: the grant puts text in their place. */
function roleVariables(role: PlacedRole | undefined): readonly ResourceVariable[] {
  if (role === undefined) return [];
  const parameters = new Set(role.statement.parameters.map(({ text }) => text));
  return role.statement.permissions.flatMap(({ resource }) =>
    variablesOf(resource)
      .filter(({ name }) => !parameters.has(name))
      .map((variable) => ({ file: role.tree.file, variable })),
  );
}

/** A subject that has not the variable which another one shares with a resource: for it the variable is a wildcard (S25). */
function findUnbound(
  { file, text }: SyntaxTree,
  { node, variables }: Subject,
  shared: readonly ResourceVariable[],
): readonly Reported[] {
  const free = shared.find(({ variable }) => !variables.some(({ name }) => name === variable.name));
  if (free === undefined) return [];
  const subject = text.slice(node.span.start, node.span.end);
  const wildcard = free.variable.isMany ? '**' : '*';
  return [
    {
      file,
      span: node.span,
      message: `\`${written(free.variable)}\` is free for \`${subject}\`: it stands for anything, as \`${wildcard}\` would`,
      label: 'not bound',
      related: [{ file: free.file, span: free.variable.span, text: 'bound here for other subjects alone' }],
      help: `if that is meant, give \`${subject}\` a rule of its own with \`${wildcard}\``,
    },
  ];
}

/** Variables on both sides and none in common: what reads as a bond is two wildcards, mostly by a typing mistake. */
function findUnshared(
  { file }: SyntaxTree,
  subjects: readonly Subject[],
  beyond: readonly ResourceVariable[],
): readonly Reported[] {
  const ours = subjects.flatMap(({ variables }) => variables)[0];
  const theirs = beyond[0];
  if (ours === undefined || theirs === undefined) return [];
  return [
    {
      file,
      span: ours.span,
      message: `\`${written(ours)}\` and \`${written(theirs.variable)}\` bind nothing: subject and resource have no variable in common`,
      related: [{ file: theirs.file, span: theirs.variable.span, text: 'another name' }],
      help: 'write the same name in both, or `*` if neither is to be bound',
    },
  ];
}

function written({ name, isMany }: VariablePart): string {
  return isMany ? `{${name}**}` : `{${name}}`;
}
