import type { Request } from '../src/decision/request.ts';
import { Random } from '../test/support/generators.ts';
import {
  confirmFindings,
  emptyConfirmation,
  generateLintedPolicy,
  mesosRequests,
} from '../test/support/lint-confirm.ts';
import { everyRequest } from '../test/support/small-world.ts';
import { addUp } from './add-up.ts';
import { renderCounts, runCampaign } from './campaign-threads.ts';

/**
 * Confirms what lint rules find in random policies at length, on every core:
 * `node scripts/campaign-lint.ts --policies 10000 [--seed N] [--threads N]`. Every policy is put to all requests of a small
 * world: ids of up to three elements, or of up to two under every context where it has conditions. Prints the seed, how
 * often each rule found something and the first findings that are wrong; exits 1 if there is any.
 */

const ELEMENTS = { unconditional: 3, conditional: 2 };
const SHOWN_FAILURES = 5;

await runCampaign({
  url: import.meta.url,
  sizes: { policies: 10_000 },
  run: ({ seed, policies }) => {
    const random = new Random(seed);
    const unconditional = [...everyRequest()].filter(isWithin(ELEMENTS.unconditional));
    const conditional = [...everyRequest({ conditions: 1 })].filter(isWithin(ELEMENTS.conditional));
    const confirmation = emptyConfirmation();
    while (confirmation.policies < policies) {
      const { text, isMesos } = generateLintedPolicy(random);
      const all = / (when|unless) /.test(text) ? conditional : unconditional;
      confirmFindings(text, isMesos ? mesosRequests : all, random, confirmation);
    }
    return confirmation;
  },
  conclude: (reports) => {
    const { findings, failures, policies } = addUp(emptyConfirmation(), reports);
    return {
      lines: [...renderCounts(findings), `${failures.length} wrong findings in ${policies} policies`],
      isWrong: failures.length > 0,
      examples: failures.slice(0, SHOWN_FAILURES),
    };
  },
});

function isWithin(elements: number): (request: Request) => boolean {
  return ({ resource = '' }) => resource.split(/[:/]+/).length <= elements;
}
