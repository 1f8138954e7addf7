import type { Authorizer, Decision, Request } from '../../index.ts';
import type { BaselineFigures, Outcome } from './report.ts';

export interface Examination {
  readonly outcomes: readonly Outcome[];
  readonly decidingRuleCount: number;
}

/** What the requests are like: fast denials by default would make a fast policy. */
export function examineRequests(authorizer: Authorizer, requests: readonly Request[]): Examination {
  const counts = new Map<string, { readonly decision: Decision; count: number }>();
  // By their whole reference: the rules that one grant makes share an id and differ in the line of the role.
  const rules = new Set<string>();
  for (const request of requests) {
    const decision = authorizer.decide(request);
    const key = `${decision.decision} ${decision.reason}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { decision, count: 1 });
    else known.count++;
    if (decision.rule !== undefined) rules.add(JSON.stringify(decision.rule));
  }
  const outcomes = Array.from(counts.values(), ({ decision: { decision, reason }, count }) => ({
    decision,
    reason,
    count,
  })).sort((a, b) => b.count - a.count);
  return { outcomes, decidingRuleCount: rules.size };
}

/** Where two policies answer the same requests differently. */
export function findDifferences(
  policy: Authorizer,
  baseline: Authorizer,
  requests: readonly Request[],
): Pick<BaselineFigures, 'differingCount' | 'firstDifference'> {
  const answers = (request: Request) => ({
    request,
    policy: policy.decide(request).decision,
    baseline: baseline.decide(request).decision,
  });
  const differing = requests.map(answers).filter((answer) => answer.policy !== answer.baseline);
  const [firstDifference] = differing;
  return { differingCount: differing.length, ...(firstDifference && { firstDifference }) };
}
