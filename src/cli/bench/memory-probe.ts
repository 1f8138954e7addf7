/**
 * A process of its own, because only in one that does nothing else can be seen what an image holds on to: reads an image from
 * standard input and prints, as JSON, what loading it took and left behind. Needs `--expose-gc`.
 */
import { readFileSync } from 'node:fs';
import { Authorizer } from '../../index.ts';

export interface MemoryProbe {
  /** Of this first time, with nothing compiled yet. */
  readonly loadMs: number;
  /** Heap and buffers, the bytes of the image included. */
  readonly retainedBytes: number;
}

const bytes = readFileSync(0);
const startMs = performance.now();
let authorizer: Authorizer | undefined = Authorizer.fromImage(bytes);
const loadMs = performance.now() - startMs;

// It is weighed at a second load: code that the first one made the engine compile is no part of the image.
authorizer = undefined;
const before = usedBytes() - bytes.byteLength;
authorizer = Authorizer.fromImage(bytes);
const probe: MemoryProbe = { loadMs, retainedBytes: usedBytes() - before };
// Named once more, so that it is alive until here.
process.stdout.write(`${JSON.stringify({ ...probe, revision: authorizer.revision })}\n`);

function usedBytes(): number {
  // The buffers of what the first collection finds are given back by the second.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
