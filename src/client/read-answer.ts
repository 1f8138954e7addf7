import type { Decision } from '../decision/decision.ts';
import type { Explanation } from '../evaluate/explain.ts';
import type { DiffAnswer, WhatCan, WhoCan, WhyAnswer } from './exact-answers.ts';
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

/** @throws {ClientError} */
export function readWhy(answer: unknown): WhyAnswer {
  const { decision, rules, suggestions } = membersOf(answer);
  readDecision(decision);
  if (!Array.isArray(rules) || !Array.isArray(suggestions)) throw noAnswer();
  return answer as WhyAnswer;
}

/** @throws {ClientError} */
export function readPage<Page extends WhoCan | WhatCan>(answer: unknown): Page {
  const { items, total, undecided, next } = membersOf(answer);
  const isPage = Array.isArray(items) && Array.isArray(undecided) && typeof total === 'number';
  if (!isPage || (next !== undefined && typeof next !== 'string')) throw noAnswer();
  return answer as Page;
}

/** @throws {ClientError} */
export function readDifference(answer: unknown): DiffAnswer {
  const { difference, gained, lost, undecided } = membersOf(answer);
  if (typeof difference !== 'string' || ![gained, lost, undecided].every(Array.isArray)) throw noAnswer();
  return answer as DiffAnswer;
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
