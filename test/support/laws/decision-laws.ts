import type { Decision } from '../../../src/decision/decision.ts';
import type { Model } from '../../../src/model/model.ts';
import { type Evaluator, isSameDecision, type Loaded } from '../generators-evaluators.ts';
import { Random } from '../generators-random.ts';
import * as changed from './changed-models.ts';
import type { Law } from './law.ts';
import type { LawCase } from './law-case.ts';

/** Laws 1 to 9 and 13: of one decision, and what becomes of it where the policy is changed. */
export const decisionLaws: readonly Law[] = [
  law('1', 'a deny beats any allow', (given, evaluator) => {
    const { model, mode } = given;
    const denies = evaluator.load(changed.onlyOutside(model, 'deny'));
    const both = evaluator.load(changed.withAllowForAnyone(model), mode);
    return (request) => {
      if (denies.decide(request).reason !== 'rule') return undefined;
      const decision = both.decide(request);
      return { isHeld: !isAllow(decision), answers: { 'with an allow for anyone': decision } };
    };
  }),

  law('2', 'nothing is allowed unless a rule, a default or a mode allows it', ({ model }, evaluator) => {
    const denying = evaluator.load(changed.withoutAllows(model));
    return (request, decision) => {
      const without = denying.decide(request);
      const isOfRule = decision.reason === 'rule';
      const isSaidSo = !isOfRule || changed.decidingRule(model, decision).effect === decision.decision;
      return { isHeld: !isAllow(without) && isSaidSo, answers: { decision, 'without allows': without } };
    };
  }),

  law('3', 'without rules everything is denied', ({ model }, evaluator) => {
    const empty = evaluator.load(changed.withoutRules(model));
    return (request, { reason }) => {
      const decision = empty.decide(request);
      const expected = reason === 'malformed' ? 'malformed' : 'default';
      return { isHeld: !isAllow(decision) && decision.reason === expected, answers: { decision, expected } };
    };
  }),

  law(
    '4',
    'a request is allowed if and only if it is explicitly allowed and not denied',
    ({ model }, evaluator) => {
      const [all, allows, denies] = ([['allow', 'deny'], ['allow'], ['deny']] as const).map((effects) =>
        evaluator.load(changed.onlyOutside(model, ...effects)),
      ) as [Loaded, Loaded, Loaded];
      return (request) => {
        const decision = all.decide(request);
        const allowed = allows.decide(request);
        const denied = denies.decide(request);
        const expected = isAllow(allowed) && denied.reason !== 'rule';
        return { isHeld: isAllow(decision) === expected, answers: { decision, allowed, denied } };
      };
    },
  ),

  law(
    '5',
    'order and repetition of rules change nothing outside first-applicable rulesets',
    ({ model, seed, mode }, evaluator) => {
      const other = evaluator.load(changed.reordered(model, new Random(seed)), mode);
      return (request, decision) => {
        const again = other.decide(request);
        const isHeld = again.decision === decision.decision && again.reason === decision.reason;
        return { isHeld, answers: { decision, 'in another order': again } };
      };
    },
  ),

  law(
    '6',
    'adding an allow never turns an allow into a deny',
    withAnother('allow', (before, after) => after || !before),
  ),

  law(
    '7',
    'adding a deny never turns a deny into an allow',
    withAnother('deny', (before, after) => before || !after),
  ),

  few('8', 'the deciding rule alone gives the same decision', ({ model, mode }, evaluator) => {
    return (request, decision) => {
      if (decision.rule === undefined) return undefined;
      const rule = changed.decidingRule(model, decision);
      const after = evaluator.load(changed.alone(model, rule), mode).decide(request);
      return { isHeld: isSameDecision(decision, after), answers: { decision, 'by the rule alone': after } };
    };
  }),

  few(
    '9',
    'dropping every rule of the ruleset but the deciding one changes nothing, nor dropping all where none decides',
    ({ model, mode }, evaluator) => {
      return (request, decision) => {
        const rest = reportedOf(model, decision);
        if (rest === undefined) return undefined;
        const after = evaluator.load(rest, mode).decide(request);
        return {
          isHeld: isSameDecision(decision, after),
          answers: { decision, 'without the others': after },
        };
      };
    },
  ),

  {
    ...law('13', 'adding a thousand unrelated rules changes no answer', ({ model, mode }, evaluator) => {
      const larger = evaluator.load(changed.withUnrelated(model), mode);
      return (request, decision) => {
        const after = larger.decide(request);
        return {
          isHeld: isSameDecision(decision, after),
          answers: { decision, 'with unrelated rules': after },
        };
      };
    }),
    share: 2,
  },
];

/** Prepares changed policies once; then says of each request whether the law is held, or undefined if it says nothing of it. */
type Judge = (
  given: LawCase,
  evaluator: Evaluator,
) => (
  request: unknown,
  decision: Decision,
) => { readonly isHeld: boolean; readonly answers: Readonly<Record<string, unknown>> } | undefined;

function law(name: string, title: string, judge: Judge): Law {
  return {
    name,
    title,
    requests: 20,
    share: 1,
    isOfEach: true,
    check: (given, watch, evaluator) => {
      // Without rules there is none to add or to be like.
      if (given.model.rules.length === 0) return;
      const loaded = evaluator.load(given.model, given.mode);
      const ask = judge(given, evaluator);
      for (const request of given.requests) {
        const verdict = ask(request, loaded.decide(request));
        if (verdict !== undefined) watch.expect(verdict.isHeld, request, verdict.answers);
      }
    },
  };
}

/** Where every request needs a policy of its own. */
function few(name: string, title: string, judge: Judge): Law {
  return { ...law(name, title, judge), requests: 6 };
}

function withAnother(
  effect: 'allow' | 'deny',
  isHeld: (isAllowedBefore: boolean, isAllowedAfter: boolean) => boolean,
): Judge {
  return ({ model, seed, mode }, evaluator) => {
    const more = evaluator.load(changed.withRule(model, effect, new Random(seed)), mode);
    return (request, decision) => {
      const after = more.decide(request);
      return {
        isHeld: isHeld(isAllow(decision), isAllow(after)),
        answers: { decision, [`with another ${effect}`]: after },
      };
    };
  };
}

/** The policy with the rule that the decision reports, and with none where it has none to report (S70). */
function reportedOf(model: Model, decision: Decision): Model | undefined {
  if (decision.rule !== undefined) return changed.withoutOthers(model, changed.decidingRule(model, decision));
  return decision.reason === 'default' || decision.reason === 'malformed'
    ? { ...model, rules: [] }
    : undefined;
}

function isAllow({ decision }: Decision): boolean {
  return decision === 'allow';
}
