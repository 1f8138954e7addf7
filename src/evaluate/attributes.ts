import { NAME_OF_PATH_SIZE, PATH_COUNT, PATH_NAMES, PATH_ROOT } from '../image/condition-ops.ts';
import { type Image, namedText, textAt } from '../image/image.ts';
import { NAME_PAYLOAD, NAME_SIZE, NONE } from '../image/layout.ts';
import { findName } from '../image/walk.ts';

/** What a path gives of which only the last name is not there: no value of JSON. */
export const MISSING = Symbol();

/** Where a condition finds what it asks for: the request in hand, and what `entity` declarations say (S42). */
export class RequestAttributes {
  readonly #image: Image;
  /** The names of paths by their numbers, and the attributes of entities by row: made when they are first asked for. */
  readonly #names: string[] = [];
  readonly #entities = new Map<number, unknown>();
  #ids: readonly (string | undefined)[] = [];
  #layers: readonly unknown[] = [];

  constructor(image: Image) {
    this.#image = image;
  }

  /** Takes the request in hand: the ids of its roots, and their attributes, context last; undefined for what it has not. */
  begin(ids: readonly (string | undefined)[], layers: readonly unknown[]): void {
    this.#ids = ids;
    this.#layers = layers;
  }

  /** The value at the path that begins at word `at`; MISSING if only its last name is not there, undefined if more is wrong. */
  read(at: number): unknown {
    const { programs } = this.#image;
    let value = this.#rootAttribute(programs[at + PATH_ROOT]!, this.#nameAt(at + PATH_NAMES));
    const end = at + PATH_NAMES + programs[at + PATH_COUNT]! * NAME_OF_PATH_SIZE;
    // Programs are not verified: the words may end before the names do.
    for (
      let name = at + PATH_NAMES + NAME_OF_PATH_SIZE;
      name < Math.min(end, programs.length);
      name += NAME_OF_PATH_SIZE
    )
      value = isObject(value) ? ownProperty(value, this.#nameAt(name)) : undefined;
    return value;
  }

  /** The attribute `name` of a root: ids are the request's own (S42), then the request's attributes, then the entity's. */
  #rootAttribute(root: number, name: string): unknown {
    const id = this.#ids[root];
    if (name === 'id' && root < this.#ids.length) return id ?? MISSING;
    const given = ownProperty(this.#layers[root], name);
    return given === MISSING && id !== undefined ? ownProperty(this.#entityOf(id), name) : given;
  }

  /** The object declared for `id`, or undefined. */
  #entityOf(id: string): unknown {
    const { text, entities, entitySlots } = this.#image;
    const row = findName(text, entities, entitySlots, id);
    if (row !== NONE && !this.#entities.has(row)) {
      const at = entities[row * NAME_SIZE + NAME_PAYLOAD]!;
      const length = text[at]! | (text[at + 1]! << 16);
      this.#entities.set(row, JSON.parse(textAt(this.#image, at + 2, length)));
    }
    return this.#entities.get(row);
  }

  #nameAt(at: number): string {
    const { programs } = this.#image;
    const number = programs[at]!;
    if (this.#names[number] === undefined) {
      this.#names[number] = namedText(this.#image, programs, at + 1);
      // A string by which it has read a property the platform knows as a name ever after; `hasOwn` alone would look for
      // it among all names each time, which takes five times as long (`bench/worst.ts`).
      Reflect.get(this, this.#names[number]);
    }
    return this.#names[number];
  }
}

/** Own properties only: `constructor` and `__proto__` are ordinary names. The target is a plain object, or undefined. */
function ownProperty(target: unknown, name: string): unknown {
  if (target === undefined || !Object.hasOwn(target as object, name)) return MISSING;
  // JSON has no `undefined`; in conditions it is what null is, a value that fits nothing.
  return (target as Record<string, unknown>)[name] ?? null;
}

/** A plain object (S3), of whatever realm: its prototype, if any, has none itself. No array, map or instance of a class. */
export function isObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
