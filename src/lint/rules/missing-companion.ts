import type { ResourcePattern, Rule, SubjectPattern } from '../../model/model.ts';
import { describeSubject, keyOfSubject } from '../facts/describe-subjects.ts';
import { factsOf, type PolicyFacts } from '../facts/policy-facts.ts';
import { textOfResource } from '../facts/resource-text.ts';
import { type RulePlace, RulePlaces } from '../facts/rule-places.ts';
import { witness } from '../facts/witness.ts';
import { printId } from '../fixes/respell-id.ts';
import { type Companion, companions, doorPattern, frameworkPattern, superuserId } from '../knowledge/dcos.ts';
import { reportOnce } from '../report-once.ts';
import { defineRule, type PolicyContext, type Reported } from '../rule.ts';

export const missingCompanion = defineRule({
  id: 'missing-companion',
  summary: 'a grant that can never be exercised, because the way to it is closed',
  category: 'redundancy',
  presets: { recommended: 'warning', dcos: 'warning' },
  isProved: true,
  check: {
    of: 'policy',
    run(context) {
      const facts = factsOf(context.model);
      const people = new People(context.model.rules, facts);
      const places = new RulePlaces(context);
      const report = reportOnce(context);
      const told = new Set<string>();
      for (const rule of context.model.rules) {
        if (rule.effect === 'deny') continue;
        const companion = companionOf(rule, facts);
        if (companion === undefined) continue;
        for (const subject of rule.subjects) {
          const key = `${companion.door} ${keyOfSubject(subject)}`;
          if (told.has(key) || !people.comeThroughTheDoor(subject) || people.mayPass(subject, companion.door))
            continue;
          told.add(key);
          const place = places.ofGrant(rule);
          if (place !== undefined) report(describe(context, place, rule, subject, companion));
        }
      }
    },
  },
});

/**
 * Where every resource of a rule lies behind one door. Without a catalogue that has the door, a policy may leave it to others;
 * what no template describes is behind none.
 */
function companionOf({ resources }: Rule, facts: PolicyFacts): Companion | undefined {
  const isBehind = (resource: ResourcePattern, { prefix }: Companion): boolean =>
    textOfResource(resource).startsWith(prefix) && facts.templatesOf(resource).length > 0;
  return companions.find(
    (companion) =>
      facts.schema.templateOf(companion.door) !== undefined &&
      resources.every((resource) => isBehind(resource, companion)),
  );
}

/** The stream of events is read by accounts; of Mesos, people read. */
function isLookingOn({ actions, resources }: Rule): boolean {
  return (
    actions.every((action) => action === 'read') &&
    resources.every((each) => textOfResource(each).startsWith('dcos:mesos:'))
  );
}

/** Who comes from outside of the cluster, and what doors are open to them. */
class People {
  readonly #facts: PolicyFacts;
  /** Subjects that hold something of Admin Router but certificates. */
  readonly #atDoor = new Set<string>();
  /** Accounts of frameworks: they speak to Marathon from within. */
  readonly #frameworks = new Set<string>();

  constructor(rules: readonly Rule[], facts: PolicyFacts) {
    this.#facts = facts;
    for (const rule of rules) {
      const { effect, resources, subjects } = rule;
      if (effect === 'deny') continue;
      const ids = resources.map(textOfResource);
      const isDoor = ids.some((id) => doorPattern.test(id));
      // Looking at frameworks and tasks is for people.
      const isFramework = ids.some((id) => frameworkPattern.test(id)) && !isLookingOn(rule);
      for (const subject of isDoor || isFramework ? subjects : []) {
        if (isDoor) this.#atDoor.add(keyOfSubject(subject));
        if (isFramework) this.#frameworks.add(keyOfSubject(subject));
      }
    }
  }

  /** People are put into groups; of an account it is known only by what else it holds. */
  comeThroughTheDoor(subject: SubjectPattern): boolean {
    if (subject.kind !== 'group' && subject.kind !== 'subject') return false;
    const key = keyOfSubject(subject);
    if (subject.kind === 'subject' && !subject.id.startsWith('user:')) return false;
    return !this.#frameworks.has(key) && (subject.kind === 'group' || this.#atDoor.has(key));
  }

  /**
   * Whether somebody among them may have what the door asks for: by themselves, by a group that they are in, or by one whose
   * members the policy does not say.
   */
  mayPass(subject: SubjectPattern, door: string): boolean {
    const { subjects, schema } = this.#facts;
    const superActions = schema.templateOf(superuserId)?.actions ?? ['full'];
    const allows = [
      ...this.#facts.rulesOn('full', door),
      ...superActions.flatMap((action) => this.#facts.rulesOn(action, superuserId)),
    ].filter(({ effect }) => effect === 'allow');
    const own = subject.kind === 'group' ? subjects.membersOf(subject.name) : undefined;
    const members = [subject, ...(own?.subjects ?? []).map((id) => ({ kind: 'subject', id }) as const)];
    return allows.some((allow) =>
      allow.subjects.some(
        (holder) =>
          members.some((member) => subjects.includes(holder, member)) ||
          (holder.kind === 'group' && this.#isOpenGroup(holder.name)) ||
          (holder.kind === 'pattern' && members.some((member) => subjects.overlap(holder, member))),
      ),
    );
  }

  /** A group that is filled from outside, with whom nobody knows. */
  #isOpenGroup(name: string): boolean {
    const { subjects, patterns } = this.#facts.subjects.membersOf(name);
    return subjects.length === 0 && patterns.length === 0;
  }
}

function describe(
  { trees }: PolicyContext,
  place: RulePlace,
  rule: Rule,
  subject: SubjectPattern,
  { door, what }: Companion,
): Reported {
  const text = trees.find(({ file }) => file === place.file)?.text ?? '';
  const { start } = place.statement?.span ?? rule.location.span;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const indentation = text.slice(lineStart, start);
  const isOutside = rule.ruleset === undefined && /^[ \t]*$/.test(indentation);
  const who = subject.kind === 'group' ? `group:${printId(subject.name)}` : printId(keyOfSubject(subject));
  const newText = `${indentation}allow ${who} to full on ${door}\n`;
  return {
    file: place.file,
    span: place.resource,
    message: `${describeSubject(subject)} cannot get to ${what}: Admin Router asks for \`full\` on \`${door}\` first`,
    related: place.related,
    help: `grant \`full\` on \`${door}\` as well`,
    ...(isOutside && place.statement !== undefined
      ? { fix: { safety: 'review', edits: [{ span: { start: lineStart, end: lineStart }, newText }] } }
      : {}),
    proof: witness(subject, 'full', door, 'it is denied, and nothing behind it is asked'),
  };
}
