import type { Rule, Ruleset } from '../../model/model.ts';
import type { Span } from '../../source/span.ts';
import type { GroupStatement } from '../../syntax/ast.ts';
import { type Exporter, exporters, type Unsayable } from '../facts/exporters.ts';
import { factsOf, type PolicyFacts } from '../facts/policy-facts.ts';
import { type RulePlace, RulePlaces, spanOfAction } from '../facts/rule-places.ts';
import { exampleOf, witness, witnessOfRule } from '../facts/witness.ts';
import { reportOnce } from '../report-once.ts';
import { defineRule, type PolicyContext, type Reported } from '../rule.ts';

export const targetCannotExpress = defineRule({
  id: 'target-cannot-express',
  summary: 'what the system that the policy is exported to has no notion of',
  category: 'correctness',
  presets: { recommended: 'error', dcos: 'error', mesos: 'error' },
  isProved: true,
  check: {
    of: 'policy',
    run(context) {
      const report = reportOnce(context);
      for (const name of new Set(context.settings.exports)) {
        const exporter = exporters[name];
        reportRules(context, exporter, report);
        for (const ruleset of context.model.rulesets) reportRuleset(context, ruleset, exporter, report);
        if (!exporter.hasNestedGroups) reportNestedGroups(context, exporter, report);
      }
    },
  },
});

type Report = (finding: Reported) => void;

const decided = 'this policy decides it, and the target has no word for how';

function reportRules(context: PolicyContext, exporter: Exporter, report: Report): void {
  const facts = factsOf(context.model);
  const places = new RulePlaces(context);
  for (const rule of context.model.rules) {
    const unsayable = exporter.refuse(rule, facts);
    const place = unsayable && (unsayable.at === 'subjects' ? places.ofGrant(rule) : places.ofResource(rule));
    if (place === undefined) continue;
    report({
      file: place.file,
      span: spanAt(place, rule, unsayable!, context),
      message: `${exporter.name} ${unsayable!.why}`,
      related: place.related,
      help: unsayable!.help,
      proof: witnessOfRule(rule, decided),
    });
  }
}

function spanAt(place: RulePlace, rule: Rule, { at }: Unsayable, { sources }: PolicyContext): Span {
  const { statement, permission, subjects } = place;
  switch (at) {
    case 'resource':
      return place.resource;
    case 'subjects':
      return { start: subjects[0]!.span.start, end: subjects.at(-1)!.span.end };
    case 'action':
      return spanOfAction(place, rule.actions[0]!);
    case 'condition': {
      const own = permission?.when ?? permission?.unless;
      const source = sources.of(rule);
      const granted =
        source?.kind === 'grant' ? (source.statement.when ?? source.statement.unless) : undefined;
      return own?.span ?? granted?.span ?? place.resource;
    }
    case 'rule':
      return statement === undefined
        ? place.resource
        : { start: statement.span.start, end: statement.span.start + statement.effect.length };
  }
}

/** A ruleset's default decides requests that no rule of it speaks of. */
function reportRuleset(context: PolicyContext, ruleset: Ruleset, exporter: Exporter, report: Report): void {
  const unsayable = exporter.refuseRuleset(ruleset);
  const proof = unsayable && proofOf(context, ruleset);
  if (proof === undefined) return;
  const statement = context.trees
    .find(({ file }) => file === ruleset.location.file)
    ?.statements.find((each) => each.kind === 'ruleset' && each.name.text === ruleset.name);
  const node = statement?.kind === 'ruleset' ? statement.default : undefined;
  report({
    file: ruleset.location.file,
    span: node?.span ?? ruleset.location.span,
    message: `${exporter.name} ${unsayable!.why}`,
    help: unsayable!.help,
    proof,
  });
}

function proofOf({ model }: PolicyContext, ruleset: Ruleset): Reported['proof'] {
  const [scope] = ruleset.scopes;
  const rule = model.rules.find((each) => each.ruleset === model.rulesets.indexOf(ruleset));
  const action = scope?.actions[0] ?? rule?.actions[0];
  const resource = scope?.resources[0] ?? rule?.resources[0];
  if (action === undefined || resource === undefined) return undefined;
  return witness({ kind: 'authenticated' }, action, exampleOf(resource), decided);
}

/** A member of the inner group has what is granted to the outer one. */
function reportNestedGroups(context: PolicyContext, exporter: Exporter, report: Report): void {
  const facts = factsOf(context.model);
  for (const { file, statements } of context.trees) {
    for (const statement of statements) {
      if (statement.kind !== 'group') continue;
      for (const { node, name } of innerGroups(statement)) {
        const rule = ruleFor(statement.name.text, facts);
        if (rule === undefined) continue;
        report({
          file,
          span: node.span,
          message: `${exporter.name} has no groups in groups, such as \`group:${name}\` in \`${statement.name.text}\``,
          help: `write the members of \`${name}\` instead`,
          proof: witness(
            { kind: 'group', name },
            rule.actions[0]!,
            exampleOf(rule.resources[0]!),
            `allowed to \`group:${statement.name.text}\`, and so to this member of \`group:${name}\``,
          ),
        });
      }
    }
  }
}

function innerGroups({
  members,
}: GroupStatement): readonly { readonly node: { readonly span: Span }; readonly name: string }[] {
  return members.flatMap((node) => {
    if (node.kind !== 'pattern') return [];
    const text = node.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
    return text.startsWith('group:') ? [{ node, name: text.slice('group:'.length) }] : [];
  });
}

/** Some rule that speaks of a group itself, or of one that it is in. */
function ruleFor(group: string, { model, subjects }: PolicyFacts): Rule | undefined {
  const above = subjects.groupsAbove(group);
  return model.rules.find((rule) =>
    rule.subjects.some((subject) => subject.kind === 'group' && above.has(subject.name)),
  );
}
