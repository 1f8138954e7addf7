/**
 * The input with as many chunks left out, larger ones first, as leave it failing in the same way.
 *
 * @param fails  whether it still fails so
 * @param untilMs  by `performance.now`: then the smallest so far is good enough
 */
export async function minimize(
  input: Buffer,
  fails: (smaller: Buffer) => Promise<boolean>,
  untilMs: number,
): Promise<Buffer> {
  let smallest = input;
  for (let size = Math.ceil(input.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < smallest.length; ) {
      if (performance.now() > untilMs) return smallest;
      const without = Buffer.concat([smallest.subarray(0, start), smallest.subarray(start + size)]);
      if (await fails(without)) smallest = without;
      else start += size;
    }
  }
  return smallest;
}
