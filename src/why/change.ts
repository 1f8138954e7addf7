import { referenceToRule } from '../analysis/rule-reference.ts';
import type { Request } from '../decision/request.ts';
import type { Expression, Group, Model, ResourcePattern, Rule, SubjectPattern } from '../model/model.ts';
import { printSubject } from '../printing/print-rule.ts';
import type { Edit } from './answer.ts';
import type { PlaceOf } from './match-account.ts';
import { ruleText } from './rule-text.ts';

/** One edit, ready to be tried on a model: rules are known by being the same object, so a part of the model will do. */
export interface Change {
  readonly edit: Edit;
  readonly apply: (model: Model) => Model;
  /** The same for the comparison of two policy sets, which takes conditions on ids for undecidable: see `Alias`. */
  readonly applyForComparison?: (model: Model) => Model;
  readonly alias?: Alias;
  /** Rules that it changes, adds or removes, and groups whose members it changes: what has to be looked at again. */
  readonly rules: readonly Rule[];
  /** That of them which is gone, or changed. */
  readonly old?: Rule;
  readonly group?: string;
  /** Who becomes a member of it. */
  readonly member?: SubjectPattern;
}

/**
 * A group that stands for one subject in a comparison, on both sides: `subject in group:alias` is decided where
 * `subject.id == "…"` is not. It has that one member, and no request of the real policies adds it.
 */
export interface Alias {
  readonly group: Group;
  readonly subject: SubjectPattern;
}

const nowhere = { file: '', span: { start: 0, end: 0 } };

/** The narrowest rule that covers a request. */
export function ruleFor({ subject, action, resource }: Request, ruleset?: number): Rule {
  const resources: readonly ResourcePattern[] = [
    resource === undefined
      ? { kind: 'pattern', text: '**', elements: [{ kind: 'many', separator: 'start' }] }
      : { kind: 'literal', id: resource },
  ];
  return {
    effect: 'allow',
    subjects: [subject === undefined ? { kind: 'anyone' } : { kind: 'subject', id: subject }],
    actions: [action],
    resources,
    location: nowhere,
    line: 0,
    ...(ruleset === undefined ? {} : { ruleset }),
  };
}

/** @param before  the rule of a ruleset in front of which it stands; absent: behind all of them */
export function addRule(rule: Rule, model: Model, before?: Rule): Change {
  const ruleset = rule.ruleset === undefined ? undefined : model.rulesets[rule.ruleset]!.name;
  return {
    edit: {
      kind: 'add-rule',
      text: ruleText(rule),
      ...(ruleset === undefined ? {} : { ruleset }),
      ...(before === undefined ? {} : { before: referenceToRule(before) }),
    },
    apply: (old) => {
      const at = before === undefined ? -1 : old.rules.indexOf(before);
      return { ...old, rules: old.rules.toSpliced(at < 0 ? old.rules.length : at, 0, rule) };
    },
    rules: [rule],
  };
}

export function addMember(group: Group, subject: string, placeOf: PlaceOf): Change {
  const member: SubjectPattern = { kind: 'subject', id: subject };
  return {
    edit: {
      kind: 'add-member',
      group: group.name,
      member: printSubject(member),
      place: placeOf(group.location),
    },
    apply: (model) => ({
      ...model,
      groups: model.groups.map((each) =>
        each.name === group.name ? { ...each, members: [...each.members, member] } : each,
      ),
    }),
    rules: [],
    group: group.name,
    member,
  };
}

export function changeRule(rule: Rule, changed: Rule): Change {
  return {
    edit: {
      kind: 'change-rule',
      rule: referenceToRule(rule),
      old: ruleText(rule),
      text: ruleText(changed),
    },
    apply: replacing(rule, changed),
    rules: [rule, changed],
    old: rule,
  };
}

export function removeRule(rule: Rule): Change {
  return {
    edit: { kind: 'remove-rule', rule: referenceToRule(rule), old: ruleText(rule) },
    apply: (model) => ({ ...model, rules: model.rules.filter((each) => each !== rule) }),
    rules: [rule],
  };
}

/** A deny with an exception for one subject, `unless subject.id == "…"`: it stands behind the condition, if there is one. */
export function exceptSubject(rule: Rule, subject: string, model: Model): Change {
  const isSubject: Expression = {
    kind: 'compare',
    operator: '==',
    left: { kind: 'attribute', root: 'subject', path: ['id'] },
    right: { kind: 'constant', value: { kind: 'string', value: subject } },
  };
  const group = freshGroup(model, subject);
  return {
    ...changeRule(rule, withException(rule, isSubject)),
    applyForComparison: replacing(rule, withException(rule, { kind: 'in-group', group: group.name })),
    alias: { group, subject: { kind: 'subject', id: subject } },
  };
}

/** S41: `when && !unless`; what is excepted already stands first. */
function withException(rule: Rule, exception: Expression): Rule {
  const { condition } = rule;
  if (condition?.kind === 'not')
    return {
      ...rule,
      condition: { kind: 'not', operand: { kind: 'or', left: condition.operand, right: exception } },
    };
  const unless: Expression = { kind: 'not', operand: exception };
  return {
    ...rule,
    condition: condition === undefined ? unless : { kind: 'and', left: condition, right: unless },
  };
}

function freshGroup({ groups }: Model, subject: string): Group {
  const names = new Set(groups.map(({ name }) => name));
  let name = subject;
  while (names.has(name)) name += "'";
  return { name, location: nowhere, members: [{ kind: 'subject', id: subject }] };
}

function replacing(rule: Rule, changed: Rule): Change['apply'] {
  return (model) => ({ ...model, rules: model.rules.map((each) => (each === rule ? changed : each)) });
}
