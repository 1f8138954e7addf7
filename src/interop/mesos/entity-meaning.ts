import { type AclEntity, belowSuffix, overridingValue } from './acls.ts';
import type { ListMatch } from './lists.ts';

// What an entity means where values are compared in a given way; principals are compared as `value` in every list.

/** No request has what the entity asks for, so that its entry never applies. */
export function matchesNothing({ type, values }: AclEntity, match: ListMatch): boolean {
  return type === 'SOME' && (values.length === 0 || match === 'any');
}

/** The entity denies whatever its entry applies to. */
export function isDenial(entity: AclEntity, match: ListMatch): boolean {
  return entity.type === 'NONE' && !(match === 'role' && overridingValue(entity) !== undefined);
}

/** The entity is about its values: by its type, or because a lone value overrides that. */
export function goesByValues(entity: AclEntity, match: ListMatch): boolean {
  return entity.type === 'SOME' || (match === 'role' && overridingValue(entity) !== undefined);
}

/** What every role below begins with: `a/` for `a/%`. Nothing for a value that stands for itself. */
export function prefixOf(value: string, match: ListMatch): string | undefined {
  return match === 'role' && value.endsWith(belowSuffix) ? value.slice(0, -1) : undefined;
}
