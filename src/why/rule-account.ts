import { referenceToRule } from '../analysis/rule-reference.ts';
import type { ResourcePattern, Rule, SubjectPattern } from '../model/model.ts';
import type { RuleAccount } from './answer.ts';
import { accountOfCondition } from './condition-account.ts';
import { matchAction, matchResource, matchSubject, type PlaceOf } from './match-account.ts';
import type { Question } from './question.ts';
import { ruleText } from './rule-text.ts';
import { surroundingsOf } from './surroundings.ts';
import { agreedVariables } from './variable-conflicts.ts';

/** How a rule that applies does so, but for what becomes of it. */
export function accountOfRule(
  question: Question,
  rule: Rule,
  placeOf: PlaceOf,
): Omit<RuleAccount, 'standing'> {
  const { subject, resource, variables } = matchingPair(question, rule);
  const { ruleset, condition } = rule;
  return {
    rule: referenceToRule(rule),
    effect: rule.effect,
    text: ruleText(rule),
    ...(ruleset === undefined ? {} : { ruleset: question.model.rulesets[ruleset]!.name }),
    subject: matchSubject(question, subject, placeOf),
    action: matchAction(question, rule, resource)!,
    resource: matchResource(question, resource, placeOf),
    variables: [...variables].map(([name, value]) => ({ name, value })),
    ...(condition === undefined
      ? {}
      : { condition: accountOfCondition(condition, surroundingsOf(question)) }),
  };
}

/** The subject and the resource by which the rule applies: the first with which its variables agree. */
function matchingPair(
  question: Question,
  rule: Rule,
): {
  readonly subject: SubjectPattern;
  readonly resource: ResourcePattern;
  readonly variables: ReadonlyMap<string, string>;
} {
  const { request } = question;
  const resources = rule.resources.filter((each) => question.covers(each) && question.isAsked(rule, each));
  const subjects = rule.subjects.filter((each) => question.isSubject(each));
  for (const resource of resources) {
    for (const subject of subjects) {
      const variables = agreedVariables(subject, request.subject, resource, request.resource);
      if (variables !== undefined) return { subject, resource, variables };
    }
  }
  // The engine has looked further than we do for words.
  return { subject: subjects[0]!, resource: resources[0]!, variables: new Map() };
}
