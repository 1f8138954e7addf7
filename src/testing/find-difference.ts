import type { Request, RequestAttributes } from '../decision/request.ts';
import type { Expression, Implication, Model, Rule, Scope } from '../model/model.ts';
import { dovetail } from './dovetail.ts';
import type { Mutant } from './mutant.ts';
import { groupsIn, type SampledAttribute, sampleAttributes } from './sample-attributes.ts';
import { type Asker, sampleAskers, sampleResources } from './sample-ids.ts';

const mostSeeds = 3;

export interface Search {
  /** Requests that the rules decide, or come near to. */
  readonly seeds: readonly Request[];
  /** From scratch, and again from each seed. */
  readonly mostTries: number;
  readonly tellsApart: (request: Request) => boolean;
}

/** What is known of the original. */
export interface Original {
  readonly model: Model;
  /** The rules that cover a resource, whoever asks and for whatever action. */
  readonly rulesOn: (resource: string) => readonly Rule[];
}

/**
 * Looks for a request that a mutant answers otherwise than the original: with subjects, actions, resources and attributes at
 * and about the edges of the rules that were changed, alone and put into requests that are known to reach these rules.
 */
export function findDifference(
  original: Original,
  mutant: Mutant,
  { seeds, mostTries, tellsApart }: Search,
): Request | undefined {
  const choices = choicesFor(original, mutant);
  for (const seed of [undefined, ...seeds.slice(0, mostSeeds)]) {
    let tries = 0;
    for (const request of requestsFrom(choices, seed)) {
      if (tellsApart(request)) return simplify(request, tellsApart);
      if (++tries === mostTries) break;
    }
  }
  return undefined;
}

/** The request without what the difference does not need: whoever reads a test looks for the reason of all that it holds. */
function simplify(request: Request, tellsApart: Search['tellsApart']): Request {
  const simpler = [
    ...(['groups', 'attributes', 'context'] as const).map((key) => ({ ...request, [key]: undefined })),
    ...Object.keys(request.context ?? {}).map((name) => ({
      ...request,
      context: withValue(request.context, [name], undefined),
    })),
  ];
  const size = JSON.stringify(request).length;
  const found = simpler.find((each) => JSON.stringify(each).length < size && tellsApart(each));
  return found === undefined ? request : simplify(found, tellsApart);
}

/** What a request about a mutant may be made of; the better guesses first. */
interface Choices {
  readonly askers: readonly Asker[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly attributes: readonly SampledAttribute[];
}

function choicesFor({ model, rulesOn }: Original, mutant: Mutant): Choices {
  // What was changed comes first: that is where a widened rule differs.
  const rules = [...mutant.changed, ...mutant.rules];
  const spoken = mutant.ruleset === undefined ? rules : scopesOf(model, mutant.ruleset);
  const resources = [...new Set(spoken.flatMap((each) => each.resources).flatMap(sampleResources))];
  const about = rulesAbout(resources, rulesOn);
  const conditions = [...conditionsOf(rules), ...conditionsOf(about).slice(0, mostConditionsAbout)];
  const subjects = [...rules, ...about].flatMap((rule) => rule.subjects);
  const askers = sampleAskers(subjects, model);
  return {
    askers: [...askers, ...inGroups(askers, conditions)],
    actions: actionsAbout(
      model,
      spoken.flatMap(({ actions }) => actions),
    ),
    resources,
    attributes: sampleAttributes(conditions),
  };
}

/** What a default speaks of; without a scope, what its rules speak of. */
function scopesOf({ rulesets, rules }: Model, ruleset: number): readonly (Scope | Rule)[] {
  const { scopes } = rulesets[ruleset]!;
  return scopes.length > 0 ? scopes : rules.filter((rule) => rule.ruleset === ruleset);
}

function conditionsOf(rules: readonly Rule[]): Expression[] {
  return rules.flatMap(({ condition }) => (condition === undefined ? [] : [condition]));
}

const mostConditionsAbout = 6;
const mostRulesAbout = 12;
const mostResourcesAbout = 4;

/** Rules that may stand before the one in question, or behind it: whether it matters depends on whom they speak of. */
function rulesAbout(resources: readonly string[], rulesOn: Original['rulesOn']): Rule[] {
  const rules = new Set(resources.slice(0, mostResourcesAbout).flatMap((resource) => rulesOn(resource)));
  return [...rules].slice(0, mostRulesAbout);
}

function inGroups(askers: readonly Asker[], conditions: readonly Expression[]): Asker[] {
  const groups = [...new Set(conditions.flatMap(groupsIn))];
  return groups.flatMap((group) =>
    askers.flatMap((asker) =>
      asker.subject === undefined ? [] : [{ ...asker, groups: [...(asker.groups ?? []), group] }],
    ),
  );
}

/** The actions, those that they imply and those that imply them. */
function actionsAbout({ implications, namespaces }: Model, actions: readonly string[]): string[] {
  const all: Implication[] = [...implications, ...namespaces.flatMap((namespace) => namespace.implications)];
  const implied = all.flatMap(({ action, implies }) => (actions.includes(action) ? implies : []));
  const implying = all.flatMap(({ action, implies }) =>
    implies.some((name) => actions.includes(name)) ? [action] : [],
  );
  return [...new Set([...actions, ...implied, ...implying])];
}

/** A seed with some of its parts replaced; without a seed, requests made of choices alone. */
function* requestsFrom(
  { askers, actions, resources, attributes }: Choices,
  seed: Request | undefined,
): Iterable<Request> {
  const own = seed === undefined ? [] : [keep];
  const lists = [
    [...own, ...askers],
    [...own, ...actions],
    [...own, ...resources],
    ...attributes.map(({ values }) => [...own, ...values]),
  ] as const;
  for (const chosen of dovetail(lists.map((list) => list.length))) {
    const [asker, action, resource, ...values] = chosen.map((index, i) => lists[i]![index]);
    yield {
      ...seed,
      ...(asker === keep ? {} : { subject: undefined, groups: undefined, ...(asker as Asker) }),
      action: action === keep ? seed!.action : (action as string),
      resource: resource === keep ? seed!.resource : (resource as string),
      ...withAttributes(seed, attributes, values),
    };
  }
}

/** Stands for the part that the seed has. */
const keep: unique symbol = Symbol('keep');

type Layers = Record<'subject' | 'action' | 'resource' | 'context', unknown>;

function withAttributes(
  seed: Request | undefined,
  attributes: readonly SampledAttribute[],
  values: readonly unknown[],
): Pick<Request, 'attributes' | 'context'> {
  const layers: Layers = {
    subject: undefined,
    action: undefined,
    resource: undefined,
    context: seed?.context,
    ...seed?.attributes,
  };
  for (const [i, { root, path }] of attributes.entries()) {
    if (values[i] !== keep) layers[root] = withValue(layers[root], path, values[i]);
  }
  const { context, ...rest } = layers;
  const given = Object.entries(rest).filter(([, layer]) => layer !== undefined);
  return {
    context,
    attributes: given.length === 0 ? undefined : (Object.fromEntries(given) as RequestAttributes),
  };
}

/** The object with one attribute, perhaps of an object in it, set or, for `undefined`, taken away. */
function withValue(target: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const object = (typeof target === 'object' && target !== null ? target : {}) as Readonly<
    Record<string, unknown>
  >;
  const inner = withValue(object[name], rest, value);
  const others = Object.entries(object).filter(([key]) => key !== name);
  if (inner !== undefined) others.push([name, inner]);
  return others.length === 0 ? undefined : Object.fromEntries(others);
}
