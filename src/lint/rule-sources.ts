import type { Model, Rule } from '../model/model.ts';
import type { Span } from '../source/span.ts';
import type {
  AnnotationNode,
  CommentNode,
  GrantStatement,
  PermissionNode,
  RuleStatement,
  Statement,
  SyntaxTree,
} from '../syntax/ast.ts';
import { isLintComment } from './suppressions.ts';

/** Where a rule of the model is written. */
export type RuleSource =
  | {
      readonly kind: 'rule';
      readonly tree: SyntaxTree;
      readonly statement: RuleStatement;
      readonly permission: PermissionNode;
    }
  | { readonly kind: 'grant'; readonly tree: SyntaxTree; readonly statement: GrantStatement };

/** Finds the text behind the rules of a model. */
export interface RuleSources {
  /** Undefined for a rule of a shipped policy. */
  of(rule: Rule): RuleSource | undefined;
  /**
   * What to delete for the rule to be gone, comments that belong to it and the line break included: a line of a block, or
   * the statement if it has no other permission. Undefined for one of several rules that a grant makes, and for a shipped
   * one.
   */
  spanToDelete(rule: Rule): Span | undefined;
}

/** Looks a tree through when first asked about one of its rules. */
export class TreeRuleSources implements RuleSources {
  readonly #model: Model;
  readonly #trees: ReadonlyMap<string, SyntaxTree>;
  readonly #indexes = new Map<string, ReadonlyMap<number, RuleSource>>();
  #rulesOfGrants: ReadonlyMap<string, number> | undefined;

  constructor(trees: readonly SyntaxTree[], model: Model) {
    this.#model = model;
    this.#trees = new Map(trees.map((tree) => [tree.file, tree]));
  }

  of({ location: { file, span } }: Rule): RuleSource | undefined {
    const tree = this.#trees.get(file);
    if (tree === undefined) return undefined;
    let index = this.#indexes.get(file);
    if (index === undefined) {
      index = indexTree(tree);
      this.#indexes.set(file, index);
    }
    return index.get(span.start);
  }

  spanToDelete(rule: Rule): Span | undefined {
    const source = this.of(rule);
    if (source === undefined) return undefined;
    const { tree, statement } = source;
    if (source.kind === 'grant')
      return this.#isOnlyRuleOfGrant(rule) ? spanOfLines(tree, statement) : undefined;
    return spanOfLines(tree, source.statement.permissions.length === 1 ? statement : source.permission);
  }

  #isOnlyRuleOfGrant(rule: Rule): boolean {
    this.#rulesOfGrants ??= countRulesOfGrants(this.#model);
    return this.#rulesOfGrants.get(keyOf(rule)) === 1;
  }
}

function countRulesOfGrants({ rules }: Model): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const rule of rules) {
    if (rule.role !== undefined) counts.set(keyOf(rule), (counts.get(keyOf(rule)) ?? 0) + 1);
  }
  return counts;
}

function keyOf({ location: { file, span } }: Rule): string {
  return `${file}:${span.start}`;
}

/** By where the rule of the model begins: a rule of one line with its effect, one of a block with its actions. */
function indexTree(tree: SyntaxTree): ReadonlyMap<number, RuleSource> {
  const index = new Map<number, RuleSource>();
  const add = (statement: Statement): void => {
    if (statement.kind === 'ruleset') statement.rules.forEach(add);
    else if (statement.kind === 'grant') index.set(statement.span.start, { kind: 'grant', tree, statement });
    else if (statement.kind === 'rule') {
      for (const permission of statement.permissions) {
        const { start } = statement.form === 'line' ? statement.span : permission.span;
        index.set(start, { kind: 'rule', tree, statement, permission });
      }
    }
  };
  tree.statements.forEach(add);
  return index;
}

interface Deletable {
  readonly annotations: readonly AnnotationNode[];
  readonly span: Span;
}

/** A node with its annotations, its comments and the break of its last line, as far as nothing else stands on its lines. */
export function spanOfLines({ text, comments }: SyntaxTree, node: Deletable): Span {
  const start = node.annotations[0]?.span.start ?? node.span.start;
  const lineStart = startOfLine(text, start);
  const trailing = commentBehind(text, comments, node.span.end);
  const lineEnd = endOfLine(text, trailing?.span.end ?? node.span.end);
  const isAlone =
    isBlank(text, lineStart, start) && isBlank(text, trailing?.span.end ?? node.span.end, lineEnd);
  if (!isAlone) return { start, end: skipBlanks(text, node.span.end) };
  const end = afterLineBreak(text, lineEnd);
  const from = startOfOwnComments(text, comments, lineStart, end);
  return { start: from, end: hasBlankLineBefore(text, from) ? afterBlankLine(text, end) : end };
}

/** Or nothing at all. */
function hasBlankLineBefore(text: string, lineStart: number): boolean {
  if (lineStart === 0) return true;
  const end = text.slice(lineStart - 2, lineStart) === '\r\n' ? lineStart - 2 : lineStart - 1;
  return isBlank(text, startOfLine(text, end), end);
}

/** The two blank lines around a paragraph that goes become one. */
function afterBlankLine(text: string, offset: number): number {
  const end = endOfLine(text, offset);
  return offset < text.length && isBlank(text, offset, end) ? afterLineBreak(text, end) : offset;
}

/**
 * Doc comments and those for the linter belong to what stands beneath them. Any other comment may be the heading of all
 * that follows, and goes only where a blank line or the end follows.
 */
function startOfOwnComments(
  text: string,
  comments: readonly CommentNode[],
  lineStart: number,
  end: number,
): number {
  const isParagraph = end >= text.length || isBlank(text, end, endOfLine(text, end));
  let start = lineStart;
  for (let i = lastBefore(comments, lineStart); i >= 0; i--) {
    const { span, isDoc, text: comment } = comments[i]!;
    const commentLine = startOfLine(text, span.start);
    if (afterLineBreak(text, endOfLine(text, span.end)) !== start || !isBlank(text, commentLine, span.start))
      break;
    if (!isDoc && !isParagraph && !isLintComment(comment)) break;
    start = commentLine;
  }
  return start;
}

/** Index of the last comment that begins before an offset, or -1. */
function lastBefore(comments: readonly CommentNode[], offset: number): number {
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comments[middle]!.span.start < offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function commentBehind(
  text: string,
  comments: readonly CommentNode[],
  offset: number,
): CommentNode | undefined {
  const next = comments[lastBefore(comments, offset) + 1];
  return next !== undefined &&
    isBlank(text, offset, next.span.start) &&
    next.span.start <= endOfLine(text, offset)
    ? next
    : undefined;
}

function isBlank(text: string, start: number, end: number): boolean {
  return skipBlanks(text, start) >= end;
}

function skipBlanks(text: string, offset: number): number {
  let i = offset;
  while (text.charCodeAt(i) === 32 || text.charCodeAt(i) === 9) i++;
  return i;
}

function startOfLine(text: string, offset: number): number {
  let i = offset;
  while (i > 0 && text.charCodeAt(i - 1) !== 10 && text.charCodeAt(i - 1) !== 13) i--;
  return i;
}

function endOfLine(text: string, offset: number): number {
  let i = offset;
  while (i < text.length && text.charCodeAt(i) !== 10 && text.charCodeAt(i) !== 13) i++;
  return i;
}

function afterLineBreak(text: string, offset: number): number {
  if (text.charCodeAt(offset) === 13 && text.charCodeAt(offset + 1) === 10) return offset + 2;
  return Math.min(offset + 1, text.length);
}
