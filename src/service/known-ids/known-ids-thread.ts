import { parentPort, workerData } from 'node:worker_threads';
import { knownIds } from '../../index.ts';
import { type PackedIds, packIds } from './id-list.ts';

/** What the thread is started with. */
export interface KnownIdsThreadData {
  readonly image: Uint8Array;
}

export interface PackedKnownIds {
  readonly subjects: PackedIds;
  readonly resources: PackedIds;
  readonly actions: PackedIds;
}

const { subjects, resources, actions } = knownIds((workerData as KnownIdsThreadData).image);
const packed: PackedKnownIds = {
  subjects: packIds(subjects),
  resources: packIds(resources),
  actions: packIds(actions),
};
parentPort!.postMessage(
  packed,
  Object.values(packed).flatMap(({ bytes, ends }: PackedIds) => [bytes.buffer, ends.buffer]),
);
