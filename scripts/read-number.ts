/** An option that takes a number above 0; ends the process with 2 for any other. */
export function readNumber(
  values: Readonly<Record<string, unknown>>,
  name: string,
  otherwise: number,
): number {
  const text = values[name];
  const number = text === undefined ? otherwise : Number(text);
  if (number > 0) return number;
  return usageError(`--${name} takes a number above 0`);
}

export function usageError(message: string): never {
  console.error(message);
  process.exit(2);
}
