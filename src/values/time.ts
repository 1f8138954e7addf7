const RFC_3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;
const DURATION = /^(-)?(?=\d)(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/;
/** How many of each part of a duration, milliseconds last, make one of the part before. */
const PARTS = [1, 24, 60, 60, 1000];

/** Reads RFC 3339 with a zone; a leap second is refused (S50). Milliseconds since 1970, with the fraction the text has. */
export function parseTime(text: string): number | undefined {
  const [, local, fraction, zone] = RFC_3339.exec(text.toUpperCase()) ?? [];
  // What a day, an hour or a minute lacks would come back as none at all, or carried over into the next.
  if (local === undefined || !new Date(`${local}Z`).toJSON()?.startsWith(local)) return undefined;
  return Date.parse(local + zone) + Number(fraction ?? 0) * 1000;
}

/** Reads `[-]<n>d<n>h<n>m<n>s<n>ms`, at least one part, in that order (S50). Milliseconds. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const total = PARTS.reduce((sum, perPart, i) => sum * perPart + Number(match[i + 2] ?? 0), 0);
  return match[1] === '-' ? -total : total;
}
