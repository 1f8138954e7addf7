import { referenceToRule } from '../analysis/rule-reference.ts';
import type { Decision, RuleReference } from '../decision/decision.ts';
import type { TextOf } from '../diagnostics/locate.ts';
import type { Model } from '../model/model.ts';
import { printRule } from '../printing/print-rule.ts';
import { isShipped, keyOfRule, referenceToNamed } from './rule-names.ts';
import type { TestResult } from './run-tests.ts';
import type { TestCase } from './test-case.ts';

/** A rule, or the default of a ruleset, with the cases that it decided. */
export interface CoveredUnit {
  readonly kind: 'rule' | 'default';
  /** As answers name the rule; of a default the name and place of its ruleset. */
  readonly rule: RuleReference;
  /** As policy text; of several rules that answers cannot tell apart, the first. */
  readonly text: string;
  /** The passing cases that it decided. */
  readonly decided: readonly TestCase[];
}

/** Which rules the tests exercise, file by file in source order; what comes with the product is left out. */
export interface Coverage {
  readonly files: readonly { readonly file: string; readonly units: readonly CoveredUnit[] }[];
  readonly covered: number;
  readonly total: number;
}

/**
 * Which rule decided which passing test. A rule counts as covered where it was the deciding one (S70): one that applied but
 * left the decision to another has not been shown to matter. A permission of a role counts anew for each grant.
 *
 * @param textOf  gives the text of the policy files, for the lines of rulesets
 */
export function coverageOf(model: Model, results: readonly TestResult[], textOf: TextOf): Coverage {
  const decided = casesByUnit(results);
  const units = [...ruleUnits(model), ...defaultUnits(model, textOf)]
    .map((unit) => ({ ...unit, decided: decided.get(keyOf(unit)) ?? [] }))
    .sort((a, b) => compare(a.rule.file, b.rule.file) || a.rule.line - b.rule.line);
  const files = Map.groupBy(units, ({ rule }) => rule.file);
  return {
    files: [...files].map(([file, own]) => ({ file, units: own })),
    covered: units.filter((unit) => unit.decided.length > 0).length,
    total: units.length,
  };
}

type Unit = Omit<CoveredUnit, 'decided'>;

function casesByUnit(results: readonly TestResult[]): Map<string, TestCase[]> {
  const decided = new Map<string, TestCase[]>();
  for (const { case: testCase, actual, passed } of results) {
    const key = passed ? decidingKey(actual) : undefined;
    if (key === undefined) continue;
    const cases = decided.get(key);
    if (cases === undefined) decided.set(key, [testCase]);
    else cases.push(testCase);
  }
  return decided;
}

function decidingKey({ reason, rule, ruleset }: Decision): string | undefined {
  if (reason === 'ruleset-default') return JSON.stringify(['default', ruleset]);
  return rule && keyOfRule(rule);
}

function keyOf({ kind, rule }: Pick<Unit, 'kind' | 'rule'>): string {
  return kind === 'default' ? JSON.stringify([kind, rule.id]) : keyOfRule(rule);
}

function ruleUnits({ rules }: Model): Unit[] {
  const units = new Map<string, Unit>();
  for (const rule of rules) {
    if (isShipped(rule)) continue;
    const unit: Unit = { kind: 'rule', rule: referenceToRule(rule), text: printRule(rule) };
    const key = keyOf(unit);
    if (!units.has(key)) units.set(key, unit);
  }
  return [...units.values()];
}

/** A default `none` says nothing, so nothing can show that it does. */
function defaultUnits({ rulesets }: Model, textOf: TextOf): Unit[] {
  return rulesets.flatMap((ruleset): Unit[] => {
    if (ruleset.default === 'none' || isShipped(ruleset)) return [];
    const text = `default ${ruleset.default}`;
    return [{ kind: 'default', rule: referenceToNamed(ruleset, textOf), text }];
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
