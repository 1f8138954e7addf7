import { IamState } from '../../src/iam/iam-state.ts';
import type { Operation } from '../../src/iam/operation.ts';
import { makeRecord } from '../../src/iam/record-hash.ts';
import type { IamDirectory, WriteAuthor, Written } from '../../src/service/iam/directory.ts';
import { OperationRefusedError } from '../../src/store/follower.ts';

/** Users, groups and grants in memory. Writes are done one after the other, each later than it was asked for. */
export class MemoryDirectory implements IamDirectory {
  readonly #state = IamState.empty();
  #turn: Promise<unknown> = Promise.resolve();

  state(): IamState {
    return this.#state;
  }

  write(operations: readonly Operation[], { author, reason }: WriteAuthor): Promise<Written> {
    const written = this.#turn.then(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      const fault = this.#state.checkAll(operations);
      if (fault !== undefined) throw new OperationRefusedError(fault);
      const { revision, hash } = this.#state;
      const record = makeRecord({ revision, hash }, { timeMs: Date.now(), author, reason, operations });
      this.#state.apply(record);
      return { revision: record.revision, token: `memory.${record.revision}` };
    });
    this.#turn = written.catch(() => {});
    return written;
  }
}
