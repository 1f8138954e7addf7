import type { Catalogue } from './catalogue.ts';
import { isWildcardStar, knowsStars } from './wildcard-star.ts';

/**
 * Whether the star at the end of a resource id stands for every value of that one segment (SEMANTICS of DC/OS, 6). Any other
 * star is a character.
 */
export function endsInWildcard(resource: string, { version }: Catalogue): boolean {
  return knowsStars(version) && isWildcardStar(resource);
}
