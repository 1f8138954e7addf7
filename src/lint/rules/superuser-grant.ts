import type { Rule, SubjectPattern } from '../../model/model.ts';
import { describeSubjects } from '../facts/describe-subjects.ts';
import { factsOf, type PolicyFacts } from '../facts/policy-facts.ts';
import { type RulePlace, RulePlaces } from '../facts/rule-places.ts';
import { superuserGroup, superuserId } from '../knowledge/dcos.ts';
import { reportOnce } from '../report-once.ts';
import { defineRule, type PolicyContext, type Reported } from '../rule.ts';
import { readNames } from '../rule-options.ts';

export const superuserGrant = defineRule({
  id: 'superuser-grant',
  summary: 'an action on the superuser resource, any of which gives everything',
  category: 'security',
  presets: { recommended: 'warning', dcos: 'warning' },
  check: {
    of: 'policy',
    run(context) {
      const facts = factsOf(context.model);
      const places = new RulePlaces(context);
      const report = reportOnce(context);
      const meant = new Set(readNames(context.settings, 'superuser-grant', 'groups') ?? [superuserGroup]);
      for (const { id, actions } of superusersOf(context, facts)) {
        for (const rule of allowsOnAny(facts, actions, id)) {
          const action = actions.find((each) => facts.resourceFor(rule, each, id) !== undefined)!;
          const subjects = facts
            .allowedSubjects(rule, action, id)
            .filter((subject) => !isMeant(subject, meant));
          const place = subjects.length === 0 ? undefined : places.ofGrant(rule);
          if (place !== undefined) report(describe(place, rule, subjects, id));
        }
      }
    },
  },
});

function isMeant(subject: SubjectPattern, meant: ReadonlySet<string>): boolean {
  return subject.kind === 'group' && meant.has(subject.name);
}

interface Superuser {
  readonly id: string;
  /** Any one of them gives everything (S33). */
  readonly actions: readonly string[];
}

/** Without a catalogue, the id of DC/OS is unmistakable. */
function superusersOf({ model }: PolicyContext, facts: PolicyFacts): readonly Superuser[] {
  const declared = model.namespaces.flatMap(({ superuser }) => (superuser === undefined ? [] : [superuser]));
  const isKnown = facts.schema.namespaceOf({ separator: 'start', text: 'dcos' }) !== undefined;
  return [...declared, ...(isKnown ? [] : [superuserId])].map((id) => {
    const actions = facts.schema.templateOf(id)?.actions;
    return { id, actions: actions ?? [...facts.schema.allActions()] };
  });
}

function allowsOnAny(facts: PolicyFacts, actions: readonly string[], id: string): readonly Rule[] {
  const rules = new Set(actions.flatMap((action) => facts.rulesOn(action, id)));
  return [...rules].filter(({ effect }) => effect === 'allow');
}

function describe(place: RulePlace, rule: Rule, subjects: readonly SubjectPattern[], id: string): Reported {
  const isWritten = rule.resources.some((resource) => resource.kind === 'literal' && resource.id === id);
  const action = rule.actions[0]!;
  const isSmall = isWritten && rule.actions.length === 1 && action !== 'full';
  const covered = isWritten ? '' : `, since this covers \`${id}\``;
  return {
    file: place.file,
    span: place.resource,
    message: isSmall
      ? `\`${action}\` on \`${id}\` lets ${describeSubjects(subjects)} do everything`
      : `${describeSubjects(subjects)} may do everything${covered}`,
    related: place.related,
    help: isWritten
      ? 'grant what is needed instead, or put people into a group that is meant to have it'
      : `name what is needed, or deny \`${id}\` to them`,
  };
}
