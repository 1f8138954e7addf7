const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(\.\d{1,9})?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/i;
const DURATION = /^(-)?(?=\d)(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/;
/** How many of each part of a duration, milliseconds last, make one of the part before. */
const PARTS = [1, 24, 60, 60, 1000];

/** Reads RFC 3339 with a zone; a leap second is refused (S50). Milliseconds since 1970, with the fraction the text has. */
export function parseTime(text: string): number | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const part = (i: number): number => Number(match[i] ?? 0);
  const date = new Date(0);
  date.setUTCFullYear(part(1), part(2) - 1, part(3));
  // A day that its month lacks has been carried into the next month.
  if (date.getUTCMonth() !== part(2) - 1 || date.getUTCDate() !== part(3)) return undefined;
  const offsetMinutes = (part(9) * 60 + part(10)) * (match[8] === '-' ? -1 : 1);
  return date.setUTCHours(part(4), part(5) - offsetMinutes, part(6)) + part(7) * 1000;
}

/** Reads `[-]<n>d<n>h<n>m<n>s<n>ms`, at least one part, in that order (S50). Milliseconds. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const total = PARTS.reduce((sum, perPart, i) => sum * perPart + Number(match[i + 2] ?? 0), 0);
  return match[1] === '-' ? -total : total;
}
