import type { Model, PathPattern, Rule, SubjectPattern } from '../model/model.ts';

/** What a policy set says of somebody and something: a rule, or what a ruleset decides by default. */
export interface Claim extends Pick<Rule, 'effect' | 'subjects' | 'actions' | 'resources' | 'condition'> {
  readonly ruleset?: string;
  /** Absent for a default. */
  readonly rule?: Rule;
}

const anyone: readonly SubjectPattern[] = [{ kind: 'anyone' }];
const everything: PathPattern = {
  kind: 'pattern',
  text: '**',
  elements: [{ kind: 'many', separator: 'start' }],
};
const anyAction = ['any action'];

export function claimsOf(model: Model): readonly Claim[] {
  return [
    ...model.rules.map((rule): Claim => {
      const ruleset = rule.ruleset === undefined ? undefined : model.rulesets[rule.ruleset]?.name;
      const { effect, subjects, actions, resources, condition } = rule;
      return {
        ...{ effect, subjects, actions, resources, rule },
        ...(condition === undefined ? {} : { condition }),
        ...(ruleset === undefined ? {} : { ruleset }),
      };
    }),
    ...defaultsOf(model),
  ];
}

function defaultsOf({ rulesets }: Model): readonly Claim[] {
  return rulesets.flatMap(({ name, scopes, default: effect }): Claim[] => {
    if (effect === 'none') return [];
    const base = { effect, subjects: anyone, ruleset: name };
    if (scopes.length === 0) return [{ ...base, actions: anyAction, resources: [everything] }];
    return scopes.map(({ actions, resources }) => ({ ...base, actions, resources }));
  });
}

/** The parts of a policy set that a picture is of. */
export interface View {
  readonly claims: readonly Claim[];
  readonly groups: readonly {
    readonly name: string;
    readonly members: readonly SubjectPattern[];
  }[];
  /** The one subject that it is about; every subject pattern in the view is one that matches it. */
  readonly asker?: string;
}

/** Everything: each rule, and each group with its members. */
export function viewOf(model: Model): View {
  return { claims: claimsOf(model), groups: model.groups };
}
