/** Whether whoever sent this `Accept` takes JSON: nothing was sent, or a range that holds `application/json` and is not refused. */
export function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  const qualities = new Map(accept.split(',').map(readRange));
  // The narrowest range that holds it counts.
  const range = ['application/json', 'application/*', '*/*'].find((name) => qualities.has(name));
  return range !== undefined && qualities.get(range) !== 0;
}

function readRange(text: string): [range: string, quality: number] {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  return [range, quality === undefined ? 1 : Number(quality.slice(2))];
}
