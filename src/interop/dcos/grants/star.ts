import { isWildcardStar } from '../../../iam/wildcard-star.ts';
import type { Catalogue } from './catalogue.ts';

/** Whether the star at the end of a resource id stands for every value of that one segment in a version of DC/OS. */
export function endsInWildcard(resource: string, { version }: Catalogue): boolean {
  return knowsStars(version) && isWildcardStar(resource);
}

/** @param version  of DC/OS: `1.9` */
export function knowsStars(version: string): boolean {
  return !/^1\.(?:\d|10)$/.test(version);
}
