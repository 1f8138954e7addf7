/** The path under which everything of the API lies. */
export const basePath = '/acs/api/v1';

/**
 * The segments of a raw path below `basePath`, each percent-decoded once; one slash at the end is ignored. The path has to
 * be as it was sent: whoever decodes it first makes another resource of `%252F`.
 *
 * @returns undefined where no route can be: bad percent-encoding, a segment that holds a slash (the original routes after
 * decoding, so that it has one segment too many there), and `.` and `..`, which a proxy in front understands differently
 */
export function readSegments(url: string): readonly string[] | undefined {
  const path = url.split(/[?#]/, 1)[0]!;
  if (!path.startsWith(`${basePath}/`)) return undefined;
  const raw = path
    .slice(basePath.length + 1)
    .replace(/\/$/, '')
    .split('/');
  const segments: string[] = [];
  for (const text of raw) {
    const segment = decode(text);
    if (segment === undefined || segment.includes('/') || segment === '.' || segment === '..')
      return undefined;
    segments.push(segment);
  }
  return segments;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The rid that a decoded segment stands for: each of its slashes came as `%252F`, in upper case. */
export function readRid(segment: string): string {
  return segment.replaceAll('%2F', '/');
}

/** An id as a segment of a path that `readSegments` and `readRid` read back. */
function encode(id: string): string {
  return encodeURIComponent(id)
    .replace(/%(?:3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent)
    .replaceAll('%2F', '%252F');
}

/** Addresses of things, as answers name them; each works when it is sent back as it stands. */
export const urls = {
  user: (uid: string): string => `${basePath}/users/${encode(uid)}`,
  group: (gid: string): string => `${basePath}/groups/${encode(gid)}`,
  membership: (gid: string, uid: string): string => `${basePath}/groups/${encode(gid)}/users/${encode(uid)}`,
  acl: (rid: string): string => `${basePath}/acls/${encode(rid)}`,
  grant: (rid: string, subjects: string, id: string, action: string): string =>
    `${basePath}/acls/${encode(rid)}/${subjects}/${encode(id)}/${action}`,
} as const;
