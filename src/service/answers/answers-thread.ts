import { type MessagePort, parentPort } from 'node:worker_threads';
import { type Model, openVerifiedImage, readModel } from '../../index.ts';
import { Overlay } from '../../live/overlay.ts';
import { answerQuestion } from './answer-question.ts';
import type { Answer, AskedPolicy, Question } from './question.ts';

export interface ToAnswersThread {
  /** Absent where it is that of the question before. */
  readonly policy?: AskedPolicy;
  readonly question: Question;
}

/** For each question one `read`, when the policy is at hand, and one answer. */
export type FromAnswersThread =
  | { readonly kind: 'read' }
  | { readonly kind: 'answer'; readonly answer: Answer };

/** The policy that was asked about last. */
let held: { readonly model: Model; readonly revision: string } | undefined;
const parent: MessagePort = parentPort!;
const tell = (message: FromAnswersThread, transfer: readonly ArrayBuffer[] = []): void =>
  parent.postMessage(message, transfer);

parent.on('message', ({ policy, question }: ToAnswersThread) => {
  if (policy !== undefined) {
    // Not two models at once.
    held = undefined;
    held = { model: readPolicy(policy), revision: policy.revision };
  }
  tell({ kind: 'read' });
  const { model, revision } = held!;
  const answer = answerQuestion(model, revision, question);
  tell({ kind: 'answer', answer }, answer.kind === 'answered' ? [answer.body.buffer] : []);
});

/** The policies, with what a store adds to them. */
function readPolicy({ image, changes = [] }: AskedPolicy): Model {
  const opened = openVerifiedImage(image);
  return changes.length === 0
    ? readModel(opened)
    : readModel(opened, Overlay.on(opened).with(changes).storeChanges());
}
