import type { Rule } from '../../model/model.ts';
import type { PermissionNode, SyntaxTree } from '../../syntax/ast.ts';
import type { RuleSources } from '../rule-sources.ts';

export interface FoundPermission {
  readonly tree: SyntaxTree;
  readonly permission: PermissionNode;
}

/** Finds the permission that a rule was made of: that of its statement, or that of the role which was granted. */
export class PermissionFinder {
  readonly #sources: RuleSources;
  readonly #ofRoles = new Map<string, FoundPermission>();

  constructor(trees: readonly SyntaxTree[], sources: RuleSources) {
    this.#sources = sources;
    for (const tree of trees) {
      for (const statement of tree.statements) {
        if (statement.kind !== 'role') continue;
        for (const permission of statement.permissions)
          this.#ofRoles.set(`${tree.file}:${permission.span.start}`, { tree, permission });
      }
    }
  }

  /** Undefined for what a shipped policy says. */
  find(rule: Rule): FoundPermission | undefined {
    if (rule.role !== undefined)
      return this.#ofRoles.get(`${rule.role.location.file}:${rule.role.location.span.start}`);
    const source = this.#sources.of(rule);
    return source?.kind === 'rule' ? source : undefined;
  }
}
