import { START_SEGMENT } from '../id/elements.ts';
import { type ImageSections, writeImage } from '../image/image.ts';
import {
  CLASS_ANYONE,
  DEFAULT_ALLOW,
  DEFAULT_DENY,
  DEFAULT_NONE,
  DENY_OVERRIDES,
  DETAIL_CONDITION,
  DETAIL_RESOURCE_PATTERN,
  DETAIL_RULESET,
  DETAIL_SIZE,
  DETAIL_SUBJECT_PATTERN,
  ENTRY_CLASS,
  ENTRY_DENY,
  ENTRY_DETAIL,
  ENTRY_FLAGS,
  ENTRY_PAGE_SHIFT,
  ENTRY_SCOPE,
  ENTRY_STORED,
  FIRST_APPLICABLE,
  HAS_WILD,
  NODE_HEAD,
  NONE,
  RESOURCE_ROOT,
  SCALAR_ACTION_COUNT,
  SCALAR_CLASS_COUNT,
  SCALAR_COUNT,
  SCALAR_ENTRY_COUNT,
  SCALAR_HAS_SUBJECT_PATTERNS,
  SCALAR_MODE,
  SCALAR_NODE_COUNT,
  SCALAR_SUBJECT_BITS,
  SCALAR_SUBJECT_COUNT,
  SCALAR_UNIVERSAL_NODE,
  WILD_MANY,
  WILD_SIZE,
} from '../image/layout.ts';
import { extrasOf, wildAt } from '../image/nodes.ts';
import type {
  AttributeValue,
  Group,
  Model,
  Namespace,
  PathPattern,
  ResourcePattern,
  Rule,
  Ruleset,
  SubjectPattern,
} from '../model/model.ts';
import { type ActionTables, buildActions, masksOf } from './actions.ts';
import { SubjectClasses } from './classes.ts';
import { ConditionWriter } from './condition-program.ts';
import { entryFinderOf, setTrieScalars } from './entry-finder.ts';
import { NameTable } from './name-table.ts';
import { type TemplateModel, TemplateRanking } from './templates.ts';
import { TextPool } from './text-pool.ts';
import { TrieBuilder, type TrieSections } from './trie-builder.ts';
import { holdsVariable, sharedVariables, writePattern } from './variable-program.ts';
import { Words } from './words.ts';

/** What makes an image live (image/layout.ts): how the model came of files and of a store. */
export interface LivePart {
  /** Rules from this one on are those of the store: plain allows on literal ids or patterns, in the order of their lines. */
  readonly firstStoredRule: number;
  /** The groups as the files have them; the model's have the store's members too. */
  readonly fileGroups: readonly Group[];
  /** Of the store: the model holds what was written up to it. */
  readonly revision: number;
  /** What the store may ever allow. */
  readonly actions: readonly string[];
}

/**
 * Compiles a resolved policy set to the bytes of an image. The same model gives the same bytes: no clock, no randomness,
 * and no order but that of the model.
 */
export function compile(model: Model, live?: LivePart): Uint8Array {
  return new Compilation(model, live).write();
}

