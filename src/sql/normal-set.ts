import type { DescribedSet, SetPart } from '../analysis/described-set.ts';
import type { Elements } from './allowed-classes.ts';

/**
 * The same set with what it holds said first: a part without what everything but X holds is what X holds of it, which an index
 * may find. Only the outermost parts are changed so.
 */
export function saidPositively(set: DescribedSet<Elements>): DescribedSet<Elements> {
  return set.flatMap(partSaidPositively);
}

function partSaidPositively({ all, except }: SetPart<Elements>): readonly SetPart<Elements>[] {
  const at = except.findIndex((part) => part.all.every(isEverything));
  const own = all.filter((elements) => !isEverything(elements));
  if (at < 0) return [{ all: own.length === 0 ? all.slice(0, 1) : own, except }];
  const others = except.toSpliced(at, 1);
  return except[at]!.except.flatMap((held) =>
    partSaidPositively({ all: [...own, ...held.all], except: [...held.except, ...others] }),
  );
}

function isEverything(elements: Elements): boolean {
  return elements.every(({ kind }) => kind === 'many') && elements.length > 0;
}
