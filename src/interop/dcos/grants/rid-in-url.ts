/** A resource id as one segment of an URL's path, decoded; or what is wrong with the way it is encoded. */
export type DecodedRid =
  | { readonly ok: true; readonly resource: string }
  /** `resource` is what was probably meant. */
  | { readonly ok: false; readonly resource: string; readonly message: string; readonly help: string };

/**
 * Decodes once (IAM API of DC/OS, 4): the percent-encoding of the segment, then each `%2F` that is left, which was
 * `%252F`. An id that holds a percent sign after that was encoded in another way, and names another ACL than it seems to.
 *
 * @param segment  raw, as it stands between two slashes of the path
 */
export function decodeRid(segment: string): DecodedRid {
  const meant = lenientlyDecoded(segment);
  if (/%2f/i.test(segment)) {
    return {
      ok: false,
      resource: meant,
      message: '`%2F` is a slash of the path, not of the resource id',
      help: `write each slash of the id as \`%252F\`: \`${encodeRid(meant)}\``,
    };
  }
  const once = percentDecoded(segment);
  if (once === undefined) {
    return {
      ok: false,
      resource: meant,
      message: 'the resource id is not percent-encoded',
      help: 'write a percent sign only before two hexadecimal digits',
    };
  }
  const resource = once.replaceAll('%2F', '/');
  if (!resource.includes('%')) return { ok: true, resource };
  return {
    ok: false,
    resource: meant,
    message: `the resource id decodes to \`${resource}\`, which still has a percent sign`,
    help: meant.includes('%')
      ? plainHelp
      : `write each slash of the id as \`%252F\`, in capitals: \`${encodeRid(meant)}\``,
  };
}

const plainHelp = 'write the resource id as DC/OS lists it, with `%252F` for each slash';

/**
 * An id as one segment of an URL's path: slashes as tools write them, and whatever an URL cannot hold percent-encoded. Plain
 * ids come out as `encodeRid` spells them.
 */
export function encodeRidForUrl(resource: string): string {
  return encodeURIComponent(resource)
    .replaceAll('%2F', '%252F')
    .replace(/%(?:3A|40|24|2C|2B|3D)/g, decodeURIComponent);
}

/** The one spelling of an id in an URL: nothing but slashes is encoded. */
export function encodeRid(resource: string): string {
  return resource.replaceAll('/', '%252F');
}

/** The same for the key of a dump, in which `encodeRidForUrl` may have written a percent sign of the id itself. */
export function decodeRidOfKey(segment: string): DecodedRid {
  const decoded = decodeRid(segment);
  const resource = percentDecoded(segment)?.replaceAll('%2F', '/');
  if (decoded.ok || resource === undefined || !segment.includes('%25')) return decoded;
  return !looksEncoded(resource) && encodeRidForUrl(resource) === segment ? { ok: true, resource } : decoded;
}

/** Undefined if it is not percent-encoded UTF-8. */
function percentDecoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Slashes, however often they were encoded. */
export function lenientlyDecoded(text: string): string {
  return text.replace(/%(?:25)*2f/gi, '/').replace(/%3a/gi, ':');
}

/** A percent-encoding where there is no URL: whoever stores the id stores the percent sign. */
export function looksEncoded(resource: string): boolean {
  return /%[0-9A-Fa-f]{2}/.test(resource);
}
