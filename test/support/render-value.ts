import { inspect } from 'node:util';

/** Any value whole, on one line, in a form that can be pasted into a test. */
export function renderValue(value: unknown): string {
  return inspect(value, {
    depth: null,
    maxArrayLength: null,
    maxStringLength: null,
    breakLength: Number.POSITIVE_INFINITY,
  });
}
