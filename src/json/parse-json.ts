import { type JsonResult, readJsonStrictly } from './strict-json-reader.ts';

export type { JsonResult } from './strict-json-reader.ts';

/** QUALITY, "Limits": nesting of anything. */
export const maxJsonDepth = 256;

/**
 * JSON from outside (RFC 8259), read strictly: beside what `JSON.parse` refuses, duplicate keys (however they are
 * spelled), lone surrogates (raw or escaped), numbers that are not finite, a byte order mark, and nesting beyond
 * `maxDepth` are errors. Two readers of one text must never see two different requests. `__proto__` is an ordinary key,
 * and becomes an own property.
 *
 * @returns the value, or a message and the offset in UTF-16 units where reading stopped. Never throws, never recurses.
 * Cost: one pass for the common text, which has no backslash and no fault, beside that of `JSON.parse`.
 */
export function parseJson(text: string, maxDepth: number = maxJsonDepth): JsonResult {
  const members = countMembersOfPlainText(text, maxDepth);
  if (members < 0) return readJsonStrictly(text, { maxDepth });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return readJsonStrictly(text, { maxDepth });
  }
  return countMembersOfValue(value) === members ? { ok: true, value } : readJsonStrictly(text, { maxDepth });
}

const quoteUnit = 0x22;
const colonUnit = 0x3a;

/**
 * Number of `key: value` pairs in a text that has no escapes, no lone surrogates and no deep nesting; -1 for any other.
 * Without escapes a string ends at the next quote, so colons and brackets outside strings are found without parsing. For
 * a text that is no JSON the number means nothing, and `JSON.parse` will say so.
 */
function countMembersOfPlainText(text: string, maxDepth: number): number {
  if (text.includes('\\') || !text.isWellFormed()) return -1;
  let members = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === quoteUnit) {
      i = text.indexOf('"', i + 1);
      if (i < 0) return -1;
    } else if (unit === colonUnit) members++;
    // `{` and `[`, `}` and `]` differ in one bit from each other, and no other character that JSON has outside strings does.
    else if ((unit | 0x20) === 0x7b) {
      if (++depth > maxDepth) return -1;
    } else if ((unit | 0x20) === 0x7d) depth--;
  }
  return members;
}

/**
 * Number of properties in the whole value; -1 if it holds an infinite number. `JSON.parse` keeps the last of two equal
 * keys, so the number falls short of the pairs in the text if and only if a key was repeated somewhere.
 */
function countMembersOfValue(value: unknown): number {
  if (typeof value !== 'object' || value === null) return isInfinite(value) ? -1 : 0;
  if (hasInheritedMembers()) return -1;
  const pending: object[] = [value];
  let members = 0;
  for (let container = pending.pop(); container !== undefined; container = pending.pop()) {
    if (Array.isArray(container)) {
      for (let i = 0; i < container.length; i++) if (!addPending(pending, container[i])) return -1;
      continue;
    }
    // Half the time of `Object.values`, which makes an array for each object.
    for (const key in container) {
      members++;
      if (!addPending(pending, (container as Record<string, unknown>)[key])) return -1;
    }
  }
  return members;
}

/** Whether somebody has given all objects a member that a loop over keys finds: it would make up for a repeated key. */
function hasInheritedMembers(): boolean {
  for (const _key in {}) return true;
  return false;
}

/** False for an infinite number. */
function addPending(pending: object[], child: unknown): boolean {
  if (typeof child === 'string') return true;
  if (typeof child !== 'object') return !isInfinite(child);
  if (child !== null) pending.push(child);
  return true;
}

function isInfinite(value: unknown): boolean {
  return typeof value === 'number' && !Number.isFinite(value);
}
