/** Values of requests as JSON can hold them, those too that no JSON request has: `{ "$": "symbol", … }` and the like. */
export type Portable =
  | string
  | number
  | boolean
  | null
  | readonly Portable[]
  | { readonly [name: string]: Portable };

export function toPortable(value: unknown): Portable {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return isJsonNumber(value) ? value : { $: 'number', text: textOf(value) };
  if (typeof value === 'bigint') return { $: 'bigint', text: `${value}` };
  if (Array.isArray(value))
    return Array.from(value, (each, i) => (i in value ? toPortable(each) : { $: 'gap' }));
  if (typeof value === 'symbol') return { $: 'symbol' };
  if (value instanceof String) return { $: 'string', text: `${value}` };
  if (value instanceof Date) return { $: 'date', epochMs: value.getTime() };
  if (value instanceof Map) return { $: 'map' };
  if (typeof value !== 'object') return { $: typeof value };
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toPortable(each)]));
}

export function fromPortable(value: Portable): unknown {
  if (Array.isArray(value)) return fromPortableList(value);
  if (typeof value !== 'object' || value === null) return value;
  const { $: kind, ...parts } = value as { readonly [name: string]: Portable };
  switch (kind) {
    case 'undefined':
      return undefined;
    case 'symbol':
      return Symbol.iterator;
    case 'function':
      return () => {};
    case 'map':
      return new Map();
    case 'number':
      return Number(parts.text);
    case 'bigint':
      return BigInt(String(parts.text));
    case 'string':
      return new String(parts.text);
    case 'date':
      return new Date(Number(parts.epochMs));
    default:
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fromPortable(each)]));
  }
}

function fromPortableList(values: readonly Portable[]): unknown[] {
  const list: unknown[] = [];
  for (const [i, value] of values.entries()) if (!isGap(value)) list[i] = fromPortable(value);
  list.length = values.length;
  return list;
}

function isGap(value: Portable): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object(value).$ === 'gap';
}

function isJsonNumber(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

function textOf(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
