import { parentPort } from 'node:worker_threads';
import { verify } from 'unixcrypt';

export interface CryptQuestion {
  readonly id: number;
  readonly password: string;
  /** As `readStoredHash` has seen it. */
  readonly hash: string;
}

export interface CryptAnswer {
  readonly id: number;
  readonly isRight: boolean;
}

parentPort!.on('message', ({ id, password, hash }: CryptQuestion) => {
  const answer: CryptAnswer = { id, isRight: verify(password, hash) };
  parentPort!.postMessage(answer);
});
