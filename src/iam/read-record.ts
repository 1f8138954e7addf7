import { isNestedDeeper } from '../json/is-nested-deeper.ts';
import { maxJsonDepth } from '../json/parse-json.ts';
import { actions, type Operation, type StoreRecord } from './operation.ts';
import { RecordError } from './record-error.ts';

/** Members of an operation, by its kind, with what stands in them. */
const shapes: Readonly<Record<Operation['kind'], Readonly<Record<string, Check>>>> = {
  'create-user': { user: isUser },
  'update-user': { uid: isText, description: optional(isText), passwordHash: optional(isText) },
  'delete-user': { uid: isText },
  'create-group': { group: isGroup },
  'update-group': { gid: isText, description: isText },
  'delete-group': { gid: isText },
  'add-member': { gid: isText, uid: isText },
  'remove-member': { gid: isText, uid: isText },
  'create-acl': { rid: isText, description: isText },
  'update-acl': { rid: isText, description: isText },
  'delete-acl': { rid: isText },
  grant: { entry: isEntry, action: oneOf(...actions) },
  revoke: { entry: isEntry, action: oneOf(...actions) },
  'revoke-all': { entry: isEntry },
};

type Check = (value: unknown) => boolean;

/**
 * A record as `JSON.stringify` wrote it. Its hash is not looked at: `IamState.apply` does.
 *
 * @throws {RecordError} for what no version of ours writes
 */
export function readRecord(text: string): StoreRecord {
  if (isNestedDeeper(text, maxJsonDepth))
    throw new RecordError(`a record is nested more than ${maxJsonDepth} deep`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RecordError('a record is no JSON');
  }
  const isRecord = hasShape(value, {
    revision: isCount,
    previousHash: isHash,
    hash: isHash,
    timeMs: Number.isFinite,
    author: isText,
    reason: isText,
    operations: Array.isArray,
  });
  if (!isRecord) throw new RecordError('what stands in the place of a record is none');
  const record = value as StoreRecord;
  for (const operation of record.operations) {
    if (isOperation(operation)) continue;
    const { kind } = (operation ?? {}) as { readonly kind?: unknown };
    const what = `record ${record.revision} has an operation \`${String(kind)}\` that is not understood here`;
    throw new RecordError(`${what}: was it written by a newer version?`);
  }
  return record;
}

function isOperation(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, ...members } = value as { readonly kind?: unknown };
  const shape =
    typeof kind === 'string' && Object.hasOwn(shapes, kind) ? shapes[kind as Operation['kind']] : undefined;
  return shape !== undefined && hasShape(members, shape);
}

/** Every member that the shape names and no other. */
function hasShape(value: unknown, shape: Readonly<Record<string, Check>>): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const members = value as Readonly<Record<string, unknown>>;
  return (
    Object.keys(members).every((name) => Object.hasOwn(shape, name)) &&
    Object.entries(shape).every(([name, check]) => check(members[name]))
  );
}

const providerType = oneOf('internal', 'ldap', 'oidc', 'saml');

export function isUser(value: unknown): boolean {
  return hasShape(value, {
    uid: isText,
    description: isText,
    providerType,
    providerId: isText,
    passwordHash: optional(isText),
    publicKey: optional(isText),
  });
}

export function isGroup(value: unknown): boolean {
  return hasShape(value, { gid: isText, description: isText, providerType });
}

function isEntry(value: unknown): boolean {
  return hasShape(value, { rid: isText, subjects: oneOf('users', 'groups'), id: isText });
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

export function isHash(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

function oneOf(...values: readonly string[]): Check {
  return (value) => typeof value === 'string' && values.includes(value);
}

export function isListOf(value: unknown, check: Check): boolean {
  return Array.isArray(value) && value.every(check);
}
