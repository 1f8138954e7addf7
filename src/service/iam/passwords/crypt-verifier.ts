import { Worker } from 'node:worker_threads';
import { siblingModule } from '../../threads/sibling-module.ts';
import type { CryptAnswer, CryptQuestion } from './crypt-thread.ts';

interface Waiting {
  readonly resolve: (isRight: boolean) => void;
  readonly reject: (error: Error) => void;
}

/**
 * SHA-512-crypt in a thread of its own: it is computed in JavaScript, and the hashes of DC/OS take a second each. The thread
 * is there from the first question on, and does one after the other.
 */
export class CryptVerifier {
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | undefined;
  #last = 0;

  /** @param hash  that `readStoredHash` takes for one of this kind */
  verify(password: string, hash: string): Promise<boolean> {
    this.#thread ??= this.#start();
    const thread = this.#thread;
    const question: CryptQuestion = { id: ++this.#last, password, hash };
    return new Promise((resolve, reject) => {
      this.#waiting.set(question.id, { resolve, reject });
      thread.postMessage(question);
    });
  }

  async close(): Promise<void> {
    await this.#thread?.terminate();
  }

  #start(): Worker {
    const thread = new Worker(siblingModule('./crypt-thread', import.meta.url), { name: 'passwords' });
    // Who waits for it has a connection, which keeps the process alive.
    thread.unref();
    thread.on('message', ({ id, isRight }: CryptAnswer) => {
      this.#waiting.get(id)?.resolve(isRight);
      this.#waiting.delete(id);
    });
    thread.on('error', (error) => this.#fail(thread, error));
    thread.on('exit', () => this.#fail(thread, new Error('the thread that verifies passwords has ended')));
    return thread;
  }

  /** Nobody who waits for this thread is answered; the next question starts another. */
  #fail(thread: Worker, error: Error): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
