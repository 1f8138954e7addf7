export type { Changes, StoredAction } from '../iam/changes.ts';
