import type {
  Expression,
  Glob,
  NamespaceRoot,
  PatternElement,
  ResourcePattern,
  Rule,
} from '../model/model.ts';
import type { ActionRelations, Ground, SpokenActions } from './action-relations.ts';
import type { Grounds } from './grounds.ts';
import type { ResourceReader } from './read-resources.ts';
import { keyOf, withoutFirstMany } from './read-subjects.ts';
import { getOrMake } from './tables.ts';
import { elementsOfPlace, type Place, placeOf } from './trie-lists.ts';

/** What somebody may do where: all the actions on all the resources. */
export interface Speech {
  readonly actions: readonly string[];
  readonly resources: readonly ResourcePattern[];
  /** Holds beside the rule's own condition. */
  readonly guard?: Expression;
}

/**
 * Says what entries say in the words of a model.
 *
 * Some images have allows for an action on an id whose template does not list it: they hold for the action without all that
 * it implies (S14), and a model has no word for that but a template that lists nothing else. In such an image rules are
 * *spread*: each names every action that it speaks of, and no action implies another. What an action implies may depend on
 * the namespace; a pattern whose ids lie in several is joined by narrower ones with the actions of theirs.
 */
export class RuleSpreader {
  readonly #relations: ActionRelations;
  readonly #grounds: Grounds;
  readonly #resources: ResourceReader;
  readonly #isSpread: boolean;

  constructor(options: {
    readonly relations: ActionRelations;
    readonly grounds: Grounds;
    readonly resources: ResourceReader;
    readonly isSpread: boolean;
  }) {
    this.#relations = options.relations;
    this.#grounds = options.grounds;
    this.#resources = options.resources;
    this.#isSpread = options.isSpread;
  }

  /** @param places  together they are what one rule says of some subjects; all their actions are alike */
  spread(effect: Rule['effect'], actions: SpokenActions, places: readonly Place[]): readonly Speech[] {
    if (!this.#isSpread) return [this.#speechOf(effect, [...actions.plain, ...actions.exact], places)];
    const drafts = new Map<string, Draft>();
    for (const place of places) {
      for (const { spoken, where, guard } of this.#spreadPlace(effect, actions, place)) {
        const key = JSON.stringify([spoken, guard]);
        getOrMake(drafts, key, () => ({ spoken, guard, places: [] as Place[] })).places.push(where);
      }
    }
    return [...drafts.values()].map(({ spoken, guard, places: own }) => ({
      ...this.#speechOf(effect, spoken, own),
      ...(guard === undefined ? {} : { guard }),
    }));
  }

  #speechOf(effect: Rule['effect'], actions: readonly number[], places: readonly Place[]): Speech {
    return {
      actions: this.#relations.namesOf(actions),
      resources: this.#resources.resourcesOf(withoutImplied(places), effect === 'allow' ? actions : []),
    };
  }

  *#spreadPlace(effect: Rule['effect'], actions: SpokenActions, place: Place): Iterable<Spread> {
    const ground = this.#grounds.groundOf(place);
    const here = this.#askedOn(effect, actions, ground ?? 0);
    yield { spoken: here, where: place, guard: undefined };
    if (ground !== undefined) return;
    for (const [namespace, roots] of this.#grounds.roots.entries()) {
      const spoken = this.#askedOn(effect, actions, namespace + 1);
      if (spoken.length === here.length) continue;
      for (const root of roots) {
        const narrowed = narrow(elementsOfPlace(place), root);
        for (const elements of narrowed ?? []) yield { spoken, where: placeOf(elements), guard: undefined };
        if (narrowed === undefined) yield { spoken, where: place, guard: beginsWith(root) };
      }
    }
    const isEverything = elementsOfPlace(place).every(({ kind }) => kind === 'many');
    const spoken = this.#askedOn(effect, actions, this.#relations.groundOfNothing);
    // A request without a resource lies in no namespace, and a deny there speaks of what any of them implies (S8).
    if (isEverything && spoken.length > here.length) yield { spoken, where: place, guard: isWithoutResource };
  }

  #askedOn(effect: Rule['effect'], { plain, exact }: SpokenActions, ground: Ground): readonly number[] {
    return ascending([
      ...exact,
      ...plain.flatMap((action) => [action, ...this.#relations.askedBeside(effect, ground, action)]),
    ]);
  }
}

