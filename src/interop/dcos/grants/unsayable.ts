import { isWildcardStar } from '../../../iam/wildcard-star.ts';
import type { ResourcePattern, Rule, Ruleset, SubjectPattern } from '../../../model/model.ts';
import { grantActions, isGrantAction } from './grant-actions.ts';

/** Why no grant of DC/OS says what a part of a policy does. */
export interface UnsayableGrant {
  /** What a grant lacks, as the rest of a sentence that begins with it: `has no condition`. */
  readonly why: string;
  readonly help: string;
  readonly at: 'resource' | 'subjects' | 'action' | 'condition' | 'rule';
}

/**
 * What of a rule the IAM of DC/OS cannot hold: it has grants of five actions on one id each, to a user or a group (IAM API of
 * DC/OS, 4 to 6). The linter foresees by it what the export refuses.
 *
 * @param hasStars  whether the version of DC/OS knows any star that is no character
 * @returns undefined if grants say the rule, as far as ids need no catalogue to be judged
 */
export function refuseGrantRule(rule: Rule, hasStars: boolean): UnsayableGrant | undefined {
  if (rule.effect === 'deny')
    return { why: 'only allows', help: 'grant less in the first place', at: 'rule' };
  if (rule.condition !== undefined) {
    const help = 'leave what depends on conditions to a policy that is not exported';
    return { why: 'has no condition', help, at: 'condition' };
  }
  for (const subject of rule.subjects) {
    const refused = refuseGrantSubject(subject);
    if (refused !== undefined) return refused;
  }
  return refuseActions(rule) ?? refuseResources(rule, hasStars);
}

/** Who cannot hold a grant, or be in a group. Groups can hold one; what their members are is for the caller to see. */
export function refuseGrantSubject(subject: SubjectPattern): UnsayableGrant | undefined {
  const at = 'subjects';
  const help = 'name users or groups';
  switch (subject.kind) {
    case 'anyone':
    case 'authenticated':
      return { why: `is to a user or a group, not to ${subject.kind}`, help, at };
    case 'pattern':
      return { why: 'is to one user or one group, and has no patterns of them', help, at };
    case 'subject':
      if (subject.id.startsWith('user:')) return undefined;
      return {
        why: `is to a user or a group, not to \`${subject.id}\``,
        help: 'write `user:NAME` for an account',
        at,
      };
    case 'group':
      return undefined;
  }
}

/** What a ruleset says beside its rules. Without a deny, the way that its rules combine makes no difference. */
export function refuseGrantRuleset(ruleset: Ruleset): UnsayableGrant | undefined {
  if (ruleset.default !== 'none')
    return { why: 'has no default', help: 'write `default none`, and what is allowed as rules', at: 'rule' };
  if (ruleset.scopes.length > 0)
    return { why: 'has no scope', help: 'write the rules outside of the ruleset', at: 'rule' };
  return undefined;
}

function refuseActions({ actions }: Rule): UnsayableGrant | undefined {
  const other = actions.find((action) => !isGrantAction(action));
  if (other === undefined) return undefined;
  const help = `the actions are ${grantActions.map((action) => `\`${action}\``).join(', ')}`;
  return { why: `has no action \`${other}\``, help, at: 'action' };
}

function refuseResources({ resources }: Rule, hasStars: boolean): UnsayableGrant | undefined {
  const refused = resources.find((resource) => !isSayable(resource, hasStars));
  if (refused === undefined) return undefined;
  const at = 'resource';
  const text = refused.kind === 'literal' ? refused.id : refused.text;
  if (!text.startsWith('dcos:'))
    return { why: `is not about \`${text}\``, help: 'keep it in a policy that is not exported', at };
  if (refused.kind === 'literal')
    return {
      why: `is about every id that matches \`${text}\`, not about the one that is named so`,
      help: 'name another id',
      at,
    };
  return {
    why: `has no pattern such as \`${text}\`: a star in it stands for itself`,
    help: 'name each resource, or one that covers what is beneath it',
    at,
  };
}

/** An id, or one of the stars that DC/OS knows: all links, and the secrets of one folder. */
function isSayable(resource: ResourcePattern, hasStars: boolean): boolean {
  if (resource.kind === 'pattern') return hasStars && starOf(resource) !== undefined;
  return resource.id.startsWith('dcos:') && !(hasStars && isWildcardStar(resource.id));
}

/** The id that DC/OS reads as this pattern, with a star for its last segment; undefined if there is none. */
export function starOf({ elements }: Extract<ResourcePattern, { kind: 'pattern' }>): string | undefined {
  let text = '';
  let isAfterRoot = false;
  for (const [i, element] of elements.entries()) {
    const isLast = i === elements.length - 1;
    if (isLast !== (element.kind === 'one')) return undefined;
    if (element.kind === 'root') text += element.separator === 'colon' ? ':/' : '/';
    else if (element.kind === 'literal' || element.kind === 'one') {
      const separator = { start: '', colon: ':', slash: isAfterRoot ? '' : '/' }[element.separator];
      text += separator + (element.kind === 'literal' ? element.text : '*');
    } else return undefined;
    isAfterRoot = element.kind === 'root';
  }
  return isWildcardStar(text) ? text : undefined;
}
