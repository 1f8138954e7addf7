import type { Request } from '../decision/request.ts';
import type { Model, Rule } from '../model/model.ts';
import { Engine, type RuledDecision } from './engine.ts';
import { Question } from './question.ts';
import { type Verdict, verdictsOn } from './verdicts.ts';

/** A request before a policy set, decided, with what each set of rules says to it. */
export interface Situation {
  readonly question: Question;
  readonly ruled: RuledDecision;
  readonly verdicts: readonly Verdict[];
}

/** @param model  the policy set, or the part of it that speaks of the request's ids */
export function situationOf(model: Model, request: Request, mode: string | undefined): Situation {
  const engine = new Engine(model, mode);
  const question = new Question(model, request);
  return {
    question,
    ruled: engine.decide(request),
    verdicts: verdictsOn(question, engine.outcomes(request)),
  };
}

/** Sets of rules that deny, each with the rule to blame first; without one it is the ruleset's default. */
export function denialsIn({
  verdicts,
}: Situation): readonly { readonly verdict: Verdict; readonly rule?: Rule }[] {
  return verdicts
    .filter(({ speaks, says }) => speaks && says === 'deny')
    .map((verdict) => {
      const rule = verdict.applying.find(({ effect }) => effect === 'deny');
      return rule === undefined ? { verdict } : { verdict, rule };
    });
}
