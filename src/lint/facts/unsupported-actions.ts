import type { ResourcePattern, Rule, Template } from '../../model/model.ts';
import type { PolicyFacts } from './policy-facts.ts';

/** An action of a rule that the resource does not have. */
export interface Unsupported {
  readonly action: string;
  readonly resource: ResourcePattern;
  /** All that describe what the resource matches. */
  readonly templates: readonly Template[];
}

/** The actions of a rule that no template of its resource lists. A closed namespace refuses them by itself (P1004). */
export function findUnsupported(rule: Rule, facts: PolicyFacts): readonly Unsupported[] {
  return rule.resources.flatMap((resource) => {
    const namespace = facts.namespaceOf(resource);
    if (namespace === undefined || namespace.isClosed) return [];
    const templates = facts.templatesOf(resource);
    if (templates.length === 0 || templates.some(({ actions }) => actions === undefined)) return [];
    const listed = new Set(templates.flatMap(({ actions }) => actions!));
    return rule.actions.flatMap((action) => {
      if (
        listed.has(action) ||
        (resource.kind === 'pattern' && isUseful(rule, action, resource, listed, facts))
      )
        return [];
      // A deny of what implies a listed action, or is implied by one, denies that.
      if (rule.effect === 'deny' && isUseful(rule, action, resource, listed, facts)) return [];
      return [{ action, resource, templates }];
    });
  });
}

function isUseful(
  { effect }: Rule,
  action: string,
  resource: ResourcePattern,
  listed: ReadonlySet<string>,
  facts: PolicyFacts,
): boolean {
  const asked = facts.actionsOn({ effect, actions: [action] }, resource);
  return [...asked].some((each) => listed.has(each));
}
