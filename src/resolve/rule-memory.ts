import type { Rule } from '../model/model.ts';
import type { Location } from '../source/span.ts';
import type { CompactTree, NamespaceStatement, RoleStatement } from '../syntax/ast.ts';
import type { Expanded } from './expansion-budget.ts';

/** What the rules of a file may depend on in other files. */
export interface Environment {
  readonly groups: ReadonlySet<string>;
  readonly roles: ReadonlyMap<string, RoleStatement>;
  /** Closed namespaces in order of declaration. */
  readonly closed: readonly NamespaceStatement[];
}

/** An `@id` and where it stands. */
export interface DeclaredId {
  readonly name: string;
  readonly location: Location;
}

export interface FileRules {
  readonly rules: readonly Rule[];
  readonly ids: readonly DeclaredId[];
  /** What they took of the budget. */
  readonly expanded: Expanded;
}

/**
 * The rules of trees as they were resolved last, so that `resolve` need not do it again where nothing that they depend on
 * has changed: the tree itself, compared by identity, and its environment. Only trees without any finding are remembered,
 * so there is nothing to report again.
 */
export class RuleMemory {
  readonly #known = new WeakMap<CompactTree, FileRules & { readonly environment: Environment }>();
  /** The last comparison: the files of a policy set share one environment, and its groups may be many. */
  #compared:
    | { readonly before: Environment; readonly now: Environment; readonly isKept: boolean }
    | undefined;

  /** The rules of `tree`, if in `environment` they would come out the same. Unique names are for the caller to check. */
  recall(tree: CompactTree, environment: Environment): FileRules | undefined {
    const known = this.#known.get(tree);
    return known !== undefined && this.#isKept(known.environment, environment) ? known : undefined;
  }

  remember(tree: CompactTree, rules: FileRules, environment: Environment): void {
    this.#known.set(tree, { ...rules, environment });
  }

  #isKept(before: Environment, now: Environment): boolean {
    if (this.#compared?.before !== before || this.#compared.now !== now) {
      this.#compared = { before, now, isKept: isKept(before, now) };
    }
    return this.#compared.isKept;
  }
}

/**
 * Whether rules without a mistake in the environment `before` mean the same in `now`. They may name groups and roles that
 * were there before; what came since, nobody named. Roles and namespaces are compared by their nodes, which are the same
 * where their files are.
 */
function isKept(before: Environment, now: Environment): boolean {
  if (before.closed.length !== now.closed.length) return false;
  if (before.closed.some((node, i) => node !== now.closed[i])) return false;
  for (const [name, node] of before.roles) if (now.roles.get(name) !== node) return false;
  for (const name of before.groups) if (!now.groups.has(name)) return false;
  return true;
}
