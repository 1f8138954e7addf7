import type { Rule } from '../model/model.ts';
import { printCondition } from '../printing/print-condition.ts';
import { printRule } from '../printing/print-rule.ts';

/** A rule as policy text, resolved, its condition as people write it: `when A unless B` for `A && !B` (S41). */
export function ruleText(rule: Rule): string {
  const { condition, ...plain } = rule;
  if (condition?.kind === 'not') return `${printRule(plain)} unless ${printCondition(condition.operand)}`;
  if (condition?.kind !== 'and' || condition.right.kind !== 'not') return printRule(rule);
  const unless = printCondition(condition.right.operand);
  return `${printRule({ ...plain, condition: condition.left })} unless ${unless}`;
}
