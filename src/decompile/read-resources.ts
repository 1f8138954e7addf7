import type { ResourcePattern } from '../model/model.ts';
import { elementsOfId } from '../model/template-variants.ts';
import { printElements } from '../printing/print-pattern.ts';
import type { ActionRelations } from './action-relations.ts';
import type { Grounds } from './grounds.ts';
import type { TemplateRow } from './read-templates.ts';
import type { TemplateFinder } from './template-finder.ts';
import type { Place } from './trie-lists.ts';

/** Makes resources of places, so that no template adds to them or takes from their actions. */
export class ResourceReader {
  readonly #relations: ActionRelations;
  readonly #grounds: Grounds;
  readonly #finder: TemplateFinder;
  readonly #rows: readonly TemplateRow[];
  readonly #listed: readonly (ReadonlySet<string> | undefined)[];
  readonly #isSpread: boolean;

  constructor(options: {
    readonly relations: ActionRelations;
    readonly grounds: Grounds;
    readonly finder: TemplateFinder;
    readonly rows: readonly TemplateRow[];
    /** What the template of each row lists; undefined for any action. */
    readonly listed: readonly (readonly string[] | undefined)[];
    /** Whether no action implies another. */
    readonly isSpread: boolean;
  }) {
    this.#relations = options.relations;
    this.#grounds = options.grounds;
    this.#finder = options.finder;
    this.#rows = options.rows;
    this.#listed = options.listed.map((names) => (names === undefined ? undefined : new Set(names)));
    this.#isSpread = options.isSpread;
  }

  /**
   * Sorted by their text.
   *
   * @param allowed  actions that a template might limit (S14): none for a deny or a scope
   */
  resourcesOf(places: readonly Place[], allowed: readonly number[]): readonly ResourcePattern[] {
    const resources = places.map((place) => this.#resourceOf(place, allowed));
    if (resources.length < 2) return resources;
    const byText = new Map(resources.map((resource) => [textOf(resource), resource]));
    return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => resource);
  }

  #resourceOf(place: Place, allowed: readonly number[]): ResourcePattern {
    if (place.kind === 'id' && !this.#isChanged(place, allowed)) return { kind: 'literal', id: place.id };
    const elements = place.kind === 'id' ? elementsOfId(place.id) : place.elements;
    return { kind: 'pattern', text: printElements(elements), elements };
  }

  /** Whether a rule on a literal id would cover more, or speak of fewer actions. */
  #isChanged(place: Extract<Place, { kind: 'id' }>, allowed: readonly number[]): boolean {
    const row = this.#finder.rowOf(place.id);
    if (row === undefined) return false;
    if (this.#rows[row]!.widens) return true;
    const listed = this.#listed[row];
    if (this.#isSpread || listed === undefined) return false;
    const ground = this.#grounds.groundOf(place)!;
    return allowed.some(
      (action) =>
        !listed.has(this.#relations.names[action]!) &&
        this.#relations.askedBeside('allow', ground, action).length > 0,
    );
  }
}

function textOf(resource: ResourcePattern): string {
  return resource.kind === 'literal' ? `literal ${resource.id}` : `pattern ${resource.text}`;
}
