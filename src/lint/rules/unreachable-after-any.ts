import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { Rule } from '../../model/model.ts';
import type { Span } from '../../source/span.ts';
import { coveredBy, nameOf } from '../facts/name-rule.ts';
import { spanOfUnit } from '../facts/rule-units.ts';
import { findShadowed, type ShadowedUnit } from '../facts/shadowed-rules.ts';
import { defineRule, type PolicyContext, type Reported } from '../rule.ts';

export const unreachableAfterAny = defineRule({
  id: 'unreachable-after-any',
  summary: 'rules behind one that decides everything its ruleset is asked',
  category: 'redundancy',
  presets: { recommended: 'warning', strict: 'warning', mesos: 'warning' },
  isProved: true,
  check: {
    of: 'policy',
    run(context) {
      for (const group of groupByCause(findShadowed(context.model, context.analysis)))
        context.report(findingOf(context, group));
    },
  },
});

/** One cause, one finding, however many rules stand behind it. */
function groupByCause(shadowed: readonly ShadowedUnit[]): readonly (readonly ShadowedUnit[])[] {
  const groups = new Map<Rule, ShadowedUnit[]>();
  for (const each of shadowed) {
    if (each.shadowing !== 'everything') continue;
    const [cause] = each.by;
    const group = groups.get(cause!);
    if (group === undefined) groups.set(cause!, [each]);
    else group.push(each);
  }
  return [...groups.values()];
}

function findingOf(context: PolicyContext, group: readonly ShadowedUnit[]): Reported {
  const {
    unit: [first],
    by,
  } = group[0]!;
  const [cause] = by;
  const others = group.length - 1;
  const rules = others === 0 ? '' : ` and ${others} more ${others === 1 ? 'rule' : 'rules'}`;
  const { name } = context.model.rulesets[first.ruleset!]!;
  const fix = fixOf(context, group);
  return {
    ...first.location,
    message: `rule \`${nameOf(first)}\`${rules} cannot be reached: rule \`${nameOf(cause!)}\` decides all that ruleset \`${name}\` is asked`,
    help: `delete what stands behind rule \`${nameOf(cause!)}\`, or move that rule to the end`,
    proof: coveredBy(by, 'applies to everybody and everything'),
    ...(fix === undefined ? {} : { fix }),
  };
}

/** All of them, or none if one of them cannot go. */
function fixOf({ sources }: PolicyContext, group: readonly ShadowedUnit[]): Fix | undefined {
  const spans: Span[] = [];
  for (const { unit } of group) {
    const span = spanOfUnit(unit, sources);
    if (span === undefined) return undefined;
    spans.push(span);
  }
  return { safety: 'safe', edits: spans.map((span) => ({ span, newText: '' })) };
}
