import { includesElements } from '../analysis/subjects.ts';
import type { ResourcePattern } from '../model/model.ts';
import { elementsOf } from '../model/template-variants.ts';
import { printElements } from '../printing/print-pattern.ts';
import type { PolicyDifference, Requests, ResourceTerm } from './policy-difference.ts';

/** Says of every set that it is of resources within a pattern, where it does not say so already. */
export function limitTo(within: ResourcePattern, difference: PolicyDifference): PolicyDifference {
  const elements = elementsOf(within);
  const limit: ResourceTerm = { text: printElements(elements), elements };
  const limited = <Item extends Requests>(item: Item): Item => ({
    ...item,
    resources: item.resources.map(({ all, except }) => ({
      all: all.some((term) => isWithin(term, limit))
        ? all
        : [...all.filter((term) => !isWithin(limit, term)), limit],
      except,
    })),
  });
  return {
    ...difference,
    gained: difference.gained.map(limited),
    lost: difference.lost.map(limited),
    undecided: difference.undecided.map(limited),
  };
}

function isWithin(inner: ResourceTerm, outer: ResourceTerm): boolean {
  return includesElements([outer.elements], inner.elements);
}
