import type { DescribedSet } from '../analysis/described-set.ts';
import { mayMeet, PatternTrie } from '../analysis/pattern-trie.ts';
import type { RuleItem } from '../analysis/rule-items.ts';
import { includesElements } from '../analysis/subjects.ts';
import type { Elements } from './allowed-classes.ts';
import { shapeOf } from './id-shape.ts';
import { areRulesetsPlain } from './idle-rulesets.ts';
import type { PolicyView } from './policy-view.ts';

/** More patterns than this are not held against one another: a needless one costs less. */
const MAX_COMPARED = 40;

/**
 * What a view allows where that is simply all that some rules allow but what others deny: with all enforced, and without
 * rulesets that combine in other ways. It takes no time to speak of, whatever the patterns. Undefined for others.
 */
export function plainSet(view: PolicyView, action: string): DescribedSet<Elements> | undefined {
  const { side, isEnforced } = view;
  if (!isEnforced || !areRulesetsPlain(side.model)) return undefined;
  const allowed: Elements[] = [];
  const denied: Elements[] = [];
  for (const item of side.items) {
    if (item.hasVariable) return undefined;
    for (const elements of item.patterns) {
      const isAsked = isAskedOn(view, item, elements, action);
      if (isAsked === undefined) return undefined;
      if (isAsked) (item.rule.effect === 'allow' ? allowed : denied).push(elements);
    }
  }
  return without(leastOf(allowed), leastOf(denied));
}

/** Whether a rule speaks of an action on what a pattern matches; undefined if that depends on the id (S14). */
function isAskedOn(
  { side: { schema } }: PolicyView,
  item: RuleItem,
  [first]: Elements,
  action: string,
): boolean | undefined {
  const asks = (place: number | undefined): boolean => schema.askedBy(item.rule, item, place).has(action);
  if (first?.kind === 'literal') return asks(schema.namespaceOf({ separator: 'start', text: first.text }));
  if (first?.kind === 'root') return asks(schema.namespaceOf({ separator: 'start', text: '' }));
  const answers = new Set([undefined, ...schema.model.namespaces.keys()].map(asks));
  return answers.size === 1 ? answers.has(true) : undefined;
}

/** Without what others of them match as well. */
function leastOf(patterns: readonly Elements[]): readonly Elements[] {
  const distinct = [...new Map(patterns.map((elements) => [JSON.stringify(elements), elements])).values()];
  if (distinct.length > MAX_COMPARED) return distinct;
  const kept = new Set(distinct);
  for (const elements of distinct) {
    kept.delete(elements);
    if (![...kept].some((other) => includesElements([other], elements))) kept.add(elements);
  }
  return [...kept];
}

function without(allowed: readonly Elements[], denied: readonly Elements[]): DescribedSet<Elements> {
  const denials = denied.map((elements) => ({ elements, start: commonStart(elements) }));
  return allowed.flatMap((elements) => {
    const start = commonStart(elements);
    const trie = new PatternTrie();
    trie.add(elements, 0);
    const except = denials.filter(
      (other) =>
        (start.startsWith(other.start) || other.start.startsWith(start)) && mayMeet(trie, other.elements),
    );
    const isNothing =
      allowed.length <= MAX_COMPARED && except.some((other) => includesElements([other.elements], elements));
    if (isNothing) return [];
    return [{ all: [elements], except: except.map((other) => ({ all: [other.elements], except: [] })) }];
  });
}

/** A text that all ids of a pattern begin with. */
function commonStart(elements: Elements): string {
  const shape = shapeOf(elements);
  switch (shape.kind) {
    case 'everything':
    case 'nothing':
      return '';
    case 'literal':
      return shape.id;
    case 'subtree':
      return shape.self ?? shape.prefix;
    default:
      return shape.prefix;
  }
}
