/**
 * A process of its own: loads the image whose path it is given and prints how much heap and how many bytes of buffers that
 * holds on to, those of the image included. Needs `--expose-gc`.
 */
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Authorizer } from '../../src/runtime.ts';

const path = process.argv[2]!;
// The second is weighed beside the first: code that the first makes the platform compile is no part of an image.
const authorizers = [load()];
const before = await usedBytes();
authorizers.push(load());
const retained = (await usedBytes()) - before;
// Named once more, so that both are alive until here.
process.stdout.write(JSON.stringify({ retained, revisions: authorizers.map(({ revision }) => revision) }));

function load(): Authorizer {
  return new Authorizer(readFileSync(path));
}

async function usedBytes(): Promise<number> {
  // A buffer is given back some time after it was found to be garbage.
  for (let i = 0; i < 5; i++) {
    globalThis.gc!();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
