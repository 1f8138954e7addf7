import { describe, expect, test } from 'vitest';
import { compile } from '../src/compile/compile.ts';
import type { Request } from '../src/decision/request.ts';
import { diffModels } from '../src/diff/diff-models.ts';
import type { AccessChange, PolicyDifference } from '../src/diff/policy-difference.ts';
import { build } from '../src/index.ts';
import type { Model } from '../src/model/model.ts';
import { DescribedRequests } from './support/described-requests.ts';
import { Random, seedOfRun } from './support/generators.ts';
import { loadImage } from './support/generators-evaluators.ts';
import {
  changeSmallPolicy,
  everyRequest,
  generateSmallPolicy,
  type SmallWorldOptions,
  writeSmallPolicy,
} from './support/small-world.ts';

const seed = seedOfRun(process.env.POSTERN_SEED);

const worlds: Readonly<Record<string, SmallWorldOptions>> = {
  'rules alone': {},
  namespaces: { namespaces: true },
  rulesets: { rulesets: true, namespaces: true },
  conditions: { conditions: 0.5 },
  'shared variables': { variables: 0.4 },
};
const actions = new Set(['read', 'write', 'full']);

describe.each(Object.entries(worlds))(`in small worlds of %s (seed ${seed})`, (_, options) => {
  const random = new Random(seed);
  const requests = requestsOf(options);

  test('a difference is all that is decided otherwise, and nothing else', () => {
    const counts: Record<PolicyDifference['kind'], number> = { equal: 0, different: 0, unknown: 0 };
    for (let i = 0; i < 30; i++) {
      const policy = generateSmallPolicy(random, options);
      const texts = [policy, changeSmallPolicy(policy, options, random)].map(writeSmallPolicy);
      const results = texts.map((text) => build([{ file: 'a.acl', text }]));
      const [before, after] = results.map((result) => (result.ok ? result.model : undefined));
      if (before === undefined || after === undefined) continue;
      const difference = diffModels(before, after);
      counts[difference.kind]++;
      const wrong = findWrong(difference, before, after, random.sample(requests, 4000));
      expect(wrong, `${texts.join('---\n')}\n${JSON.stringify(difference, null, 1)}`).toBeUndefined();
    }
    expect(counts.different).toBeGreaterThan(5);
  });
});

function requestsOf(options: SmallWorldOptions): readonly Request[] {
  const elements = options.conditions === undefined ? 3 : 2;
  return [...everyRequest(options)].filter(({ resource = '' }) => resource.split(/[:/]+/).length <= elements);
}

/** A request that the difference says something wrong about. */
function findWrong(
  { gained, lost, undecided }: PolicyDifference,
  before: Model,
  after: Model,
  requests: readonly Request[],
): unknown {
  const described = new DescribedRequests(before, after);
  const modes = [undefined, ...before.modes.filter((mode) => after.modes.includes(mode))];
  for (const mode of modes) {
    const [was, is] = [before, after].map((model) => loadImage(compile(model), mode).areAllowed!(requests));
    for (const [i, request] of requests.entries()) {
      const isIn = (changes: readonly AccessChange[]): boolean =>
        changes.some(
          (change) =>
            (change.modes === undefined ||
              change.modes.some((each) => (each === 'default' ? undefined : each.name) === mode)) &&
            described.holds(change, request, actions) &&
            described.meets(change.condition, request),
        );
      const said = { isGained: isIn(gained), isLost: isIn(lost) };
      const isGained = !was![i] && is![i];
      const isLost = was![i] && !is![i];
      if (said.isGained === isGained && said.isLost === isLost) continue;
      if (undecided.some((part) => described.holds(part, request, actions))) continue;
      return { mode, request, was: was![i], is: is![i], said };
    }
  }
  for (const { witness } of [...gained, ...lost]) {
    const { mode, before: was, after: is, ...request } = witness;
    const answers = [before, after].map((model) => loadImage(compile(model), mode).decide(request).decision);
    if (answers[0] !== was || answers[1] !== is || was === is) return { witness, answers };
  }
  return undefined;
}
