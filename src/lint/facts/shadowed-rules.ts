import type { PolicyAnalysis } from '../../analysis/policy-analysis.ts';
import type { Model, ResourcePattern, Rule, Ruleset } from '../../model/model.ts';
import { isAboutMesos } from './first-segment.ts';
import { findRepeated } from './repeated-rules.ts';
import { coverOfUnit, type RuleUnit, unitsOf } from './rule-units.ts';

/**
 * Why a rule of a first-applicable ruleset never decides: it is a `same` one as an earlier one; an earlier one covers
 * `everything` that the ruleset is asked; an allow stands behind what a `none` entry of Mesos becomes, a deny of everybody;
 * or earlier ones cover it for `other` reasons. The first that holds, but `none` before `everything`.
 */
export type Shadowing = 'same' | 'none' | 'everything' | 'other';

export interface ShadowedUnit {
  readonly unit: RuleUnit;
  readonly by: readonly Rule[];
  readonly shadowing: Shadowing;
}

const found = new WeakMap<PolicyAnalysis, readonly ShadowedUnit[]>();

/** Rules of first-applicable rulesets that never decide, in source order. */
export function findShadowed(model: Model, analysis: PolicyAnalysis): readonly ShadowedUnit[] {
  const known = found.get(analysis);
  if (known !== undefined) return known;
  const units = unitsOf(model.rules.filter(({ ruleset }) => isOrdered(model, ruleset)));
  const repeated = findRepeated(units);
  const shadowed = units.flatMap((unit): readonly ShadowedUnit[] => {
    const by = coverOfUnit(unit, (rule) => analysis.findShadow(rule));
    return by === undefined ? [] : [{ unit, by, shadowing: shadowingOf(unit, by, model, repeated) }];
  });
  found.set(analysis, shadowed);
  return shadowed;
}

function isOrdered({ rulesets }: Model, ruleset: number | undefined): boolean {
  return ruleset !== undefined && rulesets[ruleset]!.combining === 'first-applicable';
}

function shadowingOf(
  unit: RuleUnit,
  by: readonly Rule[],
  { rulesets }: Model,
  repeated: ReadonlySet<RuleUnit>,
): Shadowing {
  const [first, ...others] = by;
  if (repeated.has(unit)) return 'same';
  if (others.length > 0) return 'other';
  const [rule] = unit;
  if (rule.effect === 'allow' && isNoneEntry(first!)) return 'none';
  return coversEverything(first!, rulesets[rule.ruleset!]!) ? 'everything' : 'other';
}

/** What `postern import mesos` makes of an entry whose principals are `NONE`. */
function isNoneEntry({ effect, subjects, resources, condition }: Rule): boolean {
  return (
    effect === 'deny' &&
    condition === undefined &&
    subjects.every(({ kind }) => kind === 'anyone') &&
    isAboutMesos(resources)
  );
}

/** Everybody, and each of the ruleset's scopes as it is written: wider patterns are left to `other`. */
function coversEverything({ subjects, actions, resources, condition }: Rule, { scopes }: Ruleset): boolean {
  const patterns = new Set(resources.map(textOf));
  return (
    condition === undefined &&
    subjects.some(({ kind }) => kind === 'anyone') &&
    scopes.length > 0 &&
    scopes.every(
      (scope) =>
        scope.actions.every((action) => actions.includes(action)) &&
        scope.resources.every((resource) => patterns.has('**') || patterns.has(textOf(resource))),
    )
  );
}

function textOf(resource: ResourcePattern): string {
  return resource.kind === 'literal' ? resource.id : resource.text;
}
