import { assertNever } from '../source/invariant.ts';
import type { Span } from '../source/span.ts';
import type {
  AnnotationNode,
  CommentNode,
  EntityStatement,
  ExpressionNode,
  GrantStatement,
  GroupStatement,
  NameNode,
  NamespaceStatement,
  PermissionNode,
  ResourceNode,
  RouteStatement,
  RuleStatement,
  RulesetStatement,
  Statement,
  SubjectNode,
  SyntaxTree,
  TestCaseNode,
} from './ast.ts';
import { CommentCursor, printComment, printMovedComment } from './print-comments.ts';
import { printEntry, printExpression, printObject } from './print-expression.ts';
import { printName, printPattern, printString, printSubject, printTemplate } from './print-text.ts';

export { printExpression } from './print-expression.ts';
export { printPattern } from './print-text.ts';

/** Lines are broken where the language has a natural place for it and they would be longer than this. */
const maxLineLength = 100;
const indentation = '  ';

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

type Entry = Printable & { readonly lines: readonly string[] };

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
        return this.#printGroup(statement);
      case 'role':
        return this.#printBlock(
          printRoleHead(statement),
          statement,
          statement.permissions.map(entryOfPermission),
        );
      case 'rule':
        return this.#printRule(statement);
      case 'ruleset':
        return this.#printRuleset(statement);
      case 'namespace':
        return this.#printNamespace(statement);
      case 'entity':
        return this.#printEntity(statement);
      case 'test':
        return this.#printBlock(
          `test ${printString(statement.title.value)}`,
          statement,
          statement.cases.map(entryOfCase),
        );
      case 'import':
        return this.#printLeaf([`import ${printString(statement.path.value)}`], statement);
      case 'mode':
        return this.#printLeaf([`mode ${printName(statement.name)}`], statement);
      case 'action':
        return this.#printLeaf([printAction(statement.name, statement.implies)], statement);
      case 'grant':
        return this.#printLeaf(printGrant(statement, 0), statement);
      case 'route':
        return this.#printLeaf(printRoute(statement), statement);
      default:
        return assertNever(statement);
    }
  }

  /** Lines without entries of their own. Comments within them went before them already. */
  #printLeaf(lines: readonly string[], { span }: Printable): void {
    for (const line of lines) this.#line(line);
    this.#printTrailing(span.end);
  }

  #printRule(rule: RuleStatement): void {
    const head = `${rule.effect} ${printSubjects(rule.subjects)}`;
    if (rule.form === 'block') return this.#printBlock(head, rule, rule.permissions.map(entryOfPermission));
    const permission = rule.permissions[0];
    if (permission !== undefined)
      this.#printLeaf(printPermission(`${head} to `, permission, this.#indent.length), rule);
  }

  /** `head {`, entries, `}`, each with its comments. */
  #printBlock(
    head: string,
    node: Printable,
    entries: readonly Entry[],
    printEntry?: (index: number) => boolean,
  ): void {
    const open = this.#comments.afterBrace(headEnd(node));
    const isEmpty = entries.length === 0 && !this.#comments.hasBefore(node.span.end);
    this.#line(isEmpty ? `${head} {}` : `${head} {`);
    if (!isEmpty) {
      this.#printTrailing(open);
      this.#printEntries(entries, printEntry);
      this.#printClose(node.span.end, entries.length === 0);
    }
    this.#printTrailing(node.span.end);
  }

  #printEntries(entries: readonly Entry[], printEntry?: (index: number) => boolean): void {
    this.#indented(() => {
      for (const [i, entry] of entries.entries()) {
        const comments = this.#comments.takeBefore(startOf(entry));
        if (i > 0 && this.#comments.isBlankAbove(comments[0]?.span.start ?? startOf(entry))) this.#line('');
        this.#printLeading(entry, comments);
        this.#printAnnotations(entry);
        if (printEntry?.(i) !== true) this.#printLeaf(entry.lines, entry);
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
    if (members.length > 0 && line.length <= maxLineLength && !this.#comments.hasBefore(group.span.end)) {
      return this.#printLeaf([line], group);
    }
    const entries = group.members.map(({ span }, i) => ({ span, lines: [`${members[i]!},`] }));
    this.#printBlock(head, group, entries);
  }

  #printRuleset(ruleset: RulesetStatement): void {
    const scopes = ruleset.scopes.map(({ actions, resource, span }) => {
      return { span, lines: [`scope ${printNames(actions)} on ${printPattern(resource)}`] };
    });
    const fallback = ruleset.default === undefined ? [] : [entryOfDefault(ruleset.default)];
    const rules = ruleset.rules.map((rule) => ({ ...rule, lines: [] }));
    // Scopes and the default may stand anywhere; where they stood is kept, for the comments beside them.
    const entries: Entry[] = [...scopes, ...fallback, ...rules].sort((a, b) => startOf(a) - startOf(b));
    const head = `ruleset ${printName(ruleset.name)} ${ruleset.combining}`;
    this.#printBlock(head, ruleset, entries, (i) => {
      const rule = rules.find((candidate) => candidate === entries[i]);
      if (rule === undefined) return false;
      if (rule.kind === 'rule') this.#printRule(rule);
      else this.#printLeaf(printGrant(rule, this.#indent.length), rule);
      return true;
    });
  }

  #printNamespace(namespace: NamespaceStatement): void {
    const entries = namespace.members.map((member): Entry => {
      switch (member.kind) {
        case 'action':
          return { ...member, lines: [printAction(member.name, member.implies)] };
        case 'superuser':
          return { ...member, lines: [`superuser ${printPattern(member.resource)}`] };
        case 'resource':
          return { ...member, lines: [printResource(member)] };
        default:
          return assertNever(member);
      }
    });
    const head = `${namespace.isClosed ? 'closed ' : ''}namespace ${printName(namespace.name)}`;
    this.#printBlock(head, namespace, entries, (i) => {
      const member = namespace.members[i]!;
      if (member.kind !== 'resource') return false;
      this.#printResource(member);
      return true;
    });
  }

  /** On one line if it fits and no comment stands in it, else a line for each clause. */
  #printResource(resource: ResourceNode): void {
    const line = printResource(resource);
    const fits = this.#indent.length + line.length <= maxLineLength;
    if (fits && !this.#comments.hasBefore(resource.span.end)) return this.#printLeaf([line], resource);
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
    if (line.length <= maxLineLength || attributes.entries.length === 0)
      return this.#printLeaf([line], { span });
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

// ---------------------------------------------------------------- pieces

function printAnnotation({ name, value }: AnnotationNode): string {
  return value === undefined ? `@${name.text}` : `@${name.text}(${printString(value.value)})`;
}

function printNames(names: readonly NameNode[]): string {
  return names.map(printName).join(', ');
}

function printSubjects(subjects: readonly SubjectNode[]): string {
  return subjects.map(printSubject).join(', ');
}

function printAction(name: NameNode, implies: readonly NameNode[]): string {
  return `action ${printName(name)} implies ${printNames(implies)}`;
}

function printRoleHead({ name, parameters }: Extract<Statement, { kind: 'role' }>): string {
  return parameters.length === 0
    ? `role ${printName(name)}`
    : `role ${printName(name)}(${printNames(parameters)})`;
}

function entryOfPermission(permission: PermissionNode): Entry {
  return { ...permission, lines: printPermission('', permission, indentation.length) };
}

/** `actions on resource`, with its conditions on the same line if they fit. */
function printPermission(prefix: string, permission: PermissionNode, indent: number): string[] {
  const head = `${prefix}${printNames(permission.actions)} on ${printPattern(permission.resource)}`;
  return printConditions(head, permission, indent);
}

function printGrant(grant: GrantStatement, indent: number): string[] {
  const values = grant.arguments.length === 0 ? '' : `(${grant.arguments.map(printPattern).join(', ')})`;
  return printConditions(
    `grant ${printName(grant.role)}${values} to ${printSubjects(grant.subjects)}`,
    grant,
    indent,
  );
}

interface Conditional {
  readonly when?: ExpressionNode;
  readonly unless?: ExpressionNode;
}

function printConditions(head: string, { when, unless }: Conditional, indent: number): string[] {
  const conditions: string[] = [];
  if (when !== undefined) conditions.push(`when ${printExpression(when)}`);
  if (unless !== undefined) conditions.push(`unless ${printExpression(unless)}`);
  const line = [head, ...conditions].join(' ');
  if (indent + line.length <= maxLineLength) return [line];
  return [head, ...conditions.map((condition) => indentation + condition)];
}

function printRoute({ method, path, requirements }: RouteStatement): string[] {
  const head = `route ${printName(method)} ${printString(path.value)}`;
  if (requirements.length === 0) return [`${head} open`];
  const printed = requirements.map(
    ({ action, resource }) => `${printName(action)} on ${printPattern(resource)}`,
  );
  const line = `${head} requires ${printed.join(', ')}`;
  if (line.length <= maxLineLength) return [line];
  const last = printed.length - 1;
  return [`${head} requires`, ...printed.map((text, i) => `${indentation}${text}${i < last ? ',' : ''}`)];
}

function entryOfDefault({ value, span }: NonNullable<RulesetStatement['default']>): Entry {
  return { span, lines: [`default ${value}`] };
}

function entryOfCase(testCase: TestCaseNode): Entry {
  const { expected, subject, action, resource } = testCase;
  const line = `${expected} ${printSubject(subject)} to ${printName(action)} on ${printPattern(resource)}`;
  const data = testCase.with === undefined ? '' : ` with ${printObject(testCase.with)}`;
  return { span: testCase.span, lines: [line + data] };
}

interface Clause {
  readonly text: string;
  readonly span: Span;
}

function printClauses({ actions, enforcedIn }: ResourceNode): Clause[] {
  const clauses: Clause[] = [];
  if (actions !== undefined)
    clauses.push({ text: `actions ${printNames(actions)}`, span: spanOfList(actions) });
  if (enforcedIn !== undefined) {
    const modes = enforcedIn.map(({ mode, authenticatedOnly }) => {
      return authenticatedOnly ? `${printName(mode)}(authenticated)` : printName(mode);
    });
    clauses.push({ text: `enforced in ${modes.join(', ')}`, span: spanOfList(enforcedIn) });
  }
  return clauses.sort((a, b) => a.span.start - b.span.start);
}

function spanOfList(nodes: readonly { readonly span: Span }[]): Span {
  return { start: nodes[0]?.span.start ?? 0, end: nodes.at(-1)?.span.end ?? 0 };
}

function printResource(resource: ResourceNode): string {
  const clauses = printClauses(resource).map(({ text }) => text);
  const head = `resource ${printTemplate(resource.template)}`;
  return clauses.length === 0 ? `${head} {}` : `${head} { ${clauses.join('  ')} }`;
}
