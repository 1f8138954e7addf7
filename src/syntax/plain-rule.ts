import type {
  CompactTree,
  PatternNode,
  PlainRules,
  RuleStatement,
  Statement,
  SubjectNode,
  SyntaxTree,
} from './ast.ts';
import { parsePattern } from './parse-pattern.ts';

/**
 * A rule that needs no grammar: `allow` or `deny`, one subject, `to`, one action, `on`, one resource, nothing but blanks
 * around them, alone on its line. Ids have a separator, no quote, brace or placeholder, and no character that means
 * something elsewhere in the language: what is not surely plain is left to the grammar. So is a comment behind the rule.
 *
 *     word   0      1             2           3            4          5              6    7
 *            start  subjectStart  subjectEnd  actionStart  actionEnd  resourceStart  end  line
 *
 * `start` is that of the effect, `end` that of the resource and the rule, `line` is 1-based.
 */
export const PLAIN_RULE_SIZE = 8;
export const PLAIN_START = 0;
export const PLAIN_SUBJECT_START = 1;
export const PLAIN_SUBJECT_END = 2;
export const PLAIN_ACTION_START = 3;
export const PLAIN_ACTION_END = 4;
export const PLAIN_RESOURCE_START = 5;
export const PLAIN_END = 6;
export const PLAIN_LINE = 7;

const WORD = 1;
const SEPARATOR = 2;
const WILDCARD = 4;

/** What a unit below 128 may be part of. `!` is left out: `when!` would be a keyword and an operator. */
const unitClass = buildUnitClasses();

function buildUnitClasses(): Uint8Array {
  const classes = new Uint8Array(128);
  const assign = (units: string, value: number): void => {
    for (const unit of units) classes[unit.charCodeAt(0)] = value;
  };
  assign('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.@+=~$', WORD);
  assign(':/', SEPARATOR);
  assign('*?', WILDCARD);
  return classes;
}

/** Actions that the lexer takes for something else. */
const notActions = new Set(['on', 'to', 'when', 'unless']);

const TAB = 9;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BLANK = 32;
const SLASH = 47;
const AT = 64;

/**
 * Reads the plain rule that stands alone on the line at `lineStart`, into the words of `out` from `base` on.
 *
 * The caller makes sure that the line begins a statement which nothing stands before, and that no condition follows.
 *
 * @returns the offset after the line, or -1 if the line holds anything else
 */
export function readPlainRule(text: string, lineStart: number, out: Int32Array, base: number): number {
  const start = skipBlanks(text, lineStart);
  const effectEnd = text.startsWith('allow', start) ? start + 5 : start + 4;
  if (effectEnd === start + 4 && !text.startsWith('deny', start)) return -1;

  const subjectStart = skipBlanks(text, effectEnd);
  if (subjectStart === effectEnd) return -1;
  const subjectEnd = idEnd(text, subjectStart, true);
  if (subjectEnd < 0) return -1;
  const to = skipBlanks(text, subjectEnd);
  if (to === subjectEnd || text.charCodeAt(to) !== 116 || text.charCodeAt(to + 1) !== 111) return -1;

  const actionStart = skipBlanks(text, to + 2);
  if (actionStart === to + 2) return -1;
  const actionEnd = wordEnd(text, actionStart);
  const on = skipBlanks(text, actionEnd);
  if (on === actionEnd || text.charCodeAt(on) !== 111 || text.charCodeAt(on + 1) !== 110) return -1;
  if (!isPlainAction(text, actionStart, actionEnd)) return -1;

  const resourceStart = skipBlanks(text, on + 2);
  if (resourceStart === on + 2) return -1;
  const end = idEnd(text, resourceStart, false);
  if (end < 0) return -1;
  const next = lineEnd(text, skipBlanks(text, end));
  if (next < 0) return -1;

  out[base + PLAIN_START] = start;
  out[base + PLAIN_SUBJECT_START] = subjectStart;
  out[base + PLAIN_SUBJECT_END] = subjectEnd;
  out[base + PLAIN_ACTION_START] = actionStart;
  out[base + PLAIN_ACTION_END] = actionEnd;
  out[base + PLAIN_RESOURCE_START] = resourceStart;
  out[base + PLAIN_END] = end;
  return next;
}

export function skipBlanks(text: string, offset: number): number {
  let i = offset;
  for (;;) {
    const unit = text.charCodeAt(i);
    if (unit !== BLANK && unit !== TAB) return i;
    i++;
  }
}