interface Draft extends Pick<Spread, 'spoken' | 'guard'> {
  readonly places: Place[];
}

interface Spread {
  readonly spoken: readonly number[];
  readonly where: Place;
  readonly guard: Expression | undefined;
}

function ascending(numbers: readonly number[]): number[] {
  return numbers.length < 2 ? [...numbers] : [...new Set(numbers)].sort((a, b) => a - b);
}

/** Leaves out what a pattern that begins with `**` says already (S24). */
function withoutImplied(places: readonly Place[]): readonly Place[] {
  if (places.length < 2) return places;
  const implied = new Set(
    places.flatMap((place) => {
      const shorter = place.kind === 'pattern' ? withoutFirstMany(place.elements) : undefined;
      return shorter === undefined ? [] : [keyOf(shorter)];
    }),
  );
  if (implied.size === 0) return places;
  return places.filter((place) => !implied.has(keyOf(elementsOfPlace(place))));
}

/**
 * The part of a pattern that lies beneath a root of a namespace, but for what a `**` at the start leaves when it matches
 * nothing, which has a list of its own. Undefined if no pattern says it.
 */
function narrow(
  [first, ...rest]: readonly PatternElement[],
  root: NamespaceRoot,
): readonly (readonly PatternElement[])[] | undefined {
  if (first?.kind === 'one' || first?.kind === 'glob') {
    const isRoot = root.kind === 'segment' && (first.kind === 'one' || matchesGlob(first.glob, root.text));
    return isRoot ? [[firstElement(root), ...rest]] : [];
  }
  if (first?.kind !== 'many') return undefined;
  const beneath = (separator: 'colon' | 'slash'): readonly PatternElement[] => [
    firstElement(root),
    { kind: 'many', separator },
    ...rest,
  ];
  return root.kind === 'path' ? [beneath('slash')] : [beneath('colon'), beneath('slash')];
}

/** S23: keeps the offsets that the parts so far can have reached. */
function matchesGlob(glob: Glob, text: string): boolean {
  let reached = new Set([0]);
  for (const part of glob) {
    const next = new Set<number>();
    for (const at of reached) {
      if (part.kind === 'text' && text.startsWith(part.text, at)) next.add(at + part.text.length);
      if (part.kind === 'unit' && at < text.length) next.add(at + 1);
      if (part.kind === 'run') for (let end = at; end <= text.length; end++) next.add(end);
    }
    reached = next;
  }
  return reached.has(text.length);
}

function firstElement(root: NamespaceRoot): PatternElement {
  if (root.kind === 'path') return { kind: 'root', separator: 'start' };
  return { kind: 'literal', separator: 'start', text: root.text };
}

const resourceId: Expression = { kind: 'attribute', root: 'resource', path: ['id'] };

const isWithoutResource: Expression = {
  kind: 'not',
  operand: { kind: 'has', root: 'resource', path: [], name: 'id' },
};

/** That the resource's id begins with a root of a namespace; it never errs where there is a resource. */
function beginsWith(root: NamespaceRoot): Expression {
  const like = (text: string): Expression => ({
    kind: 'like',
    item: resourceId,
    glob: [{ kind: 'text', text }, { kind: 'run' }],
  });
  if (root.kind === 'path') return like('/');
  const isItself: Expression = {
    kind: 'compare',
    operator: '==',
    left: resourceId,
    right: { kind: 'constant', value: { kind: 'string', value: root.text } },
  };
  const isBeneath: Expression = { kind: 'or', left: like(`${root.text}:`), right: like(`${root.text}/`) };
  return { kind: 'or', left: isItself, right: isBeneath };
}
