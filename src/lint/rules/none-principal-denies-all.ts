import type { Rule } from '../../model/model.ts';
import { mayBeForestalled } from '../facts/may-meet.ts';
import { coveredBy, nameOf, placeOf } from '../facts/name-rule.ts';
import { isInScope } from '../facts/ruleset-scope.ts';
import { findShadowed } from '../facts/shadowed-rules.ts';
import { defineRule, type PolicyContext } from '../rule.ts';

export const nonePrincipalDeniesAll = defineRule({
  id: 'none-principal-denies-all',
  summary:
    'a deny of everybody, as an entry of Mesos with `NONE` principals is, before allows that it undoes',
  category: 'correctness',
  presets: { recommended: 'warning', strict: 'warning', mesos: 'error' },
  isProved: true,
  check: { of: 'policy', run: reportNoneEntries },
});

function reportNoneEntries({ model, analysis, report }: PolicyContext): void {
  const undone = new Map<Rule, Rule[]>();
  for (const { unit, by, shadowing } of findShadowed(model, analysis)) {
    if (shadowing !== 'none') continue;
    const [deny] = by;
    const allows = undone.get(deny!);
    if (allows === undefined) undone.set(deny!, [unit[0]]);
    else allows.push(unit[0]);
  }
  for (const [deny, [first, ...others]] of undone) {
    const request = analysis.witnessOf(first!);
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    report({
      ...deny.location,
      message: `rule \`${nameOf(deny)}\` denies everybody, so rule \`${nameOf(first!)}\`${more} behind it can allow nothing`,
      related: [first!, ...others].slice(0, 3).map((allow) => placeOf(allow, 'never decides')),
      help: 'to allow these and deny the rest, move it behind them; if nobody is meant, as `NONE` reads, delete it',
      proof:
        request === undefined || !isInScope(model, deny, request) || mayBeForestalled(deny, model)
          ? coveredBy([deny], 'decides first')
          : {
              kind: 'witness',
              request,
              text: `denied by rule \`${nameOf(deny)}\`, though rule \`${nameOf(first!)}\` is to allow it`,
            },
    });
  }
}
