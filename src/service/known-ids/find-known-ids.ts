import { Worker } from 'node:worker_threads';
import { type ImageSource, knownIds } from '../../index.ts';
import { siblingModule } from '../threads/sibling-module.ts';
import { type IdList, unpackIds } from './id-list.ts';
import type { KnownIdsThreadData, PackedKnownIds } from './known-ids-thread.ts';

/** The ids that a policy names, for searches. */
export interface KnownIdLists {
  readonly subjects: IdList;
  readonly resources: IdList;
  readonly actions: IdList;
}

/** Of so small an image the ids are there in some milliseconds, which is less than a thread takes to start. */
const smallBytes = 64 * 1024;

/** One thread after the other, however many policies are searched at once. */
let last: Promise<unknown> = Promise.resolve();

/**
 * The ids that an image names. Of a large one they take a thread of their own: a hundred thousand rules would keep every
 * request waiting for a third of a second.
 *
 * @param opened  the same image, read
 */
export function findKnownIds(image: Uint8Array, opened: ImageSource): Promise<KnownIdLists> {
  if (image.byteLength <= smallBytes) return Promise.resolve(knownIds(opened));
  const found = last.then(() => askThread(image));
  last = found.catch(() => {});
  return found;
}

function askThread(image: Uint8Array): Promise<KnownIdLists> {
  return new Promise((resolve, reject) => {
    const workerData: KnownIdsThreadData = { image };
    const thread = new Worker(siblingModule('./known-ids-thread', import.meta.url), {
      workerData,
      name: 'known ids',
    });
    // Who waits for it has a connection, which keeps the process alive.
    thread.unref();
    thread.on('message', ({ subjects, resources, actions }: PackedKnownIds) =>
      resolve({
        subjects: unpackIds(subjects),
        resources: unpackIds(resources),
        actions: unpackIds(actions),
      }),
    );
    thread.on('error', reject);
    thread.on('exit', (code) => reject(new Error(`the thread that finds known ids ended with code ${code}`)));
  });
}
