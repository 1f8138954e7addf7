import type {
  Implication,
  Model,
  Namespace,
  NamespaceRoot,
  PatternElement,
  ResourcePattern,
  Rule,
  Template,
} from '../model/model.ts';
import {
  compareSpecificity,
  coverageOf,
  elementsOfId,
  patternsOfVariant,
  type TemplateVariant,
  variantsOf,
} from '../model/template-variants.ts';
import { getOrAdd } from './get-or-add.ts';
import { type Letter, lettersOfId } from './letters.ts';
import { ownersOf, PatternTrie } from './pattern-trie.ts';

interface RankedVariant {
  readonly template: Template;
  readonly variants: readonly TemplateVariant[];
  readonly index: number;
}

/** What a pattern of a rule covers, its template included (S30, S32). */
export interface Coverage {
  readonly patterns: readonly (readonly PatternElement[])[];
  /** Actions that the template of a literal id lists (S14). */
  readonly listed?: readonly string[];
}

/** Namespaces, templates and implications of a model, as questions about ids and actions. */
export class Schema {
  readonly model: Model;
  /** Owners are ranks: the least is the most specific template (S32). */
  readonly templateTrie = new PatternTrie();
  readonly templatePatterns: readonly (readonly PatternElement[])[];
  /** All ids of every namespace, so that a walk of classes comes by each, whether a rule names it or not. */
  readonly rootTrie = new PatternTrie();
  /** Whether a template adds to an id what goes on within its last segment: `a.b` beneath `a`. */
  readonly hasPieces: boolean;
  readonly #ranked: readonly RankedVariant[];
  readonly #namespaceOfRoot = new Map<string, number>();
  readonly #closures: readonly Closure[];
  readonly #everywhere: Closure;
  /** By actions and those listed, which rules share, then by effect and namespace. */
  readonly #asked = new WeakMap<readonly string[], Map<unknown, Map<string, ReadonlySet<string>>>>();
  /** The same for actions that are written alike. */
  readonly #askedAlike = new Map<string, ReadonlySet<string>>();
  readonly #listedSets = new WeakMap<readonly string[], ReadonlySet<string>>();
  readonly #known = new Map<Namespace, ReadonlySet<string> | undefined>();
  readonly #superuserActions = new Map<string, readonly string[]>();
  #allActions: ReadonlySet<string> | undefined;

