import { parentsOf } from '../../analysis/group-parents.ts';
import type { GrantStatement, RoleStatement, SyntaxTree } from '../../syntax/ast.ts';
import { groupsOfRules } from '../facts/group-uses.ts';
import { ImportUses } from '../facts/import-uses.ts';
import { variablesOf } from '../facts/pattern-variables.ts';
import { ruleStatementsOf } from '../facts/rule-statements.ts';
import type { Edit } from '../fixes/list-edits.ts';
import { withoutItem } from '../fixes/list-edits.ts';
import { defineRule, type PolicyContext, type Reported } from '../rule.ts';
import { spanOfLines } from '../rule-sources.ts';

export const unusedDefinition = defineRule({
  id: 'unused-definition',
  summary: 'a group, role, parameter of a role or import that nothing uses',
  category: 'redundancy',
  presets: { recommended: 'warning', strict: 'warning' },
  check: {
    of: 'policy',
    run(context) {
      const imports = new ImportUses(context.trees, context.model);
      reportGroups(context, imports);
      reportRoles(context, imports);
      reportImports(context, imports);
    },
  },
});

type Deletable = Parameters<typeof spanOfLines>[1];

function findingOf(tree: SyntaxTree, statement: Deletable, span: Deletable['span'], what: string): Reported {
  return {
    file: tree.file,
    span,
    message: `${what} is never used`,
    help: 'delete it, or see whether what was to use it names another one',
    fix: { safety: 'safe', edits: [{ span: spanOfLines(tree, statement), newText: '' }] },
  };
}

function reportGroups({ trees, model, report }: PolicyContext, imports: ImportUses): void {
  const used = groupsOfRules(model, trees);
  const parents = parentsOf(model.groups);
  for (const tree of trees) {
    if (imports.isLibrary(tree)) continue;
    for (const statement of tree.statements) {
      if (statement.kind !== 'group') continue;
      const { text, span } = statement.name;
      if (!used.has(text) && !parents.has(text))
        report(findingOf(tree, statement, span, `group \`${text}\``));
    }
  }
}

/** A grant with the file where it stands. */
interface PlacedGrant {
  readonly tree: SyntaxTree;
  readonly statement: GrantStatement;
}

function reportRoles({ trees, report }: PolicyContext, imports: ImportUses): void {
  const grants = grantsByRole(trees);
  for (const tree of trees) {
    const isLibrary = imports.isLibrary(tree);
    for (const statement of tree.statements) {
      if (statement.kind !== 'role') continue;
      const { text, span } = statement.name;
      const uses = grants.get(text) ?? [];
      if (uses.length === 0 && !isLibrary) report(findingOf(tree, statement, span, `role \`${text}\``));
      else reportParameters(tree, statement, uses, report);
    }
  }
}

function grantsByRole(trees: readonly SyntaxTree[]): ReadonlyMap<string, readonly PlacedGrant[]> {
  const grants = new Map<string, PlacedGrant[]>();
  for (const tree of trees) {
    for (const { statement } of ruleStatementsOf(tree)) {
      if (statement.kind !== 'grant') continue;
      const known = grants.get(statement.role.text);
      if (known === undefined) grants.set(statement.role.text, [{ tree, statement }]);
      else known.push({ tree, statement });
    }
  }
  return grants;
}

function reportParameters(
  tree: SyntaxTree,
  role: RoleStatement,
  grants: readonly PlacedGrant[],
  report: PolicyContext['report'],
): void {
  const named = new Set(
    role.permissions.flatMap(({ resource }) => variablesOf(resource).map(({ name }) => name)),
  );
  for (const [i, { text, span }] of role.parameters.entries()) {
    if (named.has(text)) continue;
    const edits = grants.map(({ statement }): Edit => withoutItem(statement.arguments, i));
    // A fix edits one file, and the parameter can only go together with all arguments.
    const isHere = grants.every((grant) => grant.tree === tree);
    report({
      file: tree.file,
      span,
      message: `parameter \`${text}\` of role \`${role.name.text}\` is never used`,
      help: `write \`{${text}}\` where a permission depends on it, or delete it here and in every grant`,
      ...(isHere ? { fix: { safety: 'safe', edits: [withoutItem(role.parameters, i), ...edits] } } : {}),
    });
  }
}

function reportImports({ trees, report }: PolicyContext, imports: ImportUses): void {
  for (const tree of trees) {
    for (const statement of tree.statements) {
      if (statement.kind !== 'import' || imports.isUsed(statement, tree)) continue;
      const { value, span } = statement.path;
      report(findingOf(tree, statement, span, `what \`${value}\` declares`));
    }
  }
}
