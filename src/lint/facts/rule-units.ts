import type { Rule } from '../../model/model.ts';
import type { Span } from '../../source/span.ts';
import { type RuleSources, spanOfLines } from '../rule-sources.ts';
import { nameOf } from './name-rule.ts';

/**
 * Rules that only go together: those that one `grant` makes, of which no single one can be taken away, or one permission
 * of a rule. In source order.
 */
export type RuleUnit = readonly [Rule, ...Rule[]];

export function unitsOf(rules: readonly Rule[]): readonly RuleUnit[] {
  const units: [Rule, ...Rule[]][] = [];
  const grants = new Map<string, [Rule, ...Rule[]]>();
  for (const rule of rules) {
    const key = rule.role && `${rule.location.file}:${rule.location.span.start}`;
    const grant = key === undefined ? undefined : grants.get(key);
    if (grant !== undefined) {
      grant.push(rule);
      continue;
    }
    const unit: [Rule, ...Rule[]] = [rule];
    units.push(unit);
    if (key !== undefined) grants.set(key, unit);
  }
  return units;
}

/**
 * The rules that make a unit superfluous, each once, or undefined if one of its rules is needed. What covers it may not be
 * part of it, because all of it goes at once.
 */
export function coverOfUnit(
  unit: RuleUnit,
  find: (rule: Rule) => { readonly by: readonly Rule[] } | undefined,
): readonly Rule[] | undefined {
  const by = new Set<Rule>();
  const own = new Set(unit);
  for (const rule of unit) {
    const cover = find(rule);
    if (cover === undefined || cover.by.some((each) => own.has(each))) return undefined;
    for (const each of cover.by) by.add(each);
  }
  return [...by];
}

/** What to delete for all of a unit to be gone. */
export function spanOfUnit([rule]: RuleUnit, sources: RuleSources): Span | undefined {
  const source = sources.of(rule);
  return source?.kind === 'grant' ? spanOfLines(source.tree, source.statement) : sources.spanToDelete(rule);
}

export function describeUnit([rule]: RuleUnit): string {
  return rule.role === undefined ? `rule \`${nameOf(rule)}\`` : `the grant of role \`${rule.role.name}\``;
}
