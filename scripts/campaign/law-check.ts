import {
  countAnswer,
  countPolicy,
  countRequest,
  emptyShares,
  renderShares,
  type Shares,
} from '../../test/support/generators.ts';
import { holdLaw, type Law, renderBreach } from '../../test/support/laws/law.ts';
import { generateCase, type LawCase, type LawQuestion } from '../../test/support/laws/law-case.ts';
import { laws } from '../../test/support/laws/laws.ts';
import { breakLaw, evaluatorsOf, kindOf, shrinkCase } from '../../test/support/laws/shrink-case.ts';
import type { Check, Failure } from './check.ts';

/** Making one failure small takes at most so long. */
const SHRINK_MS = 60_000;
/** The law whose cases tell what all are made of: that of the most requests. */
const COUNTED_LAW = '10';
/** Of each of its policies so many requests are explained, for the shares. */
const EXPLAINED_REQUESTS = 5;

interface LawCounts {
  pairs: number;
  executions: number;
  invalidPolicies: number;
  readonly shares: Shares;
  /** Kinds of failures that have been made small. */
  readonly kinds: Set<string>;
}

export function lawCheck(law: Law): Check<LawCounts> {
  return {
    name: law.name,
    title: law.title,
    share: law.share,
    empty: () => ({ pairs: 0, executions: 0, invalidPolicies: 0, shares: emptyShares(), kinds: new Set() }),
    step: async (seed, counts) => {
      const given = generateCase(seed, law);
      if ('invalid' in given) {
        counts.invalidPolicies++;
        return [];
      }
      if (law.name === COUNTED_LAW) countCase(given, counts.shares);
      const { executions, breaches } = await holdLaw(law, given, evaluatorsOf(law), (decision) =>
        countAnswer(counts.shares, decision),
      );
      counts.pairs += given.requests.length + given.httpRequests.length;
      counts.executions += executions;
      const failures: Failure[] = [];
      const stopAtMs = performance.now() + SHRINK_MS;
      for (const breach of breaches) {
        const kind = `${breach.evaluator}: ${kindOf(breach)}`;
        if (counts.kinds.has(kind)) {
          failures.push({ kind, text: renderBreach(law, given, breach) });
          continue;
        }
        counts.kinds.add(kind);
        const isLate = () => performance.now() > stopAtMs;
        const small = await shrinkCase(law, { given: questionOf(given), breach }, isLate);
        failures.push({
          kind,
          text: renderBreach(law, small.given, small.breach),
          example: { evaluator: breach.evaluator, question: small.given },
        });
      }
      return failures;
    },
    tally: ({ pairs, executions }) => ({ pairs, executions }),
    details: ({ shares, invalidPolicies }) => [
      ...(invalidPolicies > 0 ? [`${invalidPolicies} generated policies were invalid and passed over`] : []),
      ...(shares.policies > 0 ? [renderShares(shares)] : []),
    ],
  };
}

function questionOf({ seed, sources, mode, requests, httpRequests }: LawCase): LawQuestion {
  return { seed, sources, mode, requests, httpRequests };
}

function countCase({ model, image, requests }: LawCase, shares: Shares): void {
  countPolicy(shares, model);
  for (const request of requests.slice(0, EXPLAINED_REQUESTS)) countRequest(shares, image, request);
}

/** Holds a law against one case again. */
export async function lawAgain(
  name: string,
  question: LawQuestion,
  evaluator: string,
): Promise<readonly Failure[]> {
  const law = laws.find((each) => each.name === name);
  const breach = law && (await breakLaw(law, question, evaluator));
  return breach ? [{ kind: kindOf(breach), text: renderBreach(law, question, breach) }] : [];
}
