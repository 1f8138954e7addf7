import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { nearestName } from '../diagnostics/nearest.ts';
import type { Entity, Implication, Model, Namespace, NamespaceRoot, PolicyTest } from '../model/model.ts';
import { assertNever } from '../source/invariant.ts';
import type {
  ActionStatement,
  CompactTree,
  ModeStatement,
  NamespaceStatement,
  TestStatement,
} from '../syntax/ast.ts';
import { findTooManyRelations } from './action-relations.ts';
import { ClosedNamespaces } from './closed-namespaces.ts';
import { findTooManyEnforcements } from './enforcement-cells.ts';
import { ExpansionBudget } from './expansion-budget.ts';
import { quoteSome } from './quote-some.ts';
import { type Finding, Reporter } from './reporter.ts';
import { resolveEntity, resolveTest } from './resolve-data.ts';
import { type ParsedFile, type ResolveFilesOptions, resolveFiles } from './resolve-files.ts';
import { type DeclaredGroup, resolveGroups } from './resolve-groups.ts';
import { resolveImplication, resolveNamespace } from './resolve-namespaces.ts';
import { checkRole, type DeclaredRole, type RuleContext } from './resolve-rules.ts';
import type { Environment } from './rule-memory.ts';
import { buildFileScope, Declarations, type FileScope } from './scope.ts';

export interface ResolveResult {
  /** Complete only if no diagnostic is an error (S64). */
  readonly model: Model;
  readonly diagnostics: readonly Diagnostic[];
}

export type ResolveOptions = Partial<Pick<ResolveFilesOptions, 'memory' | 'onRules'>>;

/**
 * Binds the names of all trees and says what they mean together. Reports every mistake it can find; what depends on a
 * mistake is left out in silence, so that one mistake gives one diagnostic.
 *
 * @param trees  taken over: the array is emptied, so that each tree can be freed as soon as its rules are resolved, which
 *   halves the memory that a million rules need
 */
export function resolve(trees: CompactTree[], options: ResolveOptions = {}): ResolveResult {
  const reporter = new Reporter();
  const files = trees
    .splice(0)
    .sort((a, b) => (a.file < b.file ? -1 : 1))
    .map((tree): ParsedFile => ({ scope: buildFileScope(tree, reporter), tree }));
  const declared = collectDeclarations(files);
  const namespaces = [...declared.namespaces.values.values()];
  reportSharedRoots(namespaces, declared.namespaceScopes);
  const modes = collectModes(namespaces);
  const mode = resolveMode(declared.modes, modes);
  const budget = new ExpansionBudget();
  const groups = resolveGroups(declared.groups, budget);
  const context: RuleContext = {
    groups: declared.groups,
    roles: declared.roles,
    ruleIds: new Declarations<true>('rule'),
    idsOfFile: [],
    closed: new ClosedNamespaces(namespaces),
    budget,
    soleSubjects: new Map(),
    soleActions: new Map(),
  };
  for (const role of declared.roles.values.values()) checkRole(role, context);
  const { rules, rulesets, routes } = resolveFiles(files, {
    context,
    reporter,
    environment: environmentOf(declared),
    memory: options.memory,
    onRules: options.onRules,
  });
  const tooMany =
    findTooManyRelations({ implications: declared.implications, namespaces, rules }) ??
    findTooManyEnforcements(modes, namespaces);
  if (tooMany !== undefined) reportRelations(tooMany, declared);
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

interface Declared {
  readonly groups: Declarations<DeclaredGroup>;
  readonly roles: Declarations<DeclaredRole>;
  readonly namespaces: Declarations<Namespace>;
  readonly namespaceScopes: Map<Namespace, FileScope>;
  readonly closedNamespaces: NamespaceStatement[];
  readonly entities: Declarations<Entity>;
  readonly implications: Implication[];
  firstAction?: { readonly node: ActionStatement; readonly scope: FileScope };
  readonly modes: { readonly node: ModeStatement; readonly scope: FileScope }[];
  readonly tests: { readonly node: TestStatement; readonly scope: FileScope }[];
}

/** At the last namespace, or where the first action of none implies others. */
function reportRelations(
  finding: Pick<Finding, 'code' | 'message' | 'help'>,
  { namespaces, namespaceScopes, firstAction }: Declared,
): void {
  const last = [...namespaces.values.values()].at(-1);
  if (last !== undefined) namespaceScopes.get(last)!.report({ ...finding, span: last.location.span });
  else firstAction?.scope.report({ ...finding, span: firstAction.node.span });
}

/** Everything that may be named before it is declared. */
function collectDeclarations(files: readonly ParsedFile[]): Declared {
  const declared: Declared = {
    groups: new Declarations('group'),
    roles: new Declarations('role'),
    namespaces: new Declarations('namespace'),
    namespaceScopes: new Map(),
    closedNamespaces: [],
    entities: new Declarations('entity'),
    implications: [],
    modes: [],
    tests: [],
  };
  for (const { scope, tree } of files) {
    for (const node of tree.statements) {
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
            if (node.isClosed) declared.closedNamespaces.push(node);
          }
          break;
        }
        case 'action':
          declared.implications.push(resolveImplication(node, scope.report));
          declared.firstAction ??= { node, scope };
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
        case 'plain-rules':
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

function reportSharedRoots(
  namespaces: readonly Namespace[],
  scopes: ReadonlyMap<Namespace, FileScope>,
): void {
  const firstWith = new Map<string, number>();
  for (const [i, namespace] of namespaces.entries()) {
    let earliest = i;
    for (const root of namespace.roots) earliest = Math.min(earliest, firstWith.get(keyOf(root)) ?? i);
    for (const root of namespace.roots) if (!firstWith.has(keyOf(root))) firstWith.set(keyOf(root), i);
    if (earliest === i) continue;
    const other = namespaces[earliest]!;
    scopes.get(namespace)!.report({
      code: 'P1020',
      span: namespace.location.span,
      message: `namespaces \`${other.name}\` and \`${namespace.name}\` describe ids with the same first segment`,
      help: 'join the two, or move the templates into one',
      related: [{ ...other.location, text: 'the other namespace is declared here' }],
    });
  }
}

/** No segment is empty. */
function keyOf(root: NamespaceRoot): string {
  return root.kind === 'path' ? '' : root.text;
}

function collectModes(namespaces: readonly Namespace[]): string[] {
  const modes = new Set<string>();
  for (const { templates } of namespaces) {
    for (const { enforcedIn } of templates) for (const { mode } of enforcedIn ?? []) modes.add(mode);
  }
  return [...modes].sort((a, b) => (a < b ? -1 : 1));
}

function environmentOf({ groups, roles, closedNamespaces }: Declared): Environment {
  return {
    groups: new Set(groups.values.keys()),
    roles: new Map([...roles.values].map(([name, { node }]) => [name, node])),
    closed: closedNamespaces,
  };
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
          : `\`enforced in\` names ${quoteSome(modes)}`,
  });
  return undefined;
}
