import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { Group, Model, Rule } from '../../../model/model.ts';
import type { Location } from '../../../source/span.ts';
import type { Catalogue } from './catalogue.ts';
import { checkGrant } from './check-grant.ts';
import { diagnosticOf, type Grant, isGrantAction, type Membership } from './grant.ts';
import { findPrincipalFault } from './principal.ts';
import { knowsStars } from './star.ts';
import {
  refuseGrantRule,
  refuseGrantRuleset,
  refuseGrantSubject,
  starOf,
  type UnsayableGrant,
} from './unsayable.ts';

/** What of a policy set the IAM of DC/OS can hold. Places are those of rules and groups. */
export interface LoweredPolicy {
  readonly grants: readonly Grant[];
  readonly memberships: readonly Membership[];
  /** Of the policy set, also those without members; sorted. */
  readonly groups: readonly Group[];
  /** An error for everything else: rules, rulesets, members of groups. */
  readonly refusals: readonly Diagnostic[];
  /** How many rules and defaults that deny are among the refused: without them the grants allow more than the policy. */
  readonly denialsRefused: number;
}

/**
 * Takes a policy set apart into grants, one by one.
 *
 * @param catalogue  that of the version which the policy set imports
 * @param isFilledIn  whether who reads the grants would fill in what looks like a variable, as in a script
 */
export function lowerPolicy(model: Model, catalogue: Catalogue, isFilledIn: boolean): LoweredPolicy {
  const refusals = [...refuseImplications(model), ...refuseRulesets(model)];
  const sayable: Rule[] = [];
  let denialsRefused = model.rulesets.filter(({ default: effect }) => effect === 'deny').length;
  for (const rule of model.rules) {
    const refused = refuseGrantRule(rule, knowsStars(catalogue.version));
    if (refused === undefined) sayable.push(rule);
    else {
      refusals.push({ ...refusal(rule.location, refused), ...originOf(rule) });
      if (rule.effect === 'deny') denialsRefused++;
    }
  }
  const checked = sayable
    .filter(
      ({ ruleset }) => ruleset === undefined || refuseGrantRuleset(model.rulesets[ruleset]!) === undefined,
    )
    .flatMap((rule) => [...grantsOf(rule, isFilledIn)])
    .map((grant) => checkGrant(grant, catalogue));
  const grants: Grant[] = [];
  for (const { grant, findings } of checked) {
    const errors = findings.filter(({ severity }) => severity === 'error');
    if (errors.length === 0) grants.push(grant);
    refusals.push(...errors.map((finding) => diagnosticOf(grant, finding)));
  }
  const members = lowerGroups(model.groups);
  return {
    grants,
    memberships: members.memberships,
    groups: members.groups,
    refusals: [...refusals, ...members.refusals],
    denialsRefused,
  };
}

function refusal(location: Location, { why, help }: Omit<UnsayableGrant, 'at'>): Diagnostic {
  return unsayable(location, `a grant of DC/OS ${why}`, help);
}

export function unsayable({ file, span }: Location, message: string, help: string): Diagnostic {
  return { code: 'P4331', severity: 'error', file, span, message, help };
}

// ---------------------------------------------------------------- rules

/** A rule that a grant made stands in its role. */
function originOf({ role }: Rule): Pick<Diagnostic, 'related'> {
  if (role === undefined) return {};
  return { related: [{ ...role.location, text: `in role \`${role.name}\`` }] };
}

function* grantsOf({ subjects, actions, resources, location }: Rule, isFilledIn: boolean): Generator<Grant> {
  const { file, span } = location;
  for (const subject of subjects) {
    const named =
      subject.kind === 'group' ? `group:${subject.name}` : subject.kind === 'subject' ? subject.id : '';
    const at = named.indexOf(':');
    for (const resource of resources) {
      const id = resource.kind === 'literal' ? resource.id : starOf(resource)!;
      for (const action of actions) {
        yield {
          principalType: subject.kind === 'group' ? 'group' : 'user',
          principal: named.slice(at + 1),
          resource: id,
          action,
          file,
          span,
          at: { principal: span, resource: span, action: span },
          spelling: id,
          isFilledIn,
          faults: [],
        };
      }
    }
  }
}

/** The rules of one that is refused are not part of the export. */
function refuseRulesets({ rulesets }: Model): Diagnostic[] {
  return rulesets.flatMap((ruleset) => {
    const refused = refuseGrantRuleset(ruleset);
    return refused === undefined ? [] : [refusal(ruleset.location, refused)];
  });
}

/** Components know that `full` implies the other four, and nothing else. */
function refuseImplications({ implications, rules }: Model): Diagnostic[] {
  const location = rules[0]?.location;
  if (location === undefined) return [];
  return implications
    .filter(
      ({ action, implies }) => isGrantAction(action) && !(action === 'full' && implies.every(isGrantAction)),
    )
    .map(({ action, implies }) => {
      const why = `of \`${action}\` does not imply \`${implies.join('`, `')}\`, as it does in this policy set`;
      return refusal(location, { why, help: `delete \`action ${action} implies …\`` });
    });
}

// ---------------------------------------------------------------- groups

function lowerGroups(groups: readonly Group[]): Pick<LoweredPolicy, 'groups' | 'memberships' | 'refusals'> {
  const memberships: Membership[] = [];
  const refusals: Diagnostic[] = [];
  const named: Group[] = [];
  for (const group of groups) {
    const { name, members, location } = group;
    const fault = findPrincipalFault(name);
    if (fault !== undefined) {
      refusals.push(invalidId(location, `group \`${name}\``, fault));
      continue;
    }
    named.push(group);
    for (const member of members) {
      if (member.kind === 'group') {
        const why = `has no groups in groups, such as \`group:${member.name}\` in \`${name}\``;
        refusals.push(refusal(location, { why, help: `write the members of \`${member.name}\` instead` }));
        continue;
      }
      const refused = refuseGrantSubject(member);
      if (refused !== undefined) {
        const why = `${refused.why}, a member of \`group:${name}\``;
        refusals.push(refusal(location, { why, help: refused.help }));
      }
      if (member.kind !== 'subject' || refused !== undefined) continue;
      const user = member.id.slice('user:'.length);
      const userFault = findPrincipalFault(user);
      if (userFault === undefined) memberships.push({ group: name, user, ...location });
      else refusals.push(invalidId(location, `user \`${user}\`, a member of \`group:${name}\`,`, userFault));
    }
  }
  named.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { groups: named, memberships, refusals };
}

function invalidId({ file, span }: Location, what: string, fault: string): Diagnostic {
  const help = 'give it an id that DC/OS takes';
  return { code: 'P4304', severity: 'error', file, span, message: `${what} ${fault}`, help };
}
