import { compile } from '../compile/compile.ts';
import type { IamState } from '../iam/iam-state.ts';
import type { Model } from '../model/model.ts';
import { livePartOf } from './live-part.ts';
import { modelWithStore } from './model-with-store.ts';

/**
 * The bytes of an image of policies and a store together, which can carry an overlay of what the store says later. The same
 * model and state give the same bytes.
 *
 * @param model  of the policies alone
 */
export function compileLive(model: Model, state: IamState): Uint8Array {
  return compile(modelWithStore(model, state), livePartOf(model, state.revision));
}
