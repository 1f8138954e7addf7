import { quote } from '../files/quote.ts';
import type { Request } from '../index.ts';
import { parseJson } from '../json/parse-json.ts';

export type ReadRequestResult =
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly message: string };

const requestKeys: ReadonlySet<string> = new Set([
  'subject',
  'action',
  'resource',
  'groups',
  'attributes',
  'context',
]);
const attributeKeys: ReadonlySet<string> = new Set(['subject', 'action', 'resource']);

/**
 * One line of requests: a JSON object with the keys of a request and no other, so that a misspelt `contxt` is not lost in
 * silence. Whether the values are what a request needs is the engine's to say (S3): `null` for a subject is malformed, only
 * absence means absent.
 */
export function readRequestLine(line: string): ReadRequestResult {
  const result = readJsonLine(line, requestKeys);
  if (!result.ok) return result;
  const request = result.value as Request;
  const fault = findAttributesFault(request.attributes);
  return fault === undefined ? { ok: true, request } : { ok: false, message: `${fault} in \`attributes\`` };
}

export type ReadLineResult =
  | { readonly ok: true; readonly value: object }
  | { readonly ok: false; readonly message: string };

/** One line that is a JSON object with these keys and no other. */
export function readJsonLine(line: string, keys: ReadonlySet<string>): ReadLineResult {
  const result = parseJson(line);
  if (!result.ok) return { ok: false, message: describeJsonFault(line, result.message, result.offset) };
  const { value } = result;
  if (!isObject(value)) return { ok: false, message: `expected a JSON object, found ${describeKind(value)}` };
  const unknown = findUnknownKey(value, keys);
  return unknown === undefined ? { ok: true, value } : { ok: false, message: unknown };
}

function describeJsonFault(line: string, message: string, offset: number): string {
  if (/^[ \t\r]*$/.test(line)) return 'blank line: expected a JSON object';
  return `${message} at column ${offset + 1}`;
}

/** A key in `attributes` that nothing would ever look at. */
export function findAttributesFault(attributes: unknown): string | undefined {
  return isObject(attributes) ? findUnknownKey(attributes, attributeKeys) : undefined;
}

function findUnknownKey(value: object, known: ReadonlySet<string>): string | undefined {
  for (const key in value) {
    if (!known.has(key)) return `unknown key ${quote(key)} (known: ${[...known].join(', ')})`;
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describeKind(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
