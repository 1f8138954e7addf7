import type { Decision } from '../../../src/decision/decision.ts';
import { contractOf, type Evaluator } from '../generators-evaluators.ts';
import { renderValue } from '../render-value.ts';
import type { LawCase, LawQuestion } from './law-case.ts';

/** One of the laws of QUALITY, or a part of one. */
export interface Law {
  /** Its number there, and what tells its parts apart: `10-routes`. */
  readonly name: string;
  /** A sentence that states it. */
  readonly title: string;
  /** It looks at so many requests of a policy. */
  readonly requests: number;
  /** And at so many HTTP requests, where the policy has routes. Absent: at none. */
  readonly httpRequests?: number;
  /** How much time a campaign gives it, beside others. */
  readonly share: number;
  /** Whether it speaks of any evaluator, or of what surrounds the engine. */
  readonly isOfEach: boolean;
  /** Tells the watch of everything that it finds held or broken. */
  readonly check: (given: LawCase, watch: Watch, evaluator: Evaluator) => void | Promise<void>;
}

/** A request, and what was answered where the law asks for something else. */
export interface Breach {
  readonly evaluator: string;
  readonly request: unknown;
  readonly isHttp: boolean;
  readonly answers: Readonly<Record<string, unknown>>;
}

/** Counts how often a law was put to the test, and keeps what breaks it. */
export class Watch {
  executions = 0;
  readonly breaches: Breach[] = [];
  evaluator = '';
  /** Told what the reference decides, by the law that asks it. */
  readonly decided: (decision: Decision) => void;

  constructor(decided: (decision: Decision) => void = () => {}) {
    this.decided = decided;
  }

  /** `answers` are looked at only where the law is broken. */
  expect(isHeld: boolean, request: unknown, answers: Readonly<Record<string, unknown>>): void {
    this.#note(isHeld, { request, isHttp: false, answers });
  }

  expectHttp(isHeld: boolean, request: unknown, answers: Readonly<Record<string, unknown>>): void {
    this.#note(isHeld, { request, isHttp: true, answers });
  }

  #note(isHeld: boolean, breach: Omit<Breach, 'evaluator'>): void {
    this.executions++;
    if (!isHeld) this.breaches.push({ ...breach, evaluator: this.evaluator });
  }
}

/** Holds a law against a case. What the engine throws breaks it too. */
export async function holdLaw(
  law: Law,
  given: LawCase,
  evaluators: readonly Evaluator[],
  decided?: (decision: Decision) => void,
): Promise<Watch> {
  const watch = new Watch(decided);
  for (const evaluator of evaluators) {
    watch.evaluator = evaluator.name;
    try {
      await law.check(given, watch, evaluator);
    } catch (error) {
      watch.expect(false, undefined, { thrown: error });
    }
  }
  return watch;
}

/** The policy, the request and what was answered, in a form that can be pasted into a test. */
export function renderBreach(
  law: Pick<Law, 'name' | 'title'>,
  { seed, sources, mode, requests }: LawQuestion,
  { evaluator, request, answers }: Breach,
): string {
  return [
    `law ${law.name}: ${law.title} (${evaluator})`,
    `policy seed ${seed}, mode ${mode ?? 'of the policy'}`,
    ...sources.filter(({ text }) => text.trim() !== '').map(({ file, text }) => `# ${file}\n${text.trim()}`),
    `request: ${renderValue(request)}`,
    ...(requests.length > 1 ? [`among ${requests.length} requests`] : []),
    ...Object.entries(answers).map(([name, answer]) => `${name}: ${renderValue(contractIn(answer))}`),
  ].join('\n');
}

function contractIn(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || !('reason' in answer)) return answer;
  return 'requirements' in answer ? answer : contractOf(answer as Decision);
}
