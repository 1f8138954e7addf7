import type { Request } from '../decision/request.ts';
import type { Model, Rule } from '../model/model.ts';
import { elementsOfId } from '../model/template-variants.ts';
import { buildLineStarts, lineColumnAt } from '../source/source.ts';
import type { Enforcement, Place, RuleAccount, SuperuserAccount, Why, WhyRequest } from './answer.ts';
import { Engine } from './engine.ts';
import { KnownNames } from './known-names.ts';
import { accountOfMalformation } from './malformation.ts';
import type { PlaceOf } from './match-account.ts';
import { type MissedRule, nearMissesOf } from './near-misses.ts';
import { Question } from './question.ts';
import { accountOfRule } from './rule-account.ts';
import { type Situation, situationOf } from './situation.ts';
import { sliceOf } from './slice.ts';
import { suggest } from './suggest.ts';
import { unknownNames } from './unknown-names.ts';
import { accountOfVerdict, standingOf } from './verdicts.ts';

export interface WhyOptions {
  /** Overrides the mode of the policy set (S35). */
  readonly mode?: string | undefined;
  /** Gives the text of a policy file, for the lines of groups and templates. */
  readonly textOf?: (file: string) => string | undefined;
  /** So many near misses and so many suggestions at most; the others are counted. Default 10. */
  readonly limit?: number;
  /** Set to leave suggestions out: they take most of the time. */
  readonly withoutSuggestions?: boolean;
}

const DEFAULT_LIMIT = 10;
/** Near misses kept for suggestions, whatever the limit. */
const MISSES_FOR_SUGGESTIONS = 30;

/**
 * Why a request is decided as it is: the rules, and the way by which each applies; for a denial what nearly applied, and the
 * smallest changes that would have it allowed, each tried, with what else they would allow.
 *
 * Cost: one look at every rule, and for each suggestion a comparison of the policies as far as it changes them.
 *
 * @param request  as `decide` takes it
 * @throws {ConfigurationError} if the policy set does not know the mode
 */
export function explainWhy(model: Model, request: Request, options: WhyOptions = {}): Why {
  const mode = options.mode ?? model.mode;
  const empty = new Engine({ ...model, rules: [] }, mode);
  const { decision } = empty.decide(request);
  const asked = { request: requestOf(request), ...(mode === undefined ? {} : { mode }) };
  if (decision.reason !== 'malformed')
    return explainWellFormed(withWrittenTemplates(model, options), request, mode, options, asked);
  const malformed = accountOfMalformation(request);
  return { ...asked, decision: { ...decision, detail: malformed.text }, malformed, ...nothing };
}

/** Templates as their authors wrote them: the model does not keep the names of what stands for something. */
function withWrittenTemplates(model: Model, { textOf }: WhyOptions): Model {
  if (textOf === undefined) return model;
  const namespaces = model.namespaces.map((namespace) => ({
    ...namespace,
    templates: namespace.templates.map((template) => {
      const { file, span } = template.location;
      return { ...template, text: textOf(file)?.slice(span.start, span.end) ?? template.text };
    }),
  }));
  return { ...model, namespaces };
}

const nothing = {
  rules: [],
  rulesets: [],
  unknownNames: [],
  nearMisses: [],
  moreNearMisses: 0,
  suggestions: [],
  moreSuggestions: 0,
} as const;

