import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../source/source.ts';
import type { CommentNode, CompactTree, PlainRules, Statement } from './ast.ts';
import { maxSourceLength, parse, parseStretch, type Stretch } from './parser.ts';
import {
  lineEnd,
  PLAIN_LINE,
  PLAIN_RULE_SIZE,
  PLAIN_START,
  readPlainRule,
  skipBlanks,
} from './plain-rule.ts';

export interface CompactParseResult {
  readonly tree: CompactTree;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Text to tree, as `parse` does, for files of very many rules: `expandTree` of the result is what `parse` gives, and the
 * diagnostics are the same. Runs of plain rules are read by a scanner of their own and make no nodes; the grammar gets the
 * stretches between them. That takes about a tenth of the time that the grammar alone takes for plain rules, and keeps 32
 * bytes of each instead of sixteen objects (`bench/build.ts`).
 *
 * A stretch is handed to the grammar together with the plain rule behind it. If that rule comes out as the last statement
 * and nothing is wrong, the grammar would have read the whole file so: it looks at most four tokens ahead and
 * three back, and a plain rule has six, none of which changes what its neighbours mean. In every other case, with any
 * mistake, the grammar reads the whole file again, so that recovery and messages never depend on how the file was cut.
 */
export function parseCompact(source: Source): CompactParseResult {
  if (source.text.length > maxSourceLength) return parse(source);
  const content = new Splitter(source).split();
  if (content === undefined) return parse(source);
  return { tree: { file: source.file, text: source.text, ...content }, diagnostics: [] };
}

/** A shorter run of plain rules is left to the grammar: it costs less than another stretch. */
const MIN_RUN = 8;

type Content = Pick<CompactTree, 'statements' | 'comments'>;

/** One walk over the lines of a file. */
class Splitter {
  readonly #source: Source;
  readonly #text: string;
  readonly #statements: (Statement | PlainRules)[] = [];
  readonly #comments: CommentNode[] = [];
  /** The run of plain rules that is being read. */
  #run: Int32Array;
  #runLength = 0;
  /** Number of comments when the last rule of the run was read. */
  #commentCount = 0;
  /** Offset and 1-based number of the current line. */
  #at = 0;
  #line = 1;

  constructor(source: Source) {
    this.#source = source;
    this.#text = source.text;
    this.#run = new Int32Array(PLAIN_RULE_SIZE * 16);
  }

