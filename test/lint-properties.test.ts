import { expect, test } from 'vitest';
import type { Request } from '../src/decision/request.ts';
import { Random, seedOfRun } from './support/generators.ts';
import {
  type Confirmation,
  confirmedRules,
  confirmFindings,
  emptyConfirmation,
  generateLintedPolicy,
  mesosRequests,
} from './support/lint-confirm.ts';
import { everyRequest } from './support/small-world.ts';

/**
 * What the linter says of random policies holds: its witnesses are decided as it says, and what it calls superfluous changes
 * no decision when it is gone. `npm run campaign -- --law lint` does the same at length.
 */
const seed = seedOfRun(process.env.POSTERN_SEED);
const title = `seed ${seed}`;

/** Policies that are put to every request there is, and those that are put to some. */
const EXHAUSTIVE = 4;
const SAMPLED = 60;
const SAMPLE = 2000;

test(`no finding is wrong, whatever is asked (${title})`, () => {
  const every = [...everyRequest()];
  const random = new Random(seed);
  const confirmation = emptyConfirmation();
  while (confirmation.policies < EXHAUSTIVE) confirmNext(random, confirmation, () => every);
  expect(confirmation.failures, title).toEqual([]);
  expect(confirmation.findings.size, title).toBeGreaterThan(3);
});

test(`no finding is wrong under conditions (${title})`, () => {
  const every = [...everyRequest({ conditions: 1 })];
  const random = new Random(seed);
  const confirmation = emptyConfirmation();
  while (confirmation.policies < SAMPLED)
    confirmNext(random, confirmation, () => random.times(SAMPLE, () => random.pick(every)));
  expect(confirmation.failures, title).toEqual([]);
});

test('every rule finds something in policies of one seed', () => {
  const random = new Random(2026);
  const confirmation = emptyConfirmation();
  while (confirmation.policies < 90) confirmNext(random, confirmation, () => mesosRequests);
  expect([...confirmation.findings.keys()].sort()).toEqual(confirmedRules.map(({ id }) => id).sort());
});

function confirmNext(random: Random, confirmation: Confirmation, requests: () => readonly Request[]): void {
  const { text, isMesos } = generateLintedPolicy(random);
  confirmFindings(text, isMesos ? mesosRequests : requests(), random, confirmation);
}
