import type { Answer, Answers, AskedPolicy, Question } from './question.ts';

/** What a thread that serves tells the thread that has it: a question, or that nobody waits for its answer any more. */
export type RelayedQuestion =
  | { readonly kind: 'ask'; readonly id: number; readonly policy: AskedPolicy; readonly question: Question }
  | { readonly kind: 'forget'; readonly id: number };

export interface RelayedAnswer {
  readonly kind: 'answer';
  readonly id: number;
  readonly answer: Answer;
}

/** Answers that come from the thread that started this one: all that serve share one, and the memory that it takes. */
export class AnswersOfParent implements Answers {
  readonly #tell: (message: RelayedQuestion) => void;
  readonly #asked = new Map<number, (answer: Answer) => void>();
  #last = 0;

  constructor(tell: (message: RelayedQuestion) => void) {
    this.#tell = tell;
  }

  ask({ image, changes, revision }: AskedPolicy, question: Question, signal: AbortSignal): Promise<Answer> {
    const id = ++this.#last;
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      const forget = (): void => {
        if (this.#asked.has(id)) this.#tell({ kind: 'forget', id });
      };
      signal.addEventListener('abort', forget, { once: true });
      this.#tell({ kind: 'ask', id, policy: { image, changes, revision }, question });
    });
  }

  take({ id, answer }: RelayedAnswer): void {
    this.#asked.get(id)?.(answer);
    this.#asked.delete(id);
  }
}

/**
 * The other end, for one thread that serves.
 *
 * @param tell  whose second argument is handed over, not copied
 */
export function relayQuestions(
  answers: Answers,
  tell: (message: RelayedAnswer, transfer: ArrayBuffer[]) => void,
): (message: RelayedQuestion) => void {
  const waiting = new Map<number, AbortController>();
  return (message) => {
    const { id } = message;
    if (message.kind === 'forget') {
      waiting.get(id)?.abort();
      return;
    }
    const controller = new AbortController();
    waiting.set(id, controller);
    void answers.ask(message.policy, message.question, controller.signal).then((answer) => {
      waiting.delete(id);
      tell({ kind: 'answer', id, answer }, answer.kind === 'answered' ? [answer.body.buffer] : []);
    });
  };
}
