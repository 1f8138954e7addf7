import { build } from '../src/index.ts';
import {
  countAnswer,
  countPolicy,
  emptyShares,
  generatePolicy,
  generateRequest,
  Random,
  renderShares,
  type Shares,
} from '../test/support/generators.ts';
import { isSameDecision, loadImage, reference } from '../test/support/generators-evaluators.ts';
import {
  findDisagreement,
  kindOf,
  renderDisagreement,
  renderValue,
  shrink,
} from '../test/support/generators-shrink.ts';
import { addUp } from './add-up.ts';
import { runCampaign } from './campaign-threads.ts';

/**
 * Compares the image with the reference at length, on every core: `node scripts/campaign.ts --pairs 1000000 [--seed N]
 * [--threads N]`. Prints the seed, the shares and every kind of disagreement once, made small; exits 1 if there is any.
 */

const REQUESTS_PER_POLICY = 100;

interface Report {
  readonly shares: Shares;
  disagreements: number;
  /** One of each kind, ready to print. */
  readonly examples: Map<string, string>;
}

await runCampaign({
  url: import.meta.url,
  sizes: { pairs: 1_000_000 },
  run: ({ seed, pairs }) => {
    const random = new Random(seed);
    const report = emptyReport();
    while (report.shares.pairs < pairs)
      report.disagreements += comparePolicy(random.seed(), report.shares, report.examples);
    return report;
  },
  conclude: (reports) => {
    const { shares, disagreements, examples } = addUp(emptyReport(), reports);
    return {
      lines: [renderShares(shares), `${disagreements} disagreements`],
      isWrong: disagreements > 0,
      examples: [...examples].map(([kind, text]) => `${kind}\n${text}`),
    };
  },
});

function emptyReport(): Report {
  return { shares: emptyShares(), disagreements: 0, examples: new Map() };
}

/** The number of requests on which the two disagree. */
function comparePolicy(seed: number, shares: Shares, examples: Map<string, string>): number {
  const policy = generatePolicy(seed);
  const built = build(policy.sources);
  if (!built.ok) {
    shares.invalidPolicies++;
    examples.set(
      'invalid policy',
      `seed ${seed}: ${built.diagnostics.map(({ message }) => message).join('; ')}`,
    );
    return 0;
  }
  countPolicy(shares, built.model);
  const random = new Random(seed);
  const mode = random.chance(0.5) ? random.pick([undefined, ...built.model.modes]) : undefined;
  const expecting = reference.load(built.model, mode);
  const image = loadImage(built.image, mode);
  let disagreements = 0;
  const requests: unknown[] = [];
  const answers: boolean[] = [];
  for (let i = 0; i < REQUESTS_PER_POLICY; i++) {
    const request = generateRequest(policy, random);
    const expected = expecting.decide(request);
    const actual = image.decide(request);
    countAnswer(shares, expected);
    requests.push(request);
    answers.push(expected.decision === 'allow');
    if (isSameDecision(expected, actual)) continue;
    disagreements++;
    const kind = kindOf({ expected, actual });
    if (examples.has(kind)) continue;
    const found = findDisagreement(policy.sources, mode, request);
    const text =
      found === undefined
        ? `only after other requests: ${renderValue(request)}`
        : renderDisagreement(shrink(found));
    examples.set(kind, `policy seed ${seed}\n${text}`);
  }
  if (image.areAllowed?.(requests).some((isAllowed, i) => isAllowed !== answers[i])) {
    disagreements++;
    examples.set('batch', `policy seed ${seed}: a batch answers otherwise than the same requests one by one`);
  }
  return disagreements;
}
