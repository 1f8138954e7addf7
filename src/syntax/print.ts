import { assertNever } from '../source/invariant.ts';
import type { Span } from '../source/span.ts';
import type {
  AnnotationNode,
  CommentNode,
  EntityStatement,
  GroupStatement,
  NamespaceStatement,
  PermissionNode,
  ResourceNode,
  RuleStatement,
  RulesetStatement,
  Statement,
  SyntaxTree,
} from './ast.ts';
import { CommentCursor, printComment, printMovedComment } from './print-comments.ts';
import { printEntry, printObject } from './print-expression.ts';
import {
  indentation,
  maxLineLength,
  printAction,
  printAnnotation,
  printCase,
  printClauses,
  printGrant,
  printNames,
  printPermission,
  printResource,
  printRoleHead,
  printRoute,
  printSubjects,
} from './print-pieces.ts';
import { printName, printPattern, printString, printSubject, printTemplate } from './print-text.ts';

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
  readonly #lines: string[] = [];
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
      if (first > 0 && isApart) this.#lines.splice(first, 0, '');
      isAfterLong = isLong;
    }
    this.#printComments(this.#comments.takeRest(), this.#lines.length === 0);
    return this.#lines.length === 0 ? '' : `${this.#lines.join('\n')}\n`;
  }

  /** A tree that no parser made has no places; its statements stand apart. */
  #isUnplaced({ span }: Statement): boolean {
    return span.end === 0;
  }

  // -------------------------------------------------------------- lines and comments

  #line(text: string): void {
    this.#lines.push(text === '' ? '' : this.#indent + text);
  }

  #lastLineAppend(text: string): void {
    this.#lines[this.#lines.length - 1] += text;
  }

  /** What stands before a statement; tells where its own lines begin and whether it stood apart. */
  #beginStatement(statement: Statement): { readonly body: number; readonly isBlankAbove: boolean } {
    const comments = this.#comments.takeBefore(startOf(statement));
    const start = comments[0]?.span.start ?? startOf(statement);
    const isBlankAbove = this.#comments.isBlankAbove(start);
    this.#printLeading(statement, comments);
    const body = this.#lines.length;
    this.#printAnnotations(statement);
    return { body, isBlankAbove };
  }

  /** Comments before a node, its doc comment if none of them is it, and comments from the middle of its head. */
  #printLeading(node: Printable, before: readonly CommentNode[]): void {
    const inHead = this.#comments.takeBefore(node.span.start);
    this.#printComments(before, true);
    if (before.length > 0 && this.#comments.isBlankAbove(startOf(node))) this.#line('');
    this.#printComments(inHead, true);
    const isDocumented = [...before, ...inHead].some(({ isDoc }) => isDoc);
    if (node.doc !== undefined && !isDocumented) {
      for (const line of node.doc.split('\n')) this.#line(`## ${line}`.trimEnd());
    }
    for (const comment of this.#comments.takeBefore(headEnd(node))) this.#line(printMovedComment(comment));
  }

  /** Comments on lines of their own, with the blank lines between them. */
  #printComments(comments: readonly CommentNode[], isFirst: boolean): void {
    for (const [i, comment] of comments.entries()) {
      if ((i > 0 || !isFirst) && this.#comments.isBlankAbove(comment.span.start)) this.#line('');
      this.#line(printComment(comment));
    }
  }

  #printAnnotations({ annotations = [] }: Printable): void {
    if (annotations.length > 0) this.#line(annotations.map(printAnnotation).join(' '));
  }

  #printTrailing(offset: number): void {
    const comment = this.#comments.takeTrailing(offset);
    if (comment !== undefined) this.#lastLineAppend(` ${printComment(comment)}`);
  }

  // -------------------------------------------------------------- statements

  #printStatement(statement: Statement): void {
    switch (statement.kind) {
      case 'group':
        this.#printGroup(statement);
        break;
      case 'role':
        this.#printBlock(printRoleHead(statement), statement, this.#entriesOf(statement.permissions));
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
        const cases = statement.cases.map((node) => this.#leaf(node, [printCase(node)]));
        this.#printBlock(`test ${printString(statement.title.value)}`, statement, cases);
        break;
      }
      case 'import':
        this.#printLeaf([`import ${printString(statement.path.value)}`], statement);
        break;
      case 'mode':
        this.#printLeaf([`mode ${printName(statement.name)}`], statement);
        break;
      case 'action':
        this.#printLeaf([printAction(statement.name, statement.implies)], statement);
        break;
      case 'grant':
        this.#printLeaf(printGrant(statement, 0), statement);
        break;
      case 'route':
        this.#printLeaf(printRoute(statement), statement);
        break;
      default:
        assertNever(statement);
    }
  }

  #leaf(node: Printable, lines: readonly string[]): Entry {
    return { ...node, print: () => this.#printLeaf(lines, node) };
  }

  #entriesOf(permissions: readonly PermissionNode[]): Entry[] {
    return permissions.map((node) => this.#leaf(node, printPermission('', node, indentation.length)));
  }

  /** Lines without entries of their own. Comments within them went before them already. */
  #printLeaf(lines: readonly string[], { span }: Printable): void {
    for (const line of lines) this.#line(line);
    this.#printTrailing(span.end);
  }

  #printRule(rule: RuleStatement): void {
    const head = `${rule.effect} ${printSubjects(rule.subjects)}`;
    const permission = rule.permissions[0];
    if (rule.form === 'block' || permission === undefined) {
      this.#printBlock(head, rule, this.#entriesOf(rule.permissions));
    } else {
      this.#printLeaf(printPermission(`${head} to `, permission, this.#indent.length), rule);
    }
  }

  /** `head {`, entries, `}`, each with its comments. */
  #printBlock(head: string, node: Printable, entries: readonly Entry[]): void {
    const open = this.#comments.afterBrace(headEnd(node));
    const isEmpty = entries.length === 0 && !this.#comments.hasBefore(node.span.end);
    this.#line(isEmpty ? `${head} {}` : `${head} {`);
    if (!isEmpty) {
      this.#printTrailing(open);
      this.#printEntries(entries);
      this.#printClose(node.span.end, entries.length === 0);
    }
    this.#printTrailing(node.span.end);
  }

  #printEntries(entries: readonly Entry[]): void {
    this.#indented(() => {
      for (const [i, entry] of entries.entries()) {
        const comments = this.#comments.takeBefore(startOf(entry));
        if (i > 0 && this.#comments.isBlankAbove(comments[0]?.span.start ?? startOf(entry))) this.#line('');
        this.#printLeading(entry, comments);
        this.#printAnnotations(entry);
        entry.print();
      }
    });
  }

  /** Comments before the closing brace belong to no entry. */
  #printClose(end: number, isFirst: boolean): void {
    this.#indented(() => this.#printComments(this.#comments.takeBefore(end), isFirst));
    this.#line('}');
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
    const head = `group ${printName(group.name)}`;
    const members = group.members.map(printSubject);
    const line = `${head} { ${members.join(', ')} }`;
    const fits = line.length <= maxLineLength && !this.#comments.hasBefore(group.span.end);
    if (fits && members.length > 0) {
      this.#printLeaf([line], group);
      return;
    }
    const entries = group.members.map(({ span }, i) => this.#leaf({ span }, [`${members[i]!},`]));
    this.#printBlock(head, group, entries);
  }

  /** Scopes and the default may stand anywhere; where they stood is kept, for the comments beside them. */
  #printRuleset(ruleset: RulesetStatement): void {
    const entries = ruleset.scopes.map((scope) =>
      this.#leaf(scope, [`scope ${printNames(scope.actions)} on ${printPattern(scope.resource)}`]),
    );
    const fallback = ruleset.default;
    if (fallback !== undefined) entries.push(this.#leaf(fallback, [`default ${fallback.value}`]));
    for (const rule of ruleset.rules) {
      if (rule.kind === 'rule') entries.push({ ...rule, print: () => this.#printRule(rule) });
      else entries.push(this.#leaf(rule, printGrant(rule, indentation.length)));
    }
    const head = `ruleset ${printName(ruleset.name)} ${ruleset.combining}`;
    this.#printBlock(
      head,
      ruleset,
      entries.sort((a, b) => startOf(a) - startOf(b)),
    );
  }

  #printNamespace(namespace: NamespaceStatement): void {
    const entries = namespace.members.map((member): Entry => {
      switch (member.kind) {
        case 'action':
          return this.#leaf(member, [printAction(member.name, member.implies)]);
        case 'superuser':
          return this.#leaf(member, [`superuser ${printPattern(member.resource)}`]);
        case 'resource':
          return { ...member, print: () => this.#printResource(member) };
        default:
          return assertNever(member);
      }
    });
    const head = `${namespace.isClosed ? 'closed ' : ''}namespace ${printName(namespace.name)}`;
    this.#printBlock(head, namespace, entries);
  }

  /** On one line if it fits and no comment stands in it, else a line for each clause. */
  #printResource(resource: ResourceNode): void {
    const line = printResource(resource);
    const fits = this.#indent.length + line.length <= maxLineLength;
    if (fits && !this.#comments.hasBefore(resource.span.end)) {
      this.#printLeaf([line], resource);
      return;
    }
    const clauses = printClauses(resource);
    this.#line(`resource ${printTemplate(resource.template)} {`);
    this.#printTrailing(this.#comments.afterBrace(resource.template.span.end));
    this.#indented(() => {
      for (const clause of clauses) {
        for (const comment of this.#comments.takeBefore(clause.span.end)) this.#line(printComment(comment));
        this.#line(clause.text);
        this.#printTrailing(clause.span.end);
      }
    });
    this.#printClose(resource.span.end, clauses.length === 0);
    this.#printTrailing(resource.span.end);
  }

  #printEntity({ id, attributes, span }: EntityStatement): void {
    const head = `entity ${printPattern(id)}`;
    const line = `${head} ${printObject(attributes)}`;
    if (line.length <= maxLineLength || attributes.entries.length === 0) {
      this.#printLeaf([line], { span });
      return;
    }
    const entries = attributes.entries.map((entry) => `${indentation}${printEntry(entry)},`);
    this.#printLeaf([`${head} {`, ...entries, '}'], { span });
  }
}

// ---------------------------------------------------------------- places

/** Where a node begins, annotations included. */
function startOf({ annotations, span }: Printable): number {
  return annotations?.[0]?.span.start ?? span.start;
}

/**
 * Where the part of a node ends within which a comment has no line of its own: the head of a block, the whole of
 * anything else. Such comments are printed before the node.
 */
function headEnd(node: Printable): number {
  const statement = node as Partial<Statement | ResourceNode>;
  switch (statement.kind) {
    case 'group':
    case 'ruleset':
    case 'namespace':
      return statement.name?.span.end ?? node.span.end;
    case 'role':
      return statement.parameters?.at(-1)?.span.end ?? statement.name?.span.end ?? node.span.end;
    case 'test':
      return statement.title?.span.end ?? node.span.end;
    case 'resource':
      return statement.template?.span.end ?? node.span.end;
    case 'rule':
      return statement.form === 'block'
        ? (statement.subjects?.at(-1)?.span.end ?? node.span.end)
        : node.span.end;
    default:
      return node.span.end;
  }
}
