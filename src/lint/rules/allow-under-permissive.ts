import type { Model, Rule, Ruleset } from '../../model/model.ts';
import type { RulesetStatement, SyntaxTree } from '../../syntax/ast.ts';
import { mayMeet } from '../facts/may-meet.ts';
import { describeUnit, type RuleUnit, spanOfUnit, unitsOf } from '../facts/rule-units.ts';
import { findShadowed } from '../facts/shadowed-rules.ts';
import { defineRule, type PolicyContext, type Reported } from '../rule.ts';

/** Denies behind an allow that are compared with it: where there are more, the allow is left alone. */
const MAX_DENIES = 200;

export const allowUnderPermissive = defineRule({
  id: 'allow-under-permissive',
  summary: 'an allow of what the default of its ruleset allows anyway',
  category: 'redundancy',
  presets: { recommended: 'warning', strict: 'warning', mesos: 'warning' },
  isProved: true,
  check: { of: 'policy', run: reportNeedless },
});

function reportNeedless(context: PolicyContext): void {
  const { model, analysis, trees, report } = context;
  if (!model.rulesets.some((ruleset) => ruleset.default === 'allow')) return;
  const shadowed = new Set(findShadowed(model, analysis).map(({ unit }) => unit[0]));
  const statements = rulesetStatementsOf(trees);
  for (const [index, ruleset] of model.rulesets.entries()) {
    const statement = statements.get(ruleset.name);
    if (ruleset.default !== 'allow' || statement === undefined) continue;
    const rules = model.rules.filter((rule) => rule.ruleset === index);
    for (const unit of findNeedless(ruleset, rules, model)) {
      if (!shadowed.has(unit[0])) report(findingOf(context, unit, ruleset, statement));
    }
  }
}

interface PlacedRuleset {
  readonly tree: SyntaxTree;
  readonly statement: RulesetStatement;
}

function rulesetStatementsOf(trees: readonly SyntaxTree[]): ReadonlyMap<string, PlacedRuleset> {
  const statements = new Map<string, PlacedRuleset>();
  for (const tree of trees) {
    for (const statement of tree.statements)
      if (statement.kind === 'ruleset') statements.set(statement.name.text, { tree, statement });
  }
  return statements;
}

/**
 * Where the first rule that applies decides, an allow is needed if a deny behind it may meet it; from the end backwards,
 * so that each looks at the denies behind it. Where denies win, an allow is never needed beside the default.
 */
function findNeedless({ combining }: Ruleset, rules: readonly Rule[], model: Model): readonly RuleUnit[] {
  const denies: Rule[] = [];
  const needless: RuleUnit[] = [];
  for (const unit of unitsOf(rules).toReversed()) {
    if (unit[0].effect === 'deny') denies.push(unit[0]);
    else if (combining === 'deny-overrides') needless.push(unit);
    else if (
      denies.length <= MAX_DENIES &&
      !unit.some((rule) => denies.some((deny) => mayMeet(rule, deny, model)))
    )
      needless.push(unit);
  }
  return needless.reverse();
}

function findingOf(
  { sources }: PolicyContext,
  unit: RuleUnit,
  { name }: Ruleset,
  { tree: { file }, statement }: PlacedRuleset,
): Reported {
  const span = spanOfUnit(unit, sources);
  const byDefault = statement.default!.span;
  return {
    ...unit[0].location,
    message: `${describeUnit(unit)} changes nothing: the default of ruleset \`${name}\` allows all that it does`,
    help: 'write `default deny` if others were not to be allowed, or delete the rule',
    proof: { kind: 'covered', by: [{ file, span: byDefault, text: 'whatever no rule decides is allowed' }] },
    ...(span === undefined ? {} : { fix: { safety: 'safe', edits: [{ span, newText: '' }] } }),
  };
}
