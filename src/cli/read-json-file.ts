import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject, type SchemaObject } from 'ajv';
import { describeSystemError, FileError } from '../files/file-error.ts';
import { nearestName } from '../files/nearest.ts';
import { escapeText, quote } from '../files/quote.ts';
import { decodeUtf8 } from '../files/utf8.ts';
import { buildJsonTree, nodeAt } from '../json/json-tree.ts';
import { parseJson } from '../json/parse-json.ts';
import { UsageError } from './usage-error.ts';

/** A JSON file that a schema accepts, and a way to speak of places in it. */
export interface JsonFile<Value> {
  readonly value: Value;
  /** A message about the value that a JSON pointer names, or about its key. */
  readonly fault: (pointer: string, message: string) => UsageError;
}

const ajv = new Ajv({ allErrors: true, verbose: true, strictTuples: false });

/**
 * Reads a file that the command line or a configuration names.
 *
 * @param what  what the file is, for messages: `configuration`
 * @param schema  whose descriptions say what is expected
 * @throws {UsageError} with a line for each fault, if it is no JSON or the schema does not accept it
 * @throws {FileError} if it cannot be read
 */
export function readJsonFile<Value>(path: string, what: string, schema: SchemaObject): JsonFile<Value> {
  const text = readText(path, what);
  const parsed = parseJson(text);
  if (!parsed.ok) throw faultAt(path, text, parsed.offset, `not valid JSON: ${parsed.message}`);
  const tree = buildJsonTree(text);
  const fault = (pointer: string, message: string): UsageError => {
    const node = nodeAt(tree, pointer);
    return faultAt(path, text, node.key?.start ?? node.start, message);
  };
  const validate = ajv.compile<Value>(schema);
  if (validate(parsed.value)) return { value: parsed.value, fault };
  const faults = withoutConsequences(validate.errors ?? []).map((error) => describe(error, fault).message);
  throw new UsageError([...new Set(faults)].join('\npostern: '));
}

function readText(path: string, what: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const reason = describeSystemError(error);
    throw new FileError('unreadable', `${what} ${quote(path)} cannot be read: ${reason}`, { cause: error });
  }
  const decoded = decodeUtf8(bytes);
  if (decoded.ok) return decoded.text.startsWith('\ufeff') ? decoded.text.slice(1) : decoded.text;
  throw new FileError('unreadable', `${what} ${quote(path)} is not UTF-8`);
}

function faultAt(path: string, text: string, offset: number, message: string): UsageError {
  const before = text.slice(0, offset).split('\n');
  return new UsageError(`${escapeText(path)}:${before.length}:${before.at(-1)!.length + 1}: ${message}`);
}

/** `if` fails wherever its branch does, and says nothing of its own. */
function withoutConsequences(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  return errors.filter(({ keyword }) => keyword !== 'if');
}

function describe(
  { keyword, instancePath, params, parentSchema }: ErrorObject,
  fault: JsonFile<unknown>['fault'],
): UsageError {
  if (keyword === 'additionalProperties') {
    const key = String(params.additionalProperty);
    const known = Object.keys(parentSchema?.properties ?? {});
    const near = nearestName(key, known);
    const hint = near === undefined ? ` (known: ${known.join(', ')})` : `, did you mean ${quote(near)}`;
    return fault(`${instancePath}/${escapePointer(key)}`, `unknown key ${quote(key)}${hint}`);
  }
  if (keyword === 'required') return fault(instancePath, `\`${params.missingProperty}\` is missing`);
  return fault(instancePath, `expected ${parentSchema?.description}`);
}

export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