/** Offset after the line break at `offset`, `offset` itself at the end of the text, -1 anywhere else. */
export function lineEnd(text: string, offset: number): number {
  const unit = text.charCodeAt(offset);
  if (unit === LINE_FEED) return offset + 1;
  if (unit === CARRIAGE_RETURN) return text.charCodeAt(offset + 1) === LINE_FEED ? offset + 2 : offset + 1;
  return offset >= text.length ? offset : -1;
}

/**
 * End of an id with at least one separator, which no keyword has, or of a subject that is a keyword; or -1. `//` begins a
 * comment of other languages, `@` an annotation.
 */
function idEnd(text: string, start: number, isSubject: boolean): number {
  const first = text.charCodeAt(start);
  if (first === AT || (first === SLASH && text.charCodeAt(start + 1) === SLASH)) return -1;
  let found = 0;
  let i = start;
  for (;;) {
    const unit = text.charCodeAt(i);
    // NaN, the unit past the end, and units beyond ASCII index nothing and end the id.
    const kind = unitClass[unit] ?? 0;
    if (kind === 0) break;
    found |= kind;
    i++;
  }
  if ((found & SEPARATOR) !== 0) return i;
  return isSubject && keywordSubject(text, start, i) !== undefined ? i : -1;
}

function keywordSubject(text: string, start: number, end: number): 'anyone' | 'authenticated' | undefined {
  if (end - start === 6 && text.startsWith('anyone', start)) return 'anyone';
  return end - start === 13 && text.startsWith('authenticated', start) ? 'authenticated' : undefined;
}

function wordEnd(text: string, start: number): number {
  let i = start;
  while (unitClass[text.charCodeAt(i)] === WORD) i++;
  return i;
}

function isPlainAction(text: string, start: number, end: number): boolean {
  if (text.charCodeAt(start) === AT) return false;
  return end - start > 6 || !notActions.has(text.slice(start, end));
}

// ---------------------------------------------------------------- back to nodes

/** The tree with a node for every rule. */
export function expandTree(tree: CompactTree): SyntaxTree {
  return { ...tree, statements: tree.statements.flatMap((node) => expandStatement(tree.text, node)) };
}

function expandStatement(text: string, node: Statement | PlainRules): Statement[] {
  if (node.kind !== 'plain-rules') return [node];
  const rules: Statement[] = [];
  for (let base = 0; base < node.places.length; base += PLAIN_RULE_SIZE) {
    rules.push(expandPlainRule(text, node.places, base));
  }
  return rules;
}

/** The node that the grammar makes of the plain rule at `base`. */
export function expandPlainRule(text: string, places: Int32Array, base: number): RuleStatement {
  const start = places[base + PLAIN_START]!;
  const subjectStart = places[base + PLAIN_SUBJECT_START]!;
  const actionStart = places[base + PLAIN_ACTION_START]!;
  const actionEnd = places[base + PLAIN_ACTION_END]!;
  const end = places[base + PLAIN_END]!;
  const action = { text: text.slice(actionStart, actionEnd), span: { start: actionStart, end: actionEnd } };
  const resource = plainPattern(text, places[base + PLAIN_RESOURCE_START]!, end);
  return {
    kind: 'rule',
    effect: isPlainAllow(text, start) ? 'allow' : 'deny',
    form: 'line',
    subjects: [plainSubject(text, subjectStart, places[base + PLAIN_SUBJECT_END]!)],
    permissions: [{ annotations: [], actions: [action], resource, span: { start: actionStart, end } }],
    annotations: [],
    span: { start, end },
  };
}

/** Whether the plain rule that starts there is an `allow`. */
export function isPlainAllow(text: string, start: number): boolean {
  return text.charCodeAt(start) === 97;
}

export function plainSubject(text: string, start: number, end: number): SubjectNode {
  const kind = keywordSubject(text, start, end);
  return kind === undefined ? plainPattern(text, start, end) : { kind, span: { start, end } };
}

/** The node of a plain id, in which nothing can be wrong that the parser reports. */
export function plainPattern(text: string, start: number, end: number): PatternNode {
  const parts = parsePattern(text.slice(start, end), start, reportNothing);
  return { kind: 'pattern', parts, span: parts.length === 1 ? parts[0]!.span : { start, end } };
}

function reportNothing(): void {}
