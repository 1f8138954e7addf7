import type { Namespace, ResourcePattern, Rule, Template } from '../../model/model.ts';
import { describeTemplate } from '../facts/describe-template.ts';
import { closestTemplate, continuationsOf, nearestId } from '../facts/nearest-id.ts';
import { factsOf, type PolicyFacts } from '../facts/policy-facts.ts';
import { textOfResource } from '../facts/resource-text.ts';
import { type RulePlace, RulePlaces } from '../facts/rule-places.ts';
import { respelling } from '../fixes/respell-id.ts';
import { goneResources } from '../knowledge/dcos.ts';
import { reportOnce } from '../report-once.ts';
import { defineRule, type Reported } from '../rule.ts';

/** What does not follow from one mistake is looked for; in a file that is wrong throughout, not for every line. */
const maxSuggestions = 2_000;

export const unknownResource = defineRule({
  id: 'unknown-resource',
  summary: 'an id that no template of its namespace describes: nothing ever asks for it',
  category: 'correctness',
  presets: { recommended: 'error', dcos: 'error', mesos: 'error' },
  codes: ['P1011'],
  check: {
    of: 'policy',
    run(context) {
      const facts = factsOf(context.model);
      const places = new RulePlaces(context);
      const report = reportOnce(context);
      const suggestions = new Suggestions(facts);
      for (const rule of context.model.rules) {
        for (const resource of rule.resources) {
          const found = findUnknown(rule, resource, facts, suggestions);
          const place = found && places.ofResource(rule);
          if (place !== undefined) report(found!(place));
        }
      }
    },
  },
});

type Describe = (place: RulePlace) => Reported;

/** A closed namespace refuses such an id by itself (P1011); a namespace without templates describes nothing. */
function findUnknown(
  rule: Rule,
  resource: ResourcePattern,
  facts: PolicyFacts,
  suggestions: Suggestions,
): Describe | undefined {
  const namespace = facts.namespaceOf(resource);
  if (namespace === undefined) return findStray(rule, resource, suggestions);
  if (namespace.isClosed || namespace.templates.length === 0) return undefined;
  if (resource.kind === 'literal' && resource.id === namespace.superuser) return undefined;
  if (facts.templatesOf(resource).length > 0) return undefined;
  return (place) => describeUnknown(place, resource, namespace, suggestions);
}

function describeUnknown(
  place: RulePlace,
  resource: ResourcePattern,
  namespace: Namespace,
  suggestions: Suggestions,
): Reported {
  const id = textOfResource(resource);
  const common = {
    file: place.file,
    span: place.resource,
    message: `no resource of namespace \`${namespace.name}\` is called \`${id}\``,
  };
  const related = [...place.related, { ...namespace.location, text: 'the namespace is declared here' }];
  if (resource.kind === 'pattern')
    return {
      ...common,
      related,
      message: `\`${id}\` matches no resource of namespace \`${namespace.name}\``,
      help: 'write a pattern that ids of the namespace can match',
    };
  return { ...common, related, ...suggestions.of(id, place, [namespace]) };
}

/** An id of no namespace may be anybody's; it is told only where a slip would have turned one of a template into it. */
function findStray(rule: Rule, resource: ResourcePattern, suggestions: Suggestions): Describe | undefined {
  if (resource.kind !== 'literal' || rule.actions.length === 0) return undefined;
  const near = suggestions.strayOf(resource.id);
  if (near === undefined) return undefined;
  return (place) => ({
    file: place.file,
    span: place.resource,
    message: `\`${resource.id}\` is of no namespace`,
    related: place.related,
    help: `write \`${near}\`, the closest known id`,
    ...respelling(place, resource.id, near),
  });
}

class Suggestions {
  readonly #facts: PolicyFacts;
  #left = maxSuggestions;

  constructor(facts: PolicyFacts) {
    this.#facts = facts;
  }

  of(id: string, place: RulePlace, namespaces: readonly Namespace[]): Pick<Reported, 'help' | 'fix'> {
    if (this.#left-- <= 0) return {};
    const gone = goneResources.find(({ pattern }) => pattern.test(id));
    if (gone !== undefined)
      return { help: `delete it: DC/OS ${gone.until} was the last to know it${gone.instead ?? ''}` };
    const templates = namespaces.flatMap((namespace) => namespace.templates);
    const next = continuationsOf(id, templates);
    if (next.length > 0) return { help: `it is cut short: write what follows, ${listOf(next)}` };
    const near = nearestId(id, templates);
    if (near !== undefined)
      return { help: `write \`${near.id}\`, the closest known id`, ...respelling(place, id, near.id) };
    const closest = closestTemplate(id, templates);
    return {
      help:
        closest === undefined
          ? 'write an id that a template of the namespace describes'
          : `the closest resource is \`${describeTemplate(closest)}\``,
    };
  }

  /** An id without the prefix of its namespace, or with that misspelt. */
  strayOf(id: string): string | undefined {
    if (this.#left-- <= 0) return undefined;
    for (const { templates, roots } of this.#facts.model.namespaces) {
      const gone = roots.flatMap((root) => (root.kind === 'segment' ? [`${root.text}:${id}`] : []));
      const former = gone.find((each) => goneResources.some(({ pattern }) => pattern.test(each)));
      if (former !== undefined) return former;
      const hasWords = roots.some(({ kind }) => kind === 'segment');
      const near = hasWords ? nearestId(id, templates) : undefined;
      if (near !== undefined && near.slips <= 1 && isTelling(near.template)) return near.id;
    }
    return undefined;
  }
}

/** A word or two of a template may well be somebody else's. */
function isTelling({ parts }: Template): boolean {
  const [first] = parts;
  return first?.kind === 'text' && first.text.split(/[:/]+/).filter((word) => word !== '').length >= 3;
}

const maxShown = 6;

function listOf(texts: readonly string[]): string {
  const shown = texts.slice(0, maxShown).map((text) => `\`${text}\``);
  return shown.join(', ') + (texts.length > maxShown ? ' and so on' : '');
}
