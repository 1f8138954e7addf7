import type {
  GrantStatement,
  RoleStatement,
  RuleStatement,
  RulesetStatement,
  SyntaxTree,
} from '../../syntax/ast.ts';

/** A statement that makes rules, with the ruleset that it stands in. */
export interface PlacedStatement {
  readonly statement: RuleStatement | GrantStatement;
  readonly ruleset?: RulesetStatement;
}

/** Every rule and grant of a file in source order, also those inside of rulesets. */
export function* ruleStatementsOf(tree: SyntaxTree): Generator<PlacedStatement> {
  for (const statement of tree.statements) {
    if (statement.kind === 'rule' || statement.kind === 'grant') yield { statement };
    else if (statement.kind === 'ruleset') {
      for (const inner of statement.rules) yield { statement: inner, ruleset: statement };
    }
  }
}

/** A role with the file that declares it. */
export interface PlacedRole {
  readonly tree: SyntaxTree;
  readonly statement: RoleStatement;
}

/** The roles that are declared in these files, by name. Those of shipped policies are not among them. */
export function rolesOf(trees: readonly SyntaxTree[]): ReadonlyMap<string, PlacedRole> {
  const roles = new Map<string, PlacedRole>();
  for (const tree of trees) {
    for (const statement of tree.statements) {
      if (statement.kind === 'role') roles.set(statement.name.text, { tree, statement });
    }
  }
  return roles;
}
