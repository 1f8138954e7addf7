/** All links between clusters: the one star that documentation says stands for all. */
const everyLink = 'dcos:cluster:linker:*';
/** The secrets of a directory, not of those beneath it; what installers grant since 1.11. */
const directory = /^dcos:secrets:default:\/(?:[^*]*\/)?\*$/;

/** Whether the star at the end of a resource id is one that DC/OS knows, in the versions that know any. */
export function isWildcardStar(resource: string): boolean {
  return resource === everyLink || directory.test(resource);
}

/** @param version  of DC/OS: `1.9` */
export function knowsStars(version: string): boolean {
  return !/^1\.(?:\d|10)$/.test(version);
}
