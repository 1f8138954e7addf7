import type { Decision, RuleReference } from '../../index.ts';

export const jsonType = 'application/json; charset=utf-8';

/** The decision as JSON, its members in a fixed order. By hand: most of them are words that need no escape. */
export function renderDecision({ decision, reason, rule, ruleset, detail }: Decision): string {
  let text = `{"decision":"${decision}","reason":"${reason}"`;
  if (rule !== undefined) text += `,"rule":${renderRule(rule)}`;
  if (ruleset !== undefined) text += `,"ruleset":${JSON.stringify(ruleset)}`;
  if (detail !== undefined) text += `,"detail":${JSON.stringify(detail)}`;
  return `${text}}`;
}

function renderRule({ id, file, line, role }: RuleReference): string {
  return JSON.stringify(role === undefined ? { id, file, line } : { id, file, line, role });
}
