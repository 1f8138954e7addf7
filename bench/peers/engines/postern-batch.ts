import type { Authorizer } from '../../../src/index.ts';
import type { Decider, Engine } from '../engine.ts';
import type { Requests } from '../workload.ts';
import { loadPostern, posternVersion } from './postern-policy.ts';

const BATCH_SIZE = 64;

export const engine: Engine = {
  name: 'Postern, `areAllowed`, batches of 64',
  version: posternVersion,
  note: 'The same image; 64 requests a call, as objects of strings. Percentiles are those of whole batches, divided by 64.',
  build: (policy) => {
    const { authorizer, figures } = loadPostern(policy);
    return { ...inBatches(authorizer), figures };
  },
};

function inBatches(authorizer: Authorizer): Decider {
  return {
    decisionsPerCall: BATCH_SIZE,
    bind: (requests) => {
      const batches = batchesOf(requests);
      return (first, end, answers) => {
        for (let start = first; start < end; start += BATCH_SIZE) {
          const allowed = authorizer.areAllowed(batches[start / BATCH_SIZE]!);
          for (let i = 0; i < allowed.length; i++) answers[start + i] = allowed[i] ? 1 : 0;
        }
      };
    },
  };
}

function batchesOf({ subjects, actions, resources }: Requests) {
  const requests = subjects.map((subject, i) => ({ subject, action: actions[i]!, resource: resources[i]! }));
  const batches = [];
  for (let first = 0; first < requests.length; first += BATCH_SIZE)
    batches.push(requests.slice(first, first + BATCH_SIZE));
  return batches;
}
