import type { LivePart } from '../compile/compile.ts';
import { actions } from '../iam/operation.ts';
import type { Model } from '../model/model.ts';

/**
 * What the compiler has to know of a model that is made of files and a store, so that the image can carry an overlay.
 *
 * @param files  the part that is of files, whose rules come first in the whole
 * @param revision  of the store
 */
export function livePartOf(files: Model, revision: number): LivePart {
  return { firstStoredRule: files.rules.length, fileGroups: files.groups, revision, actions };
}
