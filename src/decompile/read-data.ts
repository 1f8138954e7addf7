import { type Image, namedText, textAt } from '../image/image.ts';
import { ImageError } from '../image/image-error.ts';
import { NAME_PAYLOAD, NAME_SIZE, NAME_TEXT } from '../image/layout.ts';
import type { AttributeObject, AttributeValue, Entity, Route } from '../model/model.ts';
import { locationIn, namesOf } from './tables.ts';

/** Entities with their attributes, which the image holds as JSON. */
export function readEntities(image: Image): readonly Entity[] {
  const { entities, text } = image;
  return Array.from({ length: entities.length / NAME_SIZE }, (_, row) => {
    const at = entities[row * NAME_SIZE + NAME_PAYLOAD]!;
    const length = text[at]! | (text[at + 1]! << 16);
    return {
      id: namedText(image, entities, row * NAME_SIZE + NAME_TEXT),
      attributes: attributeOf(parseJson('entities', textAt(image, at + 2, length))) as AttributeObject,
      location: locationIn(''),
    };
  });
}

/** Routes, which the image holds as JSON, with the places that they were written at. */
export function readRoutes(image: Image): readonly Route[] {
  return namesOf(image, image.routes).map((json) => parseJson('routes', json) as Route);
}

function parseJson(section: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new ImageError('inconsistent', `section \`${section}\` of the image holds what is no JSON`);
  }
}

/** Objects become maps: a name may be any text, also `__proto__`. Depth is that of the policy, which its parser bounds. */
function attributeOf(value: unknown): AttributeValue {
  if (Array.isArray(value)) return value.map(attributeOf);
  if (typeof value !== 'object' || value === null) return value as AttributeValue;
  return new Map(Object.entries(value).map(([name, inner]) => [name, attributeOf(inner)]));
}
