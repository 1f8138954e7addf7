import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { nearestName } from '../diagnostics/nearest.ts';
import type {
  Entity,
  Implication,
  Model,
  Namespace,
  PolicyTest,
  Route,
  Rule,
  Ruleset,
  Scope,
} from '../model/model.ts';
import { assertNever } from '../source/invariant.ts';
import type {
  ModeStatement,
  RouteStatement,
  RulesetStatement,
  Statement,
  SyntaxTree,
  TestStatement,
} from '../syntax/ast.ts';
import { ClosedNamespaces } from './closed-namespaces.ts';
import { Reporter } from './reporter.ts';
import { resolveEntity, resolveTest } from './resolve-data.ts';
import { type DeclaredGroup, resolveGroups } from './resolve-groups.ts';
import { isSameRoot, resolveAction, resolveImplication, resolveNamespace } from './resolve-namespaces.ts';
import { resolveResource } from './resolve-pattern.ts';
import { resolveRoute } from './resolve-route.ts';
import {
  checkRole,
  type DeclaredRole,
  type RuleContext,
  resolveGrant,
  resolveRuleStatement,
} from './resolve-rules.ts';
import { buildFileScope, Declarations, type FileScope } from './scope.ts';

export interface ResolveResult {
  /** Complete only if no diagnostic is an error (S64). */
  readonly model: Model;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Binds the names of all trees and says what they mean together. Reports every mistake it can find; what depends on a
 * mistake is left out in silence, so that one mistake gives one diagnostic.
 *
 * @param trees  taken over: the array is emptied, so that each tree can be freed as soon as its rules are resolved, which
 *   halves the memory that a million rules need
 */
export function resolve(trees: SyntaxTree[]): ResolveResult {
  const reporter = new Reporter();
  const files = trees
    .splice(0)
    .sort((a, b) => (a.file < b.file ? -1 : 1))
    .map((tree): ParsedFile => ({ scope: buildFileScope(tree, reporter), statements: tree.statements }));
  const declared = collectDeclarations(files);
  const namespaces = [...declared.namespaces.values.values()];
  reportSharedRoots(namespaces, declared.namespaceScopes);
  const modes = collectModes(namespaces);
  const mode = resolveMode(declared.modes, modes);
  const groups = resolveGroups(declared.groups);
  const context: RuleContext = {
    groups: declared.groups,
    roles: declared.roles,
    ruleIds: new Declarations<true>('rule'),
    closed: new ClosedNamespaces(namespaces),
    soleSubjects: new Map(),
    soleActions: new Map(),
  };
  for (const role of declared.roles.values.values()) checkRole(role, context);
  const { rules, rulesets, routes } = resolveRules(files, context);
  return {
    model: {
      ...(mode === undefined ? {} : { mode }),
      modes,
      groups,
      rules,
      rulesets,
      namespaces,
      implications: declared.implications,
      routes,
      entities: [...declared.entities.values.values()],
      tests: declared.tests.map(({ node, scope }): PolicyTest => resolveTest(node, scope, modes)),
    },
    diagnostics: reporter.diagnostics,
  };
}

interface ParsedFile {
  readonly scope: FileScope;
  readonly statements: readonly Statement[];
}

interface Declared {
  readonly groups: Declarations<DeclaredGroup>;
  readonly roles: Declarations<DeclaredRole>;
  readonly namespaces: Declarations<Namespace>;
  readonly namespaceScopes: Map<Namespace, FileScope>;
  readonly entities: Declarations<Entity>;
  readonly implications: Implication[];
  readonly modes: { readonly node: ModeStatement; readonly scope: FileScope }[];
  readonly tests: { readonly node: TestStatement; readonly scope: FileScope }[];
}

/** Everything that may be named before it is declared. */
function collectDeclarations(files: readonly ParsedFile[]): Declared {
  const declared: Declared = {
    groups: new Declarations('group'),
    roles: new Declarations('role'),
    namespaces: new Declarations('namespace'),
    namespaceScopes: new Map(),
    entities: new Declarations('entity'),
    implications: [],
    modes: [],
    tests: [],
  };
  for (const { scope, statements } of files) {
    for (const node of statements) {
      switch (node.kind) {
        case 'group':
          declared.groups.declare(
            node.name.text,
            { node, scope },
            scope.locate(node.name.span),
            scope.report,
          );
          break;
        case 'role':
          declared.roles.declare(node.name.text, { node, scope }, scope.locate(node.name.span), scope.report);
          break;
        case 'namespace': {
          const namespace = resolveNamespace(node, scope.file, scope.report);
          if (declared.namespaces.declare(namespace.name, namespace, namespace.location, scope.report)) {
            declared.namespaceScopes.set(namespace, scope);
          }
          break;
        }
        case 'action':
          declared.implications.push(resolveImplication(node, scope.report));
          break;
        case 'entity':
          resolveEntity(node, scope, declared.entities);
          break;
        case 'mode':
          declared.modes.push({ node, scope });
          break;
        case 'test':
          declared.tests.push({ node, scope });
          break;
        case 'import': // followed before resolving
        case 'rule':
        case 'grant':
        case 'ruleset':
        case 'route':
          break;
        default:
          assertNever(node);
      }
    }
  }
  return declared;
}

interface ResolvedRules {
  readonly rules: readonly Rule[];
  readonly rulesets: readonly Ruleset[];
  readonly routes: readonly Route[];
}

/** Rules in source order (S71), with the rulesets that some of them belong to, and routes. Takes the files one by one. */
function resolveRules(files: ParsedFile[], context: RuleContext): ResolvedRules {
  const rules: Rule[] = [];
  const rulesets: Ruleset[] = [];
  const routes: Route[] = [];
  const rulesetNames = new Declarations<true>('ruleset');
  const routeForms = new Declarations<true>('route');
  for (let file = files.shift(); file !== undefined; file = files.shift()) {
    const { scope } = file;
    for (const node of file.statements) {
      if (node.kind === 'rule') append(rules, resolveRuleStatement(node, scope, context));
      else if (node.kind === 'grant') append(rules, resolveGrant(node, scope, context));
      else if (node.kind === 'route') declareRoute(node, scope, routeForms, routes);
      else if (node.kind === 'ruleset') {
        rulesetNames.declare(node.name.text, true, scope.locate(node.name.span), scope.report);
        const index = rulesets.length;
        rulesets.push(resolveRuleset(node, scope));
        for (const inner of node.rules) {
          append(
            rules,
            inner.kind === 'rule'
              ? resolveRuleStatement(inner, scope, context, index)
              : resolveGrant(inner, scope, context, index),
          );
        }
      }
    }
  }
  return { rules, rulesets, routes };
}

/** `push` of many, without one argument for each. */
function append<T>(list: T[], items: readonly T[]): void {
  for (const item of items) list.push(item);
}

function resolveRuleset(node: RulesetStatement, scope: FileScope): Ruleset {
  const scopes = node.scopes.flatMap((part): Scope[] => {
    const actions = part.actions.map((name) => resolveAction(name, scope.report));
    const resources = resolveResource(part.resource);
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

function declareRoute(
  node: RouteStatement,
  scope: FileScope,
  forms: Declarations<true>,
  routes: Route[],
): void {
  const route = resolveRoute(node, scope.file, scope.lineOf(node.path.span), scope.report);
  if (route === undefined) return;
  const form = route.segments
    .map((segment) => (segment.kind === 'literal' ? segment.text : segment.isMany ? '{**}' : '{}'))
    .join('/');
  if (forms.declare(`${route.method} /${form}`, true, route.location, scope.report)) routes.push(route);
}

function reportSharedRoots(
  namespaces: readonly Namespace[],
  scopes: ReadonlyMap<Namespace, FileScope>,
): void {
  for (const [i, namespace] of namespaces.entries()) {
    const other = namespaces
      .slice(0, i)
      .find((earlier) => earlier.roots.some((a) => namespace.roots.some((b) => isSameRoot(a, b))));
    if (other === undefined) continue;
    scopes.get(namespace)!.report({
      code: 'P1020',
      span: namespace.location.span,
      message: `namespaces \`${other.name}\` and \`${namespace.name}\` describe ids with the same first segment`,
      help: 'join the two, or move the templates into one',
      related: [{ ...other.location, text: 'the other namespace is declared here' }],
    });
  }
}

function collectModes(namespaces: readonly Namespace[]): string[] {
  const modes = new Set<string>();
  for (const { templates } of namespaces) {
    for (const { enforcedIn } of templates) for (const { mode } of enforcedIn ?? []) modes.add(mode);
  }
  return [...modes].sort((a, b) => (a < b ? -1 : 1));
}

/** The one mode of the policy set (S35). */
function resolveMode(declared: Declared['modes'], modes: readonly string[]): string | undefined {
  const [first, ...others] = declared;
  if (first === undefined) return undefined;
  for (const { node, scope } of others) {
    scope.report({
      code: 'P1010',
      span: node.name.span,
      message: 'a policy set has at most one mode',
      help: 'delete one of the two; the caller may override the mode',
      related: [{ ...first.scope.locate(first.node.name.span), text: 'the mode is set here' }],
    });
  }
  const mode = first.node.name.text;
  if (modes.includes(mode)) return mode;
  const near = nearestName(mode, modes);
  first.scope.report({
    code: 'P1009',
    span: first.node.name.span,
    message: `unknown mode \`${mode}\``,
    help:
      near !== undefined
        ? `write \`${near}\``
        : modes.length === 0
          ? 'no `enforced in` names a mode; declare one, or import the catalogue that does'
          : `\`enforced in\` names ${modes.map((name) => `\`${name}\``).join(', ')}`,
  });
  return undefined;
}
