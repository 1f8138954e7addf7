import { describe, expect, test } from 'vitest';
import { confirmNextPair, diffRequests, diffWorlds } from './support/diff-confirm.ts';
import { Random, seedOfRun } from './support/generators.ts';

const seed = seedOfRun(process.env.POSTERN_SEED);

describe.each(Object.entries(diffWorlds))(`in small worlds of %s (seed ${seed})`, (_, options) => {
  const random = new Random(seed);
  const requests = diffRequests(options);

  test('a difference is all that is decided otherwise, and nothing else', () => {
    for (let different = 0; different < 12; ) {
      const { kind, failure } = confirmNextPair(options, requests, random, 4000);
      expect(failure).toBeUndefined();
      if (kind === 'different') different++;
    }
  });
});