  constructor(model: Model) {
    this.model = model;
    this.#ranked = model.namespaces
      .flatMap(({ templates }) =>
        templates.flatMap((template) => {
          const variants = variantsOf(template.parts);
          return variants.map((_, index): RankedVariant => ({ template, variants, index }));
        }),
      )
      .sort((a, b) => compareSpecificity(a.variants[a.index]!, b.variants[b.index]!));
    const patterns: (readonly PatternElement[])[] = [];
    for (const [rank, { variants, index }] of this.#ranked.entries()) {
      for (const pattern of patternsOfVariant(variants[index]!)) {
        this.templateTrie.add(pattern, rank);
        patterns.push(pattern);
      }
    }
    this.templatePatterns = patterns;
    this.hasPieces = this.#ranked.some(({ variants, index }) => {
      const last = variants[index]!.at(-1);
      return last?.kind === 'path' && last.joinedBy !== '/';
    });
    for (const [i, { roots }] of model.namespaces.entries()) {
      for (const root of roots) {
        this.#namespaceOfRoot.set(root.kind === 'path' ? '' : root.text, i);
        for (const elements of patternsOfRoot(root)) this.rootTrie.add(elements, i);
      }
    }
    const local = model.namespaces.map(({ implications }) => [...model.implications, ...implications]);
    this.#closures = [model.implications, ...local].map((implications) => new Closure(implications));
    this.#everywhere = new Closure([...model.implications, ...local.flat()]);
  }

  /** Index of the namespace whose ids begin so; undefined if none has such ids (S31). */
  namespaceOf(first: Letter): number | undefined {
    return this.#namespaceOfRoot.get(first.text);
  }

  namespaceAt(index: number | undefined): Namespace | undefined {
    return index === undefined ? undefined : this.model.namespaces[index];
  }

  /** The most specific of some templates, by their ranks. */
  templateAt(ranks: readonly number[]): Template | undefined {
    return ranks.length === 0 ? undefined : this.#ranked[Math.min(...ranks)]!.template;
  }

  templateOf(id: string): Template | undefined {
    return this.templateAt(ownersOf(this.templateTrie, lettersOfId(id)));
  }

  coverageOf(resource: ResourcePattern): Coverage {
    if (resource.kind === 'pattern') return { patterns: [resource.elements] };
    const elements = elementsOfId(resource.id);
    const ranks = ownersOf(this.templateTrie, lettersOfId(resource.id));
    if (ranks.length === 0) return { patterns: [elements] };
    const { template, variants, index } = this.#ranked[Math.min(...ranks)]!;
    const { patterns, pieceSeparator } = coverageOf(elements, variants, index);
    const listed = template.actions === undefined ? {} : { listed: template.actions };
    if (pieceSeparator === undefined) return { patterns, ...listed };
    return { patterns: [...patterns, piecesBeneath(elements, pieceSeparator)], ...listed };
  }

  /**
   * The actions of requests that a rule matches with one of its patterns, on ids of a namespace (S13, S14).
   *
   * @param namespace  undefined for ids of none; `'nothing'` for requests without a resource (S8)
   */
  askedBy(
    { effect, actions }: Pick<Rule, 'effect' | 'actions'>,
    { listed }: Pick<Coverage, 'listed'>,
    namespace: number | undefined | 'nothing',
  ): ReadonlySet<string> {
    const limit = effect === 'allow' ? listed : undefined;
    const ofLimits = getOrAdd(this.#asked, actions, () => new Map());
    const ofPlaces = getOrAdd(ofLimits, limit, () => new Map());
    return getOrAdd(ofPlaces, `${effect} ${namespace ?? ''}`, () => {
      const key = JSON.stringify([effect, actions, limit, namespace ?? -1]);
      return getOrAdd(this.#askedAlike, key, () => {
        const asked = new Set<string>();
        for (const action of actions) this.#addAsked(asked, effect, action, limit, namespace);
        return asked;
      });
    });
  }

  #addAsked(
    asked: Set<string>,
    effect: Rule['effect'],
    action: string,
    listed: readonly string[] | undefined,
    namespace: number | undefined | 'nothing',
  ): void {
    const closure = this.#closureFor(effect, namespace);
    const isLimited = listed !== undefined && !this.#listedSet(listed).has(action);
    for (const each of closure.impliedBy(action))
      if (!isLimited || each === action || this.#listedSet(listed).has(each)) asked.add(each);
    if (effect === 'deny') for (const each of closure.implying(action)) asked.add(each);
  }

  #listedSet(listed: readonly string[]): ReadonlySet<string> {
    return getOrAdd(this.#listedSets, listed, () => new Set(listed));
  }

  #closureFor(effect: Rule['effect'], namespace: number | undefined | 'nothing'): Closure {
    if (namespace === 'nothing') return effect === 'deny' ? this.#everywhere : this.#closures[0]!;
    return this.#closures[namespace === undefined ? 0 : namespace + 1]!;
  }

  /** Whether an action is known on an id of a namespace (S34). */
  isKnown(action: string, namespace: Namespace): boolean {
    return this.knownActions(namespace)?.has(action) ?? true;
  }

  /** Undefined where every action is known (S34). */
  knownActions(namespace: Namespace): ReadonlySet<string> | undefined {
    if (!this.#known.has(namespace)) this.#known.set(namespace, this.#findKnownActions(namespace));
    return this.#known.get(namespace);
  }

  #findKnownActions(namespace: Namespace): ReadonlySet<string> | undefined {
    const { templates, implications } = namespace;
    if (templates.length === 0 || templates.some(({ actions }) => actions === undefined)) return undefined;
    const implied = [...this.model.implications, ...implications];
    return new Set([
      ...templates.flatMap(({ actions }) => actions!),
      ...implied.flatMap(({ action, implies }) => [action, ...implies]),
    ]);
  }

  /** The actions of which one is enough on a superuser's id (S33). */
  superuserActions(superuser: string): readonly string[] {
    let actions = this.#superuserActions.get(superuser);
    if (actions === undefined) {
      actions = this.templateOf(superuser)?.actions ?? [...this.allActions()];
      this.#superuserActions.set(superuser, actions);
    }
    return actions;
  }

  /** Every action that the policy set names. */
  allActions(): ReadonlySet<string> {
    this.#allActions ??= this.#findAllActions();
    return this.#allActions;
  }

  #findAllActions(): ReadonlySet<string> {
    const { rules, rulesets, namespaces, implications } = this.model;
    const ofRules = new Set<string>();
    for (const { actions } of rules) for (const action of actions) ofRules.add(action);
    return new Set([
      ...ofRules,
      ...rulesets.flatMap(({ scopes }) => scopes.flatMap(({ actions }) => actions)),
      ...[...implications, ...namespaces.flatMap((each) => each.implications)].flatMap(
        ({ action, implies }) => [action, ...implies],
      ),
      ...namespaces.flatMap(({ templates }) => templates.flatMap(({ actions }) => actions ?? [])),
    ]);
  }
}

/** All ids of a namespace that begin so. */
export function patternsOfRoot(root: NamespaceRoot): readonly (readonly PatternElement[])[] {
  const first: PatternElement =
    root.kind === 'path'
      ? { kind: 'root', separator: 'start' }
      : { kind: 'literal', separator: 'start', text: root.text };
  const beneath: PatternElement[] = [first, { kind: 'many', separator: 'slash' }];
  return root.kind === 'path' ? [beneath] : [[first, { kind: 'many', separator: 'colon' }], beneath];
}

/** What is beneath the last segment by a separator within it: `a.b` beneath `a`. */
function piecesBeneath(elements: readonly PatternElement[], separator: string): readonly PatternElement[] {
  const last = elements.at(-1)!;
  if (last.kind !== 'literal') return elements;
  return [
    ...elements.slice(0, -1),
    {
      kind: 'glob',
      separator: last.separator,
      glob: [{ kind: 'text', text: last.text + separator }, { kind: 'unit' }, { kind: 'run' }],
    },
  ];
}

/** Implications, transitively (S14); every action implies itself. What nobody asks for is not closed. */
class Closure {
  readonly #direct = new Map<string, string[]>();
  readonly #inverse = new Map<string, string[]>();
  readonly #implied = new Map<string, ReadonlySet<string>>();
  readonly #implying = new Map<string, ReadonlySet<string>>();

  constructor(implications: readonly Implication[]) {
    for (const { action, implies } of implications) {
      const known = getOrAdd(this.#direct, action, () => []);
      for (const name of implies) {
        known.push(name);
        getOrAdd(this.#inverse, name, () => []).push(action);
      }
    }
  }

  impliedBy(action: string): ReadonlySet<string> {
    return getOrAdd(this.#implied, action, () => closeOver(this.#direct, action));
  }

  implying(action: string): ReadonlySet<string> {
    return getOrAdd(this.#implying, action, () => closeOver(this.#inverse, action));
  }
}

function closeOver(direct: ReadonlyMap<string, readonly string[]>, action: string): ReadonlySet<string> {
  const reached = new Set([action]);
  for (const each of reached) for (const next of direct.get(each) ?? []) reached.add(next);
  return reached;
}
