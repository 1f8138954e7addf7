import type { Image } from '../image/image.ts';
import { textAt } from '../image/image.ts';
import { NAME_PAYLOAD, NAME_SIZE, NONE } from '../image/layout.ts';
import { findName } from '../image/walk.ts';

/** Where a condition finds what it asks for: the request in hand, and what `entity` declarations say (S42). */
export interface AttributeSource {
  readonly subject: string | undefined;
  readonly action: string;
  readonly resource: string | undefined;
  readonly subjectAttributes: unknown;
  readonly actionAttributes: unknown;
  readonly resourceAttributes: unknown;
  readonly context: unknown;
}

/** What an access that finds nothing gives: no value of JSON. */
export const MISSING = Symbol('missing');

/** The attributes that `entity` declarations give, parsed when they are first asked for. */
export class EntityAttributes {
  readonly #image: Image;
  readonly #parsed = new Map<number, unknown>();

  constructor(image: Image) {
    this.#image = image;
  }

  /** The object declared for `id`, or undefined. */
  of(id: string): unknown {
    const { text, entities, entitySlots } = this.#image;
    const row = findName(text, entities, entitySlots, id);
    if (row === NONE) return undefined;
    const known = this.#parsed.get(row);
    if (known !== undefined) return known;
    const at = entities[row * NAME_SIZE + NAME_PAYLOAD]!;
    const length = text[at]! | (text[at + 1]! << 16);
    const value: unknown = JSON.parse(textAt(this.#image, at + 2, length));
    this.#parsed.set(row, value);
    return value;
  }
}

/** Own properties of plain objects only: `constructor` and `__proto__` are ordinary names. */
export function ownProperty(target: unknown, name: string): unknown {
  if (!isObject(target)) return MISSING;
  return Object.hasOwn(target, name) ? (target as Record<string, unknown>)[name] : MISSING;
}

/** A plain object (S3), of whatever realm: its prototype, if any, has none itself. No array, map or instance of a class. */
export function isObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The attribute `name` of a root: ids are the request's own (S42), then the request's attributes, then the entity's. */
export function rootAttribute(
  root: number,
  name: string,
  source: AttributeSource,
  entities: EntityAttributes,
): unknown {
  if (root === 3) return ownProperty(source.context, name);
  const id = root === 0 ? source.subject : root === 1 ? source.action : source.resource;
  if (name === 'id') return id ?? MISSING;
  const given =
    root === 0 ? source.subjectAttributes : root === 1 ? source.actionAttributes : source.resourceAttributes;
  const overlay = ownProperty(given, name);
  if (overlay !== MISSING || id === undefined) return overlay;
  return ownProperty(entities.of(id), name);
}
