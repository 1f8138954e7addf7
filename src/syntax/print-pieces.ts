import type { Span } from '../source/span.ts';
import type {
  ActionStatement,
  AnnotationNode,
  EntityStatement,
  ExpressionNode,
  GrantStatement,
  NameNode,
  PermissionNode,
  ResourceNode,
  RoleStatement,
  RouteStatement,
  RuleStatement,
  RulesetStatement,
  ScopeNode,
  StringNode,
  SubjectNode,
  TestCaseNode,
} from './ast.ts';
import { printOperands } from './print-expression.ts';
import { printName, printPattern, printString, printSubject, printTemplate } from './print-text.ts';

/** Lines are broken where the language has a natural place for it and they would be longer than this. */
export const maxLineLength = 120;
export const indentation = '  ';

/**
 * A stretch of a line that is never broken. Pieces stand a blank apart; a comment of the source stands before the piece
 * that it stood before, so a keyword is one piece with what follows it.
 */
export interface Piece {
  readonly text: string;
  /** Of what the text says; empty at 0 in a tree that no parser made. */
  readonly span: Span;
  /** Where a line too long is broken: first before every clause, then between items, where the author broke it or where it ends. */
  readonly breaks?: 'clause' | 'item';
  /** Aligned with the same column of the lines above and below, if the line is not broken. */
  readonly isColumn?: true;
}

type Place = Pick<Piece, 'breaks' | 'isColumn'>;

/** A keyword at the start of a statement. */
function opening(text: string, { start }: Span): Piece {
  return { text, span: { start, end: start } };
}

/** `prefix a, b, c`: the first item stands at `place`. */
function list<Node extends { readonly span: Span }>(
  prefix: string,
  nodes: readonly Node[],
  print: (node: Node) => string,
  place: Place = {},
): Piece[] {
  return nodes.map((node, i) => {
    const comma = i < nodes.length - 1 ? ',' : '';
    const text = `${i === 0 ? prefix : ''}${print(node)}${comma}`;
    return { text, span: node.span, ...(i === 0 ? place : { breaks: 'item' }) };
  });
}

export function annotationPieces(annotations: readonly AnnotationNode[]): Piece[] {
  return annotations.map(({ name, value, span }) => ({
    text: value === undefined ? `@${name.text}` : `@${name.text}(${printString(value.value)})`,
    span,
    breaks: 'item',
  }));
}

export function subjectPieces(subjects: readonly SubjectNode[], prefix = '', place: Place = {}): Piece[] {
  return list(prefix, subjects, printSubject, place);
}

/** `actions on resource`, and conditions. */
export function permissionPieces(permission: PermissionNode, prefix = '', place: Place = {}): Piece[] {
  const { actions, resource } = permission;
  return [
    ...list(prefix, actions, printName, place),
    { text: `on ${printPattern(resource)}`, span: resource.span, isColumn: true },
    ...conditionPieces(permission),
  ];
}

/** A rule on one line. */
export function rulePieces(rule: RuleStatement, permission: PermissionNode): Piece[] {
  return [...ruleHeadPieces(rule), ...permissionPieces(permission, 'to ', { isColumn: true })];
}

export function ruleHeadPieces({ effect, subjects, span }: RuleStatement): Piece[] {
  return [opening(effect, span), ...subjectPieces(subjects, '', { isColumn: true })];
}

export function grantPieces(grant: GrantStatement): Piece[] {
  const { role, subjects, span } = grant;
  return [
    opening('grant', span),
    ...callPieces(role, grant.arguments, printPattern),
    ...subjectPieces(subjects, 'to ', { isColumn: true }),
    ...conditionPieces(grant),
  ];
}

/** `name(a, b)`, or the name alone. */
function callPieces<Node extends { readonly span: Span }>(
  name: NameNode,
  values: readonly Node[],
  print: (value: Node) => string,
): Piece[] {
  const [first, ...rest] = list(`${printName(name)}(`, values, (value) =>
    value === values.at(-1) ? `${print(value)})` : print(value),
  );
  if (first === undefined) return [{ text: printName(name), span: name.span }];
  return [{ ...first, span: { start: name.span.start, end: first.span.end } }, ...rest];
}

interface Conditional {
  readonly when?: ExpressionNode;
  readonly unless?: ExpressionNode;
}

function conditionPieces({ when, unless }: Conditional): Piece[] {
  return [
    ...(when === undefined ? [] : operandPieces('when ', when)),
    ...(unless === undefined ? [] : operandPieces('unless ', unless)),
  ];
}

