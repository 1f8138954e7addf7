import type { Action, Entry } from './operation.ts';

/** What became of the policy through one record: whole values, so that applying twice does no harm. */
export interface Changes {
  readonly revision: number;
  /** Users whose groups are others now, with all groups that the store has for them; none where they are gone. */
  readonly memberships: readonly { readonly uid: string; readonly groups: readonly string[] }[];
  /** Entries whose actions are others now, with all of them; none where the entry is gone. */
  readonly entries: readonly { readonly entry: Entry; readonly actions: readonly StoredAction[] }[];
  /** Groups that there were not before. */
  readonly newGroups: readonly string[];
}

/** An action that is stored, and the revision that stored it: its place among rules, and its name in answers. */
export interface StoredAction {
  readonly action: Action;
  readonly revision: number;
}
