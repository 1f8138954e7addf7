/** All links between clusters: the one star that documentation says stands for all. */
const everyLink = 'dcos:cluster:linker:*';
/** The secrets of a directory, not of those beneath it; what installers grant since 1.11. */
const directory = /^dcos:secrets:default:\/(?:[^*]*\/)?\*$/;

/**
 * Whether the star at the end of a resource id is one that DC/OS knows, in the versions that know any: it stands for every value
 * of that one segment (SEMANTICS of DC/OS, 6). Any other star is a character.
 */
export function isWildcardStar(resource: string): boolean {
  return resource === everyLink || directory.test(resource);
}