/** Broken before `&&` and `||`, where that is what holds the condition together. */
function operandPieces(prefix: string, expression: ExpressionNode): Piece[] {
  return printOperands(expression).map(({ text, span }, i) =>
    i === 0 ? { text: prefix + text, span, breaks: 'clause' } : { text, span, breaks: 'item' },
  );
}

export function actionPieces({ name, implies, span }: ActionStatement): Piece[] {
  return [
    opening('action', span),
    { text: printName(name), span: name.span },
    ...list('implies ', implies, printName, { isColumn: true }),
  ];
}

export function scopePieces({ actions, resource, span }: ScopeNode): Piece[] {
  return [
    opening('scope', span),
    ...list('', actions, printName),
    { text: `on ${printPattern(resource)}`, span: resource.span },
  ];
}

export function routePieces({ method, path, requirements, span }: RouteStatement): Piece[] {
  const state = requirements.length === 0 ? 'open' : 'requires';
  const last = requirements.length - 1;
  return [
    opening('route', span),
    { text: printName(method), span: method.span },
    { text: printString(path.value), span: path.span, isColumn: true },
    { text: state, span: { start: path.span.end, end: path.span.end }, isColumn: true },
    ...requirements.map(({ action, resource, span: place }, i): Piece => {
      const text = `${printName(action)} on ${printPattern(resource)}${i < last ? ',' : ''}`;
      return { text, span: place, breaks: 'clause' };
    }),
  ];
}

/** A case of a test without what stands behind `with`. */
export function casePieces({ expected, subject, action, resource, span }: TestCaseNode): Piece[] {
  return [
    opening(expected, span),
    { text: printSubject(subject), span: subject.span, isColumn: true },
    { text: `to ${printName(action)}`, span: action.span, isColumn: true },
    { text: `on ${printPattern(resource)}`, span: resource.span, isColumn: true },
  ];
}

// ---------------------------------------------------------------- heads of blocks

/** A keyword and one name or string, if there is one. */
export function headPieces(
  keyword: string,
  { span }: { readonly span: Span },
  name?: NameNode | StringNode,
): Piece[] {
  if (name === undefined) return [opening(keyword, span)];
  const text = 'value' in name ? printString(name.value) : printName(name);
  return [opening(keyword, span), { text, span: name.span }];
}

export function roleHeadPieces({ name, parameters, span }: RoleStatement): Piece[] {
  return [opening('role', span), ...callPieces(name, parameters, printName)];
}

export function rulesetHeadPieces({ name, combining, span }: RulesetStatement): Piece[] {
  const { end } = name.span;
  return [...headPieces('ruleset', { span }, name), { text: combining, span: { start: end, end } }];
}

export function entityHeadPieces({ id, span }: EntityStatement): Piece[] {
  return [opening('entity', span), { text: printPattern(id), span: id.span }];
}

export function resourceHeadPieces({ template, span }: ResourceNode): Piece[] {
  return [opening('resource', span), { text: printTemplate(template), span: template.span }];
}

// ---------------------------------------------------------------- clauses of a resource

export interface Clause {
  readonly pieces: readonly Piece[];
  readonly span: Span;
}

/** In the order of the source. */
export function clausesOf({ actions, enforcedIn }: ResourceNode): Clause[] {
  const clauses: Clause[] = [];
  if (actions !== undefined)
    clauses.push({ pieces: list('actions ', actions, printName), span: spanOfList(actions) });
  if (enforcedIn !== undefined) {
    const pieces = list('enforced in ', enforcedIn, ({ mode, authenticatedOnly }) =>
      authenticatedOnly ? `${printName(mode)}(authenticated)` : printName(mode),
    );
    clauses.push({ pieces, span: spanOfList(enforcedIn) });
  }
  return clauses.sort((a, b) => a.span.start - b.span.start);
}

function spanOfList(nodes: readonly { readonly span: Span }[]): Span {
  return { start: nodes[0]?.span.start ?? 0, end: nodes.at(-1)?.span.end ?? 0 };
}

export function printResource(resource: ResourceNode): string {
  const clauses = clausesOf(resource).map(({ pieces }) => pieces.map(({ text }) => text).join(' '));
  const head = `resource ${printTemplate(resource.template)}`;
  return clauses.length === 0 ? `${head} {}` : `${head} { ${clauses.join('  ')} }`;
}
