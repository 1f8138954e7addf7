import type { Rule } from '../model/model.ts';
import { addRule, type Change, exceptSubject, removeRule, ruleFor } from './change.ts';
import { mayStand } from './closed-namespace.ts';
import { intoGroups, missingGroups } from './completions.ts';
import type { PlaceOf } from './match-account.ts';
import { denialsIn, type Situation, situationOf } from './situation.ts';
import type { Verdict } from './verdicts.ts';

/** Changes after which no rule denies the request any more; whether it is allowed then is another question. */
export interface Lifting {
  readonly changes: readonly Change[];
  readonly situation: Situation;
}

/** More changes than this in one suggestion nobody wants to make. */
const MAX_CHANGES = 8;

/** How one deny could be lifted; undefined where that way does not lead anywhere. */
type Way = (situation: Situation, verdict: Verdict, rule: Rule, placeOf: PlaceOf) => Change | undefined;

/** A group that the deny itself excepts. */
const byGroup: Way = ({ question }, _, { condition }, placeOf) =>
  condition === undefined
    ? undefined
    : intoGroups(question, missingGroups(condition, question.groups), placeOf)[0];

const byException: Way = ({ question }, _, rule) => {
  const { subject } = question.request;
  return subject === undefined ? undefined : exceptSubject(rule, subject, question.model);
};

/** Where the first rule decides, an allow in front of all that apply. */
const byRuleBefore: Way = ({ question }, { ruleset, applying }) => {
  if (ruleset === undefined || question.model.rulesets[ruleset]!.combining !== 'first-applicable')
    return undefined;
  return grantIn(question, ruleset, applying[0]);
};

const byRemoval: Way = (_, __, rule) => removeRule(rule);

/** Each deny is lifted in the first of these ways that leads anywhere. */
const strategies: readonly (readonly Way[])[] = [
  [byGroup, byException],
  [byException],
  [byRuleBefore, byException],
  [byRemoval],
];

/** Sets of changes that lift every deny of a request, one set for each way to go about it. */
export function liftings(
  situation: Situation,
  mode: string | undefined,
  placeOf: PlaceOf,
): readonly Lifting[] {
  if (denialsIn(situation).length === 0) return [{ changes: [], situation }];
  const found = strategies.flatMap((ways) => lift(situation, mode, ways, placeOf));
  return [...new Map(found.map((each) => [keyOf(each), each])).values()];
}

function keyOf({ changes }: Lifting): string {
  return JSON.stringify(changes.map(({ edit }) => edit));
}

function lift(
  start: Situation,
  mode: string | undefined,
  ways: readonly Way[],
  placeOf: PlaceOf,
): readonly Lifting[] {
  let situation = start;
  const changes: Change[] = [];
  const found: Lifting[] = [];
  for (;;) {
    const denials = denialsIn(situation);
    const [denial] = denials;
    // What denies by default only may yet be had to allow by one of its own rules.
    if (denials.every(({ rule }) => rule === undefined)) found.push({ changes: [...changes], situation });
    if (denial === undefined || changes.length === MAX_CHANGES) return found;
    const step = liftOne(situation, denial, mode, ways, placeOf);
    if (step === undefined) return found;
    changes.push(step.change);
    situation = step.situation;
  }
}

/** Lifts one deny in the first way after which it is gone. */
function liftOne(
  situation: Situation,
  { verdict, rule }: ReturnType<typeof denialsIn>[number],
  mode: string | undefined,
  ways: readonly Way[],
  placeOf: PlaceOf,
): { readonly change: Change; readonly situation: Situation } | undefined {
  const { model, request } = situation.question;
  const proposals =
    rule === undefined
      ? [grantIn(situation.question, verdict.ruleset!)]
      : ways.map((way) => way(situation, verdict, rule, placeOf));
  for (const change of proposals) {
    if (change === undefined) continue;
    const after = situationOf(change.apply(model), request, mode);
    if (isLifted(situation, after, change)) return { change, situation: after };
  }
  return undefined;
}

/** Whether a denial fewer is left, or that of another rule. */
function isLifted(before: Situation, after: Situation, { rules }: Change): boolean {
  const [was] = denialsIn(before);
  const now = denialsIn(after).find(({ verdict }) => verdict.ruleset === was!.verdict.ruleset);
  return now === undefined || (now.rule !== was!.rule && !rules.includes(now.rule!));
}

/** The very grant, inside a ruleset; undefined where a closed namespace refuses it. */
function grantIn(question: Situation['question'], ruleset: number, before?: Rule): Change | undefined {
  const rule = ruleFor(question.request, ruleset);
  return mayStand(question, rule.resources[0]!, rule.actions)
    ? addRule(rule, question.model, before)
    : undefined;
}
