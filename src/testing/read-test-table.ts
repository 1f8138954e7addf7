import type { Effect, Reason } from '../decision/decision.ts';
import type { Request } from '../decision/request.ts';
import { buildJsonTree, type JsonNode } from '../json/json-tree.ts';
import { parseJson } from '../json/parse-json.ts';
import type { Source } from '../source/source.ts';
import type { ExpectedAnswer, ExpectedRule, TestCase } from './test-case.ts';

/** What keeps a line of a table from being a test. Line and column are 1-based. */
export interface TableFault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface TestTable {
  readonly cases: readonly TestCase[];
  readonly faults: readonly TableFault[];
}

/**
 * A table of requests, one line each: the request as `postern eval` reads it under `request`, beside the answer as it
 * writes it. Empty lines are passed over. What a request holds is the engine's to judge, as in `eval`: a test may ask for
 * what is malformed.
 *
 * @param modes  those that the policy set knows
 */
export function readTestTable({ file, text }: Source, modes: readonly string[]): TestTable {
  const cases: TestCase[] = [];
  const faults: TableFault[] = [];
  for (const [index, lineText] of text.split(/\r?\n/).entries()) {
    if (/^[ \t]*$/.test(lineText)) continue;
    const line = index + 1;
    const result = readLine(lineText, modes);
    if ('offset' in result) faults.push({ file, line, column: result.offset + 1, message: result.message });
    else {
      const { title = file, ...rest } = result;
      cases.push({ title, file, line, ...rest });
    }
  }
  return { cases, faults };
}

interface Fault {
  readonly message: string;
  /** In the line, in UTF-16 units. */
  readonly offset: number;
}

type Line = { readonly title?: string } & Pick<TestCase, 'request' | 'expected' | 'mode'>;

class LineFault extends Error implements Fault {
  readonly offset: number;

  constructor(message: string, { start }: { readonly start: number }) {
    super(message);
    this.offset = start;
  }
}

function readLine(text: string, modes: readonly string[]): Line | Fault {
  const result = parseJson(text);
  if (!result.ok) return result;
  try {
    return buildLine(new Part(result.value, buildJsonTree(text)), modes);
  } catch (error) {
    if (error instanceof LineFault) return error;
    throw error;
  }
}

const reasons: readonly Reason[] = [
  'rule',
  'default',
  'superuser',
  'not-enforced',
  'malformed',
  'ruleset-default',
];
const effects: readonly Effect[] = ['allow', 'deny'];

function buildLine(line: Part, modes: readonly string[]): Line {
  // `detail` is in what `eval` writes, for people: it is no part of the contract, so no test either.
  line.checkKeys(['title', 'request', 'mode', 'decision', 'reason', 'rule', 'ruleset', 'detail']);
  const request = line.need('request');
  request.checkKeys(['subject', 'action', 'resource', 'groups', 'attributes', 'context']);
  request.get('attributes')?.checkKeysOfObject(['subject', 'action', 'resource']);
  const title = line.get('title')?.text();
  const mode = line.get('mode')?.oneOf(modes, 'mode');
  const reason = line.get('reason')?.oneOf(reasons, 'reason');
  const rule = line.get('rule');
  const ruleset = line.get('ruleset')?.text();
  const expected: ExpectedAnswer = {
    decision: line.need('decision').oneOf(effects, 'decision'),
    ...(reason === undefined ? {} : { reason }),
    ...(rule === undefined ? {} : { rule: buildRule(rule) }),
    ...(ruleset === undefined ? {} : { ruleset }),
  };
  return {
    ...(title === undefined ? {} : { title }),
    ...(mode === undefined ? {} : { mode }),
    request: request.value as Request,
    expected,
  };
}

function buildRule(rule: Part): ExpectedRule {
  rule.checkKeys(['id', 'file', 'line', 'role']);
  const [id, file] = [rule.get('id')?.text(), rule.get('file')?.text()];
  const [line, role] = [rule.get('line')?.lineNumber(), rule.get('role')];
  if (id === undefined && (file === undefined || line === undefined))
    throw new LineFault('`rule` names no rule: write its `id`, or `file` and `line`', rule.node);
  role?.checkKeys(['name', 'file', 'line']);
  return {
    ...(id === undefined ? {} : { id }),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(role === undefined
      ? {}
      : {
          role: {
            name: role.need('name').text(),
            file: role.need('file').text(),
            line: role.need('line').lineNumber(),
          },
        }),
  };
}

/** A value of a line, with its place. What it is asked for and is not ends the line with a fault there. */
class Part {
  readonly value: unknown;
  readonly node: JsonNode;

  constructor(value: unknown, node: JsonNode) {
    this.value = value;
    this.node = node;
  }

  get(key: string): Part | undefined {
    const child = this.node.children.get(key);
    return child && new Part((this.value as Readonly<Record<string, unknown>>)[key], child);
  }

  need(key: string): Part {
    const part = this.get(key);
    if (part === undefined) throw new LineFault(`\`${key}\` is missing`, this.node);
    return part;
  }

  /** @throws if it is no object, or has another key: a misspelt one would be lost in silence */
  checkKeys(known: readonly string[]): void {
    if (!isObject(this.value)) throw new LineFault('expected a JSON object', this.node);
    this.checkKeysOfObject(known);
  }

  checkKeysOfObject(known: readonly string[]): void {
    if (!isObject(this.value)) return;
    for (const [key, { key: place }] of this.node.children) {
      if (known.includes(key)) continue;
      throw new LineFault(`unknown key \`${key}\` (known: ${known.join(', ')})`, place ?? this.node);
    }
  }

  text(): string {
    if (typeof this.value === 'string') return this.value;
    throw new LineFault('expected a string', this.node);
  }

  lineNumber(): number {
    if (Number.isSafeInteger(this.value) && (this.value as number) > 0) return this.value as number;
    throw new LineFault('expected the number of a line', this.node);
  }

  oneOf<Known extends string>(known: readonly Known[], what: string): Known {
    const found = known.find((each) => each === this.value);
    if (found !== undefined) return found;
    const list = known.length === 0 ? 'the policies name none' : `known: ${known.join(', ')}`;
    throw new LineFault(`unknown ${what} (${list})`, this.node);
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
