import { renderCounted } from '../words.ts';
import { toRegularExpression } from './pattern-text.ts';
import type { Peer, PeerAdapter, PeerInput } from './peer.ts';
import type { Grant } from './translate.ts';

interface RawRule {
  readonly action: readonly string[];
  readonly subject: string;
  readonly inverted: boolean;
  readonly conditions?: { readonly id: { readonly $regex: RegExp } };
}
interface Ability {
  can(action: string, subject: { readonly id: string }): boolean;
}
interface Module {
  createMongoAbility(rules: readonly RawRule[], options: object): Ability;
}

/**
 * For CASL an action `manage` is any action and a type `all` is any type, which they are not for us: it is told other words, which no
 * id and no action can be.
 */
const anything = '//';

/** What all abilities together may hold before there is no memory for them. */
const mostRules = 3_000_000;

/**
 * CASL: one ability for each subject, made before anything is measured. An id is a subject type in CASL's words, which it finds by
 * hash; a pattern is a condition on every type.
 */
export const casl: PeerAdapter = {
  engine: 'casl',
  package: '@casl/ability',
  entry: '@casl/ability',
  create: async (exports, input): Promise<Peer> => {
    const { createMongoAbility } = exports as unknown as Module;
    const rulesOf = groupRules(input);
    const abilities = new Map<string | undefined, Ability>();
    let size = 0;
    for (const subject of input.subjects) {
      const rules = rulesOf(subject);
      size += rules.length;
      if (size > mostRules)
        throw new Error(`its abilities would hold more than ${mostRules.toLocaleString('en')} rules`);
      abilities.set(
        subject,
        createMongoAbility(rules, {
          anyAction: anything,
          anySubjectType: anything,
          detectSubjectType: ({ id }: { readonly id: string }) => id,
        }),
      );
    }
    return {
      size: `${renderCounted(size, 'rule', 'rules')} in ${renderCounted(abilities.size, 'ability', 'abilities')}`,
      isAllowed: (subject, action, resource) => abilities.get(subject)!.can(action, { id: resource }),
    };
  },
};

type RulesOf = (subject: string | undefined) => RawRule[];

/** The rules of a subject: everybody's, its own and those of its groups; a later rule wins, so that denies come last. */
function groupRules({ translation, losses }: PeerInput): RulesOf {
  const { grants, groupsOf } = translation;
  const byGrantee = new Map<string, RawRule[]>();
  for (const grant of grants) {
    const rule = toRule(grant);
    if (rule === undefined) losses.add('patterns with `**` before their end', grant.place);
    else {
      const key = keyOf(grant.grantee);
      const known = byGrantee.get(key);
      if (known === undefined) byGrantee.set(key, [rule]);
      else known.push(rule);
    }
  }
  return (subject) => {
    const keys = ['anyone'];
    if (subject !== undefined)
      keys.push('authenticated', subject, ...groupsOf(subject).map((name) => `group:${name}`));
    const rules = keys.flatMap((key) => byGrantee.get(key) ?? []);
    return [...rules.filter(({ inverted }) => !inverted), ...rules.filter(({ inverted }) => inverted)];
  };
}

function toRule({ effect, actions, resource }: Grant): RawRule | undefined {
  const rule = { action: actions, inverted: effect === 'deny' };
  if (resource.kind === 'literal') return { ...rule, subject: resource.id };
  const expression = toRegularExpression(resource);
  if (expression === undefined) return undefined;
  return { ...rule, subject: anything, conditions: { id: { $regex: new RegExp(expression) } } };
}

/** Subjects and groups have a colon in their key, the two words have none. */
function keyOf(grantee: Grant['grantee']): string {
  if (grantee.kind === 'subject') return grantee.id;
  return grantee.kind === 'group' ? `group:${grantee.name}` : grantee.kind;
}
