import type { Decision, Effect } from '../decision/decision.ts';
import type { HttpDecision, HttpRequest } from '../decision/http.ts';
import type { Request } from '../decision/request.ts';
import type { Implication, Model, ResourcePattern, Rule, Ruleset, SubjectPattern } from '../model/model.ts';
import {
  evaluateCondition,
  isPlainObject,
  type PlainObject,
  type Surroundings,
  toPlain,
} from './conditions.ts';
import {
  type Bindings,
  type Id,
  isCleanText,
  isResourceId,
  literalCovers,
  matchPattern,
  namespaceOf,
  splitId,
  templateOf,
} from './matching.ts';
import { authorizeHttp } from './routes.ts';

/** The oracle: decides by reading every rule, one after the other, as grammar/semantics.md tells it. */
export interface Reference {
  decide(request: unknown): Decision;
  authorizeHttp(request: HttpRequest): HttpDecision;
}

/** A well-formed request and the policy it is put to. */
interface Question extends Request {
  readonly model: Model;
  readonly id: Id | undefined;
}

/** What one ruleset, or all together, say (S17, S18). */
interface Verdict {
  readonly effect: Effect;
  readonly ruleset?: Ruleset | undefined;
  readonly rule?: Rule | undefined;
}

/** @throws if no `enforced in` names the mode (S35) */
export function createReference(
  model: Model,
  options: { readonly mode?: string | undefined } = {},
): Reference {
  const mode = options.mode ?? model.mode;
  if (mode !== undefined && !model.modes.includes(mode)) throw new Error(`unknown mode ${mode}`);
  const decide = (request: unknown): Decision =>
    isRequest(request)
      ? decideRequest(about(request, model), mode)
      : { decision: 'deny', reason: 'malformed' };
  return { decide, authorizeHttp: (request) => authorizeHttp(model.routes, decide, request) };
}

// ---------------------------------------------------------------- requests (S3 to S6)

function isRequest(request: unknown): request is Request {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) return false;
  const { subject, action, resource, groups = [], attributes = {}, context = {} } = request as PlainObject;
  if (subject !== undefined && !(isName(subject) && /^[^:]+:./.test(subject))) return false;
  if (!isCleanText(action, 256) || (resource !== undefined && !isResourceId(resource))) return false;
  if (!Array.isArray(groups) || !Array.from(groups).every(isName)) return false;
  if (!isPlainObject(attributes) || !isPlainObject(context)) return false;
  const layers = [attributes.subject, attributes.action, attributes.resource];
  return layers.every((layer) => layer === undefined || isPlainObject(layer));
}

/** Of a subject or a group: groups stand without `group:`, and are no subjects. */
function isName(value: unknown): value is string {
  return isCleanText(value, 1024) && !value.startsWith('group:');
}

function about({ subject, action, resource, groups, attributes, context }: Request, model: Model): Question {
  const id = resource === undefined ? undefined : splitId(resource);
  return { subject, action, resource, groups, attributes, context, model, id };
}

function ownNamespace({ model, resource }: Question) {
  return resource === undefined ? undefined : namespaceOf(model.namespaces, resource);
}

// ---------------------------------------------------------------- deciding (S10 to S19, S33 to S36)

/** S19 */
function decideRequest(question: Question, mode: string | undefined): Decision {
  const verdict = verdictOn(question);
  if (verdict?.effect === 'deny') return report(verdict);
  const isKnown = isKnownAction(question);
  if (isKnown && isUnenforced(question, mode)) return { decision: 'allow', reason: 'not-enforced' };
  if (verdict !== undefined) return report(verdict);
  const superuser = isKnown ? superuserVerdict(question) : undefined;
  return superuser ? { ...report(superuser), reason: 'superuser' } : { decision: 'deny', reason: 'default' };
}

