import { assertNever } from '../source/invariant.ts';
import type { Span } from '../source/span.ts';
import type {
  AnnotationNode,
  CommentNode,
  DataNode,
  EntityStatement,
  GroupStatement,
  NamespaceStatement,
  ObjectNode,
  PermissionNode,
  ResourceNode,
  RuleStatement,
  RulesetStatement,
  Statement,
  SyntaxTree,
  TestCaseNode,
} from './ast.ts';
import { CommentCursor, isSuppression, printComment, printMovedComment } from './print-comments.ts';
import { printData, printObject } from './print-expression.ts';
import { joinLines, type PrintedLine } from './print-lines.ts';
import {
  actionPieces,
  annotationPieces,
  casePieces,
  clausesOf,
  entityHeadPieces,
  grantPieces,
  headPieces,
  indentation,
  maxLineLength,
  type Piece,
  permissionPieces,
  printResource,
  resourceHeadPieces,
  roleHeadPieces,
  routePieces,
  ruleHeadPieces,
  rulePieces,
  rulesetHeadPieces,
  scopePieces,
} from './print-pieces.ts';
import { printKey, printPattern, printSubject } from './print-text.ts';

export { printExpression } from './print-expression.ts';
export { printPattern } from './print-text.ts';

/**
 * The canonical layout of a tree. Parsing the result gives the same tree but for spans, and printing that the same
 * text. A comment stays before the same statement or entry, or behind it on its line.
 */
export function printTree(tree: SyntaxTree): string {
  return new Printer(tree).print();
}

/** A thing of one or more lines, with all that may stand before it. */
interface Printable {
  readonly span: Span;
  readonly doc?: string;
  readonly annotations?: readonly AnnotationNode[];
}

/** Something in a block; `print` prints it without what stands before. */
type Entry = Printable & { readonly print: () => void };

class Printer {
  readonly #statements: readonly Statement[];
  readonly #comments: CommentCursor;
  readonly #lines: PrintedLine[] = [];
  #indent = '';

  constructor(tree: SyntaxTree) {
    this.#statements = tree.statements;
    this.#comments = new CommentCursor(tree);
  }

  print(): string {
    let isAfterLong = false;
    for (const statement of this.#statements) {
      const first = this.#lines.length;
      const mark = this.#beginStatement(statement);
      this.#printStatement(statement);
      const isLong = this.#lines.length - mark.body > 1;
      const isApart = isLong || isAfterLong || mark.isBlankAbove || this.#isUnplaced(statement);
      if (first > 0 && isApart) this.#lines.splice(first, 0, blankLine);
      isAfterLong = isLong;
    }
    this.#printComments(this.#comments.takeRest(), this.#lines.length === 0);
    return joinLines(this.#lines);
  }

  /** A tree that no parser made has no places; its statements stand apart. */
  #isUnplaced({ span }: Statement): boolean {
    return span.end === 0;
  }

  // -------------------------------------------------------------- lines and comments

