import { TooComplexError } from '../../../src/analysis/too-complex.ts';
import { Authorizer } from '../../../src/authorizer.ts';
import { build, diffModels, FilterError, RequestError } from '../../../src/index.ts';
import { policyTokens, requestsAbout } from '../policy-words.ts';
import { Broken, type FuzzTarget, orDocumented } from '../target.ts';
import { inputOf, textOf } from '../texts.ts';
import { generatePolicyInput, policySeeds } from './parse.ts';

export const questionsTarget: FuzzTarget = {
  name: 'questions',
  title:
    'why, who can, what can, filters and differences answer about any small policy, and agree with its decisions',
  seeds: () => policySeeds('questions')().filter(({ length }) => length < 1500),
  tokens: policyTokens,
  generate: (random) => inputOf(textOf(generatePolicyInput(random)).split('\n').slice(0, 12).join('\n')),
  maxLength: 2 * 1024,
  open: () => ({ run: (input) => askOnce(textOf(input)) }),
};

function askOnce(text: string): void {
  const result = build([{ file: 'fuzz.acl', text }]);
  if (!result.ok) return;
  const authorizer = Authorizer.fromImage(result.image);
  if (diffModels(result.model, result.model).kind === 'different')
    throw new Broken('a policy differs from itself');
  for (const request of requestsAbout(text, 3)) {
    const { decision } = authorizer.decide(request as never);
    const explained = authorizer.explain(request as never);
    const why = authorizer.why(request as never);
    if (explained.decision.decision !== decision || why.decision.decision !== decision)
      throw new Broken('decision and account of it disagree', JSON.stringify(request));
    askSets(authorizer, request);
  }
}

const filterErrors = [FilterError, TooComplexError];

function askSets(
  authorizer: Authorizer,
  { subject, action, resource }: Readonly<Record<string, unknown>>,
): void {
  const [who, what, on] = [subject as string | undefined, action as string, resource as string | undefined];
  orDocumented([RequestError], () => authorizer.whoCan(what, on, { limit: 5 }));
  orDocumented([RequestError], () => authorizer.whatCan(who, { action: what, limit: 5 }));
  for (const dialect of ['sqlite', 'postgresql'] as const)
    orDocumented(filterErrors, () => authorizer.filterSql(who, what, { column: 'id', dialect }));
}
