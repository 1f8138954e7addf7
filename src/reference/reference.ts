import type { Decision, Effect } from '../decision/decision.ts';
import type { HttpRequest } from '../decision/http.ts';
import type { Request } from '../decision/request.ts';
import type * as policy from '../model/model.ts';
import * as conditions from './conditions.ts';
import * as ids from './matching.ts';
import { authorizeHttp } from './routes.ts';
import { matchTogether } from './variables.ts';

/** A well-formed request and the policy it is put to. */
type Question = Request & {
  model: policy.Model;
  id?: ids.Id | undefined;
  namespace?: policy.Namespace | undefined;
};

/** What a ruleset says, or all of them together (S17, S18). */
type Verdict = { effect: Effect; rule: policy.Rule | undefined; ruleset: string | undefined };

/** The oracle: decides by reading every rule, one after the other, as grammar/semantics.md tells it (S35). */
export function createReference(model: policy.Model, options: { readonly mode?: string | undefined } = {}) {
  const mode = options.mode ?? model.mode;
  if (mode !== undefined && !model.modes.includes(mode)) throw new Error(`unknown mode ${mode}`);
  const decide = (request: unknown): Decision =>
    isRequest(request) ? answer(about(request, model), mode) : { decision: 'deny', reason: 'malformed' };
  return { decide, authorizeHttp: (request: HttpRequest) => authorizeHttp(model.routes, decide, request) };
}

/** S3 to S6 */
function isRequest(request: unknown): request is Request {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) return false;
  const { subject, action, resource, groups = [], attributes = {}, context = {} } = request as Request;
  if (subject !== undefined && !(isName(subject) && /^[^:]+:./.test(subject))) return false;
  if (!ids.isCleanText(action, 256) || (resource !== undefined && !ids.isResourceId(resource))) return false;
  if (!Array.isArray(groups) || !Array.from(groups).every(isName)) return false;
  if (!conditions.isPlainObject(attributes) || !conditions.isPlainObject(context)) return false;
  const layers = [attributes.subject, attributes.action, attributes.resource];
  return layers.every((layer) => layer === undefined || conditions.isPlainObject(layer));
}

/** Of a subject or a group: groups stand without `group:`, and are no subjects (S4, S6). */
function isName(value: unknown): value is string {
  return ids.isCleanText(value, 1024) && !value.startsWith('group:');
}

function about(
  { subject, action, resource, groups, attributes, context }: Request,
  model: policy.Model,
): Question {
  const id = resource === undefined ? undefined : ids.splitId(resource);
  const namespace = id && ids.namespaceOf(model, id.text);
  return { subject, action, resource, groups, attributes, context, model, id, namespace };
}

/** S19 */
function answer(question: Question, mode: string | undefined): Decision {
  const verdict = verdictOn(question);
  if (verdict?.effect !== 'deny' && isUnenforced(question, mode))
    return { decision: 'allow', reason: 'not-enforced' };
  if (verdict !== undefined) return report(verdict);
  const superuser = superuserVerdict(question);
  return superuser ? { ...report(superuser), reason: 'superuser' } : { decision: 'deny', reason: 'default' };
}

/** S61, S70 */
function report({ effect, rule, ruleset }: Verdict): Decision {
  const inRuleset = ruleset === undefined ? {} : { ruleset };
  if (rule === undefined) return { decision: effect, reason: 'ruleset-default', ...inRuleset };
  const { line, role, location } = rule;
  const origin = role && { role: { name: role.name, file: role.location.file, line: role.line } };
  const reference = { id: rule.id ?? `${location.file}:${line}`, file: location.file, line, ...origin };
  return { decision: effect, reason: 'rule', rule: reference, ...inRuleset };
}

/** The rules outside any ruleset, as a ruleset (S17). */
const OUTSIDE = { name: undefined, combining: 'deny-overrides', scopes: [], default: 'none' } as const;

