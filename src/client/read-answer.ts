import type { Decision } from '../decision/decision.ts';
import type { Explanation } from '../evaluate/explain.ts';
import { ClientError } from './failure.ts';

/** Answers are looked at before they count: only the word `allow` in its place allows. */

/** @throws {ClientError} */
export function readDecision(answer: unknown): Decision {
  const { decision, reason } = membersOf(answer);
  if ((decision !== 'allow' && decision !== 'deny') || typeof reason !== 'string') throw noAnswer();
  return answer as Decision;
}

/** @throws {ClientError} unless there is one decision for each request */
export function readDecisions(answer: unknown, count: number): Decision[] {
  const { decisions } = membersOf(answer);
  if (!Array.isArray(decisions) || decisions.length !== count) throw noAnswer();
  return decisions.map(readDecision);
}

/** @throws {ClientError} */
export function readExplanation(answer: unknown): Explanation {
  const { decision, rules } = membersOf(answer);
  readDecision(decision);
  if (!Array.isArray(rules)) throw noAnswer();
  return answer as Explanation;
}

/** @throws {ClientError} unless they are among those that were asked about */
export function readResources(answer: unknown, asked: readonly string[]): string[] {
  const { resources } = membersOf(answer);
  const known = new Set<unknown>(asked);
  if (!Array.isArray(resources) || !resources.every((resource) => known.has(resource))) throw noAnswer();
  return resources as string[];
}

function membersOf(answer: unknown): Readonly<Record<string, unknown>> {
  if (typeof answer !== 'object' || answer === null) throw noAnswer();
  return answer as Readonly<Record<string, unknown>>;
}

function noAnswer(): ClientError {
  return new ClientError('unavailable', 'the service gives an answer that is none', { status: 200 });
}
