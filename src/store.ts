/** Grants that change while a program runs: `postern/store`. */
export type { Changes, StoredAction } from './iam/changes.ts';
export { firstOperations } from './iam/first-operations.ts';
export { IamState, type OperationFault } from './iam/iam-state.ts';
export type {
  Action,
  Entry,
  Group,
  Operation,
  StoreRecord,
  SubjectKind,
  User,
} from './iam/operation.ts';
export { compileLive } from './live/compile-live.ts';
export { Overlay } from './live/overlay.ts';
export { RevisionConflictError, StoreDamagedError, StoreError, TrimmedError } from './store/errors.ts';
export { Follower, type FollowerOptions, OperationRefusedError, type WriteAbout } from './store/follower.ts';
export { LiveAuthorizer, type LiveAuthorizerOptions } from './store/live-authorizer.ts';
export { openStore, type StoreOptions } from './store/open-store.ts';
export type { Head, Snapshot, Store } from './store/store.ts';
export { makeToken, readToken, TokenError } from './store/tokens.ts';