/** S17, S18, S70 */
function verdictOn(question: Question): Verdict | undefined {
  const { rules, rulesets } = question.model;
  const applying = rules.filter((rule) => applies(rule, question));
  const verdicts = [OUTSIDE, ...rulesets].flatMap(({ name, combining, scopes, ...ruleset }, index) => {
    const own = applying.filter((rule) => (rule.ruleset ?? -1) === index - 1);
    const rule = combining === 'first-applicable' ? own[0] : overriding(own);
    const effect = rule?.effect ?? ruleset.default;
    const speaks = scopes.length === 0 || scopes.some((scope) => isInScope(scope, question));
    return effect === 'none' || !speaks ? [] : [{ effect, rule, ruleset: name }];
  });
  return overriding(verdicts);
}

function isInScope({ actions, resources }: policy.Scope, question: Question): boolean {
  return actions.includes(question.action) && resources.some((resource) => covers(resource, question));
}

/** S11 */
function overriding<T extends { readonly effect: Effect }>(all: readonly T[]): T | undefined {
  return all.find(({ effect }) => effect === 'deny') ?? all[0];
}

/** S36 */
function isUnenforced(question: Question, mode: string | undefined): boolean {
  const { model, subject, resource } = question;
  const clause = resource === undefined ? undefined : ids.templateOf(model, resource)?.enforcedIn;
  if (mode === undefined || clause === undefined || !isKnownAction(question)) return false;
  return clause.every((each) => each.mode !== mode || (each.authenticatedOnly && subject === undefined));
}

/** S34 */
function isKnownAction({ model, namespace, action }: Question): boolean {
  const lists = namespace?.templates.map((template) => template.actions) ?? [];
  const implied = [...(namespace?.implications ?? []), ...model.implications].flatMap(actionsOf);
  return lists.length === 0 || lists.includes(undefined) || [...lists, implied].flat().includes(action);
}

function actionsOf({ action, implies }: policy.Implication): string[] {
  return [action, ...implies];
}

/** S33, S70 */
function superuserVerdict(question: Question): Verdict | undefined {
  const { model, subject, attributes, namespace } = question;
  const resource = namespace?.superuser;
  if (resource === undefined || subject === undefined || !isKnownAction(question)) return undefined;
  const asked = { ...question, resource, attributes: { subject: attributes?.subject } };
  const verdicts = (ids.templateOf(model, resource)?.actions ?? everyAction(model))
    .map((action) => verdictOn(about({ ...asked, action }, model)))
    .filter((verdict) => verdict?.effect === 'allow');
  const isInside = (rule: policy.Rule) => Number(rule.ruleset !== undefined);
  const ordered = model.rules.toSorted((a, b) => isInside(a) - isInside(b));
  const first = ordered.find((rule) => verdicts.some((verdict) => verdict?.rule === rule));
  return verdicts.find((verdict) => verdict?.rule === first);
}

function everyAction({ rules, rulesets, namespaces, implications }: policy.Model): string[] {
  const listed = namespaces.flatMap((each) => each.templates.flatMap((template) => template.actions ?? []));
  const spoken = [...rules, ...rulesets.flatMap((ruleset) => ruleset.scopes)].flatMap((each) => each.actions);
  const implied = [...implications, ...namespaces.flatMap((each) => each.implications)].flatMap(actionsOf);
  return [...new Set([...listed, ...spoken, ...implied])];
}

/** S12, S25, S41 */
function applies(
  { effect, subjects, actions, resources, condition }: policy.Rule,
  question: Question,
): boolean {
  const spoken = resources.filter((each) =>
    actions.some((action) => matchesAction(effect, action, each, question)),
  );
  const answers = subjects.flatMap((subject) => spoken.map((each) => agree(subject, each, question)));
  if (effect === 'deny' && answers.includes('error')) return true;
  if (!answers.includes(true)) return false;
  const holds = condition === undefined || conditions.evaluateCondition(condition, surroundingsOf(question));
  return holds === 'error' ? effect === 'deny' : holds;
}

