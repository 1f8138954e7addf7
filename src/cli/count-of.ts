/** `1 line`, `2,000 lines`. */
export function countOf(count: number, noun: string): string {
  return `${renderNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `2,000`. */
export function renderNumber(number: number): string {
  return number.toLocaleString('en');
}
