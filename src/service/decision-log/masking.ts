import { createHmac } from 'node:crypto';
import { ConfigurationError } from '../../index.ts';
import type { EntryMembers } from './entry.ts';

export interface MaskOptions {
  /** JSON pointers into an entry, `/context/password`; `*` stands for every member or element. */
  readonly drop: readonly string[];
  /** The same, for values of which only a keyed hash is written: equal values stay equal. */
  readonly hash: readonly string[];
  readonly salt: Uint8Array | undefined;
}

type Replace = (value: unknown) => unknown;

/** What the log is read by: without these an entry would be no decision. */
const needed = new Set(['time', 'requestId', 'api', 'decision', 'reason', 'rule', 'revision']);

/**
 * @throws {ConfigurationError} for a pointer that is none or names a member that every line needs, and for hashing without
 *   a salt: then who knows the ids could compute the hashes
 */
export function createMask({ drop, hash, salt }: MaskOptions): (members: EntryMembers) => void {
  if (hash.length > 0 && salt === undefined)
    throw new ConfigurationError('values of the decision log cannot be hashed without a salt');
  const hashed: Replace = (value) => `hmac-sha256:${hashValue(salt!, value)}`;
  const rules = [
    ...hash.map((pointer) => ({ path: readPointer(pointer), replace: hashed })),
    ...drop.map((pointer) => ({ path: readPointer(pointer), replace: () => '[masked]' })),
  ];
  return (members) => {
    for (const { path, replace } of rules) {
      const [name, ...rest] = path;
      for (const key of keysOf(members, name!)) members[key] = masked(members[key], rest, replace);
    }
  };
}

/** A value with another in place of what the path leads to; the request itself is left as it is. */
function masked(value: unknown, [name, ...rest]: readonly string[], replace: Replace): unknown {
  if (value === undefined) return undefined;
  if (name === undefined) return replace(value);
  if (typeof value !== 'object' || value === null) return value;
  const copy = (Array.isArray(value) ? [...value] : copyMembers(value)) as EntryMembers;
  for (const key of keysOf(copy, name)) copy[key] = masked(copy[key], rest, replace);
  return copy;
}

/** Without a prototype, so that a member called `__proto__` is one like the others. */
function copyMembers(value: object): EntryMembers {
  return Object.assign(Object.create(null) as EntryMembers, value);
}

function keysOf(members: object, name: string): string[] {
  if (name === '*') return Object.keys(members);
  return Object.hasOwn(members, name) ? [name] : [];
}

function hashValue(salt: Uint8Array, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return createHmac('sha256', salt).update(text).digest('hex').slice(0, 32);
}

/** RFC 6901. */
function readPointer(pointer: string): string[] {
  const [before, ...names] = pointer
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (before !== '' || names.length === 0 || names[0] === '')
    throw new ConfigurationError(`\`${pointer}\` is no JSON pointer such as \`/context/password\``);
  if (needed.has(names[0]!) || names[0] === '*')
    throw new ConfigurationError(`\`${pointer}\` cannot be masked: a line of the decision log needs it`);
  return names;
}
