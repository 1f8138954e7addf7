import type { Surroundings } from '../analysis/evaluate-expression.ts';
import type { AttributeObject, AttributeValue } from '../model/model.ts';
import type { Question } from './question.ts';

/** What conditions see of a request: its attributes over those of entities, and the ids as they are (S42). */
export function surroundingsOf({ model, request, groups }: Question): Surroundings {
  const { subject, action, resource, attributes = {}, context } = request;
  const rootOf = (given: unknown, id: string | undefined): AttributeObject => {
    const declared = model.entities.find((each) => each.id === id)?.attributes ?? [];
    const root = new Map<string, AttributeValue>([...declared, ...objectFrom(given)]);
    root.delete('id');
    if (id !== undefined) root.set('id', id);
    return root;
  };
  return {
    roots: {
      subject: rootOf(attributes.subject, subject),
      action: rootOf(attributes.action, action),
      resource: rootOf(attributes.resource, resource),
      context: objectFrom(context),
    },
    isInGroup: (name) => groups.has(name),
  };
}

export function objectFrom(value: unknown): AttributeObject {
  const converted = fromJson(value ?? {});
  return converted instanceof Map ? converted : new Map();
}

/** What is no JSON is as null is: a value that fits nothing. */
function fromJson(value: unknown): AttributeValue {
  if (Array.isArray(value)) return Array.from(value, fromJson);
  if (typeof value === 'object' && value !== null)
    return new Map(Object.entries(value).map(([name, each]) => [name, fromJson(each)]));
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

export function toJson(value: AttributeValue): unknown {
  if (Array.isArray(value)) return value.map(toJson);
  // The names are input: they become own properties, whatever they are called.
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([name, each]) => [name, toJson(each as AttributeValue)]));
  return value;
}
