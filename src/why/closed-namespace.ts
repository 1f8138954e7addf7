import type { ResourcePattern } from '../model/model.ts';
import type { Question } from './question.ts';

/**
 * Whether a rule for these actions may stand in the policies: a closed namespace takes only ids that a template describes,
 * and actions that it lists. Of patterns nothing is asked here: one that matches the request's resource is taken by it.
 */
export function mayStand(
  { schema, template, namespace }: Question,
  resource: ResourcePattern,
  actions: readonly string[],
): boolean {
  if (namespace?.isClosed !== true) return true;
  const described = resource.kind === 'literal' ? schema.templateOf(resource.id) : template;
  if (described === undefined) return false;
  return described.actions === undefined || actions.every((action) => described.actions!.includes(action));
}