/** One run of the compiler: the tables under construction, handed over once by `write`. */
class Compilation {
  readonly #model: Model;
  readonly #live: LivePart | undefined;
  readonly #firstStoredRule: number;
  readonly #pool = new TextPool();
  readonly #programs = new Words();
  readonly #numbers: number[] = [];
  readonly #trie: TrieBuilder;
  readonly #templates: TemplateRanking;
  readonly #classes: SubjectClasses;
  readonly #actions: ActionTables;
  readonly #files: NameTable;
  readonly #details = new Words();
  readonly #rules = new Words();
  readonly #roles = new Words();
  readonly #roleRows = new Map<string, number>();
  readonly #conditions = new ConditionWriter({
    programs: this.#programs,
    pool: this.#pool,
    numbers: this.#numbers,
    classOfGroup: (name) => this.#classes.classOfGroup(name),
  });

  constructor(model: Model, live: LivePart | undefined) {
    this.#model = model;
    this.#live = live;
    this.#firstStoredRule = live?.firstStoredRule ?? model.rules.length;
    this.#trie = new TrieBuilder(this.#pool, this.#programs);
    this.#templates = new TemplateRanking(model);
    this.#actions = buildActions(model, this.#pool, live?.actions ?? []);
    this.#classes = new SubjectClasses(model, this.#pool);
    this.#files = new NameTable(this.#pool);
  }

  write(): Uint8Array {
    this.#insertNamespaceRoots();
    for (const [index, rule] of this.#model.rules.entries()) this.#insertRule(rule, index);
    for (const [index, ruleset] of this.#model.rulesets.entries()) this.#insertScopes(ruleset, index);
    this.#classes.insertPatterns(this.#trie);
    this.#templates.insert(this.#trie);
    const entities = this.#writeEntities();
    const modes = this.#namesOf(this.#model.modes);
    const routes = this.#namesOf(this.#model.routes.map((route) => JSON.stringify(route)));
    const rulesets = this.#writeRulesets();
    const trie = this.#trie.finish({ classCount: this.#classes.count, contestOf: this.#contestOf });
    const subjects = this.#classes.writeSubjects();
    const store = this.#writeStore(subjects.offsets);
    const superuserClasses = this.#findSuperuserClasses(trie);
    const namespaces = this.#writeNamespaces(superuserClasses);
    const scalars = new Int32Array(SCALAR_COUNT);
    scalars[SCALAR_CLASS_COUNT] = this.#classes.count;
    scalars[SCALAR_ACTION_COUNT] = this.#actions.names.count;
    scalars[SCALAR_MODE] =
      this.#model.mode === undefined ? NONE : this.#model.modes.indexOf(this.#model.mode);
    setTrieScalars(scalars, trie);
    scalars[SCALAR_NODE_COUNT] = trie.nodeCount;
    scalars[SCALAR_ENTRY_COUNT] = trie.entryCount;
    scalars[SCALAR_SUBJECT_BITS] = subjects.subjectBits;
    scalars[SCALAR_SUBJECT_COUNT] = subjects.subjectCount;
    scalars[SCALAR_HAS_SUBJECT_PATTERNS] = this.#classes.hasPatterns ? 1 : 0;
    scalars[SCALAR_UNIVERSAL_NODE] = universalNodeOf(trie);
    const sections: ImageSections = {
      ...trie,
      ...subjects,
      scalars,
      namespaces,
      rulesets,
      entities: entities.rows(),
      entitySlots: entities.slots(),
      modes: modes.rows(),
      routes: routes.rows(),
      store,
      files: this.#files.rows(),
      details: this.#details.view(),
      rules: this.#rules.view(),
      roles: this.#roles.view(),
      templates: this.#templates.writeRows(this.#model.modes),
      groups: this.#classes.groups.rows(),
      groupSlots: this.#classes.groups.slots(),
      classLists: this.#classes.lists.view(),
      actions: this.#actions.names.rows(),
      actionSlots: this.#actions.names.slots(),
      relationIndex: this.#actions.index,
      relations: this.#actions.relations,
      programs: this.#programs.view(),
      numbers: Float64Array.from(this.#numbers),
      text: this.#pool.view(),
    };
    return writeImage(sections);
  }

  /** A namespace is read off the node of an id's first element. */
  #insertNamespaceRoots(): void {
    for (const [index, namespace] of this.#model.namespaces.entries()) {
      for (const root of namespace.roots)
        this.#trie.markNamespace(RESOURCE_ROOT, root.kind === 'path' ? '/' : root.text, index);
    }
  }

  #insertRule(rule: Rule, index: number): void {
    this.#writeRuleRow(rule);
    const condition = rule.condition === undefined ? NONE : this.#conditions.write(rule.condition);
    const plainTarget = this.#targetOf(rule, index, condition, undefined, undefined);
    for (const resource of rule.resources) {
      const lists = this.#listsOf(resource);
      const actions =
        rule.effect === 'allow' && resource.kind === 'literal'
          ? this.#templates.limitedActions(rule.actions, resource.id)
          : rule.actions;
      for (const subject of rule.subjects) {
        const target = hasVariables(resource, subject)
          ? this.#targetOf(rule, index, condition, subject, resource)
          : plainTarget;
        let marks = index < this.#firstStoredRule ? 0 : ENTRY_STORED;
        for (const list of lists) {
          this.#addEntries(list, actions, subject, target, marks);
          // The first list is that of the id itself.
          marks = 0;
        }
      }
    }
  }

  #addEntries(
    list: number,
    actions: readonly string[],
    subject: SubjectPattern,
    { flags, target }: { flags: number; target: number },
    marks: number,
  ): void {
    const entryClass = this.#classes.classOf(subject);
    for (const [page, mask] of this.#masksOf(actions)) {
      this.#trie.addEntry(list, entryClass, mask, flags | marks | (page << ENTRY_PAGE_SHIFT), target);
    }
  }

  /** What an entry of the rule refers to: the rule itself, or a detail where more than class and action decide. */
  #targetOf(
    rule: Rule,
    index: number,
    condition: number,
    subject: SubjectPattern | undefined,
    resource: ResourcePattern | undefined,
  ): { flags: number; target: number } {
    const deny = rule.effect === 'deny' ? ENTRY_DENY : 0;
    const patterns = [subject, resource].map((pattern) =>
      pattern?.kind === 'pattern' ? pattern : undefined,
    );
    const shared = sharedVariables(
      patterns.filter((pattern): pattern is PathPattern => pattern !== undefined),
    );
    const programs = { programs: this.#programs, pool: this.#pool, shared, met: [] };
    const [subjectPattern, resourcePattern] = patterns.map((pattern) =>
      pattern !== undefined && (holdsVariable(pattern, shared) || isFreeManyVariable(pattern))
        ? writePattern(pattern, programs)
        : NONE,
    ) as [number, number];
    const isPlain =
      condition === NONE && rule.ruleset === undefined && subjectPattern === NONE && resourcePattern === NONE;
    if (isPlain) return { flags: deny, target: index };
    const row = this.#details.push(index, condition, rule.ruleset ?? NONE, subjectPattern, resourcePattern);
    return { flags: deny | ENTRY_DETAIL, target: row / 5 };
  }

  /** The lists whose ids a resource covers (S30). */
  #listsOf(resource: ResourcePattern): readonly number[] {
    if (resource.kind === 'pattern') return this.#trie.listsOfPattern(RESOURCE_ROOT, resource.elements);
    const coverage = this.#templates.coverageOf(resource.id);
    if (coverage === undefined) return [this.#trie.listOfId(RESOURCE_ROOT, resource.id)];
    const lists = coverage.patterns.flatMap((pattern) => this.#trie.listsOfPattern(RESOURCE_ROOT, pattern));
    if (coverage.pieceSeparator === undefined) return lists;
    return [...lists, this.#trie.listOfPieces(RESOURCE_ROOT, coverage.patterns[0]!, coverage.pieceSeparator)];
  }

  /**
   * Plain rules of one effect contest for being the first (S70). In a ruleset those of one effect do; in one that is
   * first-applicable both do, unless an implication makes a deny speak of more actions than an allow (S13). Rules of a store
   * may go at any time, and then what comes after them decides.
   */
  readonly #contestOf = (flags: number, target: number): number => {
    if ((flags & ENTRY_SCOPE) !== 0) return NONE;
    const effect = flags & ENTRY_DENY;
    if ((flags & ENTRY_DETAIL) === 0) return target < this.#firstStoredRule ? effect : NONE;
    const base = target * DETAIL_SIZE;
    const ruleset = this.#details.get(base + DETAIL_RULESET);
    const isMore = [DETAIL_CONDITION, DETAIL_SUBJECT_PATTERN, DETAIL_RESOURCE_PATTERN].some(
      (field) => this.#details.get(base + field) !== NONE,
    );
    if (ruleset === NONE || isMore) return NONE;
    const isOrdered = this.#model.rulesets[ruleset]!.combining === 'first-applicable';
    return 2 + ruleset * 2 + (isOrdered && !this.#hasImplications ? 0 : effect);
  };

  get #hasImplications(): boolean {
    const { implications, namespaces } = this.#model;
    return implications.length > 0 || namespaces.some((namespace) => namespace.implications.length > 0);
  }

  #masksOf(actions: readonly string[]): [number, number][] {
    const numbers = actions.map((action) => this.#actions.names.indexOf(action)!);
    return [...masksOf(numbers)].sort(([a], [b]) => a - b);
  }

  #insertScopes({ scopes }: Ruleset, index: number): void {
    for (const { actions, resources } of scopes) {
      for (const list of new Set(resources.flatMap((resource) => this.#listsOf(resource)))) {
        for (const [page, mask] of this.#masksOf(actions)) {
          this.#trie.addEntry(list, CLASS_ANYONE, mask, ENTRY_SCOPE | (page << ENTRY_PAGE_SHIFT), index);
        }
      }
    }
  }

  #writeRuleRow({ id, location, line, role }: Rule): void {
    const name = id ?? '';
    const file = this.#files.add(location.file);
    let roleRow: number = NONE;
    if (role !== undefined) {
      const key = JSON.stringify([role.name, role.location.file, role.line]);
      roleRow =
        this.#roleRows.get(key) ??
        this.#roles.push(
          this.#pool.intern(role.name),
          role.name.length,
          this.#files.add(role.location.file),
          role.line,
        ) / 4;
      this.#roleRows.set(key, roleRow);
    }
    this.#rules.push4(name === '' ? 0 : this.#pool.intern(name), name.length, file, line);
    this.#rules.push(roleRow);
  }

  #writeRulesets(): Int32Array {
    const rows = new Words();
    for (const { name, combining, default: fallback, scopes } of this.#model.rulesets) {
      rows.push(
        this.#pool.intern(name),
        name.length,
        combining === 'first-applicable' ? FIRST_APPLICABLE : DENY_OVERRIDES,
        fallback === 'allow' ? DEFAULT_ALLOW : fallback === 'deny' ? DEFAULT_DENY : DEFAULT_NONE,
        scopes.length === 0 ? 1 : 0,
      );
    }
    return rows.view();
  }

  #writeNamespaces(superuserClasses: readonly number[]): Int32Array {
    const rows = new Words();
    const list = (actions: Iterable<string>): number =>
      this.#classes.writeList([...actions].map((action) => this.#actions.names.indexOf(action)!));
    for (const [index, namespace] of this.#model.namespaces.entries()) {
      const superuser = namespace.superuser ?? '';
      const known = knownActions(namespace, this.#model);
      rows.push(
        this.#pool.intern(namespace.name),
        namespace.name.length,
        superuser === '' ? 0 : this.#pool.intern(superuser),
        superuser.length,
        superuser === '' ? NONE : list(this.#superuserActions(superuser)),
        known === undefined ? NONE : list(known),
        superuserClasses[index]!,
        namespace.templates.some(({ enforcedIn }) => enforcedIn !== undefined) ? 1 : 0,
      );
    }
    return rows.view();
  }

  /** Any of these, allowed on the superuser's id, makes a superuser (S33). */
  #superuserActions(id: string): Iterable<string> {
    const actions = this.#templates.templateOf(id)?.template.actions;
    return actions ?? [...this.#actions.names.names()].map(([name]) => name);
  }

  /** For each namespace the list of classes to which a rule allows something on its superuser's id, or NONE. */
  #findSuperuserClasses(trie: TrieSections): number[] {
    const rest = { programs: this.#programs.view(), text: this.#pool.view() };
    const find = entryFinderOf(trie, RESOURCE_ROOT, rest);
    // A ruleset that allows by default may make anybody a superuser.
    const everybody = this.#model.rulesets.some((ruleset) => ruleset.default === 'allow')
      ? [CLASS_ANYONE]
      : [];
    return this.#model.namespaces.map(({ superuser }) => {
      if (superuser === undefined) return NONE;
      const classes = [...everybody];
      find(superuser, (entries, base) => {
        const isAllow = (entries[base + ENTRY_FLAGS]! & (ENTRY_DENY | ENTRY_SCOPE)) === 0;
        const entryClass = entries[base + ENTRY_CLASS]!;
        if (isAllow && entryClass < this.#classes.count) classes.push(entryClass);
      });
      return this.#classes.writeList(classes);
    });
  }

  #writeEntities(): NameTable {
    const entities = new NameTable(this.#pool);
    for (const { id, attributes } of this.#model.entities) {
      const json = this.#appendJson(jsonOf(attributes));
      entities.setPayload(entities.add(id), json);
    }
    return entities;
  }

  /** The row of the store, if the image is to be live. */
  #writeStore(subjects: Int32Array): Int32Array {
    if (this.#live === undefined) return new Int32Array(0);
    const { firstStoredRule, revision, fileGroups } = this.#live;
    const { implications, namespaces } = this.#model;
    const templateModel: TemplateModel = {
      implications,
      namespaces: namespaces.map((namespace) => ({
        implications: namespace.implications,
        templates: namespace.templates.map(({ parts, actions }) => ({
          parts,
          ...(actions === undefined ? {} : { actions }),
        })),
      })),
    };
    const json = this.#appendJson(JSON.stringify(templateModel));
    return Int32Array.of(firstStoredRule, revision, json, this.#classes.writeMembers(fileGroups, subjects));
  }

  /** The offset of the text, which stands behind its length in two units. */
  #appendJson(json: string): number {
    const length = this.#pool.append(String.fromCharCode(json.length & 0xffff, json.length >>> 16));
    this.#pool.append(json);
    return length;
  }

  #namesOf(names: readonly string[]): NameTable {
    const table = new NameTable(this.#pool);
    for (const name of names) table.add(name);
    return table;
  }
}

