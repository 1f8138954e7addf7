import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import { quote } from '../../files/quote.ts';

/**
 * What is wrong with a body, a query or headers, for who sent them: the first fault, with the place as in a program,
 * `requests[3].groups`.
 *
 * @param part  as fastify calls it: `body`, `querystring`, `params` or `headers`
 */
export function describeSchemaFault(
  { keyword, instancePath, params, message }: FastifySchemaValidationError,
  part: string,
): string {
  const place = placeOf(instancePath, part);
  switch (keyword) {
    case 'additionalProperties':
      return `${place} has an unknown member ${quote(String(params.additionalProperty))}`;
    case 'required':
      return `${place} lacks ${quote(String(params.missingProperty))}`;
    case 'type':
      return `${place} must be ${articleOf(String(params.type))}`;
    case 'enum':
      return `${place} must be one of ${(params.allowedValues as unknown[]).map((value) => quote(String(value))).join(', ')}`;
    default:
      return `${place} ${(message ?? 'is not valid').replace('must NOT', 'must not')}`;
  }
}

function placeOf(pointer: string, part: string): string {
  if (pointer === '') return `the ${part === 'querystring' ? 'query' : part}`;
  let place = '';
  for (const token of pointer.slice(1).split('/')) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    place += /^\d+$/.test(name) ? `[${name}]` : place === '' ? name : `.${name}`;
  }
  return quote(place);
}

function articleOf(type: string): string {
  return `${/^[aeio]/.test(type) ? 'an' : 'a'} ${type}`;
}
