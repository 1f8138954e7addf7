import type { Expression, Rule } from '../model/model.ts';
import type { Difference } from './answer.ts';
import { addMember, addRule, type Change, changeRule, ruleFor } from './change.ts';
import { mayStand } from './closed-namespace.ts';
import type { PlaceOf } from './match-account.ts';
import type { MissedRule } from './near-misses.ts';
import type { Question } from './question.ts';
import { widened } from './widen-resource.ts';

/** Near misses that changes are made from: what is farther takes a wider change than the grant itself. */
export const MAX_MISSES = 12;

/**
 * Single changes that may have a request allowed which nothing denies: the very grant, and what would make a near miss apply.
 * Proposals, to be tried.
 */
export function completions(
  question: Question,
  misses: readonly MissedRule[],
  placeOf: PlaceOf,
): readonly Change[] {
  const fromMisses = misses.slice(0, MAX_MISSES).flatMap(({ rule, miss }) => {
    const [difference, ...others] = miss.differences;
    return others.length === 0 ? fromDifference(question, rule, difference!, placeOf) : [];
  });
  return [...exactGrant(question), ...fromMisses];
}

function exactGrant(question: Question): readonly Change[] {
  const rule = ruleFor(question.request);
  const isFit = mayStand(question, rule.resources[0]!, rule.actions);
  return isFit ? [addRule(rule, question.model)] : [];
}

/** Changes after which a rule would not differ in that any more. */
export function fromDifference(
  question: Question,
  rule: Rule,
  difference: Difference,
  placeOf: PlaceOf,
): readonly Change[] {
  switch (difference.kind) {
    case 'subject':
      return [...intoGroups(question, groupsAmong(rule), placeOf), ...withSubject(question, rule)];
    case 'action':
      return withAction(question, rule);
    case 'resource':
      return withWiderResource(question, rule);
    case 'condition':
      return rule.condition === undefined
        ? []
        : intoGroups(question, missingGroups(rule.condition, question.groups), placeOf);
    default:
      return [];
  }
}

function groupsAmong({ subjects }: Rule): readonly string[] {
  return subjects.flatMap((each) => (each.kind === 'group' ? [each.name] : []));
}

/** Groups that a condition asks for and the subject is not in. */
export function missingGroups(condition: Expression, groups: ReadonlySet<string>): readonly string[] {
  switch (condition.kind) {
    case 'in-group':
      return groups.has(condition.group) ? [] : [condition.group];
    case 'not':
      return missingGroups(condition.operand, groups);
    case 'and':
    case 'or':
      return [condition.left, condition.right].flatMap((each) => missingGroups(each, groups));
    default:
      return [];
  }
}

/** The subject as a member. Nobody anonymous is in a group (S9). */
export function intoGroups(
  { model, request }: Question,
  names: readonly string[],
  placeOf: PlaceOf,
): readonly Change[] {
  const { subject } = request;
  if (subject === undefined) return [];
  return model.groups
    .filter(({ name }) => names.includes(name))
    .map((group) => addMember(group, subject, placeOf));
}

/** A permission of a role belongs to every grant of it: it is left as it is. */
function isOfRole({ role }: Rule): boolean {
  return role !== undefined;
}

function withSubject({ request }: Question, rule: Rule): readonly Change[] {
  const { subject } = request;
  if (subject === undefined || isOfRole(rule)) return [];
  return [changeRule(rule, { ...rule, subjects: [...rule.subjects, { kind: 'subject', id: subject }] })];
}

function withAction(question: Question, rule: Rule): readonly Change[] {
  const { action } = question.request;
  if (isOfRole(rule) || rule.actions.includes(action)) return [];
  if (!rule.resources.every((each) => mayStand(question, each, [action]))) return [];
  return [changeRule(rule, { ...rule, actions: [...rule.actions, action] })];
}

/** A rule of several alternatives stays: a change of one of them is a rule of its own. */
function withWiderResource({ request }: Question, rule: Rule): readonly Change[] {
  const { resource } = request;
  const [only, ...others] = rule.resources;
  if (resource === undefined || isOfRole(rule) || others.length > 0) return [];
  return widened(only!, resource).map((each) => changeRule(rule, { ...rule, resources: [each] }));
}
