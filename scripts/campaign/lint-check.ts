import type { Request } from '../../src/decision/request.ts';
import { Random } from '../../test/support/generators.ts';
import {
  type Confirmation,
  confirmFindings,
  emptyConfirmation,
  generateLintedPolicy,
  mesosRequests,
} from '../../test/support/lint-confirm.ts';
import { everyRequest } from '../../test/support/small-world.ts';
import { type Check, renderCounts, takeFailures } from './check.ts';

/** Every policy is put to all requests of a small world: ids of so many elements, under every context where it has conditions. */
const ELEMENTS = { unconditional: 3, conditional: 2 };

let unconditional: readonly Request[] | undefined;
let conditional: readonly Request[] | undefined;

/** Confirms what lint rules find in random policies. */
export const lintCheck: Check<Confirmation> = {
  name: 'lint',
  title: 'what `lint` says of a rule is so, and its safe fixes change no decision',
  share: 1,
  empty: emptyConfirmation,
  step: (seed, confirmation) => {
    const random = new Random(seed);
    const { text, isMesos } = generateLintedPolicy(random);
    unconditional ??= [...everyRequest()].filter(isWithin(ELEMENTS.unconditional));
    conditional ??= [...everyRequest({ conditions: 1 })].filter(isWithin(ELEMENTS.conditional));
    const all = / (when|unless) /.test(text) ? conditional : unconditional;
    confirmFindings(text, isMesos ? mesosRequests : all, random, confirmation);
    return takeFailures(confirmation.failures, 'wrong finding');
  },
  tally: ({ policies, findings }) => ({
    pairs: policies,
    executions: [...findings.values()].reduce((sum, count) => sum + count, 0),
  }),
  details: ({ findings }) => renderCounts(findings),
};

function isWithin(elements: number): (request: Request) => boolean {
  return ({ resource = '' }) => resource.split(/[:/]+/).length <= elements;
}
