export { knownActions } from './listing/known-actions.ts';
export { knownSubjects } from './listing/known-subjects.ts';
export type { ListedWay } from './listing/ways.ts';
export {
  type Access,
  type AllowedAccess,
  type UndecidedAccess,
  type WhatCan,
  type WhatCanQuestion,
  whatCan,
} from './listing/what-can.ts';
export {
  type AllowedSubjects,
  type KnownAsker,
  type WhoCan,
  type WhoCanQuestion,
  whoCan,
} from './listing/who-can.ts';
export { printSet } from './printing/print-set.ts';
