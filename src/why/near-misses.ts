import { truthOf } from '../analysis/evaluate-expression.ts';
import { referenceToRule } from '../analysis/rule-reference.ts';
import { hasVariable } from '../analysis/subjects.ts';
import { nearestName } from '../diagnostics/nearest.ts';
import type { Model, ResourcePattern, Rule, SubjectPattern } from '../model/model.ts';
import { elementsOf } from '../model/template-variants.ts';
import { printElements } from '../printing/print-pattern.ts';
import { printSubject } from '../printing/print-rule.ts';
import type { Difference, NearMiss } from './answer.ts';
import { accountOfCondition } from './condition-account.ts';
import { distances, FARTHEST_MISS, FARTHEST_RESOURCE } from './distances.ts';
import { IdDistance } from './id-distance.ts';
import type { KnownNames } from './known-names.ts';
import { nearestSubject } from './nearest-subject.ts';
import type { Question } from './question.ts';
import { ruleText } from './rule-text.ts';
import { surroundingsOf } from './surroundings.ts';
import { variableConflicts } from './variable-conflicts.ts';

/** A near miss with the rule itself, for whoever wants to change it. */
export interface MissedRule {
  readonly rule: Rule;
  readonly miss: NearMiss;
}

/** Of rules that are equally near at a first glance no more than so many are looked at closely. */
const MAX_CANDIDATES = 3_000;

/** Allow rules that nearly apply, the nearest first, then in the order of the policies. */
export function nearMissesOf(question: Question, known: KnownNames): readonly MissedRule[] {
  const glance = new Glance(question, known);
  const near = question.model.rules
    .flatMap((rule, index) => {
      const atLeast = rule.effect === 'allow' ? glance.distanceTo(rule) : Infinity;
      return atLeast <= FARTHEST_MISS ? [{ rule, index, atLeast }] : [];
    })
    .sort((a, b) => a.atLeast - b.atLeast || a.index - b.index)
    .slice(0, MAX_CANDIDATES);
  return near
    .flatMap(({ rule, index }) => {
      const differences = differencesOf(question, rule, glance);
      const distance = differences.reduce((sum, each) => sum + each.distance, 0);
      return differences.length === 0 || distance > FARTHEST_MISS
        ? []
        : [{ rule, index, differences, distance }];
    })
    .sort(
      (a, b) => a.distance - b.distance || a.differences.length - b.differences.length || a.index - b.index,
    )
    .map(({ rule, differences, distance }) => ({
      rule,
      miss: {
        rule: referenceToRule(rule),
        text: ruleText(rule),
        ...rulesetOf(rule, question.model),
        distance,
        differences,
      },
    }));
}

function rulesetOf({ ruleset }: Rule, { rulesets }: Model): { readonly ruleset?: string } {
  return ruleset === undefined ? {} : { ruleset: rulesets[ruleset]!.name };
}

/** A quick look at every rule: never farther than it is. */
class Glance {
  readonly ids: IdDistance | undefined;
  readonly known: KnownNames;
  readonly #question: Question;
  readonly #asked = new Map<string, number>();
  readonly #speaking: readonly boolean[];

  constructor(question: Question, known: KnownNames) {
    this.#question = question;
    this.known = known;
    this.ids = question.letters && new IdDistance(question.letters, (text) => known.hasSegment(text));
    this.#speaking = question.model.rulesets.map((_, i) => question.isSpokenFor(i));
  }

