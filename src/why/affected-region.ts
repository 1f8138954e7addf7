import { lettersOfId } from '../analysis/letters.ts';
import { matchesAny } from '../analysis/match-elements.ts';
import { groupsIn } from '../analysis/policy-side.ts';
import type { Schema } from '../analysis/schema.ts';
import { Subjects } from '../analysis/subjects.ts';
import type { Namespace, PatternElement, Rule } from '../model/model.ts';
import type { Change } from './change.ts';

export type Region = readonly (readonly PatternElement[])[];

/** More rules than this are not looked at for what a change of them opens: nobody reads such an answer. */
const MAX_AFFECTED_RULES = 300;

/** Patterns of every id of which some changes can have something decided otherwise; undefined if there are too many. */
export function affectedRegion(schema: Schema, changes: readonly Change[]): Region | undefined {
  const rules = affectedRules(schema, changes);
  if (rules.length > MAX_AFFECTED_RULES) return undefined;
  const region = rules.flatMap(({ resources }) =>
    resources.flatMap((resource) => schema.coverageOf(resource).patterns),
  );
  return [...region, ...governedBy(schema, region).flatMap(idsOf)];
}

/** Namespaces in which all may be decided otherwise, as who is superuser may have changed (S33). */
export function governedBy({ model }: Schema, region: Region): readonly Namespace[] {
  return model.namespaces.filter(
    ({ superuser }) => superuser !== undefined && matchesAny(region, lettersOfId(superuser)),
  );
}

/** Rules that are changed, or speak of a group whose members are, in their subjects or conditions. */
export function affectedRules(schema: Schema, changes: readonly Change[]): readonly Rule[] {
  const { model } = schema;
  const subjects = new Subjects(model);
  const groups = new Set(
    changes.flatMap(({ group }) => (group === undefined ? [] : [...subjects.groupsAbove(group)])),
  );
  const changed = changes.flatMap(({ rules }) => rules);
  if (groups.size === 0) return changed;
  const speaking = model.rules.filter(
    (rule) =>
      rule.subjects.some((each) => each.kind === 'group' && groups.has(each.name)) ||
      (rule.condition !== undefined && groupsIn(rule.condition).some((name) => groups.has(name))),
  );
  return [...changed, ...speaking];
}

function idsOf({ roots }: Namespace): Region {
  return roots.flatMap((root): Region => {
    const first: PatternElement =
      root.kind === 'path'
        ? { kind: 'root', separator: 'start' }
        : { kind: 'literal', separator: 'start', text: root.text };
    return [
      [first, { kind: 'many', separator: 'colon' }],
      [first, { kind: 'many', separator: 'slash' }],
    ];
  });
}
