/** `push` of many, without one argument for each. */
export function append<T>(list: T[], items: readonly T[]): void {
  for (const item of items) list.push(item);
}
