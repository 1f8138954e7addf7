import type { AccessGraph, Holder } from './access-graph.ts';

export interface FoldedHolders {
  readonly holders: readonly Holder[];
  /** From each holder as it was to the one that stands for it. */
  readonly places: readonly number[];
}

type Limits = Readonly<Record<Holder['kind'], number>>;

/**
 * Holders until at most so many of each kind are left, if that can be. Those that lead to the same places say the same thing:
 * they are folded first, so that as many different ones as can be stay. Only holders of one kind and rank are ever folded.
 */
export function foldHolders({ holders, links, permissions }: AccessGraph, limits: Limits): FoldedHolders {
  const targets: string[][] = holders.map(() => []);
  const heads: number[] = holders.map((_, i) => i);
  for (const [i, each] of permissions.entries()) {
    for (const holder of each.holders) targets[holder]!.push(`permission ${i}`);
  }
  const outgoing = Map.groupBy(links, ({ from }) => from);
  for (const kind of ['role', 'group', 'subject'] as const) {
    // What is linked to has been folded by now, or stands further right among its own kind.
    const alike = Map.groupBy(
      holders.flatMap(({ kind: own }, i) => (own === kind ? [i] : [])),
      (i) => {
        const all = [...targets[i]!, ...(outgoing.get(i) ?? []).map(({ to }) => `holder ${heads[to]!}`)];
        return `${holders[i]!.rank} ${[...new Set(all)].sort().join()}`;
      },
    );
    const classes = [...alike.values()];
    for (const folded of foldClasses(classes, limits[kind], holders)) {
      for (const each of folded) heads[each] = folded[0]!;
    }
  }
  return renumber(holders, heads);
}

/** Lists of holders that become one each. */
function foldClasses(
  classes: readonly (readonly number[])[],
  limit: number,
  holders: readonly Holder[],
): readonly (readonly number[])[] {
  const total = classes.reduce((sum, { length }) => sum + length, 0);
  if (total <= limit) return [];
  const sizeWith = (kept: number): number =>
    classes.reduce((sum, { length }) => sum + Math.min(length, kept + 1), 0);
  if (sizeWith(0) <= limit) {
    let kept = 0;
    while (sizeWith(kept + 1) <= limit) kept++;
    return classes.filter(({ length }) => length > kept + 1).map((each) => each.slice(kept));
  }
  const room = Math.max(0, limit - 1);
  const rest = [...Map.groupBy(classes.slice(room).flat(), (i) => holders[i]!.rank).values()];
  return [...classes.slice(0, room), ...rest].filter(({ length }) => length > 1);
}

function renumber(holders: readonly Holder[], heads: readonly number[]): FoldedHolders {
  const members = Map.groupBy(holders.keys(), (i) => heads[i]!);
  const list: Holder[] = [];
  const placeOfHead = new Map<number, number>();
  for (const [i, holder] of holders.entries()) {
    if (heads[i] !== i) continue;
    placeOfHead.set(i, list.length);
    const folded = members.get(i)!;
    list.push(
      folded.length === 1
        ? holder
        : { ...holder, count: folded.length, notes: folded.map((each) => holders[each]!.label) },
    );
  }
  return { holders: list, places: heads.map((head) => placeOfHead.get(head)!) };
}
