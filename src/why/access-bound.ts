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

function boundOf(schema: Schema, rule: Rule, subjects: readonly SubjectPattern[]): readonly Requests[] {
  return rule.resources.map((resource): Requests => {
    const coverage = schema.coverageOf(resource);
    const isForNothing = coverage.patterns.some((elements) =>
      elements.every(({ kind }) => kind === 'many' || kind === 'variable'),
    );
    const places = [
      undefined,
      ...schema.model.namespaces.keys(),
      ...(isForNothing ? ['nothing' as const] : []),
    ];
    const actions = new Set(places.flatMap((place) => [...schema.askedBy(rule, coverage, place)]));
    return {
      subjects: subjects.map((subject) => ({ all: [subject], except: [] })),
      actions: [...actions].sort(),
      isAnyOtherAction: false,
      resources: coverage.patterns.map((elements) => ({
        all: [{ text: printElements(elements), elements }],
        except: [],
      })),
      isWithoutResource: isForNothing,
    };
  });
}
