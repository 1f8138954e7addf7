import { isAscii, isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { parseJson } from '../../json/parse-json.ts';
import { ServiceError } from './errors.ts';

/**
 * Bodies are JSON as our own reader takes it, which refuses what two readers could understand in two ways. Any other
 * media type is 415, unless a route adds its own.
 */
export function readBodiesStrictly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseBody(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** @throws {ServiceError} 400 */
export function parseBody(bytes: Buffer): unknown {
  const result = parseJson(decode(bytes));
  if (result.ok) return result.value;
  throw new ServiceError(
    400,
    `the body is no valid JSON: ${result.message} at character ${result.offset + 1}`,
  );
}

function decode(bytes: Buffer): string {
  if (isAscii(bytes)) return bytes.toString('latin1');
  if (!isUtf8(bytes)) throw new ServiceError(400, 'the body is not UTF-8');
  return bytes.toString('utf8');
}
