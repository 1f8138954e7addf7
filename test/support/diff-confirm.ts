import { compile } from '../../src/compile/compile.ts';
import type { Request } from '../../src/decision/request.ts';
import { diffModels } from '../../src/diff/diff-models.ts';
import type { AccessChange, PolicyDifference } from '../../src/diff/policy-difference.ts';
import { build } from '../../src/index.ts';
import type { Model } from '../../src/model/model.ts';
import { DescribedRequests } from './described-requests.ts';
import { loadImage } from './generators-evaluators.ts';
import type { Random } from './generators-random.ts';
import {
  changeSmallPolicy,
  everyRequest,
  generateSmallPolicy,
  type SmallWorldOptions,
  writeSmallPolicy,
} from './small-world.ts';

/** Holds what `diffModels` says of two small policies against all that is asked. */

/** Small worlds, by what is in them. */
export const diffWorlds: Readonly<Record<string, SmallWorldOptions>> = {
  'rules alone': {},
  namespaces: { namespaces: true },
  rulesets: { rulesets: true, namespaces: true },
  conditions: { conditions: 0.5 },
  'shared variables': { variables: 0.4 },
  everything: { rulesets: true, namespaces: true, conditions: 0.25, variables: 0.25 },
};
const actions = new Set(['read', 'write', 'full']);

export interface ConfirmedPair {
  /** Absent where a change made the policy invalid. */
  readonly kind?: PolicyDifference['kind'];
  /** What is wrong, and with which policies. */
  readonly failure?: string;
}

/** A policy and a changed one. @param sample  how many of the requests are asked; all by default */
export function confirmNextPair(
  options: SmallWorldOptions,
  requests: readonly Request[],
  random: Random,
  sample = requests.length,
): ConfirmedPair {
  const policy = generateSmallPolicy(random, options);
  const texts = [policy, changeSmallPolicy(policy, options, random)].map(writeSmallPolicy);
  const results = texts.map((text) => build([{ file: 'a.acl', text }]));
  const [before, after] = results.map((result) => (result.ok ? result.model : undefined));
  if (before === undefined || after === undefined) return {};
  const difference = diffModels(before, after);
  const asked = sample < requests.length ? random.sample(requests, sample) : requests;
  const wrong = findWrong(difference, before, after, asked);
  if (wrong === undefined) return { kind: difference.kind };
  const failure = [...texts, JSON.stringify(wrong), JSON.stringify(difference, null, 1)].join('---\n');
  return { kind: difference.kind, failure };
}

/** Those of few elements: everything that such policies tell apart but the deepest ids. */
export function diffRequests(options: SmallWorldOptions): readonly Request[] {
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
