import type { RelatedLocation } from '../../diagnostics/diagnostic.ts';
import type { Rule } from '../../model/model.ts';
import type { Proof } from '../rule.ts';

/** What a decision calls the rule (S61); also the key of decision logs and of coverage. */
export function nameOf({ id, location, line }: Rule): string {
  return id ?? `${location.file}:${line}`;
}

/** The rule as a second place of a finding. */
export function placeOf(rule: Rule, text: string): RelatedLocation {
  return { ...rule.location, text };
}

/** `rule` and nothing more where there is one, and so many of several. */
export function describeRules(rules: readonly Rule[]): string {
  const names = [...new Set(rules.map((rule) => `\`${nameOf(rule)}\``))];
  if (names.length === 1) return `rule ${names[0]}`;
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `rules ${shown} and ${names.length - 3} more` : `rules ${shown}`;
}

/** The evidence that these rules decide what another one could. */
export function coveredBy(rules: readonly Rule[], text: string): Proof {
  return { kind: 'covered', by: rules.map((rule) => placeOf(rule, text)) };
}