/** S61, S70 */
function report({ effect, rule, ruleset }: Verdict): Decision {
  const inRuleset = ruleset && { ruleset: ruleset.name };
  if (rule === undefined) return { decision: effect, reason: 'ruleset-default', ...inRuleset };
  const { line, role, location } = rule;
  const origin = role && { role: { name: role.name, file: role.location.file, line: role.line } };
  const reference = { id: rule.id ?? `${location.file}:${line}`, file: location.file, line, ...origin };
  return { decision: effect, reason: 'rule', rule: reference, ...inRuleset };
}

/** S18. The rules outside any ruleset come first (S70). */
function verdictOn(question: Question): Verdict | undefined {
  const applying = question.model.rules.filter((rule) => applies(rule, question));
  const outside = overriding(applying.filter((rule) => rule.ruleset === undefined));
  const verdicts: Verdict[] = outside === undefined ? [] : [{ effect: outside.effect, rule: outside }];
  for (const [index, ruleset] of question.model.rulesets.entries()) {
    const inside = applying.filter((rule) => rule.ruleset === index);
    const rule = ruleset.combining === 'first-applicable' ? inside[0] : overriding(inside);
    const effect = rule?.effect ?? ruleset.default;
    if (effect !== 'none' && speaks(ruleset, question)) verdicts.push({ effect, rule, ruleset });
  }
  return verdicts.find((verdict) => verdict.effect === 'deny') ?? verdicts[0];
}

function overriding(applying: readonly Rule[]): Rule | undefined {
  return applying.find((rule) => rule.effect === 'deny') ?? applying[0];
}

/** S17 */
function speaks({ scopes }: Ruleset, question: Question): boolean {
  const covers = (resource: ResourcePattern) => coveringChoices(resource, question, new Map()).length > 0;
  const includes = scopes.some(
    (scope) => scope.actions.includes(question.action) && scope.resources.some(covers),
  );
  return scopes.length === 0 || includes;
}

/** S36 */
function isUnenforced({ model, subject, resource }: Question, mode: string | undefined): boolean {
  const clause =
    resource === undefined ? undefined : templateOf(model.namespaces, resource)?.template.enforcedIn;
  if (mode === undefined || clause === undefined) return false;
  const listed = clause.filter((each) => each.mode === mode);
  return listed.every((each) => each.authenticatedOnly && subject === undefined);
}

/** S34 */
function isKnownAction(question: Question): boolean {
  const { templates = [], implications = [] } = ownNamespace(question) ?? {};
  const lists = templates.map((template) => template.actions);
  const implied = [...implications, ...question.model.implications].flatMap(actionsOf);
  return (
    lists.length === 0 || lists.includes(undefined) || [...lists, implied].flat().includes(question.action)
  );
}

function actionsOf({ action, implies }: Implication): string[] {
  return [action, ...implies];
}

/** S33. Nobody is no superuser. Of several rules that make one, S70 names the first, those outside any ruleset before all. */
function superuserVerdict(question: Question): Verdict | undefined {
  const { model, subject, attributes } = question;
  const resource = ownNamespace(question)?.superuser;
  if (resource === undefined || subject === undefined) return undefined;
  const asked = { ...question, resource, attributes: { subject: attributes?.subject } };
  const verdicts = (templateOf(model.namespaces, resource)?.template.actions ?? everyAction(model))
    .map((action) => verdictOn(about({ ...asked, action }, model)))
    .filter((verdict) => verdict?.effect === 'allow');
  const [outside, inside] = [true, false].map((is) =>
    model.rules.filter((rule) => (rule.ruleset === undefined) === is),
  );
  const first = [...outside!, ...inside!].find((rule) => verdicts.some((verdict) => verdict?.rule === rule));
  return verdicts.find((verdict) => verdict?.rule === first);
}

function everyAction({ rules, rulesets, namespaces, implications }: Model): string[] {
  const listed = namespaces.flatMap((each) => each.templates.flatMap((template) => template.actions ?? []));
  const spoken = [...rules, ...rulesets.flatMap((ruleset) => ruleset.scopes)].flatMap((each) => each.actions);
  const implied = [...implications, ...namespaces.flatMap((each) => each.implications)].flatMap(actionsOf);
  return [...new Set([...listed, ...spoken, ...implied])];
}

