import type { Route, Rule, Ruleset, Scope } from '../model/model.ts';
import type { CompactTree, RouteStatement, RulesetStatement } from '../syntax/ast.ts';
import { append } from './append.ts';
import type { Reporter } from './reporter.ts';
import { resolveAction } from './resolve-namespaces.ts';
import { resolveResource } from './resolve-pattern.ts';
import { createPlainTables, resolvePlainRules } from './resolve-plain-rules.ts';
import { resolveRoute } from './resolve-route.ts';
import { type RuleContext, resolveGrant, resolveRuleStatement } from './resolve-rules.ts';
import type { Environment, RuleMemory } from './rule-memory.ts';
import { Declarations, type FileScope } from './scope.ts';

export interface ParsedFile {
  readonly scope: FileScope;
  readonly tree: CompactTree;
}

export interface ResolvedRules {
  readonly rules: readonly Rule[];
  readonly rulesets: readonly Ruleset[];
  readonly routes: readonly Route[];
}

export interface ResolveFilesOptions {
  readonly context: RuleContext;
  readonly reporter: Reporter;
  readonly environment: Environment;
  /** Rules of earlier runs, for trees that are given again; filled with those of this run. */
  readonly memory: RuleMemory | undefined;
  /** Called after each file with the number of rules resolved so far. */
  readonly onRules: ((count: number) => void) | undefined;
}

/** Rules in source order (S71), with the rulesets that some of them belong to, and routes. */
export function resolveFiles(files: ParsedFile[], options: ResolveFilesOptions): ResolvedRules {
  return new FileResolution(options).run(files);
}

class FileResolution {
  readonly #context: RuleContext;
  readonly #options: ResolveFilesOptions;
  readonly #rules: Rule[] = [];
  readonly #rulesets: Ruleset[] = [];
  readonly #routes: Route[] = [];
  readonly #rulesetNames = new Declarations<true>('ruleset');
  readonly #routeForms = new Declarations<true>('route');
  readonly #tables = createPlainTables();

  constructor(options: ResolveFilesOptions) {
    this.#context = options.context;
    this.#options = options;
  }

  /** Takes the files one by one out of the array, so that each tree can be freed once its rules are resolved. */
  run(files: ParsedFile[]): ResolvedRules {
    files.reverse();
    for (let file = files.pop(); file !== undefined; file = files.pop()) {
      append(this.#rules, this.#recall(file) ?? this.#resolveFile(file));
      this.#options.onRules?.(this.#rules.length);
    }
    return { rules: this.#rules, rulesets: this.#rulesets, routes: this.#routes };
  }

  /** The rules of the file from an earlier run, if they still hold and their names are still unique. */
  #recall({ scope, tree }: ParsedFile): readonly Rule[] | undefined {
    const { memory, environment } = this.#options;
    const { ruleIds, budget } = this.#context;
    const known = memory?.recall(tree, environment);
    if (known === undefined || known.ids.some(({ name }) => ruleIds.values.has(name))) return undefined;
    if (!budget.takeAgain(known.expanded)) return undefined;
    for (const { name, location } of known.ids) ruleIds.declare(name, true, location, scope.report);
    // From now on the rules hold in this environment, and the older one can be freed.
    memory?.remember(tree, known, environment);
    return known.rules;
  }

  #resolveFile({ scope, tree }: ParsedFile): readonly Rule[] {
    const { memory, environment, reporter } = this.#options;
    const { idsOfFile, budget } = this.#context;
    const before = budget.used;
    const findings = reporter.count;
    const rules = this.#resolveStatements(scope, tree);
    const ids = idsOfFile.splice(0);
    if (memory !== undefined && reporter.count === findings && isMemorable(tree)) {
      const expanded = budget.usedSince(before);
      memory.remember(tree, { rules, ids, expanded }, environment);
    }
    return rules;
  }

  #resolveStatements(scope: FileScope, tree: CompactTree): readonly Rule[] {
    const context = this.#context;
    const rules: Rule[] = [];
    for (const node of tree.statements) {
      if (node.kind === 'plain-rules')
        resolvePlainRules(tree.text, node, scope, context, this.#tables, rules);
      else if (node.kind === 'rule') append(rules, resolveRuleStatement(node, scope, context));
      else if (node.kind === 'grant') append(rules, resolveGrant(node, scope, context));
      else if (node.kind === 'ruleset') append(rules, this.#resolveRuleset(node, scope));
      else if (node.kind === 'route') this.#declareRoute(node, scope);
    }
    return rules;
  }

  #resolveRuleset(node: RulesetStatement, scope: FileScope): readonly Rule[] {
    this.#rulesetNames.declare(node.name.text, true, scope.locate(node.name.span), scope.report);
    const index = this.#rulesets.push(resolveRulesetHead(node, scope, this.#context)) - 1;
    return node.rules.flatMap((inner) =>
      inner.kind === 'rule'
        ? resolveRuleStatement(inner, scope, this.#context, index)
        : resolveGrant(inner, scope, this.#context, index),
    );
  }

  #declareRoute(node: RouteStatement, scope: FileScope): void {
    const route = resolveRoute(node, scope.file, scope.lineOf(node.path.span), scope.report);
    if (route === undefined) return;
    const form = route.segments
      .map((segment) => (segment.kind === 'literal' ? segment.text : segment.isMany ? '{**}' : '{}'))
      .join('/');
    const isNew = this.#routeForms.declare(`${route.method} /${form}`, true, route.location, scope.report);
    if (isNew) this.#routes.push(route);
  }
}

/** Rulesets and routes have places in lists of the whole set: files that hold any are resolved every time. */
function isMemorable({ statements }: CompactTree): boolean {
  return statements.every(({ kind }) => kind !== 'ruleset' && kind !== 'route');
}

function resolveRulesetHead(node: RulesetStatement, scope: FileScope, { budget }: RuleContext): Ruleset {
  const scopes = node.scopes.flatMap((part): Scope[] => {
    const actions = part.actions.map((name) => resolveAction(name, scope.report));
    const resources = resolveResource(part.resource, budget);
    if (resources.ok) return [{ actions, resources: resources.value }];
    scope.report(resources.finding);
    return [];
  });
  return {
    name: node.name.text,
    location: scope.locate(node.name.span),
    combining: node.combining,
    scopes,
    default: node.default?.value ?? 'none',
  };
}
