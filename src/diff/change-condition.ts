import type { Truth } from '../analysis/evaluate-expression.ts';
import type { Cube } from '../analysis/guard-cubes.ts';
import { groupsIn, type KnownCondition, type PolicySide, VARIABLES_GUARD } from '../analysis/policy-side.ts';
import type { Asker } from '../analysis/subjects.ts';
import { printCondition } from '../printing/print-condition.ts';
import { printResources, printSubject } from '../printing/print-rule.ts';
import type { ChangeCondition, GuardState } from './policy-difference.ts';

/** Guards as an asker meets them, which name conditions and rules, as policy text. Undefined: always. */
export function changeConditionOf(
  cubes: readonly Cube[],
  asker: Asker,
  sides: readonly PolicySide[],
): ChangeCondition | undefined {
  if (cubes.some((cube) => cube.size === 0)) return undefined;
  return cubes
    .map((cube) => [...cube].map(([guard, truths]) => stateOf(guard, truths, asker, sides)))
    .map((states) => states.toSorted((a, b) => compareTexts(a.text, b.text)))
    .toSorted((a, b) => compareTexts(JSON.stringify(a), JSON.stringify(b)));
}

const order: readonly Truth[] = ['true', 'false', 'error'];

function stateOf(
  guard: string,
  truths: ReadonlySet<Truth>,
  asker: Asker,
  sides: readonly PolicySide[],
): GuardState {
  const sorted = order.filter((truth) => truths.has(truth));
  for (const { conditions, variableRules } of sides) {
    const rule = guard.startsWith(VARIABLES_GUARD) ? variableRules.get(guard) : undefined;
    if (rule !== undefined) {
      const subjects = rule.subjects.map(printSubject).join(', ');
      return { kind: 'variables', text: `${subjects} on ${printResources(rule.resources)}`, truths: sorted };
    }
    const known = conditions.get(guard);
    if (known === undefined) continue;
    const text = printCondition(known.condition);
    const side = sideOf(known, asker, sides);
    return { kind: 'condition', text, truths: sorted, ...(side === undefined ? {} : { side }) };
  }
  return { kind: 'condition', text: guard, truths: sorted };
}

/** The side whose groups are meant, if the asker is in others of the condition's groups on the other. */
function sideOf(
  { condition, groups }: KnownCondition,
  asker: Asker,
  sides: readonly PolicySide[],
): GuardState['side'] {
  const [before, after] = sides.map(({ subjects }) => {
    const all = subjects.groupsOf(asker);
    return new Set(groupsIn(condition).filter((name) => all.has(name)));
  });
  if (before!.symmetricDifference(after!).size === 0) return undefined;
  return groups.symmetricDifference(before!).size === 0 ? 'before' : 'after';
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
