import type { HttpRequest } from '../../../src/decision/http.ts';
import { build } from '../../../src/index.ts';
import type { Model } from '../../../src/model/model.ts';
import type { Source } from '../../../src/source/source.ts';
import { generateHttpRequest, generatePolicy, generateRequest, Random } from '../generators.ts';
import { withForeignValue } from '../generators-foreign.ts';

/** What a law is held against: a policy that builds, and requests of any type, as they come from outside. */
export interface LawCase extends LawQuestion {
  readonly model: Model;
  readonly image: Uint8Array;
}

/** All of a case that cannot be made from the rest of it. */
export interface LawQuestion {
  /** Of the policy, if it was generated; what a law changes at random, it changes by this seed. */
  readonly seed: number;
  readonly sources: readonly Source[];
  readonly mode?: string | undefined;
  readonly requests: readonly unknown[];
  readonly httpRequests: readonly HttpRequest[];
}

/** How many requests a case has; HTTP requests only where the policy has routes. */
export interface RequestCounts {
  readonly requests: number;
  readonly httpRequests?: number;
}

/** The case of a seed, or what is wrong with its policy. */
export function generateCase(seed: number, counts: RequestCounts): LawCase | { readonly invalid: string } {
  const policy = generatePolicy(seed);
  const built = build(policy.sources);
  if (!built.ok) return { invalid: built.diagnostics.map(({ message }) => message).join('; ') };
  const { model, image } = built;
  const random = new Random(seed);
  const mode = random.chance(0.5) ? random.pick([undefined, ...model.modes]) : undefined;
  const requests = random.times(counts.requests, () => {
    const request = generateRequest(policy, random);
    return random.chance(0.04) ? withForeignValue(request, random) : request;
  });
  const httpRequests =
    policy.routes.length > 0
      ? random.times(counts.httpRequests ?? 0, () => generateHttpRequest(policy, random))
      : [];
  return { seed, sources: policy.sources, model, image, mode, requests, httpRequests };
}

/** Undefined if the text is no policy, or its policy does not know the mode. */
export function caseOf(question: LawQuestion): LawCase | undefined {
  const built = build(question.sources);
  if (!built.ok) return undefined;
  const { model, image } = built;
  if (question.mode !== undefined && !model.modes.includes(question.mode)) return undefined;
  return { ...question, model, image };
}
