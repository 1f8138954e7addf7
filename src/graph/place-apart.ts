/**
 * Places for things in a given order, as near as can be to where each would like to be, and never nearer to the one before
 * than asked: the least squares of all distances (pool adjacent violators).
 *
 * @param wishes  where each would like its middle to be
 * @param gaps  how far the middle of each must be from that of the one before; the first is of no meaning
 */
export function placeApart(wishes: readonly number[], gaps: readonly number[]): readonly number[] {
  const offsets: number[] = [];
  let offset = 0;
  for (let i = 0; i < wishes.length; i++) {
    if (i > 0) offset += gaps[i]!;
    offsets.push(offset);
  }
  const blocks: { sum: number; count: number }[] = [];
  for (const [i, wish] of wishes.entries()) {
    let block = { sum: wish - offsets[i]!, count: 1 };
    for (let last = blocks.at(-1); last !== undefined && meanOf(last) > meanOf(block); last = blocks.at(-1)) {
      blocks.pop();
      block = { sum: last.sum + block.sum, count: last.count + block.count };
    }
    blocks.push(block);
  }
  const places = blocks.flatMap((block) => Array.from({ length: block.count }, () => meanOf(block)));
  return places.map((place, i) => place + offsets[i]!);
}

function meanOf({ sum, count }: { readonly sum: number; readonly count: number }): number {
  return sum / count;
}
