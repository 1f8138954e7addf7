import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  countAnswer,
  countPolicy,
  emptyShares,
  Random,
  renderShares,
  seedOfRun,
  shareOf,
  TRAITS,
} from './support/generators.ts';
import { holdLaw, type Law, renderBreach } from './support/laws/law.ts';
import { generateCase, type LawCase } from './support/laws/law-case.ts';
import { laws } from './support/laws/laws.ts';
import { evaluatorsOf, shrinkCase } from './support/laws/shrink-case.ts';

// The laws of an authorizer, over random policies and requests; `npm run campaign` does the same at length. A failure prints
// the seed and the smallest policy and request that show it; `POSTERN_SEED=… npx vitest run test/laws.test.ts` repeats the run.

const POLICIES = 2020;
const REQUESTS = { requests: 100, httpRequests: 20 };
/** Laws that compare a policy with changed ones, or ask at other doors, look at fewer policies. */
const CHANGED_POLICIES = 250;
const FEWER_POLICIES: Readonly<Record<string, number>> = {
  '9': 120,
  '10': POLICIES,
  '10-routes': POLICIES,
  '11-trees': 60,
  '12-ways': 150,
  '12-service': 12,
  '12-command-line': 6,
  '12-process': 1,
  '13': 25,
  '14': 120,
};
const SHRINK_MS = 20_000;
/** The longest takes half a minute where nothing else runs. */
const LAW_MS = 600_000;

const seed = seedOfRun(process.env.POSTERN_SEED);
const shares = emptyShares();
const cases: LawCase[] = [];

beforeAll(() => {
  console.log(`POSTERN_SEED=${seed}`);
  const random = new Random(seed);
  while (cases.length < POLICIES) {
    const given = generateCase(random.seed(), REQUESTS);
    if ('invalid' in given) shares.invalidPolicies++;
    else cases.push(given);
  }
  for (const { model } of cases) countPolicy(shares, model);
});

afterAll(() => console.log(renderShares(shares)));

test.each(laws)(
  '$name: $title',
  async (law) => {
    let executions = 0;
    for (const given of cases.slice(0, FEWER_POLICIES[law.name] ?? CHANGED_POLICIES))
      executions += await holdOrFail(law, given);
    expect(executions).toBeGreaterThan(0);
  },
  LAW_MS,
);

async function holdOrFail(law: Law, given: LawCase): Promise<number> {
  const asked = {
    ...given,
    requests: given.requests.slice(0, law.requests),
    httpRequests: given.httpRequests.slice(0, law.httpRequests ?? 0),
  };
  const { executions, breaches } = await holdLaw(law, asked, evaluatorsOf(law), (decision) =>
    countAnswer(shares, decision),
  );
  const [first] = breaches;
  if (first === undefined) return executions;
  const { model: _, image: _image, ...question } = asked;
  const stopAtMs = performance.now() + SHRINK_MS;
  const isLate = () => performance.now() > stopAtMs;
  const { given: small, breach } = await shrinkCase(law, { given: question, breach: first }, isLate);
  throw new Error(`${breaches.length} times; ${renderBreach(law, small, breach)}`);
}

describe('the generators are worth the run', () => {
  test('enough requests are allowed, denied by a rule and malformed', () => {
    expect(shares.pairs).toBeGreaterThanOrEqual(200_000);
    expect(shareOf(shares, 'allow')).toBeGreaterThanOrEqual(0.25);
    expect(shareOf(shares, 'deny rule')).toBeGreaterThanOrEqual(0.15);
    expect(shareOf(shares, 'deny malformed')).toBeGreaterThanOrEqual(0.1);
  });

  test.each(TRAITS)('enough policies have %s', (trait) => {
    expect((shares.traits.get(trait) ?? 0) / shares.policies).toBeGreaterThanOrEqual(0.05);
  });

  test('hardly any policy is invalid', () => {
    expect(shares.invalidPolicies / (shares.policies + shares.invalidPolicies)).toBeLessThan(0.02);
  });
});
