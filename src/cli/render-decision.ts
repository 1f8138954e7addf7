import { escapeText } from '../files/quote.ts';
import type { Decision, Effect, RuleReference } from '../index.ts';
import type { Paint } from './terminal.ts';

export { renderDecisionJson, renderRuleJson } from '../index.ts';

/** `allow  rule prod.acl:17 (id)`: one line without its end, the same words at the same places for every answer. */
export function renderDecisionLine(decision: Decision, paint: Paint): string {
  return `${paintEffect(decision.decision, paint)} ${renderDecisionWords(decision)}`;
}

/** The same without the effect. */
export function renderDecisionWords(decision: Decision): string {
  const words: string[] = [decision.reason];
  if (decision.rule !== undefined) words.push(' ', renderRule(decision.rule));
  if (decision.ruleset !== undefined) words.push(` in ruleset ${escapeText(decision.ruleset)}`);
  if (decision.detail !== undefined) words.push(`: ${escapeText(decision.detail)}`);
  return words.join('');
}

/** Six columns wide. */
export function paintEffect(effect: Effect, paint: Paint): string {
  return paint(effect === 'allow' ? 'green' : 'red', effect.padEnd(6));
}

/** `prod.acl:17 (id)`; the id is left out where it is the place itself. */
export function renderRule({ id, file, line, role }: RuleReference): string {
  const place = `${escapeText(file)}:${line}`;
  const name = id === `${file}:${line}` ? '' : ` (${escapeText(id)})`;
  const origin =
    role === undefined ? '' : ` by role ${escapeText(role.name)} at ${escapeText(role.file)}:${role.line}`;
  return place + name + origin;
}
