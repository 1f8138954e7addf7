import type * as policy from '../model/model.ts';
import { endsOf, type Id, viablePlaces } from './matching.ts';

/** The text that each shared variable stands for, and the elements of the id where it first stands (S25). */
type Choice = ReadonlyMap<string, { readonly text: string; readonly from: number; readonly to: number }>;
type PartialMatch = { readonly at: number; readonly choice: Choice };
/** S25 */
export const MAX_PARTIAL_MATCHES = 20_000;

/** Whether patterns that match ids match them with one choice of variables too; one that stands once is free (S25). */
export function matchTogether(sides: readonly { pattern: policy.PathPattern; id: Id }[]): boolean | 'error' {
  const all = sides.flatMap(({ pattern }) => pattern.elements.map(nameOf));
  const isShared = (element: policy.PatternElement) =>
    all.indexOf(nameOf(element)) < all.lastIndexOf(nameOf(element)) && element.kind === 'variable';
  let choices: Choice[] = [new Map()];
  let count = 0;
  for (const { pattern, id } of sides) {
    const { elements } = pattern;
    const viable = viablePlaces(elements, id);
    let states = choices.map((choice): PartialMatch => ({ at: 0, choice }));
    for (let i = 0; i <= elements.findLastIndex(isShared); i++) {
      const next = states.flatMap((state) => statesAfter(elements[i]!, isShared(elements[i]!), id, state));
      states = distinct(next.filter(({ at }) => viable[i + 1]!.has(at)));
      count += states.length;
      if (count > MAX_PARTIAL_MATCHES) return 'error';
    }
    choices = distinct(states.map(({ choice }) => ({ at: 0, choice }))).map(({ choice }) => choice);
  }
  return choices.length > 0;
}

function nameOf(element: policy.PatternElement): string | undefined {
  return element.kind === 'variable' ? element.name : undefined;
}

function distinct(states: readonly PartialMatch[]): PartialMatch[] {
  return [...new Map(states.map((state) => [JSON.stringify([state.at, ...state.choice]), state])).values()];
}

function statesAfter(
  element: policy.PatternElement,
  isShared: boolean,
  id: Id,
  { at: from, choice }: PartialMatch,
): PartialMatch[] {
  return endsOf(element, id, from).flatMap((at) => {
    if (element.kind !== 'variable' || !isShared) return [{ at, choice }];
    const segments = id.elements.slice(from, at).filter(({ isRoot }) => !isRoot);
    const text = id.text.slice(segments[0]?.start ?? 0, segments.at(-1)?.end ?? 0);
    const chosen = choice.get(element.name);
    if (chosen !== undefined) return chosen.text === text ? [{ at, choice }] : [];
    return [{ at, choice: new Map(choice).set(element.name, { text, from, to: at }) }];
  });
}
