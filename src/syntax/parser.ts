import type { IToken } from 'chevrotain';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { DiagnosticList } from '../diagnostics/diagnostic-list.ts';
import { sortDiagnostics } from '../diagnostics/sort.ts';
import type { Source } from '../source/source.ts';
import type { CommentNode, Statement, SyntaxTree } from './ast.ts';
import { tokenize } from './lexer.ts';
import { PolicyGrammar } from './policy-grammar.ts';
import { LCurly, RCurly } from './tokens.ts';
import { commentForm } from './unexpected.ts';

/** A source may hold this many UTF-16 units (16 Mi). */
export const maxSourceLength = 16 * 1024 * 1024;

export interface ParseResult {
  /** Whatever could be read; complete if there are no diagnostics. */
  readonly tree: SyntaxTree;
  readonly diagnostics: readonly Diagnostic[];
}

class PolicyParser extends PolicyGrammar {
  run({ file, text }: Source): ParseResult {
    const { tokens, comments, slashComments } = tokenize(text);
    this.input = tokens;
    this.file = file;
    this.text = text;
    this.comments = comments;
    this.diagnostics = new DiagnosticList();
    this.hasUnclosedBlock = hasUnclosedBlock(tokens);
    for (const span of slashComments) {
      this.report(commentForm({ start: span.start, end: span.start + 2 }, '//'));
    }
    const statements = this.policy();
    const diagnostics = sortDiagnostics(this.diagnostics.items);
    this.releaseInput();
    return { tree: { file, text, statements, comments }, diagnostics };
  }

  /** Undefined if anything is wrong: what the messages say depends on the rest of the file. */
  runStretch({ file, text }: Source, start: number, end: number): Stretch | undefined {
    const { tokens, comments, slashComments } = tokenize(text.slice(start, end), start);
    if (slashComments.length > 0) return undefined;
    this.input = tokens;
    this.file = file;
    this.text = text;
    this.comments = comments;
    this.diagnostics = new DiagnosticList();
    this.hasUnclosedBlock = hasUnclosedBlock(tokens);
    const statements = this.policy();
    const isClean = this.diagnostics.count === 0;
    this.releaseInput();
    return isClean ? { statements, comments } : undefined;
  }

  /** The one instance lives as long as the process; the tokens of the last file need not. */
  private releaseInput(): void {
    this.input = [];
    this.text = '';
    this.comments = [];
    this.diagnostics = new DiagnosticList();
  }
}

function hasUnclosedBlock(tokens: readonly IToken[]): boolean {
  let depth = 0;
  for (const { tokenType } of tokens) {
    if (tokenType === LCurly) depth++;
    else if (tokenType === RCurly) depth--;
  }
  return depth > 0;
}

/** Building a parser analyses the grammar, which takes longer than most files: one serves all. */
const parser = new PolicyParser();

/**
 * Text to tree. Never throws, whatever the text: each mistake is one diagnostic, and what stands around it is parsed.
 * Cost: linear in the text.
 */
export function parse(source: Source): ParseResult {
  if (source.text.length <= maxSourceLength) return parser.run(source);
  const diagnostic: Diagnostic = {
    code: 'P3002',
    severity: 'error',
    file: source.file,
    span: { start: 0, end: 0 },
    message: `file of ${source.text.length} UTF-16 units, more than ${maxSourceLength}`,
    help: 'split it and import the parts',
  };
  const tree: SyntaxTree = { file: source.file, text: source.text, statements: [], comments: [] };
  return { tree, diagnostics: [diagnostic] };
}

/** What a stretch of a file holds; places are those in the whole text. */
export interface Stretch {
  readonly statements: readonly Statement[];
  readonly comments: readonly CommentNode[];
}

/**
 * Parses `[start, end)` of a source by itself. Undefined if there is any mistake, which only a parse of the whole file
 * describes as it should.
 *
 * @param start  where nothing but blanks stands before on the line
 */
export function parseStretch(source: Source, start: number, end: number): Stretch | undefined {
  return parser.runStretch(source, start, end);
}

/** The productions, for the syntax diagrams. */
export function grammarProductions(): ReturnType<PolicyGrammar['getSerializedGastProductions']> {
  return parser.getSerializedGastProductions();
}
