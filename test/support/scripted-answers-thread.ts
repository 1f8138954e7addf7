import { parentPort, threadId } from 'node:worker_threads';
import type { FromAnswersThread, ToAnswersThread } from '../../src/service/answers/answers-thread.ts';

/** In place of the thread that answers, one that does what the action of a `who-can` says: at once, never, or it breaks. */

export interface ScriptedAnswer {
  readonly action: string;
  readonly threadId: number;
  /** Of the policy that came with the question, if one did. */
  readonly sent: string | null;
}

parentPort!.on('message', ({ policy, question }: ToAnswersThread) => {
  const tell = (message: FromAnswersThread): void => parentPort!.postMessage(message);
  if (question.kind !== 'who-can') throw new Error('only `who-can` is in the script');
  const { action } = question.asked;
  if (action === 'never-read') return;
  tell({ kind: 'read' });
  switch (action) {
    case 'busy':
      // Busy, as a question that is too large would be: no message gets in.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      return;
    case 'break':
      throw new Error('secret detail');
    case 'end':
      process.exit(3);
      return;
    case 'exhaust':
      throw Object.assign(new Error('heap'), { code: 'ERR_WORKER_OUT_OF_MEMORY' });
    case 'fail':
      tell({ kind: 'answer', answer: { kind: 'failed', message: 'secret detail' } });
      return;
    default: {
      const body: ScriptedAnswer = { action, threadId, sent: policy?.revision ?? null };
      const bytes = new TextEncoder().encode(JSON.stringify(body));
      tell({ kind: 'answer', answer: { kind: 'answered', status: 200, body: bytes } });
    }
  }
});
