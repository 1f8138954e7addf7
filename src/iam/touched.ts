import { assertNever } from '../source/invariant.ts';
import type { Changes } from './changes.ts';
import type { IamState } from './iam-state.ts';
import type { Entry, Operation } from './operation.ts';

/** What the operations of one record touch, to be looked up when all are done. */
export class Touched {
  readonly #uids = new Set<string>();
  readonly #newGroups = new Set<string>();
  readonly #entries = new Map<string, Entry>();

  /** To be called before the operation is done: afterwards it cannot be told what went along. */
  note(operation: Operation, state: IamState): void {
    switch (operation.kind) {
      case 'create-group':
        this.#newGroups.add(operation.group.gid);
        return;
      case 'delete-user':
        this.#uids.add(operation.uid);
        this.#noteEntries(state.entriesOfSubject('users', operation.uid));
        return;
      case 'delete-group':
        for (const uid of state.membersOf(operation.gid)) this.#uids.add(uid);
        this.#noteEntries(state.entriesOfSubject('groups', operation.gid));
        return;
      case 'add-member':
      case 'remove-member':
        this.#uids.add(operation.uid);
        return;
      case 'delete-acl':
        this.#noteEntries(state.entriesOf(operation.rid));
        return;
      case 'grant':
      case 'revoke':
      case 'revoke-all':
        this.#noteEntries([{ entry: operation.entry }]);
        return;
      case 'create-user':
      case 'update-user':
      case 'update-group':
      case 'create-acl':
      case 'update-acl':
        // Nothing that a decision depends on.
        return;
      default:
        assertNever(operation);
    }
  }

  changesIn(state: IamState): Changes {
    return {
      revision: state.revision,
      memberships: Array.from(this.#uids, (uid) => ({ uid, groups: state.groupsOf(uid) })),
      entries: Array.from(this.#entries.values(), (entry) => ({ entry, actions: state.actionsOf(entry) })),
      newGroups: [...this.#newGroups].filter((gid) => state.group(gid) !== undefined),
    };
  }

  #noteEntries(entries: readonly { readonly entry: Entry }[]): void {
    for (const { entry } of entries) {
      // A gid or uid has neither blank nor slash; a rid comes last.
      this.#entries.set(`${entry.subjects} ${entry.id} ${entry.rid}`, entry);
    }
  }
}
