import type { Decision } from '../../../src/decision/decision.ts';
import type { Model, ResourcePattern, Rule, Ruleset } from '../../../src/model/model.ts';
import type { Random } from '../generators-random.ts';
import { renderValue } from '../render-value.ts';

/** Policies that are made of others, for laws that compare the two. */

const EVERYTHING: readonly ResourcePattern[] = [
  { kind: 'pattern', text: '**', elements: [{ kind: 'many', separator: 'start' }] },
];

/** The rules outside any ruleset alone, of the effects given, with nothing that allows beside them. */
export function onlyOutside({ mode: _, ...model }: Model, ...effects: Rule['effect'][]): Model {
  const rules = model.rules.filter((rule) => rule.ruleset === undefined && effects.includes(rule.effect));
  const namespaces = model.namespaces.map(({ superuser: _superuser, ...namespace }) => namespace);
  return { ...model, rules, rulesets: [], namespaces };
}

/** With a rule before all others that allows anyone all that any rule speaks of, on everything. */
export function withAllowForAnyone(model: Model): Model {
  const actions = [...new Set(model.rules.flatMap((rule) => rule.actions))];
  const allows = actions.map((action): Rule => {
    const { ruleset: _, condition: _condition, ...rest } = model.rules[0]!;
    return {
      ...rest,
      effect: 'allow',
      subjects: [{ kind: 'anyone' }],
      actions: [action],
      resources: EVERYTHING,
    };
  });
  return { ...model, rules: [...allows, ...model.rules] };
}

export function withoutAllows({ mode: _, ...model }: Model): Model {
  const rulesets = model.rulesets.map((ruleset): Ruleset => {
    return ruleset.default === 'allow' ? { ...ruleset, default: 'none' } : ruleset;
  });
  return { ...model, rules: model.rules.filter((rule) => rule.effect === 'deny'), rulesets };
}

export function withoutRules({ mode: _, ...model }: Model): Model {
  return { ...model, rules: [], rulesets: [] };
}

/** With one more rule, somewhere among the others and in any ruleset or none, that is put together from two of them. */
export function withRule(model: Model, effect: Rule['effect'], random: Random): Model {
  const { condition, ...like } = random.pick(model.rules);
  const { ruleset: _, ...wider } = random.pick(model.rules);
  const isConditional = condition !== undefined && random.chance(0.5);
  const ruleset = random.below(model.rulesets.length + 1) - 1;
  const { condition: _condition, ...rest } = wider;
  const added: Rule = {
    ...rest,
    effect,
    resources: random.chance(0.1) ? EVERYTHING : like.resources,
    ...(isConditional ? { condition } : {}),
    ...(ruleset < 0 ? {} : { ruleset }),
  };
  return { ...model, rules: model.rules.toSpliced(random.below(model.rules.length + 1), 0, added) };
}

/** The rules in another order, some twice; those of first-applicable rulesets keep theirs. */
export function reordered(model: Model, random: Random): Model {
  const isFixed = ({ ruleset }: Rule) =>
    ruleset !== undefined && model.rulesets[ruleset]?.combining === 'first-applicable';
  const free = model.rules.filter((rule) => !isFixed(rule));
  const repeated = random.shuffle([...free, ...random.sample(free, random.below(4))]);
  return { ...model, rules: [...repeated, ...model.rules.filter(isFixed)] };
}

/** The rule that a decision names. */
export function decidingRule({ rules }: Model, { rule }: Decision): Rule {
  const found = rules.find(({ id, line, location, role }) => {
    const isNamed =
      rule?.id === (id ?? `${location.file}:${line}`) && rule.file === location.file && rule.line === line;
    return isNamed && rule.role?.line === role?.line && rule.role?.file === role?.location.file;
  });
  if (found === undefined) throw new Error(`no rule ${renderValue(rule)}`);
  return found;
}

/** The rule alone, in its ruleset if it has one. */
export function alone(model: Model, rule: Rule): Model {
  const { ruleset, ...outside } = rule;
  if (ruleset === undefined) return { ...model, rules: [outside], rulesets: [] };
  return { ...model, rules: [{ ...rule, ruleset: 0 }], rulesets: [model.rulesets[ruleset]!] };
}

/** Without the other rules of the ruleset of this one (S70). */
export function withoutOthers(model: Model, rule: Rule): Model {
  return { ...model, rules: model.rules.filter((each) => each === rule || each.ruleset !== rule.ruleset) };
}

/**
 * With a thousand rules around the others that no request is about: because nobody asks for the resource, or because
 * nobody has the subject, though it may do anything.
 */
export function withUnrelated(model: Model): Model {
  const { actions, location } = model.rules[0]!;
  const unrelated = Array.from({ length: 1000 }, (_, index): Rule => {
    const isElsewhere = index % 3 !== 0;
    const resources = index % 2 === 0 ? EVERYTHING : model.rules[index % model.rules.length]!.resources;
    return {
      effect: index % 4 < 2 ? 'allow' : 'deny',
      subjects: [
        isElsewhere && index % 5 === 0 ? { kind: 'anyone' } : { kind: 'subject', id: `unrelated:${index}` },
      ],
      actions: actions.slice(0, 1),
      resources: isElsewhere ? [{ kind: 'literal', id: `unrelated:${index % 7}:/${index}` }] : resources,
      location,
      line: 100_000 + index,
    };
  });
  return { ...model, rules: [...unrelated.slice(0, 500), ...model.rules, ...unrelated.slice(500)] };
}
