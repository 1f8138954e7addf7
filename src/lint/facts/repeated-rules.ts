import type { RuleUnit } from './rule-units.ts';
import { RuleMeanings } from './same-rule.ts';

/** Units that say what an earlier one does: `duplicate-definition` reports these, whatever else may be said of them. */
export function findRepeated(units: readonly RuleUnit[]): ReadonlySet<RuleUnit> {
  const meanings = new RuleMeanings();
  const seen = new Set<string>();
  const repeated = new Set<RuleUnit>();
  for (const unit of units) {
    const meaning = unit.map((rule) => `${rule.role?.name ?? ''} ${meanings.of(rule)}`).join('\n');
    if (seen.has(meaning)) repeated.add(unit);
    else seen.add(meaning);
  }
  return repeated;
}
