import type { Model, PatternElement, ResourcePattern, Rule, SubjectPattern } from '../model/model.ts';
import { takesMany } from '../model/pattern-elements.ts';
import type { Schema } from './schema.ts';
import { hasVariable } from './subjects.ts';

/** One resource of a rule, with what its template adds. */
export interface RuleItem {
  readonly rule: Rule;
  /** Place of the rule in the model. */
  readonly index: number;
  readonly resource: ResourcePattern;
  readonly patterns: readonly (readonly PatternElement[])[];
  readonly listed?: readonly string[];
  /** Whether it speaks of requests without a resource (S8). */
  readonly isForNothing: boolean;
  readonly hasVariable: boolean;
}

export function itemsOf(rule: Rule, index: number, schema: Schema): readonly RuleItem[] {
  return rule.resources.map((resource): RuleItem => {
    const { patterns, listed } = schema.coverageOf(resource);
    return {
      rule,
      index,
      resource,
      patterns,
      ...(listed === undefined ? {} : { listed }),
      isForNothing: resource.kind === 'pattern' && resource.elements.every(takesMany),
      hasVariable: resource.kind === 'pattern' && hasVariable(resource),
    };
  });
}

/** Equal for subjects that are written alike. */
export function keyOfSubject(subject: SubjectPattern): string {
  switch (subject.kind) {
    case 'group':
      return `group ${subject.name}`;
    case 'subject':
      return `subject ${subject.id}`;
    case 'pattern':
      return `pattern ${subject.text}`;
    default:
      return subject.kind;
  }
}

const conditionKeys = new WeakMap<object, string>();

/** Equal for rules whose conditions are written alike; empty without one. */
export function keyOfCondition({ condition }: Pick<Rule, 'condition'>): string {
  if (condition === undefined) return '';
  let key = conditionKeys.get(condition);
  if (key === undefined) {
    key = JSON.stringify(condition);
    conditionKeys.set(condition, key);
  }
  return key;
}

/** Every item of every rule; the place of an item is its number as an owner in tries. */
export function allItems(model: Model, schema: Schema): readonly RuleItem[] {
  return model.rules.flatMap((rule, index) => itemsOf(rule, index, schema));
}
