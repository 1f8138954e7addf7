import { lettersOfId } from '../analysis/letters.ts';
import { matchesAny } from '../analysis/match-elements.ts';
import type { Implication, Rule, SubjectPattern, Template } from '../model/model.ts';
import { patternsOfVariant, variantsOf } from '../model/template-variants.ts';
import type { ActionMatch, Place, ResourceMatch, SubjectMatch } from './answer.ts';
import { groupPath } from './group-path.ts';
import type { Question } from './question.ts';

/** Where something is declared, its line if the text is at hand. */
export type PlaceOf = (location: Rule['location']) => Place;

/** How a rule's subject speaks of who asks. It does. */
export function matchSubject(question: Question, pattern: SubjectPattern, placeOf: PlaceOf): SubjectMatch {
  switch (pattern.kind) {
    case 'subject':
      return { kind: 'subject', id: pattern.id };
    case 'pattern':
      return { kind: 'pattern', pattern: pattern.text };
    case 'group':
      return { kind: 'group', group: pattern.name, path: groupPath(question, pattern.name, placeOf) };
    default:
      return { kind: pattern.kind };
  }
}

/** By which of its actions, and which implications, a rule on that resource matches the request's; undefined if by none. */
export function matchAction(
  question: Question,
  rule: Pick<Rule, 'effect' | 'actions'>,
  resource: Rule['resources'][number],
): ActionMatch | undefined {
  const { action } = question.request;
  const matching = rule.actions.filter((each) =>
    question.isAsked({ effect: rule.effect, actions: [each] }, resource),
  );
  if (matching.length === 0) return undefined;
  if (matching.includes(action)) return { kind: 'same', action };
  const [stated] = matching as [string];
  const implications = question.implications(rule.effect);
  const down = chainOf(stated, action, implications);
  if (down !== undefined) return { kind: 'implies', chain: down };
  return { kind: 'implied-by', chain: chainOf(action, stated, implications)!.toReversed() };
}

/** The shortest chain of implications; undefined if there is none. */
function chainOf(
  from: string,
  to: string,
  implications: readonly Implication[],
): readonly string[] | undefined {
  const before = new Map<string, string | undefined>([[from, undefined]]);
  for (const action of before.keys()) {
    for (const { action: stated, implies } of implications) {
      if (stated !== action) continue;
      for (const next of implies) if (!before.has(next)) before.set(next, action);
    }
  }
  if (!before.has(to)) return undefined;
  const chain: string[] = [];
  for (let at: string | undefined = to; at !== undefined; at = before.get(at)) chain.unshift(at);
  return chain;
}

/** How a rule on that resource covers the request's. It does. */
export function matchResource(
  question: Question,
  resource: Rule['resources'][number],
  placeOf: PlaceOf,
): ResourceMatch {
  if (resource.kind === 'pattern') return { kind: 'pattern', pattern: resource.text };
  if (resource.id === question.request.resource) return { kind: 'same' };
  const template = question.schema.templateOf(resource.id)!;
  return {
    kind: endsInPath(template, resource.id) ? 'beneath' : 'every-value',
    id: resource.id,
    template: template.text,
    place: placeOf(template.location),
  };
}

/** Whether what the template describes by the id ends within `<x...>`: otherwise an optional part is absent in it (S32). */
export function endsInPath(template: Template, id: string): boolean {
  const letters = lettersOfId(id);
  const variant = variantsOf(template.parts).find((each) => matchesAny(patternsOfVariant(each), letters));
  return variant?.at(-1)?.kind === 'path';
}
