import type { Known } from '../analysis/fold-condition.ts';
import { Subjects } from '../analysis/subjects.ts';
import type { AttributeObject, AttributeRoot, AttributeValue, Model } from '../model/model.ts';
import { FilterError } from './filter-error.ts';

/** All of a request but its resource. */
export interface Asking {
  readonly subject: string | undefined;
  readonly action: string;
  readonly groups: readonly string[];
  /** As in a request; those of resources are what `entity` declares. */
  readonly attributes: { readonly subject?: unknown; readonly action?: unknown };
  readonly context: unknown;
}

/** What conditions can ask of a request without knowing its resource (S42). */
export function knownOf(model: Model, asking: Asking): Known {
  const { subject, action, groups, attributes, context } = asking;
  return {
    ids: new Map<AttributeRoot, string | undefined>([
      ['subject', subject],
      ['action', action],
    ]),
    closed: new Map<AttributeRoot, AttributeObject>([
      ['subject', attributesOf(model, subject, readObject('attributes.subject', attributes.subject))],
      ['action', attributesOf(model, action, readObject('attributes.action', attributes.action))],
      ['context', readObject('context', context)],
    ]),
    groups: new Subjects(model).groupsOf({ ...(subject === undefined ? {} : { subject }), groups }),
  };
}

/** The same with a resource: its attributes are those of its entity alone. */
export function withResource(known: Known, model: Model, id: string): Known {
  return {
    ...known,
    ids: new Map([...known.ids, ['resource', id]]),
    closed: new Map([...known.closed!, ['resource', attributesOf(model, id, new Map())]]),
  };
}

/** What the entity declares, overlaid name by name; the id is always itself (S42). */
function attributesOf({ entities }: Model, id: string | undefined, given: AttributeObject): AttributeObject {
  const declared = entities.find((entity) => entity.id === id)?.attributes ?? new Map();
  const all = new Map<string, AttributeValue>([...declared, ...given]);
  all.delete('id');
  return id === undefined ? all : all.set('id', id);
}

function readObject(name: string, value: unknown): AttributeObject {
  if (value === undefined) return new Map();
  const read = readValue(name, value);
  if (read instanceof Map) return read;
  throw new FilterError('option', `\`${name}\` is no plain object`);
}

/** JSON data as the model has it. */
function readValue(name: string, value: unknown): AttributeValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => readValue(name, each));
  const prototype: unknown = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (prototype === Object.prototype || prototype === null) {
    const entries = Object.entries(value as object).filter(([, each]) => each !== undefined);
    return new Map(entries.map(([key, each]) => [key, readValue(name, each)]));
  }
  throw new FilterError('option', `\`${name}\` holds what is no JSON`);
}
