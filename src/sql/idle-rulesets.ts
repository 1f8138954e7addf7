import type { Model, Ruleset } from '../model/model.ts';

/** A policy set that decides one action alike, without what rulesets say about others: fewer patterns tell ids apart. */
export function withoutIdleRulesets(model: Model, action: string): Model {
  const spoken = model.rulesets.map(({ scopes }) => scopes.filter(({ actions }) => actions.includes(action)));
  const isSilent = (index: number): boolean =>
    model.rulesets[index]!.scopes.length > 0 && spoken[index]!.length === 0;
  const rules = model.rules.filter(({ ruleset }) => ruleset === undefined || !isSilent(ruleset));
  const used = new Set(rules.map(({ ruleset }) => ruleset));
  const rulesets = model.rulesets.map((ruleset, index): Ruleset => {
    const saysNothing = isSilent(index) || (ruleset.default === 'none' && !used.has(index));
    // Rules refer to rulesets by place: one that says nothing stays, empty.
    return saysNothing ? { ...ruleset, scopes: [], default: 'none' } : { ...ruleset, scopes: spoken[index]! };
  });
  return { ...model, rules, rulesets };
}

/** Whether rulesets combine as rules outside any do (S17). */
export function areRulesetsPlain({ rules, rulesets }: Model): boolean {
  const used = new Set(rules.map(({ ruleset }) => ruleset));
  return rulesets.every(
    ({ scopes, combining, default: otherwise }, index) =>
      scopes.length === 0 && otherwise === 'none' && (combining === 'deny-overrides' || !used.has(index)),
  );
}
