import type { ResourcePattern, Template } from '../../model/model.ts';
import { type TemplateVariant, variantsOf } from '../../model/template-variants.ts';
import type { PolicyFacts } from './policy-facts.ts';

/**
 * A template that names the same thing by another property and does have the action: `…:volume:role` beside
 * `…:volume:principal`. Both have a value or path behind the last word of their head, and up to that word they are one.
 */
export function siblingWith(
  action: string,
  resource: ResourcePattern,
  templates: readonly Template[],
  facts: PolicyFacts,
): Template | undefined {
  const [template] = templates;
  if (template === undefined || templates.length !== 1) return undefined;
  const family = familyOf(template);
  if (family === undefined) return undefined;
  return facts
    .namespaceOf(resource)
    ?.templates.find(
      (other) => other !== template && other.actions?.includes(action) && familyOf(other) === family,
    );
}

/** The words before the last one of a template's head. */
function familyOf({ parts }: Template): string | undefined {
  const variants = variantsOf(parts);
  const [shortest, longest] = [variants[0]!, variants.at(-1)!];
  const head = literalsOf(longest);
  if (head.length === longest.length || head.length < 3 || shortest.length < head.length) return undefined;
  return head.slice(0, -1).join('\n');
}

function literalsOf(variant: TemplateVariant): string[] {
  const texts: string[] = [];
  for (const token of variant) {
    if (token.kind !== 'literal') break;
    texts.push(`${token.separator} ${token.text}`);
  }
  return texts;
}
