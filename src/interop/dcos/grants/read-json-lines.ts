import { Ajv, type ValidateFunction } from 'ajv';
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { buildJsonTree, type JsonNode } from '../../../json/json-tree.ts';
import { parseJson } from '../../../json/parse-json.ts';
import type { Source } from '../../../source/source.ts';
import type { Span } from '../../../source/span.ts';
import type { Grant, GrantsReading, PrincipalType } from './grant.ts';

/** JSON Schema (draft 7) of one line; other keys may hold anything. */
export const grantLineSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'A grant of DC/OS',
  type: 'object',
  required: ['resource'],
  properties: {
    principalType: { enum: ['user', 'group', 'service-account', 'unknown'] },
    principal: { type: 'string' },
    resource: { type: 'string', minLength: 1 },
    action: { type: 'string' },
  },
} as const;

interface GrantLine {
  readonly principalType?: PrincipalType;
  readonly principal?: string;
  readonly resource: string;
  readonly action?: string;
}

let validator: ValidateFunction<GrantLine> | undefined;

/** JSON lines: one object a line, as tools write them. `action` may list several, joined by commas. */
export function readJsonLines({ file, text }: Source): GrantsReading {
  const grants: Grant[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const line of linesOf(text)) {
    if (line.text.trim() === '') continue;
    const json = parseJson(line.text);
    if (!json.ok) {
      const start = line.start + json.offset;
      diagnostics.push(
        unreadable(file, { start, end: Math.min(start + 1, line.start + line.text.length) }, json.message),
      );
      continue;
    }
    validator ??= new Ajv({ strict: true, allowUnionTypes: true }).compile<GrantLine>(grantLineSchema);
    if (!validator(json.value)) {
      const { instancePath, message } = validator.errors![0]!;
      const where = instancePath === '' ? 'the line' : `\`${instancePath.slice(1)}\``;
      const span = { start: line.start, end: line.start + line.text.length };
      diagnostics.push(unreadable(file, span, `${where} ${message}`));
      continue;
    }
    grants.push(...grantsOf(json.value, file, line));
  }
  return { grants, acls: [], memberships: [], diagnostics };
}

interface Line {
  readonly text: string;
  readonly start: number;
}

/** The lines of a text without their line breaks. */
export function* linesOf(text: string): Generator<Line> {
  const pattern = /[^\r\n]*/y;
  let start = 0;
  while (start <= text.length) {
    pattern.lastIndex = start;
    const line = pattern.exec(text)![0];
    yield { text: line, start };
    const end = start + line.length;
    start = end + (text.startsWith('\r\n', end) ? 2 : 1);
  }
}

function grantsOf(line: GrantLine, file: string, { text, start }: Line): Grant[] {
  const { principalType = 'unknown', principal = '', resource, action = '' } = line;
  const places = buildJsonTree(text);
  const span = { start: start + places.start, end: start + places.end };
  const at = (key: string): Span => spanOf(places.children.get(key), start) ?? span;
  return actionsOf(action).map((action) => ({
    principalType,
    principal,
    resource,
    action,
    file,
    span,
    at: { principal: at('principal'), resource: at('resource'), action: at('action') },
    spelling: resource,
    isFilledIn: false,
    faults: [],
  }));
}

function spanOf(node: JsonNode | undefined, start: number): Span | undefined {
  return node && { start: start + node.start, end: start + node.end };
}

/** `read,update` is two actions; a list that is not made of actions is left as it is. */
export function actionsOf(text: string): string[] {
  const actions = text.split(',').map((action) => action.trim());
  return actions.length > 1 && actions.every((action) => /^\w+$/.test(action)) ? actions : [text.trim()];
}

function unreadable(file: string, span: Span, message: string): Diagnostic {
  return {
    code: 'P4301',
    severity: 'error',
    file,
    span,
    message: `not a grant as JSON: ${message}`,
    help: 'write `{"principalType": "user", "principal": "alice", "resource": "dcos:…", "action": "full"}`, one a line',
  };
}
