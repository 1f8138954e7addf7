import { Schema } from '../analysis/schema.ts';
import type { Model } from '../model/model.ts';

/** Every action that the policies name, for whoever wants to say that another is unknown. */
export function knownActions(model: Model): readonly string[] {
  return [...new Schema(model).allActions()];
}
