import { Ajv, type ValidateFunction } from 'ajv';
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { buildJsonTree, type JsonNode, nodeAt, pointerTo } from '../../../json/json-tree.ts';
import { parseJson } from '../../../json/parse-json.ts';
import type { Source } from '../../../source/source.ts';
import type { Span } from '../../../source/span.ts';
import { dumpSchema } from './dump-schema.ts';

/** Answers by the paths that were asked, or one list; it has the form that `dumpSchema` tells. */
export type Dump = Readonly<Record<string, unknown>>;

export type ParsedDump =
  | { readonly ok: true; readonly dump: Dump }
  | { readonly ok: false; readonly diagnostic: Diagnostic };

let validator: ValidateFunction<Dump> | undefined;

/** The JSON of a dump, held against its schema; or where it is none. */
export function parseDump({ file, text }: Source): ParsedDump {
  const json = parseJson(text);
  if (!json.ok) {
    const span = { start: json.offset, end: Math.min(json.offset + 1, text.length) };
    return { ok: false, diagnostic: unreadable(file, span, `not JSON: ${json.message}`) };
  }
  validator ??= new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false }).compile<Dump>(
    dumpSchema,
  );
  if (validator(json.value)) return { ok: true, dump: json.value };
  const { instancePath, message, params } = validator.errors![0]!;
  const { additionalProperty } = params as { additionalProperty?: string };
  const places = buildJsonTree(text);
  if (additionalProperty === undefined) {
    const { start, end } = nodeAt(places, instancePath);
    const what = `${instancePath === '' ? 'the document' : `\`${instancePath}\``} ${message}`;
    return { ok: false, diagnostic: { ...unreadable(file, { start, end }, what), pointer: instancePath } };
  }
  const pointer = pointerTo(instancePath, additionalProperty);
  const { start, end } = keyPlace(places, pointer);
  const what = `\`${additionalProperty}\` is no path of the IAM that is read here`;
  return { ok: false, diagnostic: { ...unreadable(file, { start, end }, what), pointer } };
}

/** Where the key of a member stands. */
export function keyPlace(places: JsonNode, pointer: string): Span {
  const node = nodeAt(places, pointer);
  return node.key ?? node;
}

function unreadable(file: string, span: Span, what: string): Diagnostic {
  return {
    code: 'P4301',
    severity: 'error',
    file,
    span,
    message: `no dump of the IAM: ${what}`,
    help: 'write `{"/acls": …, "/acls/<rid>/permissions": …, "/users": …, "/groups": …, "/groups/<gid>/users": …}`',
  };
}
