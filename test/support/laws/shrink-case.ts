import type { Source } from '../../../src/source/source.ts';
import { evaluators } from '../generators-evaluators.ts';
import { type Breach, holdLaw, type Law } from './law.ts';
import { caseOf, type LawQuestion } from './law-case.ts';

/** A case that breaks a law, and how. */
export interface BrokenCase {
  readonly given: LawQuestion;
  readonly breach: Breach;
}

/** Where a law is put to so many smaller cases, it is enough. */
const MAX_TRIALS = 3000;

/**
 * A case that breaks the same law for the same evaluator with as few lines of policy, requests and parts of them as dropping
 * can reach until `isLate` says that it is enough.
 */
export async function shrinkCase(
  law: Law,
  broken: BrokenCase,
  isLate: () => boolean = () => false,
): Promise<BrokenCase> {
  let smallest = broken;
  let trials = 0;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of smallerQuestions(smallest)) {
      if (isLate() || trials++ > MAX_TRIALS) return smallest;
      const found = await breakLaw(law, candidate, broken.breach.evaluator);
      if (found === undefined || kindOf(found) !== kindOf(broken.breach)) continue;
      smallest = { given: candidate, breach: found };
      isSmaller = true;
      break;
    }
  }
  return smallest;
}

/** How the question breaks the law, if it does. */
export async function breakLaw(
  law: Law,
  question: LawQuestion,
  evaluator: string,
): Promise<Breach | undefined> {
  const given = caseOf(question);
  if (given === undefined) return undefined;
  const { breaches } = await holdLaw(law, given, evaluatorsOf(law, evaluator));
  return breaches[0];
}

/** Those that a law is held against: all, or the one of that name. A law that is not about evaluators needs none. */
export function evaluatorsOf(law: Law, name?: string) {
  if (!law.isOfEach) return [{ name: 'engine', load: unneeded }];
  return evaluators.filter((each) => name === undefined || each.name === name);
}

function unneeded(): never {
  throw new Error('a law that loads evaluators of its own');
}

/** What was answered, without the rules that were named: a smaller case has to be wrong in the same way. */
export function kindOf({ answers }: Breach): string {
  return Object.entries(answers)
    .map(([name, answer]) => {
      if (answer instanceof Error) return `${name} ${answer.message}`;
      const { decision, reason } = Object(answer) as Record<string, unknown>;
      return typeof decision === 'string' ? `${decision} ${String(reason)}` : name;
    })
    .join(' / ');
}

function* smallerQuestions({ given, breach }: BrokenCase): Generator<LawQuestion> {
  const { requests, httpRequests, sources, mode } = given;
  const size = requests.length + httpRequests.length;
  if (size > 1) {
    const isAlone = (request: unknown) => request === breach.request;
    yield breach.isHttp
      ? { ...given, requests: [], httpRequests: httpRequests.filter(isAlone).slice(0, 1) }
      : { ...given, requests: requests.filter(isAlone).slice(0, 1), httpRequests: [] };
    for (const fewer of withoutRuns(requests)) yield { ...given, requests: fewer };
    for (const fewer of withoutRuns(httpRequests)) yield { ...given, httpRequests: fewer };
  }
  if (mode !== undefined) yield { ...given, mode: undefined };
  for (const [index, { file, text }] of sources.entries()) {
    const lines = text.split('\n').filter((line) => line !== '');
    for (const fewer of withoutRuns(lines))
      yield { ...given, sources: sources.with(index, { file, text: fewer.join('\n') } satisfies Source) };
  }
  for (const [index, request] of requests.entries())
    for (const less of withoutParts(request)) yield { ...given, requests: requests.with(index, less) };
}

/** The items without a run of them: long runs first, single ones last. */
function* withoutRuns<T>(items: readonly T[]): Generator<T[]> {
  for (let length = items.length; length >= 1; length = Math.min(length - 1, Math.ceil(length / 2))) {
    for (let from = 0; from + length <= items.length; from++) yield items.toSpliced(from, length);
  }
}

function* withoutParts(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...value };
    if (Array.isArray(copy)) copy.splice(Number(key), 1);
    else delete copy[key];
    yield copy;
    for (const less of withoutParts((value as Record<string, unknown>)[key])) {
      yield Array.isArray(value) ? value.with(Number(key), less) : { ...value, [key]: less };
    }
  }
}