  /** At least how far the rule is from applying; Infinity for one that is no near miss. */
  distanceTo(rule: Rule): number {
    const scope = rule.ruleset === undefined || this.#speaking[rule.ruleset]! ? 0 : distances.scope;
    const action = this.#action(rule);
    const subject = subjectDistance(this.#question, rule.subjects, this.known);
    const sum = scope + action + subject;
    const limit = Math.min(FARTHEST_MISS - sum, FARTHEST_RESOURCE);
    if (limit < 0) return Infinity;
    const resource = Math.min(...rule.resources.map((each) => this.#resource(each, limit)));
    if (resource > limit || (action > 0 && subject > 0 && resource > 0)) return Infinity;
    return sum + resource;
  }

  #action(rule: Rule): number {
    const { actions } = rule;
    const key = actions.join('\n');
    let distance = this.#asked.get(key);
    if (distance === undefined) {
      const asked = this.#question.schema.askedBy({ effect: 'allow', actions }, {}, this.#question.place);
      distance = asked.has(this.#question.request.action)
        ? 0
        : misspeltAction(this.#question, rule, this.known) === undefined
          ? distances.otherAction
          : distances.misspeltAction;
      this.#asked.set(key, distance);
    }
    return distance;
  }

  /** As if every template had a path: what that of a literal adds is looked up later. */
  #resource(resource: ResourcePattern, limit: number): number {
    if (this.ids === undefined) return this.#question.covers(resource) ? 0 : distances.noResource;
    const elements = elementsOf(resource);
    if (resource.kind === 'pattern') return this.ids.to(elements, limit);
    return this.ids.toBeginning(elements, limit);
  }
}

/** What keeps an allow rule from applying: empty if nothing does. */
function differencesOf(question: Question, rule: Rule, { ids, known }: Glance): readonly Difference[] {
  const resource = nearestResource(question, rule, ids);
  const freely = [
    ...subjectDifference(question, rule.subjects, known),
    ...resource.differences,
    ...actionDifference(question, rule, resource.resource, known),
    ...scopeDifference(question, rule),
  ];
  const variables = freely.length > 0 ? [] : variablesDifference(question, rule);
  return [...freely, ...variables, ...conditionDifference(question, rule)];
}

function subjectDistance(question: Question, subjects: readonly SubjectPattern[], known: KnownNames): number {
  if (subjects.some((each) => question.isSubject(each))) return 0;
  if (question.request.subject === undefined) return distances.anonymous;
  if (misspeltSubject(question, subjects, known) !== undefined) return distances.misspeltSubject;
  return subjects.some(({ kind }) => kind === 'group') ? distances.group : distances.otherSubject;
}

/** Whom of the rule the request may mean. */
function misspeltSubject(
  { request }: Question,
  subjects: readonly SubjectPattern[],
  known: KnownNames,
): string | undefined {
  if (request.subject === undefined || known.subjects.has(request.subject)) return undefined;
  const named = subjects.flatMap((each) => (each.kind === 'subject' ? [each.id] : []));
  return nearestSubject(request.subject, named);
}

function misspeltAction({ request }: Question, { actions }: Rule, known: KnownNames): string | undefined {
  return known.actions.has(request.action) ? undefined : nearestName(request.action, actions);
}

function subjectDifference(
  question: Question,
  subjects: readonly SubjectPattern[],
  known: KnownNames,
): readonly Difference[] {
  const distance = subjectDistance(question, subjects, known);
  if (distance === 0) return [];
  const nearest = misspeltSubject(question, subjects, known);
  return [
    {
      kind: 'subject',
      distance,
      needs: subjects.map(printSubject),
      ...(nearest === undefined ? {} : { nearest }),
    },
  ];
}

/** The resource of the rule that is nearest to the request's. */
function nearestResource(
  question: Question,
  { resources, ...rule }: Rule,
  ids: IdDistance | undefined,
): { readonly resource: ResourcePattern; readonly differences: readonly Difference[] } {
  const covering = resources.filter((each) => question.covers(each));
  const asked = covering.find((each) => question.isAsked(rule, each));
  if (covering.length > 0) return { resource: asked ?? covering[0]!, differences: [] };
  if (ids === undefined) {
    const [resource] = resources as readonly [ResourcePattern];
    return {
      resource,
      differences: [
        {
          kind: 'resource',
          distance: distances.noResource,
          covers: printElements(elementsOf(resource)),
          steps: [],
        },
      ],
    };
  }
  const [nearest] = resources
    .flatMap((resource) =>
      question.schema.coverageOf(resource).patterns.map((elements) => ({
        resource,
        elements,
        distance: ids.to(elements, FARTHEST_MISS),
      })),
    )
    .sort((a, b) => a.distance - b.distance);
  const { resource, elements, distance } = nearest!;
  return {
    resource,
    differences: [
      {
        kind: 'resource',
        distance: distance > FARTHEST_RESOURCE ? FARTHEST_MISS + 1 : distance,
        covers: printElements(elements),
        steps: ids.stepsTo(elements),
      },
    ],
  };
}

function actionDifference(
  question: Question,
  rule: Rule,
  resource: ResourcePattern,
  known: KnownNames,
): readonly Difference[] {
  if (question.isAsked(rule, resource)) return [];
  const { action } = question.request;
  const isImplied = question.schema.askedBy(rule, {}, question.place).has(action);
  const template = resource.kind === 'literal' ? question.schema.templateOf(resource.id) : undefined;
  const nearest = misspeltAction(question, rule, known);
  return [
    {
      kind: 'action',
      distance: nearest === undefined ? distances.otherAction : distances.misspeltAction,
      allows: rule.actions,
      ...(nearest === undefined ? {} : { nearest }),
      ...(isImplied && template !== undefined ? { unlistedIn: template.text } : {}),
    },
  ];
}

function scopeDifference(question: Question, { ruleset }: Rule): readonly Difference[] {
  if (ruleset === undefined || question.isSpokenFor(ruleset)) return [];
  return [{ kind: 'scope', distance: distances.scope, ruleset: question.model.rulesets[ruleset]!.name }];
}

/** Where subject, action and resource fit one by one: whether the shared variables do not. */
function variablesDifference(question: Question, rule: Rule): readonly Difference[] {
  const { request } = question;
  const subjects = rule.subjects.filter((each) => question.isSubject(each));
  const resources = rule.resources.filter((each) => question.covers(each) && question.isAsked(rule, each));
  const pairs = subjects.flatMap((subject) => resources.map((resource) => ({ subject, resource })));
  const conflicts = pairs.map(({ subject, resource }) =>
    hasAnyVariable(subject) || hasAnyVariable(resource)
      ? variableConflicts(subject, request.subject, resource, request.resource)
      : [],
  );
  if (conflicts.some((each) => each.length === 0)) return [];
  const [fewest] = conflicts.sort((a, b) => a.length - b.length);
  return [{ kind: 'variables', distance: distances.variables, conflicts: fewest! }];
}

function hasAnyVariable(pattern: SubjectPattern | ResourcePattern): boolean {
  return pattern.kind === 'pattern' && hasVariable(pattern);
}

function conditionDifference(question: Question, { condition }: Rule): readonly Difference[] {
  if (condition === undefined) return [];
  const surroundings = surroundingsOf(question);
  if (truthOf(condition, surroundings) === 'true') return [];
  return [
    {
      kind: 'condition',
      distance: distances.condition,
      account: accountOfCondition(condition, surroundings),
    },
  ];
}
