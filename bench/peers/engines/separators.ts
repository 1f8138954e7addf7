const COLON = 58;
const SLASH = 47;

export function isSeparator(unit: number): boolean {
  return unit === SLASH || unit === COLON;
}

/** The start of the id up to and with each of its separators, the longest last. */
export function startsOf(id: string): string[] {
  const starts: string[] = [];
  for (let i = 0; i < id.length; i++) if (isSeparator(id.charCodeAt(i))) starts.push(id.slice(0, i + 1));
  return starts;
}