  #line(text: string): void {
    this.#lines.push({ indent: this.#indent, cells: [text] });
  }

  #blankLine(): void {
    this.#lines.push(blankLine);
  }

  #commentLine(text: string): void {
    this.#lines.push({ indent: this.#indent, cells: [], comment: text });
  }

  /** What stands before a statement; tells where its own lines begin and whether it stood apart. */
  #beginStatement(statement: Statement): { readonly body: number; readonly isBlankAbove: boolean } {
    const comments = this.#comments.takeBefore(startOf(statement));
    const start = comments[0]?.span.start ?? startOf(statement);
    const isBlankAbove = this.#comments.isBlankAbove(start);
    const body = this.#printLeading(statement, comments);
    return { body, isBlankAbove };
  }

  /**
   * Comments before a node, its doc comment if none of them is it, its annotations, and the comments among them. Tells
   * where the annotations begin.
   */
  #printLeading(node: Printable, before: readonly CommentNode[]): number {
    this.#printComments(before, true);
    if (before.length > 0 && this.#comments.isBlankAbove(startOf(node))) this.#blankLine();
    // In a tree with places the doc comment is one of the comments.
    if (node.doc !== undefined && node.span.end === 0) {
      for (const line of node.doc.split('\n')) this.#commentLine(`## ${line}`.trimEnd());
    }
    const body = this.#lines.length;
    this.#printAnnotations(node);
    return body;
  }

  #printAnnotations({ annotations = [], span }: Printable): void {
    const pieces = annotationPieces(annotations);
    if (pieces.length === 0) return;
    this.#printPieces(pieces, { end: pieces.at(-1)!.span.end, continuation: '' });
    this.#printTrailing(pieces.at(-1)!.span.end);
    this.#printComments(this.#comments.takeBefore(span.start), true);
  }

  /** Comments on lines of their own, with the blank lines between them. */
  #printComments(comments: readonly CommentNode[], isFirst: boolean): void {
    for (const [i, comment] of comments.entries()) {
      if ((i > 0 || !isFirst) && this.#comments.isBlankAbove(comment.span.start)) this.#blankLine();
      this.#commentLine(printComment(comment));
    }
  }

  #printTrailing(offset: number): void {
    const comment = this.#comments.takeTrailing(offset);
    if (comment !== undefined) this.#lines.at(-1)!.comment = printComment(comment);
  }

  // -------------------------------------------------------------- pieces

  /** A thing without a block: on one line if it fits and no comment stands in it. */
  #printLeaf(pieces: readonly Piece[], { span }: Printable, sort?: string): void {
    this.#printPieces(pieces, { end: span.end, ...(sort !== undefined && { sort }) });
    this.#printTrailing(span.end);
  }

  /** @param end  where the thing ends: comments before that stand within it */
  #printPieces(pieces: readonly Piece[], { end, sort, continuation = indentation }: PieceOptions): void {
    if (this.#fitsOnLine(pieces, end)) {
      this.#lines.push({ indent: this.#indent, cells: cellsOf(pieces), ...(sort !== undefined && { sort }) });
      return;
    }
    const stretches = splitAtClauses(pieces);
    const outer = this.#indent;
    const first = this.#lines.length;
    const inner = outer + continuation + (stretches.length > 1 ? continuation : '');
    for (const [i, stretch] of stretches.entries()) {
      this.#indent = i === 0 ? outer : outer + continuation;
      const isLast = i === stretches.length - 1;
      const stretchEnd = Math.max(stretch.at(-1)!.span.end, isLast ? end : 0);
      this.#printStretch(stretch, { first, outer, inner, end: stretchEnd });
    }
    this.#indent = outer;
  }

  #fitsOnLine(pieces: readonly Piece[], end: number): boolean {
    if (this.#comments.hasBefore(end)) return false;
    if (this.#indent.length + widthOf(pieces) <= maxLineLength) return true;
    // A suppression speaks of one line: its own, or the next.
    const isSuppressed =
      this.#comments.isBeforeSuppression(end) || isSuppression(this.#lines.at(-1)?.comment);
    return isSuppressed && !this.#comments.isBrokenBetween(pieces[0]!.span.start, end);
  }

  /** Pieces up to the next clause. Once it is broken anywhere, the author's line ends between items are kept. */
  #printStretch(pieces: readonly Piece[], { first, outer, inner, end }: StretchOptions): void {
    const isBroken = this.#comments.hasBefore(end) || this.#indent.length + widthOf(pieces) > maxLineLength;
    let text = '';
    for (const [i, piece] of pieces.entries()) {
      const comments = this.#comments.takeBefore(i === pieces.length - 1 ? end : piece.span.end);
      const isNewLine = isBroken && i > 0 && this.#isBrokenBefore(pieces, i, text);
      if (text !== '' && (isNewLine || comments.length > 0)) {
        this.#line(text);
        text = '';
        this.#indent = piece.text === '{' ? outer : inner;
      }
      for (const comment of comments) this.#printInner(comment, piece, first);
      text = text === '' ? piece.text : `${text} ${piece.text}`;
    }
    this.#line(text);
  }

  /** What follows an item up to the next one stays on its line. */
  #isBrokenBefore(pieces: readonly Piece[], i: number, text: string): boolean {
    if (pieces[i]!.breaks !== 'item') return false;
    if (this.#comments.isBrokenBetween(pieces[i - 1]!.span.end, pieces[i]!.span.start)) return true;
    let next = i + 1;
    while (next < pieces.length && pieces[next]!.breaks !== 'item') next++;
    return this.#indent.length + text.length + 1 + widthOf(pieces.slice(i, next)) > maxLineLength;
  }

  /**
   * A comment among pieces: behind the last line if it stood behind something, else on a line of its own. One from within a
   * piece could come to stand where `##` documents something, which it did not do, so one `#` is left.
   */
  #printInner(comment: CommentNode, piece: Piece, first: number): void {
    const isInside = comment.span.start >= piece.span.start;
    const last = this.#lines.at(-1);
    const isBehind = !isInside && !this.#comments.isFirstOnLine(comment) && this.#lines.length > first;
    if (isBehind && last!.comment === undefined) last!.comment = printComment(comment);
    else this.#commentLine(isInside ? printMovedComment(comment) : printComment(comment));
  }

  // -------------------------------------------------------------- statements

  #printStatement(statement: Statement): void {
    switch (statement.kind) {
      case 'group':
        this.#printGroup(statement);
        break;
      case 'role':
        this.#printBlock(roleHeadPieces(statement), statement, this.#entriesOf(statement.permissions));
        break;
      case 'rule':
        this.#printRule(statement);
        break;
      case 'ruleset':
        this.#printRuleset(statement);
        break;
      case 'namespace':
        this.#printNamespace(statement);
        break;
      case 'entity':
        this.#printEntity(statement);
        break;
      case 'test': {
        const cases = statement.cases.map((node) => ({ ...node, print: () => this.#printCase(node) }));
        this.#printBlock(headPieces('test', statement, statement.title), statement, cases);
        break;
      }
      case 'import':
        this.#printLeaf(headPieces('import', statement, statement.path), statement);
        break;
      case 'mode':
        this.#printLeaf(headPieces('mode', statement, statement.name), statement);
        break;
      case 'action':
        this.#printLeaf(actionPieces(statement), statement, 'action');
        break;
      case 'grant':
        this.#printLeaf(grantPieces(statement), statement, 'grant');
        break;
      case 'route':
        this.#printLeaf(routePieces(statement), statement, 'route');
        break;
      default:
        assertNever(statement);
    }
  }

  #entriesOf(permissions: readonly PermissionNode[]): Entry[] {
    return permissions.map((node) => this.#leaf(node, permissionPieces(node), 'permission'));
  }

  #leaf(node: Printable, pieces: readonly Piece[], sort?: string): Entry {
    return { ...node, print: () => this.#printLeaf(pieces, node, sort) };
  }

  #printRule(rule: RuleStatement): void {
    const permission = rule.permissions[0];
    if (rule.form === 'block' || permission === undefined) {
      this.#printBlock(ruleHeadPieces(rule), rule, this.#entriesOf(rule.permissions));
    } else {
      this.#printLeaf(rulePieces(rule, permission), rule, 'rule');
    }
  }

  /** `head {`, entries, `}`, each with its comments. */
  #printBlock(head: readonly Piece[], { span }: Printable, entries: readonly Entry[]): void {
    const open = this.#comments.afterBrace(head.at(-1)!.span.end);
    const isEmpty = entries.length === 0 && !this.#comments.hasBefore(span.end);
    const brace = { text: isEmpty ? '{}' : '{', span: { start: open - 1, end: open } };
    this.#printPieces([...head, brace], { end: open });
    if (!isEmpty) {
      this.#printTrailing(open);
      this.#printEntries(entries);
      this.#printClose(span.end, { isFirst: entries.length === 0 });
    }
    this.#printTrailing(span.end);
  }

  #printEntries(entries: readonly Entry[]): void {
    this.#indented(() => {
      for (const [i, entry] of entries.entries()) {
        const comments = this.#comments.takeBefore(startOf(entry));
        if (i > 0 && this.#comments.isBlankAbove(comments[0]?.span.start ?? startOf(entry)))
          this.#blankLine();
        this.#printLeading(entry, comments);
        entry.print();
      }
    });
  }

  /** Comments before the closing bracket belong to no entry. */
  #printClose(
    end: number,
    { isFirst, text = '}' }: { readonly isFirst: boolean; readonly text?: string },
  ): void {
    this.#indented(() => this.#printComments(this.#comments.takeBefore(end), isFirst));
    this.#line(text);
  }

  #indented(print: () => void): void {
    const outer = this.#indent;
    this.#indent += indentation;
    print();
    this.#indent = outer;
  }

  // -------------------------------------------------------------- blocks of their own kind

  /** On one line if it fits and no comment stands in it. */
  #printGroup(group: GroupStatement): void {
    const head = headPieces('group', group, group.name);
    const members = group.members.map(printSubject);
    const cells = [textOf(head), `{ ${members.join(', ')} }`];
    if (members.length > 0 && this.#fitsWithout(cells, group.span.end)) {
      this.#lines.push({ indent: this.#indent, cells, sort: 'group' });
      this.#printTrailing(group.span.end);
      return;
    }
    const entries = group.members.map(({ span }, i) =>
      this.#leaf({ span }, [{ text: `${members[i]!},`, span }]),
    );
    this.#printBlock(head, group, entries);
  }

  #fitsWithout(cells: readonly string[], end: number): boolean {
    const width = this.#indent.length + cells.join(' ').length;
    return width <= maxLineLength && !this.#comments.hasBefore(end);
  }

  /** Scopes and the default may stand anywhere; where they stood is kept, for the comments beside them. */
  #printRuleset(ruleset: RulesetStatement): void {
    const entries = ruleset.scopes.map((scope) => this.#leaf(scope, scopePieces(scope)));
    const fallback = ruleset.default;
    if (fallback !== undefined)
      entries.push(this.#leaf(fallback, [{ text: `default ${fallback.value}`, span: fallback.span }]));
    for (const rule of ruleset.rules) {
      if (rule.kind === 'rule') entries.push({ ...rule, print: () => this.#printRule(rule) });
      else entries.push(this.#leaf(rule, grantPieces(rule), 'grant'));
    }
    this.#printBlock(
      rulesetHeadPieces(ruleset),
      ruleset,
      entries.sort((a, b) => startOf(a) - startOf(b)),
    );
  }

  #printNamespace(namespace: NamespaceStatement): void {
    const entries = namespace.members.map((member): Entry => {
      switch (member.kind) {
        case 'action':
          return this.#leaf(member, actionPieces(member), 'action');
        case 'superuser': {
          const { resource } = member;
          const piece = { text: printPattern(resource), span: resource.span };
          return this.#leaf(member, [...headPieces('superuser', member), piece]);
        }
        case 'resource':
          return { ...member, print: () => this.#printResource(member) };
        default:
          return assertNever(member);
      }
    });
    const keyword = namespace.isClosed ? 'closed namespace' : 'namespace';
    this.#printBlock(headPieces(keyword, namespace, namespace.name), namespace, entries);
  }

  /** On one line if it fits and no comment stands in it, else a line for each clause. */
  #printResource(resource: ResourceNode): void {
    const line = printResource(resource);
    if (this.#fitsWithout([line], resource.span.end)) {
      this.#line(line);
      this.#printTrailing(resource.span.end);
      return;
    }
    // Where a clause begins the tree does not say, so a comment behind its keyword goes before it.
    const clauses = clausesOf(resource).map(({ pieces, span }) => ({
      span: { start: 0, end: span.end },
      print: () => {
        this.#printComments(this.#comments.takeBefore(span.start), true);
        this.#printLeaf(pieces, { span });
      },
    }));
    this.#printBlock(resourceHeadPieces(resource), resource, clauses);
  }

  #printEntity(entity: EntityStatement): void {
    const { attributes, span } = entity;
    const head = entityHeadPieces(entity);
    const cells = [textOf(head), printObject(attributes)];
    if (this.#fitsWithout(cells, span.end)) {
      this.#lines.push({ indent: this.#indent, cells, sort: 'entity' });
      this.#printTrailing(span.end);
      return;
    }
    this.#printBlock(head, entity, this.#dataEntries(attributes));
  }

  /** What stands behind `with` gets lines of its own if the case is too long for one. */
  #printCase(testCase: TestCaseNode): void {
    const { span } = testCase;
    const pieces = casePieces(testCase);
    const given = testCase.with;
    if (given === undefined) {
      this.#printLeaf(pieces, testCase, 'case');
      return;
    }
    const whole: Piece[] = [
      ...pieces,
      { text: `with ${printObject(given)}`, span: given.span, isColumn: true },
    ];
    if (this.#fitsOnLine(whole, span.end)) {
      this.#printLeaf(whole, testCase, 'case');
      return;
    }
    this.#printPieces(pieces, { end: pieces.at(-1)!.span.end });
    this.#printTrailing(pieces.at(-1)!.span.end);
    this.#indented(() => {
      const [head] = headPieces('with', given);
      if (this.#fitsWithout(['with', printObject(given)], span.end)) this.#line(`with ${printObject(given)}`);
      else this.#printBlock([head!], given, this.#dataEntries(given));
    });
    this.#printTrailing(span.end);
  }

  // -------------------------------------------------------------- data

  #dataEntries({ entries }: ObjectNode): Entry[] {
    return entries.map(({ key, value }) => {
      const span = { start: key.span.start, end: value.span.end };
      return { span, print: () => this.#printData(`${printKey(key)}: `, value) };
    });
  }

  /** One entry of an object or list, on one line if it fits and no comment stands in it. */
  #printData(prefix: string, value: DataNode): void {
    const { end } = value.span;
    this.#printComments(this.#comments.takeBefore(value.span.start), true);
    const line = `${prefix}${printData(value)},`;
    const isSimple = value.kind !== 'object' && value.kind !== 'list';
    if (isSimple || this.#fitsWithout([line], end)) {
      this.#line(line);
    } else if (value.kind === 'object') {
      this.#printBrackets(`${prefix}{`, '},', value, this.#dataEntries(value));
    } else {
      const items = value.items.map((item) => ({ span: item.span, print: () => this.#printData('', item) }));
      this.#printBrackets(`${prefix}[`, '],', value, items);
    }
    this.#printTrailing(end);
  }

  #printBrackets(open: string, close: string, { span }: Printable, entries: readonly Entry[]): void {
    this.#line(open);
    this.#printTrailing(span.start + 1);
    this.#printEntries(entries);
    this.#printClose(span.end, { isFirst: entries.length === 0, text: close });
  }
}