/** What of a request counts, undefined values left out: as JSON would have it. */
function requestOf({ subject, action, resource, groups, attributes, context }: Request): WhyRequest {
  return {
    ...(subject === undefined ? {} : { subject }),
    action,
    ...(resource === undefined ? {} : { resource }),
    ...(groups === undefined ? {} : { groups }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(context === undefined ? {} : { context }),
  };
}

function explainWellFormed(
  model: Model,
  request: Request,
  mode: string | undefined,
  options: WhyOptions,
  asked: Pick<Why, 'request' | 'mode'>,
): Why {
  const { limit = DEFAULT_LIMIT } = options;
  const question = new Question(model, request);
  const placeOf = createPlaceOf(options.textOf);
  const region = request.resource === undefined ? [] : [elementsOfId(request.resource)];
  const situation = situationOf(sliceOf(question.schema, region), request, mode);
  const { decision } = situation.ruled;
  const account = {
    ...asked,
    decision,
    rules: accountsOfRules(situation, placeOf),
    rulesets: situation.verdicts
      .filter(({ speaks, ruleset, applying }) => speaks && (ruleset !== undefined || applying.length > 0))
      .map((verdict) => accountOfVerdict(verdict, model)),
    ...superuserOf(situation, placeOf),
    ...enforcementOf(situation, placeOf),
  };
  if (decision.decision === 'allow') return { ...nothing, ...account };
  const known = new KnownNames(question);
  const misses = nearMissesOf(question, known);
  const suggestions = options.withoutSuggestions
    ? []
    : suggest({ question, situation: widened(question, region, misses, mode), misses, mode, placeOf });
  return {
    ...account,
    unknownNames: unknownNames(question, known),
    nearMisses: misses.slice(0, limit).map(({ miss }) => miss),
    moreNearMisses: Math.max(0, misses.length - limit),
    suggestions: suggestions.slice(0, limit),
    moreSuggestions: Math.max(0, suggestions.length - limit),
  };
}

/** The same situation with the near misses at hand, to be changed. */
function widened(
  { schema, request }: Question,
  region: Parameters<typeof sliceOf>[1],
  misses: readonly MissedRule[],
  mode: string | undefined,
): Situation {
  const kept = new Set(misses.slice(0, MISSES_FOR_SUGGESTIONS).map(({ rule }) => rule));
  return situationOf(sliceOf(schema, region, kept), request, mode);
}

function accountsOfRules({ question, ruled, verdicts }: Situation, placeOf: PlaceOf): readonly RuleAccount[] {
  const { decision } = ruled.decision;
  const { model } = question;
  const accounts = verdicts
    .flatMap(({ applying }) => applying)
    .map((rule) => ({
      ...accountOfRule(question, rule, placeOf),
      standing: standingOf(rule, { verdicts, deciding: ruled.rule, decision, model }),
    }));
  return accounts.sort((a, b) => standings.indexOf(a.standing) - standings.indexOf(b.standing));
}

const standings: readonly RuleAccount['standing'][] = [
  'decides',
  'agrees',
  'overridden',
  'later',
  'unscoped',
];

/** Which of the actions on the superuser's id the rule allows, and how (S33). */
function superuserOf(
  { question, ruled }: Situation,
  placeOf: PlaceOf,
): { readonly superuser?: SuperuserAccount } {
  const { namespace, schema } = question;
  if (ruled.decision.reason !== 'superuser' || namespace?.superuser === undefined) return {};
  const id = namespace.superuser;
  const rule = ruled.rule;
  for (const action of schema.superuserActions(id)) {
    const above = question.about(action, id);
    if (rule === undefined || !isAbout(above, rule)) continue;
    const account = { ...accountOfRule(above, rule, placeOf), standing: 'decides' as const };
    return { superuser: { id, namespace: namespace.name, allowed: action, account } };
  }
  return {};
}

function isAbout(question: Question, rule: Rule): boolean {
  return rule.resources.some((each) => question.covers(each) && question.isAsked(rule, each));
}

function enforcementOf({ question }: Situation, placeOf: PlaceOf): { readonly enforcement?: Enforcement } {
  const { model, template, request } = question;
  if (template?.enforcedIn === undefined) return {};
  const byMode = [undefined, ...model.modes].map((mode) => {
    const { mode: _, ...others } = model;
    const { decision, reason } = new Engine(others, mode).decide(request).decision;
    return { ...(mode === undefined ? {} : { mode }), decision, reason };
  });
  return {
    enforcement: {
      template: template.text,
      place: placeOf(template.location),
      modes: template.enforcedIn.map(({ mode, authenticatedOnly }) => ({ mode, authenticatedOnly })),
      byMode,
    },
  };
}

function createPlaceOf(textOf: WhyOptions['textOf'] = () => undefined): PlaceOf {
  const lines = new Map<string, Int32Array | undefined>();
  return ({ file, span }): Place => {
    if (!lines.has(file)) {
      const text = textOf(file);
      lines.set(file, text === undefined ? undefined : buildLineStarts(text));
    }
    const starts = lines.get(file);
    return starts === undefined ? { file } : { file, line: lineColumnAt(starts, span.start).line };
  };
}
