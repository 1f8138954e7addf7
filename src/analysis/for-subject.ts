import type {
  Expression,
  Model,
  PathPattern,
  PatternElement,
  ResourcePattern,
  Rule,
  SubjectPattern,
} from '../model/model.ts';
import { freeVariables, namesIn, sharedNames } from '../model/pattern-elements.ts';
import {
  type Bindings,
  bindingsOf,
  MAX_PARTIAL_MATCHES,
  MOST_PLACES,
  mostPartialMatches,
} from './bind-variables.ts';
import { foldCondition, type Known } from './fold-condition.ts';
import { lettersOfId } from './letters.ts';
import { groupsIn } from './policy-side.ts';
import { type Asker, Subjects } from './subjects.ts';
import { patternOfElements, substitute } from './substitute-variables.ts';

/**
 * The policy set as it is for one asker: only rules that speak of the asker, for anyone, with the texts of shared variables in
 * place (S25) and without what conditions ask of `subject.id` and of groups. Requests of that asker, with these groups, are
 * decided as by the whole, and name the same rules. Attributes of the subject stay open: requests may overlay them.
 *
 * A rule that may err for its variables stays as it is written.
 */
export function forSubject(model: Model, asker: Asker): Model {
  const subjects = new Subjects(model);
  const groups = subjects.groupsOf(asker);
  const known: Known = { ids: new Map([['subject', asker.subject]]), groups };
  const rules = model.rules.flatMap((rule) => {
    const meant = rule.subjects.filter((each) => subjects.matches(each, asker, groups));
    return meant.length === 0 ? [] : ruleFor(rule, meant, asker, known);
  });
  const asksForGroups = rules.some(
    ({ condition, subjects: named }) =>
      (condition !== undefined && groupsIn(condition).length > 0) ||
      named.some(({ kind }) => kind === 'group'),
  );
  return {
    ...model,
    rules: [...rules, ...namingLost(model, rules)],
    groups: asksForGroups ? model.groups : [],
  };
}

function ruleFor(rule: Rule, meant: readonly SubjectPattern[], asker: Asker, known: Known): readonly Rule[] {
  const resources: ResourcePattern[] = [];
  const asWritten: { subject: SubjectPattern; resource: ResourcePattern }[] = [];
  const seen = new Set<string>();
  for (const subject of meant) {
    for (const resource of rule.resources) {
      const bound = resourcesFor(subject, resource, asker);
      if (bound === undefined) asWritten.push({ subject, resource });
      for (const each of bound ?? []) {
        const key = each.kind === 'literal' ? each.id : JSON.stringify(each.elements);
        if (!seen.has(`${each.kind} ${key}`)) resources.push(each);
        seen.add(`${each.kind} ${key}`);
      }
    }
  }
  const made: Rule[] = asWritten.map(({ subject, resource }) => ({
    ...rule,
    subjects: [subject],
    resources: [resource],
  }));
  if (resources.length > 0)
    made.push(...withCondition({ ...rule, subjects: [{ kind: 'anyone' }], resources }, known));
  return made;
}

/** Of S41, and nothing at all for a rule that never applies. */
function withCondition(rule: Rule, known: Known): readonly Rule[] {
  const { condition, ...others } = rule;
  if (condition === undefined) return [rule];
  const left = foldCondition(condition, known);
  if (typeof left !== 'string') return [{ ...others, condition: left }];
  if (left === 'true' || (left === 'error' && rule.effect === 'deny')) return [others];
  // The match itself may still err, and then a deny applies whatever its condition says (S25).
  const mayErr =
    rule.effect === 'deny' && rule.resources.some((each) => each.kind === 'pattern' && isShared(each));
  return mayErr ? [{ ...others, condition: never }] : [];
}

const never: Expression = { kind: 'constant', value: { kind: 'boolean', value: false } };

function isShared({ elements }: PathPattern): boolean {
  return sharedNames([elements]).size > 0;
}

/** What is left of a resource for the asker; undefined if the match may err. */
function resourcesFor(
  subject: SubjectPattern,
  resource: ResourcePattern,
  asker: Asker,
): readonly ResourcePattern[] | undefined {
  if (resource.kind === 'literal' && subject.kind !== 'pattern') return [resource];
  const ofSubject = subject.kind === 'pattern' ? subject.elements : [];
  const ofResource = resource.kind === 'pattern' ? resource.elements : [];
  const shared = sharedNames([ofSubject, ofResource]);
  const found = bindingsFor(ofSubject, asker, shared);
  if (found === undefined) return undefined;
  if (resource.kind === 'literal') return found.choices.length === 0 ? [] : [resource];
  const bound = namesIn(ofSubject);
  const most =
    found.partialMatches === 0
      ? 0
      : found.partialMatches +
        mostPartialMatches(ofResource, { shared, bound, choices: found.places, places: MOST_PLACES });
  if (most > MAX_PARTIAL_MATCHES) return undefined;
  return found.choices.flatMap((choice) =>
    substitute(ofResource, choice).flatMap((elements) => asResources(resource, elements)),
  );
}

function bindingsFor(
  elements: readonly PatternElement[],
  { subject }: Asker,
  shared: ReadonlySet<string>,
): Bindings | undefined {
  if (elements.length === 0 || subject === undefined)
    return { choices: [new Map()], places: 1, partialMatches: 0 };
  return bindingsOf(elements, lettersOfId(subject), shared);
}

/** Elements with texts in place, as a resource: a pattern even where nothing in it is wild, as no template adds to it (S30). */
function asResources(written: PathPattern, elements: readonly PatternElement[]): readonly ResourcePattern[] {
  const free = freeVariables(elements, sharedNames([elements]));
  if (free === written.elements || isSame(free, written.elements)) return [written];
  if (!free.every(({ kind }) => kind === 'many')) return [patternOfElements(free)];
  // Of all ids, but not of requests without one: what was written is no row of `**` alone (S8).
  return everyId.map(patternOfElements);
}

function isSame(a: readonly PatternElement[], b: readonly PatternElement[]): boolean {
  return a.length === b.length && a.every((element, i) => element === b[i]);
}

const everyId: readonly (readonly PatternElement[])[] = [
  [
    { kind: 'one', separator: 'start' },
    { kind: 'many', separator: 'colon' },
  ],
  [
    { kind: 'one', separator: 'start' },
    { kind: 'many', separator: 'slash' },
  ],
  [
    { kind: 'root', separator: 'start' },
    { kind: 'many', separator: 'slash' },
  ],
];

/**
 * Who is superuser may be asked with every action that the policy set names (S33), those of rules that are left out too: they
 * are named by a rule that speaks of nobody.
 */
export function namingLost(model: Model, kept: readonly Rule[]): readonly Rule[] {
  const [first] = model.rules;
  if (first === undefined || model.namespaces.every(({ superuser }) => superuser === undefined)) return [];
  const named = new Set(kept.flatMap(({ actions }) => actions));
  const lost = new Set(model.rules.flatMap(({ actions }) => actions.filter((action) => !named.has(action))));
  if (lost.size === 0) return [];
  const { location, line } = first;
  return [{ effect: 'allow', subjects: [], actions: [...lost], resources: [], location, line }];
}
