import type { ResourcePattern } from '../../model/model.ts';

/** A resource as messages name it. */
export function textOfResource(resource: ResourcePattern): string {
  return resource.kind === 'literal' ? resource.id : resource.text;
}