/** S25 */
function agree(
  subject: policy.SubjectPattern,
  resource: policy.ResourcePattern,
  question: Question,
): boolean | 'error' {
  if (!isSubject(subject, question) || !covers(resource, question)) return false;
  const sides = [
    { pattern: subject, id: question.subject },
    { pattern: resource, id: question.resource },
  ];
  return matchTogether(
    sides.flatMap(({ pattern, id }) =>
      pattern.kind === 'pattern' && id ? [{ pattern, id: ids.splitId(id) }] : [],
    ),
  );
}

/** S13, S14; S8 without a resource */
function matchesAction(
  effect: Effect,
  stated: string,
  on: policy.ResourcePattern,
  { model, id, namespace, action }: Question,
): boolean {
  const listed = on.kind === 'literal' ? ids.templateOf(model, on.id)?.actions : undefined;
  const isListed = listed === undefined || [stated, action].some((each) => listed.includes(each));
  if (effect === 'allow' && stated !== action && !isListed) return false;
  const everywhere = effect === 'deny' && id === undefined ? model.namespaces : [];
  const local = [namespace, ...everywhere].flatMap((each) => each?.implications ?? []);
  const implications = [...model.implications, ...local];
  const isImplied = impliedBy(stated, implications).has(action);
  return isImplied || (effect === 'deny' && impliedBy(action, implications).has(stated));
}

function impliedBy(action: string, implications: readonly policy.Implication[]): Set<string> {
  const reached = new Set([action]);
  // A set that grows while it is walked is walked to its end.
  for (const each of reached) {
    const direct = implications.filter((implication) => implication.action === each);
    for (const name of direct.flatMap(({ implies }) => implies)) reached.add(name);
  }
  return reached;
}

/** S9, S26, S29 */
function isSubject(pattern: policy.SubjectPattern, question: Question): boolean {
  const { subject } = question;
  if (pattern.kind === 'pattern')
    return ids.isResourceId(subject) && ids.matchesFreely(pattern, ids.splitId(subject));
  return (
    pattern.kind === 'anyone' ||
    (pattern.kind === 'authenticated' && subject !== undefined) ||
    (pattern.kind === 'subject' && pattern.id === subject) ||
    (pattern.kind === 'group' && isInGroup(pattern.name, question))
  );
}

/** S9, S16 */
function isInGroup(name: string, question: Question): boolean {
  const group = question.model.groups.find((each) => each.name === name);
  if (group === undefined || question.subject === undefined) return false;
  if (question.groups?.includes(name)) return true;
  return group.members.some((each) => isSubject(each, question));
}

/** S30, whatever the variables stand for; S8 without a resource */
function covers(pattern: policy.ResourcePattern, { model, id }: Question): boolean {
  if (pattern.kind === 'literal') return id !== undefined && ids.literalCovers(model, pattern.id, id.text);
  if (id === undefined) return pattern.elements.every((element) => element.kind === 'many');
  return ids.matchesFreely(pattern, id);
}

/** S42 */
function surroundingsOf(question: Question): conditions.Surroundings {
  const { model, subject, action, resource, attributes = {}, context } = question;
  const rootOf = (given: unknown, id: string | undefined) => {
    const entity = model.entities.find((each) => each.id === id);
    const declared = entity && conditions.toJson(entity.attributes);
    const { id: _, ...others } = { ...(declared as object), ...(given as object) } as conditions.PlainObject;
    return id === undefined ? others : { ...others, id };
  };
  const roots = {
    subject: rootOf(attributes.subject, subject),
    action: rootOf(attributes.action, action),
    resource: rootOf(attributes.resource, resource),
    context: (context ?? {}) as conditions.PlainObject,
  };
  return { roots, isInGroup: (group) => isInGroup(group, question) };
}
