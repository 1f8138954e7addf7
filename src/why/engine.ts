import { referenceToRule } from '../analysis/rule-reference.ts';
import { compile } from '../compile/compile.ts';
import type { Decision, RuleReference } from '../decision/decision.ts';
import { ConfigurationError } from '../decision/errors.ts';
import type { Request } from '../decision/request.ts';
import { modesOf } from '../evaluate/authorizer.ts';
import { Evaluator } from '../evaluate/evaluator.ts';
import { type EntryOutcome, explain } from '../evaluate/explain.ts';
import { type Image, readImage } from '../image/image.ts';
import { NONE } from '../image/layout.ts';
import type { Model, Rule } from '../model/model.ts';

/** A decision with the rule itself beside its name, which several rules of one line share. */
export interface RuledDecision {
  readonly decision: Decision;
  readonly rule?: Rule;
}

/** The engine on a model, with its answers brought back to the rules of the model. */
export class Engine {
  readonly #model: Model;
  readonly #image: Image;
  readonly #mode: number;

  /** @throws {ConfigurationError} if the policy set does not know the mode */
  constructor(model: Model, mode?: string) {
    this.#model = model;
    const rules = model.rules.map((rule, i) => ({ ...rule, id: String(i) }));
    this.#image = readImage(compile({ ...model, rules }));
    this.#mode = modeIndex(this.#image, mode ?? model.mode);
  }

  decide(request: Request): RuledDecision {
    const decision = new Evaluator(this.#image, this.#mode).decide(request);
    if (decision.rule === undefined) return { decision };
    const rule = this.#ruleOf(decision.rule);
    return { decision: { ...decision, rule: referenceToRule(rule) }, rule };
  }

  isAllowed(request: Request): boolean {
    return new Evaluator(this.#image, this.#mode).decide(request).decision === 'allow';
  }

  /** How each rule that covers the resource stands to the request. */
  outcomes(request: Request): ReadonlyMap<Rule, EntryOutcome> {
    const decision = new Evaluator(this.#image, this.#mode).decide(request);
    const { rules } = explain(this.#image, request, decision);
    return new Map(rules.map(({ rule, outcome }) => [this.#ruleOf(rule), outcome]));
  }

  #ruleOf({ id }: RuleReference): Rule {
    return this.#model.rules[Number(id)]!;
  }
}

function modeIndex(image: Image, mode: string | undefined): number {
  if (mode === undefined) return NONE;
  const index = modesOf(image).indexOf(mode);
  if (index < 0) throw new ConfigurationError(`unknown mode \`${mode}\``);
  return index;
}
