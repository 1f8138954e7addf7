import type { Span } from '../source/span.ts';
import type {
  AnnotationNode,
  ExpressionNode,
  GrantStatement,
  NameNode,
  PermissionNode,
  ResourceNode,
  RoleStatement,
  RouteStatement,
  SubjectNode,
  TestCaseNode,
} from './ast.ts';
import { printExpression, printObject } from './print-expression.ts';
import { printName, printPattern, printString, printSubject, printTemplate } from './print-text.ts';

/** Lines are broken where the language has a natural place for it and they would be longer than this. */
export const maxLineLength = 100;
export const indentation = '  ';

export function printAnnotation({ name, value }: AnnotationNode): string {
  return value === undefined ? `@${name.text}` : `@${name.text}(${printString(value.value)})`;
}

export function printNames(names: readonly NameNode[]): string {
  return names.map(printName).join(', ');
}

export function printSubjects(subjects: readonly SubjectNode[]): string {
  return subjects.map(printSubject).join(', ');
}

export function printAction(name: NameNode, implies: readonly NameNode[]): string {
  return `action ${printName(name)} implies ${printNames(implies)}`;
}

export function printRoleHead({ name, parameters }: RoleStatement): string {
  return parameters.length === 0
    ? `role ${printName(name)}`
    : `role ${printName(name)}(${printNames(parameters)})`;
}

/** `actions on resource`, with its conditions on the same line if they fit. */
export function printPermission(prefix: string, permission: PermissionNode, indent: number): string[] {
  const head = `${prefix}${printNames(permission.actions)} on ${printPattern(permission.resource)}`;
  return printConditions(head, permission, indent);
}

export function printGrant(grant: GrantStatement, indent: number): string[] {
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

export function printRoute({ method, path, requirements }: RouteStatement): string[] {
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

export function printCase(testCase: TestCaseNode): string {
  const { expected, subject, action, resource } = testCase;
  const line = `${expected} ${printSubject(subject)} to ${printName(action)} on ${printPattern(resource)}`;
  const data = testCase.with === undefined ? '' : ` with ${printObject(testCase.with)}`;
  return line + data;
}

export interface Clause {
  readonly text: string;
  readonly span: Span;
}

export function printClauses({ actions, enforcedIn }: ResourceNode): Clause[] {
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

export function printResource(resource: ResourceNode): string {
  const clauses = printClauses(resource).map(({ text }) => text);
  const head = `resource ${printTemplate(resource.template)}`;
  return clauses.length === 0 ? `${head} {}` : `${head} { ${clauses.join('  ')} }`;
}
