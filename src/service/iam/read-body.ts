import { isUtf8 } from 'node:buffer';
import { parseJson } from '../../json/parse-json.ts';
import { IamError, invalidData } from './iam-error.ts';

/** A body as it came, before anybody knows whether the route wants one. */
export interface RawBody {
  readonly contentType: string | undefined;
  /** Undefined or empty where nothing was sent. */
  readonly bytes: Buffer | undefined;
}

const lacksJson = 'Request has bad Content-Type or lacks JSON data';
const unknownType = 'Unexpected or undefined Content-Type: send application/json';
const formTypes = new Set(['application/x-www-form-urlencoded', 'multipart/form-data']);
const charsets = new Set([undefined, 'utf-8', 'utf8', 'us-ascii']);

/**
 * The members of a body that is a JSON object of texts, which all bodies of the API are. Closed: a misspelt member is not
 * lost in silence.
 *
 * @throws {IamError} 400, or 415 for a media type that is not known
 */
export function readTexts<Name extends string>(
  raw: RawBody,
  { allowed, required = [] }: { readonly allowed: readonly Name[]; readonly required?: readonly Name[] },
): { readonly [Key in Name]?: string } {
  const body = readObject(raw);
  const names = Object.keys(body);
  const unknown = names.filter((name) => !(allowed as readonly string[]).includes(name));
  if (unknown.length > 0) throw invalidData(describeUnknown(unknown));
  for (const name of required) {
    if (!Object.hasOwn(body, name))
      throw invalidData(`Unexpected JSON input: \`${name}\` is a required property`);
  }
  for (const name of names) {
    if (typeof body[name] !== 'string')
      throw invalidData(`Unexpected JSON input: \`${name}\` is not of type string`);
  }
  return body as { readonly [Key in Name]?: string };
}

function describeUnknown(names: readonly string[]): string {
  const list = names.map((name) => `'${name}'`).join(', ');
  const verb = names.length === 1 ? 'was' : 'were';
  return `Unexpected JSON input: Additional properties are not allowed (${list} ${verb} unexpected)`;
}

function readObject({ contentType, bytes }: RawBody): Readonly<Record<string, unknown>> {
  const isEmpty = bytes === undefined || bytes.length === 0;
  checkType(contentType, isEmpty);
  if (isEmpty) throw new IamError(400, lacksJson);
  if (!isUtf8(bytes)) throw new IamError(400, 'Cannot decode JSON body: it is not UTF-8');
  const result = parseJson(bytes.toString('utf8'));
  if (!result.ok)
    throw new IamError(400, `Cannot decode JSON body: ${result.message} at character ${result.offset + 1}`);
  const { value } = result;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new IamError(400, 'Unexpected JSON input: the body is no object');
  return value as Readonly<Record<string, unknown>>;
}

function checkType(contentType: string | undefined, isEmpty: boolean): void {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  if (formTypes.has(type) || (type === '' && isEmpty)) throw new IamError(400, lacksJson);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice(8);
  if (type !== 'application/json' || !charsets.has(charset?.replace(/^"(.*)"$/, '$1')))
    throw new IamError(415, unknownType);
}
