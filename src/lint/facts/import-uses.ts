import type { Model, Namespace, NamespaceRoot, ResourcePattern } from '../../model/model.ts';
import { elementsOf } from '../../model/template-variants.ts';
import type { ImportStatement, Statement, SyntaxTree } from '../../syntax/ast.ts';

/** Statements that mean nothing until something uses what they declare. */
const declarations: ReadonlySet<Statement['kind']> = new Set(['group', 'role', 'namespace']);

/** Which imports of a policy set bring something that it uses. Where that is not plain, an import counts as used. */
export class ImportUses {
  readonly #trees: ReadonlyMap<string, SyntaxTree>;
  readonly #model: Model;
  readonly #imported: ReadonlySet<string>;
  #roots: UsedRoots | undefined;
  #isAllDeclarations: boolean | undefined;

  constructor(trees: readonly SyntaxTree[], model: Model) {
    this.#trees = new Map(trees.map((tree) => [tree.file, tree]));
    this.#model = model;
    this.#imported = new Set(
      trees.flatMap((tree) =>
        tree.statements.flatMap((statement) =>
          statement.kind === 'import' ? [targetOf(statement, tree)] : [],
        ),
      ),
    );
  }

  /**
   * A file of declarations for others, which choose what they use of it: one that is imported, or that is linted without
   * those others, where nothing but declarations is.
   */
  isLibrary(tree: SyntaxTree): boolean {
    if (!declaresOnly(tree)) return false;
    this.#isAllDeclarations ??= [...this.#trees.values()].every(declaresOnly);
    return this.#isAllDeclarations || this.#imported.has(tree.file);
  }

  isUsed(statement: ImportStatement, tree: SyntaxTree): boolean {
    const target = targetOf(statement, tree);
    const imported = this.#trees.get(target);
    if (imported !== undefined) return this.#isTreeUsed(imported);
    return target.startsWith('postern:') ? this.#isShippedUsed(target) : true;
  }

  #isTreeUsed({ file, statements }: SyntaxTree): boolean {
    if (statements.some(({ kind }) => !declarations.has(kind))) return true;
    const { groups, rules, namespaces } = this.#model;
    const names = new Set(groups.filter(({ location }) => location.file === file).map(({ name }) => name));
    return (
      rules.some(({ role }) => role?.location.file === file) ||
      this.#namesGroup(names, file) ||
      namespaces.some((namespace) => namespace.location.file === file && this.#isNamespaceUsed(namespace))
    );
  }

  /** Whether a text of another file names one of the groups, be it in a rule, a condition or another group. */
  #namesGroup(names: ReadonlySet<string>, file: string): boolean {
    if (names.size === 0) return false;
    const texts = [...this.#trees.values()].filter((tree) => tree.file !== file).map(({ text }) => text);
    return [...names].some((name) => texts.some((text) => text.includes(name)));
  }

  /** A shipped catalogue, known by its namespace; of any other shipped policy the model does not tell what it would lack. */
  #isShippedUsed(file: string): boolean {
    const { rules, routes, namespaces, modes, mode } = this.#model;
    const own = namespaces.filter(({ location }) => location.file === file);
    if (own.length === 0 || mode !== undefined) return true;
    const isNamed =
      rules.some(({ location, role }) => location.file === file || role?.location.file === file) ||
      routes.some(({ location }) => location.file === file);
    // With modes, requests about the catalogue are answered by it even where no rule is.
    return isNamed || modes.length > 0 || own.some((namespace) => this.#isNamespaceUsed(namespace));
  }

  #isNamespaceUsed({ roots }: Namespace): boolean {
    this.#roots ??= usedRoots(this.#model, this.#trees.values());
    const used = this.#roots;
    return used === 'all' || roots.some((root) => used.has(keyOf(root)));
  }
}

function declaresOnly({ statements }: SyntaxTree): boolean {
  return statements.every(({ kind }) => declarations.has(kind) || kind === 'import');
}

/** A path is one relative to the file that imports it, as file names of the set are written. */
function targetOf({ path }: ImportStatement, { file }: SyntaxTree): string {
  if (path.value.startsWith('postern:')) return path.value;
  const segments = path.value.startsWith('/') ? [] : file.split('/').slice(0, -1);
  for (const segment of path.value.split('/')) {
    if (segment === '..' && segments.length > 0 && segments.at(-1) !== '..') segments.pop();
    else if (segment !== '.' && segment !== '') segments.push(segment);
  }
  return segments.join('/');
}

/** First elements of all ids and patterns of a policy set, or that there is a pattern which may begin with anything. */
type UsedRoots = ReadonlySet<string> | 'all';

function usedRoots(
  { rules, rulesets, routes, entities, tests }: Model,
  trees: Iterable<SyntaxTree>,
): UsedRoots {
  const roots = new Set<string>();
  for (const tree of trees) {
    for (const first of rootsOfRoles(tree)) {
      if (first === undefined) return 'all';
      roots.add(first);
    }
  }
  const patterns: ResourcePattern[] = [
    ...rules.flatMap(({ resources }) => resources),
    ...rulesets.flatMap(({ scopes }) => scopes.flatMap(({ resources }) => resources)),
  ];
  for (const pattern of patterns) {
    const [first] = elementsOf(pattern);
    if (first?.kind === 'literal') roots.add(keyOf({ kind: 'segment', text: first.text }));
    else if (first?.kind === 'root') roots.add(keyOf({ kind: 'path' }));
    else return 'all';
  }
  if (routes.length > 0) return 'all';
  for (const { id } of entities) roots.add(keyOfId(id));
  for (const { cases } of tests) for (const { resource } of cases) roots.add(keyOfId(resource));
  return roots;
}

/** Of what roles are about, granted or not; undefined for what does not begin with text. */
function* rootsOfRoles({ statements }: SyntaxTree): Generator<string | undefined> {
  for (const statement of statements) {
    if (statement.kind !== 'role') continue;
    for (const { resource } of statement.permissions) {
      const [first] = resource.parts;
      yield first?.kind === 'text' ? keyOfId(first.text) : undefined;
    }
  }
}

function keyOfId(id: string): string {
  return keyOf(id.startsWith('/') ? { kind: 'path' } : { kind: 'segment', text: id.split(/[:/]/, 1)[0]! });
}

function keyOf(root: NamespaceRoot): string {
  return root.kind === 'path' ? '/' : root.text;
}