// ---------------------------------------------------------------- one rule

/** S12, S25, S41 */
function applies(rule: Rule, question: Question): boolean {
  if (!rule.actions.some((action) => matchesAction(rule.effect, action, question))) return false;
  const choices = rule.subjects.flatMap((subject) => subjectChoices(subject, question));
  const covers = (resource: ResourcePattern) =>
    choices.some((choice) => coveringChoices(resource, question, choice).length > 0);
  if (!rule.resources.some(covers)) return false;
  const holds = rule.condition === undefined || evaluateCondition(rule.condition, surroundingsOf(question));
  return holds === 'error' ? rule.effect === 'deny' : holds;
}

/** S13, S14; S8 without a resource */
function matchesAction(effect: Effect, stated: string, question: Question): boolean {
  const { model, action, resource } = question;
  const everywhere = effect === 'deny' && resource === undefined ? model.namespaces : [];
  const namespaces = [ownNamespace(question), ...everywhere];
  const implications = [model.implications, ...namespaces.map((each) => each?.implications ?? [])].flat();
  const isImplied = impliedBy(stated, implications).has(action);
  return isImplied || (effect === 'deny' && impliedBy(action, implications).has(stated));
}

function impliedBy(action: string, implications: readonly Implication[]): Set<string> {
  const reached = new Set([action]);
  // A set that grows while it is walked is walked to its end.
  for (const each of reached) {
    const direct = implications.filter((implication) => implication.action === each);
    for (const name of direct.flatMap(({ implies }) => implies)) reached.add(name);
  }
  return reached;
}

/** The choices of variables with which a subject matches (S9, S26, S29); none if it does not. */
function subjectChoices(pattern: SubjectPattern, question: Question): Bindings[] {
  const { subject } = question;
  if (pattern.kind === 'pattern') {
    return isResourceId(subject) ? matchPattern(pattern, splitId(subject), new Map()) : [];
  }
  const isMatch =
    pattern.kind === 'anyone' ||
    (pattern.kind === 'authenticated' && subject !== undefined) ||
    (pattern.kind === 'subject' && pattern.id === subject) ||
    (pattern.kind === 'group' && isInGroup(pattern.name, question));
  return isMatch ? [new Map()] : [];
}

/** S9, S16 */
function isInGroup(name: string, question: Question): boolean {
  const group = question.model.groups.find((each) => each.name === name);
  if (group === undefined || question.subject === undefined) return false;
  if (question.groups?.includes(name)) return true;
  return group.members.some((member) => subjectChoices(member, question).length > 0);
}

/** S30; S8 without a resource */
function coveringChoices(pattern: ResourcePattern, { model, id }: Question, chosen: Bindings): Bindings[] {
  const isLiteral = pattern.kind === 'literal';
  if (id !== undefined && !isLiteral) return matchPattern(pattern, id, chosen);
  const isCovered =
    id === undefined
      ? !isLiteral && pattern.elements.every((element) => element.kind === 'many')
      : isLiteral && literalCovers(model.namespaces, pattern.id, id.text);
  return isCovered ? [chosen] : [];
}

/** S42 */
function surroundingsOf(question: Question): Surroundings {
  const { model, subject, action, resource, attributes, context } = question;
  const layersOf = (given: unknown, id: string | undefined) => {
    const entity = model.entities.find((each) => each.id === id);
    return [given, entity && toPlain(entity.attributes)].filter(isPlainObject);
  };
  return {
    ids: { subject, action, resource, context: undefined },
    layers: {
      subject: layersOf(attributes?.subject, subject),
      action: layersOf(attributes?.action, action),
      resource: layersOf(attributes?.resource, resource),
      context: [context].filter(isPlainObject),
    },
    isInGroup: (group) => isInGroup(group, question),
  };
}