// ---------------------------------------------------------------- pieces

interface PieceOptions {
  readonly end: number;
  readonly sort?: string;
  /** How much farther in than the first line the others are. */
  readonly continuation?: string;
}

interface StretchOptions {
  /** Number of the first line of the whole thing. */
  readonly first: number;
  readonly outer: string;
  readonly inner: string;
  readonly end: number;
}

function textOf(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join(' ');
}

function widthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((width, { text }) => width + text.length + 1, -1);
}

function cellsOf(pieces: readonly Piece[]): string[] {
  const cells: string[] = [];
  for (const { text, isColumn } of pieces) {
    if (cells.length === 0 || isColumn) cells.push(text);
    else cells[cells.length - 1] += ` ${text}`;
  }
  return cells;
}

function splitAtClauses(pieces: readonly Piece[]): Piece[][] {
  const stretches: Piece[][] = [];
  for (const piece of pieces) {
    if (stretches.length === 0 || piece.breaks === 'clause') stretches.push([piece]);
    else stretches.at(-1)!.push(piece);
  }
  return stretches;
}

// ---------------------------------------------------------------- places

const blankLine: PrintedLine = { indent: '', cells: [] };

/** Where a node begins, annotations included. */
function startOf({ annotations, span }: Printable): number {
  return annotations?.[0]?.span.start ?? span.start;
}
