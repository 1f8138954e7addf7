import type { Schema } from '../analysis/schema.ts';
import type { Requests } from '../diff/policy-difference.ts';
import type { Rule, SubjectPattern } from '../model/model.ts';
import { printElements } from '../printing/print-pattern.ts';
import { affectedRegion, affectedRules, governedBy } from './affected-region.ts';
import type { Change } from './change.ts';

/**
 * What changes can open at most: all that the rules speak of which they add, change, remove or reach by a group. For where it
 * is too much to compute what they do open. Undefined if they may make
 * somebody superuser: then that is no bound.
 */
export function accessBound(schema: Schema, changes: readonly Change[]): readonly Requests[] | undefined {
  const region = affectedRegion(schema, changes);
  if (region === undefined || governedBy(schema, region).length > 0) return undefined;
  return changes.flatMap((change) => {
    const rules = change.group === undefined ? rulesToGainBy(change) : affectedRules(schema, [change]);
    return rules.flatMap((rule) => boundOf(schema, rule, whoGains(change, rule)));
  });
}

/** An allow that is replaced opened before what it opened. */
function rulesToGainBy({ rules, old }: Change): readonly Rule[] {
  return rules.filter((rule) => rule.effect === 'deny' || rule !== old);
}

/** Of a deny with an exception, and of a new member, one subject gains; of other changes whoever the rule speaks of. */
function whoGains({ alias, member }: Change, rule: Rule): readonly SubjectPattern[] {
  const only = alias?.subject ?? member;
  return only === undefined ? rule.subjects : [only];
}

/** Resources on which the same is asked are one part. */
function boundOf(schema: Schema, rule: Rule, subjects: readonly SubjectPattern[]): readonly Requests[] {
  const meant = rule.resources.map((resource) => {
    const coverage = schema.coverageOf(resource);
    const isWithoutResource = coverage.patterns.some((elements) =>
      elements.every(({ kind }) => kind === 'many' || kind === 'variable'),
    );
    const places = [
      undefined,
      ...schema.model.namespaces.keys(),
      ...(isWithoutResource ? ['nothing' as const] : []),
    ];
    const asked = new Set(places.flatMap((place) => [...schema.askedBy(rule, coverage, place)]));
    return { patterns: coverage.patterns, actions: [...asked].sort(), isWithoutResource };
  });
  const alike = Map.groupBy(meant, ({ actions, isWithoutResource }) =>
    JSON.stringify([actions, isWithoutResource]),
  );
  return [...alike.values()].map((group): Requests => {
    const { actions, isWithoutResource } = group[0]!;
    return {
      subjects: subjects.map((subject) => ({ all: [subject], except: [] })),
      actions,
      isAnyOtherAction: false,
      resources: group
        .flatMap(({ patterns }) => patterns)
        .map((elements) => ({ all: [{ text: printElements(elements), elements }], except: [] })),
      isWithoutResource,
    };
  });
}