/** The node of the pattern `**` in the trie of resources, or NONE. */
function universalNodeOf({ nodes, wilds, roots }: TrieSections): number {
  const root = roots[RESOURCE_ROOT]!;
  const head = nodes[root + NODE_HEAD]!;
  if ((head & HAS_WILD) === 0) return NONE;
  return wilds[wildAt(nodes, extrasOf(nodes, root, head), head) * WILD_SIZE + WILD_MANY + START_SEGMENT]!;
}

/** S34; undefined if every action is known. */
function knownActions({ templates, implications }: Namespace, model: Model): ReadonlySet<string> | undefined {
  if (templates.length === 0) return undefined;
  const known = new Set<string>();
  for (const { actions } of templates) {
    if (actions === undefined) return undefined;
    for (const name of actions) known.add(name);
  }
  for (const { action, implies } of [...implications, ...model.implications]) {
    known.add(action);
    for (const name of implies) known.add(name);
  }
  return known;
}

function hasVariables(resource: ResourcePattern, subject: SubjectPattern): boolean {
  return [resource, subject].some(
    (pattern) =>
      pattern.kind === 'pattern' && pattern.elements.some((element) => element.kind === 'variable'),
  );
}

/**
 * A pattern that stands for any id by a variable, which another subject of the rule binds: a variable is no `**`, so a
 * request without a resource must not find the pattern in the place of one (S8).
 */
function isFreeManyVariable({ elements }: PathPattern): boolean {
  return (
    elements.some(({ kind }) => kind === 'variable') &&
    elements.every((element) => element.kind === 'many' || (element.kind === 'variable' && element.isMany))
  );
}

/** JSON of attributes, whose names may be any text, also `__proto__`. Depth is bounded by the parser. */
function jsonOf(value: AttributeValue): string {
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, AttributeValue>)].map(
      ([name, inner]) => `${JSON.stringify(name)}:${jsonOf(inner)}`,
    );
    return `{${entries.join(',')}}`;
  }
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`;
  return JSON.stringify(value);
}
