import { catalogueOf } from '../../interop/dcos/grants/catalogue-of-policy.ts';
import { knowsStars } from '../../interop/dcos/grants/star.ts';
import {
  refuseGrantRule,
  refuseGrantRuleset,
  refuseGrantSubject,
  type UnsayableGrant,
} from '../../interop/dcos/grants/unsayable.ts';
import type { ResourcePattern, Rule, Ruleset, SubjectPattern } from '../../model/model.ts';
import { resourceKindPattern } from '../knowledge/mesos.ts';
import { describeSubject } from './describe-subjects.ts';
import type { PolicyFacts } from './policy-facts.ts';
import { textOfResource } from './resource-text.ts';

/** A system that policies are exported to: what of a rule it has no notion of. */
export interface Exporter {
  /** As messages name it. */
  readonly name: string;
  /** Why no grant, or no list, says what the rule says; undefined if one does. */
  readonly refuse: (rule: Rule, facts: PolicyFacts) => Unsayable | undefined;
  /** What a ruleset says beside its rules. */
  readonly refuseRuleset: (ruleset: Ruleset) => Unsayable | undefined;
  /** Whether a group may have groups among its members. */
  readonly hasNestedGroups: boolean;
}

/** What the target lacks, behind its name: `has no condition`. */
export type Unsayable = UnsayableGrant;

export const exporters: Readonly<Record<'mesos' | 'dcos-grants', Exporter>> = {
  mesos: {
    name: 'an ACL of Mesos',
    refuse: refuseForMesos,
    refuseRuleset: () => undefined,
    hasNestedGroups: true,
  },
  'dcos-grants': {
    name: 'a grant of DC/OS',
    refuse: refuseForDcos,
    refuseRuleset: refuseGrantRuleset,
    hasNestedGroups: false,
  },
};

const condition: Unsayable = {
  why: 'has no condition',
  help: 'leave what depends on conditions to a policy that is not exported',
  at: 'condition',
};

// ---------------------------------------------------------------- Mesos

function refuseForMesos(rule: Rule, facts: PolicyFacts): Unsayable | undefined {
  if (rule.condition !== undefined) return condition;
  return refuseSubjects(rule.subjects, facts, refuseMesosSubject) ?? refuseMesosResources(rule);
}

function refuseMesosSubject(subject: SubjectPattern): Unsayable | undefined {
  const at = 'subjects';
  if (subject.kind === 'authenticated')
    return {
      why: 'cannot tell a given principal from none',
      help: 'write `anyone`, or name the principals',
      at,
    };
  if (subject.kind === 'pattern')
    return {
      why: 'lists principals one by one, and has no patterns of them',
      help: 'name the principals',
      at,
    };
  if (subject.kind === 'subject' && !subject.id.startsWith('principal:'))
    return {
      why: `knows principals alone, not ${describeSubject(subject)}`,
      help: 'write `principal:NAME`',
      at,
    };
  return undefined;
}

function refuseMesosResources({ resources }: Rule): Unsayable | undefined {
  const refused = resources.find((resource) => !isMesosObject(resource));
  if (refused === undefined) return undefined;
  const text = textOfResource(refused);
  if (!text.startsWith('mesos:'))
    return {
      why: `is not about \`${text}\``,
      help: 'keep it in a policy that is not exported',
      at: 'resource',
    };
  return {
    why: `cannot say \`${text}\``,
    help: 'write one value, all of them with `:**`, or what is below a role with `/*/**`',
    at: 'resource',
  };
}

/** One value, every value, or, of roles, all below one. */
function isMesosObject(resource: ResourcePattern): boolean {
  if (resource.kind === 'literal') return resourceKindPattern.test(resource.id);
  if (resource.elements.some(({ kind }) => kind === 'variable' || kind === 'glob')) return false;
  return /^\*\*$|^mesos:\*\*$/.test(resource.text) || everyOrBelow.test(resource.text);
}

const everyOrBelow = /^mesos:[a-z-]+:\*\*$|^mesos:role:[^*?{}]+(?:\/\*)?\/\*\*$/;

// ---------------------------------------------------------------- DC/OS

/** As the export does, which has the members of groups too. */
function refuseForDcos(rule: Rule, facts: PolicyFacts): Unsayable | undefined {
  const version = catalogueOf(facts.model)?.version;
  return (
    refuseGrantRule(rule, version === undefined || knowsStars(version)) ??
    refuseSubjects(rule.subjects, facts, refuseGrantSubject)
  );
}

// ---------------------------------------------------------------- both

/** Groups are exported as such, or as their members; a member that cannot be is told with the rule. */
function refuseSubjects(
  subjects: readonly SubjectPattern[],
  facts: PolicyFacts,
  refuse: (subject: SubjectPattern) => Unsayable | undefined,
): Unsayable | undefined {
  for (const subject of subjects) {
    if (subject.kind !== 'group') {
      const refused = refuse(subject);
      if (refused !== undefined) return refused;
      continue;
    }
    const { subjects: ids, patterns } = facts.subjects.membersOf(subject.name);
    for (const member of [...ids.map((id) => ({ kind: 'subject', id }) as const), ...patterns]) {
      const refused = refuse(member);
      if (refused !== undefined)
        return { ...refused, why: `${refused.why}, a member of \`group:${subject.name}\`` };
    }
  }
  return undefined;
}
