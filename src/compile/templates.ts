import {
  CLASS_ANYONE,
  ENFORCED,
  ENFORCED_IF_AUTHENTICATED,
  ENTRY_TARGET,
  NOT_ENFORCED,
  TEMPLATE_ROOT,
} from '../image/layout.ts';
import type { Implication, Template } from '../model/model.ts';
import {
  type Coverage,
  compareSpecificity,
  coverageOf,
  elementsOfId,
  patternsOfVariant,
  type TemplateVariant,
  variantsOf,
} from '../model/template-variants.ts';
import { exactName, impliedActions } from './actions.ts';
import { buildEntryFinder } from './entry-finder.ts';
import type { TrieBuilder } from './trie-builder.ts';
import { Words } from './words.ts';

/** What of a model says what rules on literal ids cover, and which actions mean there. */
export interface TemplateModel {
  readonly implications: readonly Implication[];
  readonly namespaces: readonly {
    readonly implications: readonly Implication[];
    readonly templates: readonly RankedTemplate[];
  }[];
}

export type RankedTemplate = Pick<Template, 'parts' | 'actions' | 'enforcedIn'>;

interface RankedVariant {
  readonly template: RankedTemplate;
  /** Index into `Model.namespaces`. */
  readonly namespace: number;
  readonly variants: readonly TemplateVariant[];
  /** Index of this variant in `variants`. */
  readonly index: number;
}

/** The templates of all namespaces, the most specific variant first (S32). */
export class TemplateRanking {
  readonly ranked: readonly RankedVariant[];
  readonly #model: TemplateModel;
  readonly #find: (id: string) => RankedVariant | undefined;
  /** Catalogues may list thousands of actions, and a rule may name as many. */
  readonly #listed = new Map<RankedTemplate, ReadonlySet<string>>();

  constructor(model: TemplateModel) {
    this.#model = model;
    this.ranked = model.namespaces
      .flatMap(({ templates }, namespace) =>
        templates.flatMap((template): RankedVariant[] => {
          const variants = variantsOf(template.parts);
          return variants.map((_, index) => ({ template, namespace, variants, index }));
        }),
      )
      .sort((a, b) => compareSpecificity(a.variants[a.index]!, b.variants[b.index]!));
    this.#find = this.#buildFinder();
  }

  /** What a rule on a literal id covers, or undefined if that is the id alone (S30, S32). */
  coverageOf(id: string): Coverage | undefined {
    const found = this.#find(id);
    return found === undefined ? undefined : coverageOf(elementsOfId(id), found.variants, found.index);
  }

  /** The template that describes a literal id most specifically, and its namespace's place in the model. */
  templateOf(id: string): Pick<RankedVariant, 'template' | 'namespace'> | undefined {
    return this.#find(id);
  }

  /** S14: on an id whose template lacks an action, the action stands for those that it implies and the template lists. */
  limitedActions(actions: readonly string[], id: string): readonly string[] {
    const found = this.templateOf(id);
    const listed = this.#listedBy(found?.template);
    if (listed === undefined || actions.every((action) => listed.has(action))) return actions;
    const { implications } = this.#model.namespaces[found!.namespace]!;
    const all = [...this.#model.implications, ...implications];
    return actions.flatMap((action) => {
      if (listed.has(action)) return [action];
      const implied = [...impliedActions(action, all)];
      if (implied.length === 1) return [action];
      return implied.filter((name) => name === action || listed.has(name)).map(exactName);
    });
  }

  #listedBy(template: RankedTemplate | undefined): ReadonlySet<string> | undefined {
    if (template?.actions === undefined) return undefined;
    const known = this.#listed.get(template) ?? new Set(template.actions);
    this.#listed.set(template, known);
    return known;
  }

  insert(builder: TrieBuilder): void {
    for (const [rank, { variants, index }] of this.ranked.entries()) {
      for (const pattern of patternsOfVariant(variants[index]!)) {
        for (const list of builder.listsOfPattern(TEMPLATE_ROOT, pattern))
          builder.addEntry(list, CLASS_ANYONE, 0, 0, rank);
      }
    }
  }

  /** The rows of the section `templates`. */
  writeRows(modes: readonly string[]): Int32Array {
    const rows = new Words();
    for (const { template, namespace } of this.ranked) {
      rows.push(namespace);
      rows.pushAll(modes.map((mode) => enforcementIn(template, mode)));
    }
    return rows.view();
  }

  #buildFinder(): (id: string) => RankedVariant | undefined {
    if (this.ranked.length === 0) return () => undefined;
    const find = buildEntryFinder(TEMPLATE_ROOT, (builder) => this.insert(builder));
    return (id) => {
      let best = this.ranked.length;
      find(id, (entries, base) => {
        best = Math.min(best, entries[base + ENTRY_TARGET]!);
      });
      return this.ranked[best];
    };
  }
}

function enforcementIn({ enforcedIn }: RankedTemplate, mode: string): number {
  if (enforcedIn === undefined) return ENFORCED;
  const clause = enforcedIn.find((candidate) => candidate.mode === mode);
  if (clause === undefined) return NOT_ENFORCED;
  return clause.authenticatedOnly ? ENFORCED_IF_AUTHENTICATED : ENFORCED;
}