  /** Undefined if the grammar has to read the whole file. */
  split(): Content | undefined {
    while (this.#at < this.#text.length) {
      if (this.#readRule() || this.#skipInsignificantLine()) continue;
      if (this.#startsCondition()) this.#giveBackRule();
      this.#endRun();
      if (!this.#readStretch()) return undefined;
    }
    this.#endRun();
    return { statements: this.#statements, comments: this.#comments };
  }

  #readRule(): boolean {
    const base = this.#runLength;
    if (base + PLAIN_RULE_SIZE > this.#run.length) this.#growRun();
    const next = readPlainRule(this.#text, this.#at, this.#run, base);
    if (next < 0) return false;
    this.#run[base + PLAIN_LINE] = this.#line++;
    this.#runLength = base + PLAIN_RULE_SIZE;
    this.#commentCount = this.#comments.length;
    this.#at = next;
    return true;
  }

  #growRun(): void {
    const grown = new Int32Array(this.#run.length * 2);
    grown.set(this.#run);
    this.#run = grown;
  }

  /** An empty line, or a comment that documents nothing. */
  #skipInsignificantLine(): boolean {
    const text = this.#text;
    const start = skipBlanks(text, this.#at);
    let end = start;
    if (isPlainComment(text, start)) {
      end = lineLimit(text, start);
      this.#comments.push({ span: { start, end }, text: text.slice(start, end), isDoc: false });
    }
    const next = lineEnd(text, end);
    if (next < 0) return false;
    this.#at = next;
    this.#line++;
    return true;
  }

  /** `when` or `unless`: the rule above is not plain after all. */
  #startsCondition(): boolean {
    const start = skipBlanks(this.#text, this.#at);
    return this.#text.startsWith('when', start) || this.#text.startsWith('unless', start);
  }

  /** Leaves the last rule of the run, and what stands behind it, to the stretch that follows. */
  #giveBackRule(): void {
    if (this.#runLength === 0) return;
    this.#runLength -= PLAIN_RULE_SIZE;
    this.#at = this.#run[this.#runLength + PLAIN_START]!;
    this.#line = this.#run[this.#runLength + PLAIN_LINE]!;
    this.#comments.length = this.#commentCount;
  }

  #endRun(): void {
    if (this.#runLength === 0) return;
    this.#statements.push({ kind: 'plain-rules', places: this.#run.slice(0, this.#runLength) });
    this.#runLength = 0;
  }

  /** Has the grammar read from here to the next run. False if the two do not come apart so. */
  #readStretch(): boolean {
    const start = this.#at;
    const boundary = this.#findRun();
    const stretch = parseStretch(this.#source, start, boundary.next);
    if (stretch === undefined || !endsWithRule(stretch, boundary.start)) return false;
    const count = stretch.statements.length - (boundary.start < 0 ? 0 : 1);
    for (let i = 0; i < count; i++) this.#statements.push(stretch.statements[i]!);
    for (const comment of stretch.comments) this.#comments.push(comment);
    return true;
  }

  /**
   * Walks on to the next run of plain rules that seems to stand in no block. A guess, made without the grammar: it may
   * cost time, and nothing else, to be wrong.
   */
  #findRun(): { readonly start: number; readonly next: number } {
    const text = this.#text;
    const scratch = new Int32Array(PLAIN_RULE_SIZE);
    let first = { at: this.#at, line: this.#line, next: this.#at };
    let count = 0;
    let depth = 0;
    let isDecorated = false;
    let { at, line } = { at: this.#at, line: this.#line };
    while (at < text.length) {
      // The first line of a stretch is no plain rule, or one that is decorated or has a condition.
      const mayBegin = count > 0 || (depth === 0 && !isDecorated && at > this.#at);
      const next = mayBegin && text.charCodeAt(at) > BLANK ? readPlainRule(text, at, scratch, 0) : -1;
      if (next >= 0) {
        if (count++ === 0) first = { at, line, next };
        if (count === MIN_RUN) {
          this.#at = first.at;
          this.#line = first.line;
          return { start: first.at, next: first.next };
        }
        at = next;
      } else {
        count = 0;
        const limit = lineLimit(text, at);
        const start = skipBlanks(text, at);
        if (start < limit && !isPlainComment(text, start)) {
          isDecorated = text.charCodeAt(start) === 64 || text.startsWith('##', start);
          depth = Math.max(0, depth + braceBalance(text, start, limit));
        }
        at = Math.max(lineEnd(text, limit), limit);
      }
      line++;
    }
    this.#at = text.length;
    return { start: -1, next: text.length };
  }
}

const BLANK = 32;

/** Whether the stretch was read up to the plain rule at `start`, which stands alone; any end will do if `start` is -1. */
function endsWithRule({ statements }: Stretch, start: number): boolean {
  if (start < 0) return true;
  const last = statements.at(-1);
  if (last?.kind !== 'rule' || last.span.start !== start) return false;
  return last.doc === undefined && last.annotations.length === 0;
}

/** Whether a comment begins there that documents nothing. */
function isPlainComment(text: string, start: number): boolean {
  return text.charCodeAt(start) === 35 && text.charCodeAt(start + 1) !== 35;
}

/** End of the line without its line break. */
function lineLimit(text: string, start: number): number {
  for (let i = start; ; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 10 || unit === 13 || i >= text.length) return i;
  }
}

/** How many more braces a line opens than it closes, as far as strings and comments can be told without the grammar. */
function braceBalance(text: string, start: number, end: number): number {
  let balance = 0;
  let isQuoted = false;
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (isQuoted) {
      if (unit === 92) i++;
      else if (unit === 34) isQuoted = false;
    } else if (unit === 34) isQuoted = true;
    else if (unit === 35) break;
    else if (unit === 123) balance++;
    else if (unit === 125) balance--;
  }
  return balance;
}
