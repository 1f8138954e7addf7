import type { Decision, RuleReference } from './decision.ts';

/** The decision as JSON in one line, its members in a fixed order. By hand: most of them are words that need no escape. */
export function renderDecisionJson({ decision, reason, rule, ruleset, detail }: Decision): string {
  let text = `{"decision":"${decision}","reason":"${reason}"`;
  if (rule !== undefined) text += `,"rule":${renderRuleJson(rule)}`;
  if (ruleset !== undefined) text += `,"ruleset":${JSON.stringify(ruleset)}`;
  if (detail !== undefined) text += `,"detail":${JSON.stringify(detail)}`;
  return `${text}}`;
}

/** The same for a rule as decisions name it. */
export function renderRuleJson({ id, file, line, role }: RuleReference): string {
  return JSON.stringify(role === undefined ? { id, file, line } : { id, file, line, role });
}
