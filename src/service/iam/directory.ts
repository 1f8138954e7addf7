import type { IamState } from '../../iam/iam-state.ts';
import type { Operation } from '../../iam/operation.ts';

/** Users, groups and grants as the API reads and writes them: a store that is followed, or one in memory. */
export interface IamDirectory {
  /** What is stored now. It may go on under the hands of whoever keeps it over an `await`. */
  state(): IamState;

  /**
   * Writes operations together, or nothing.
   *
   * @throws {OperationRefusedError} if the state does not admit them, as it is when they would be written
   * @throws {StoreError} if they could not be written
   */
  write(operations: readonly Operation[], about: WriteAuthor): Promise<Written>;
}

/** Who writes and why: kept with the record. */
export interface WriteAuthor {
  readonly author: string;
  readonly reason: string;
}

export interface Written {
  readonly revision: number;
  /** By which a later question asks to be answered with this write in mind. */
  readonly token: string;
}
