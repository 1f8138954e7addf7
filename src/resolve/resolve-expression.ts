import { nearestName } from '../diagnostics/nearest.ts';
import type { AttributeRoot, Constant, Expression, Glob, GlobPart } from '../model/model.ts';
import { assertNever } from '../source/invariant.ts';
import type { Span } from '../source/span.ts';
import type { ExpressionNode } from '../syntax/ast.ts';
import { type CidrWords, parseCidr, parseIp } from '../values/ip.ts';
import { parseDuration, parseTime } from '../values/time.ts';
import type { Finding } from './reporter.ts';

const ROOTS: readonly string[] = ['subject', 'action', 'resource', 'context'];
const CALLS: readonly string[] = ['cidr', 'ip', 'time', 'duration'];

/** What the lowering of an expression needs to know and to say. */
export interface ExpressionScope {
  readonly hasGroup: (name: string, span: Span) => void;
  readonly report: (finding: Finding) => void;
}

/**
 * `when` and `unless` as one expression (S41). Mistakes are reported and leave a constant in their place, so that all
 * are found in one run. Depth is bounded by the parser (S51).
 */
export function resolveCondition(
  when: readonly (ExpressionNode | undefined)[],
  unless: readonly (ExpressionNode | undefined)[],
  scope: ExpressionScope,
): Expression | undefined {
  const parts: Expression[] = [];
  for (const node of when) if (node !== undefined) parts.push(lowerBoolean(node, scope));
  for (const node of unless)
    if (node !== undefined) parts.push({ kind: 'not', operand: lowerBoolean(node, scope) });
  if (parts.length === 0) return undefined;
  return parts.reduce((left, right) => ({ kind: 'and', left, right }));
}

/** An expression in a place that needs a boolean: what can never be one is refused here, not at every request. */
function lowerBoolean(node: ExpressionNode, scope: ExpressionScope): Expression {
  if (node.kind === 'string' || node.kind === 'number' || node.kind === 'list' || node.kind === 'call') {
    return mistake(
      scope,
      'P1013',
      node.span,
      'a condition must be true or false',
      'compare the value with something',
    );
  }
  return lower(node, scope);
}

function lower(node: ExpressionNode, scope: ExpressionScope): Expression {
  switch (node.kind) {
    case 'string':
      return constant({ kind: 'string', value: node.value });
    case 'number':
      return constant({ kind: 'number', value: node.value });
    case 'boolean':
      return constant({ kind: 'boolean', value: node.value });
    case 'list':
      return { kind: 'list', items: node.items.map((item) => lower(item, scope)) };
    case 'call':
      return lowerCall(node, scope);
    case 'root':
      return lowerBareRoot(node, scope);
    case 'attribute':
      return lowerAttribute(node, scope);
    case 'has':
      return lowerHas(node, scope);
    case 'not':
      return { kind: 'not', operand: lowerBoolean(node.operand, scope) };
    case 'binary':
      return lowerBinary(node, scope);
    case 'group':
      return mistake(
        scope,
        'P1013',
        node.span,
        'a group may stand only after `subject in`',
        `write \`subject in group:${node.name}\``,
      );
    default:
      return assertNever(node);
  }
}

function lowerBinary(node: Extract<ExpressionNode, { kind: 'binary' }>, scope: ExpressionScope): Expression {
  const { operator } = node;
  if (operator === '&&' || operator === '||') {
    const left = lowerBoolean(node.left, scope);
    const right = lowerBoolean(node.right, scope);
    return { kind: operator === '&&' ? 'and' : 'or', left, right };
  }
  if (operator === 'in') return lowerIn(node, scope);
  if (operator === 'like') return lowerLike(node, scope);
  const group = [node.left, node.right].find((operand) => operand.kind === 'group');
  if (group !== undefined) return lower(group, scope);
  return { kind: 'compare', operator, left: lower(node.left, scope), right: lower(node.right, scope) };
}

function lowerIn(node: Extract<ExpressionNode, { kind: 'binary' }>, scope: ExpressionScope): Expression {
  const { left, right } = node;
  if (right.kind === 'group') {
    scope.hasGroup(right.name, right.span);
    if (left.kind !== 'root' || left.name !== 'subject') {
      return mistake(
        scope,
        'P1013',
        left.span,
        'only `subject` can be asked for a group',
        `write \`subject in group:${right.name}\``,
      );
    }
    return { kind: 'in-group', group: right.name };
  }
  if (right.kind === 'call' && right.callee.text === 'cidr') {
    const cidr = lowerCidr(right, scope);
    const item = lower(left, scope);
    return cidr === undefined ? alwaysFalse : { kind: 'in-cidr', item, cidr };
  }
  if (right.kind === 'list' || right.kind === 'attribute') {
    return { kind: 'in-list', item: lower(left, scope), list: lower(right, scope) };
  }
  return mistake(
    scope,
    'P1013',
    right.span,
    '`in` needs a list, a group or a cidr on its right',
    'write `in ["a", "b"]`, `in group:g` or `in cidr("10.0.0.0/8")`',
  );
}

function lowerLike(node: Extract<ExpressionNode, { kind: 'binary' }>, scope: ExpressionScope): Expression {
  const item = lower(node.left, scope);
  if (node.right.kind === 'string') return { kind: 'like', item, glob: parseLikeGlob(node.right.value) };
  return mistake(
    scope,
    'P1013',
    node.right.span,
    '`like` needs a string literal on its right',
    'write the pattern in quotes, such as `like "web-*"`',
  );
}

function lowerCall(node: Extract<ExpressionNode, { kind: 'call' }>, scope: ExpressionScope): Expression {
  const name = node.callee.text;
  if (!CALLS.includes(name)) {
    const near = nearestName(name, CALLS);
    return mistake(
      scope,
      'P1013',
      node.callee.span,
      `unknown function \`${name}\``,
      near === undefined ? `there are ${quoteAll(CALLS)}` : `write \`${near}\``,
    );
  }
  if (name === 'cidr') {
    lowerCidr(node, scope);
    return mistake(
      scope,
      'P1013',
      node.span,
      '`cidr` may stand only after `in`',
      'write `context.ip in cidr("10.0.0.0/8")`',
    );
  }
  const text = stringArgument(node, scope);
  if (text === undefined) return alwaysFalse;
  const value = readConstant(name, text.value);
  if (value !== undefined) return constant(value);
  return mistake(scope, 'P1014', text.span, `invalid ${name} \`${text.value}\``, constantHelp[name]!);
}

function lowerCidr(
  node: Extract<ExpressionNode, { kind: 'call' }>,
  scope: ExpressionScope,
): CidrWords | undefined {
  const text = stringArgument(node, scope);
  if (text === undefined) return undefined;
  const cidr = parseCidr(text.value);
  if (cidr === undefined)
    mistake(scope, 'P1014', text.span, `invalid cidr \`${text.value}\``, constantHelp.cidr!);
  return cidr;
}

const constantHelp: Readonly<Record<string, string>> = {
  ip: 'write an address such as `10.0.0.1` or `2001:db8::1`',
  cidr: 'write a block such as `10.0.0.0/8` or `2001:db8::/32`',
  time: 'write RFC 3339 with a zone, such as `2026-01-31T08:00:00Z`',
  duration: 'write a duration such as `1h30m`, `15m` or `7d`',
};

function readConstant(name: string, text: string): Constant | undefined {
  if (name === 'ip') {
    const address = parseIp(text);
    return address === undefined ? undefined : { kind: 'ip', address };
  }
  if (name === 'time') {
    const epochMs = parseTime(text);
    return epochMs === undefined ? undefined : { kind: 'time', epochMs };
  }
  const ms = parseDuration(text);
  return ms === undefined ? undefined : { kind: 'duration', ms };
}

function stringArgument(
  node: Extract<ExpressionNode, { kind: 'call' }>,
  scope: ExpressionScope,
): { value: string; span: Span } | undefined {
  const [argument, extra] = node.arguments;
  if (argument?.kind === 'string' && extra === undefined) return argument;
  mistake(
    scope,
    'P1013',
    argument?.span ?? node.span,
    `\`${node.callee.text}\` takes one string literal`,
    'attributes are read as such values where they are compared with one',
  );
  return undefined;
}

function lowerBareRoot(node: Extract<ExpressionNode, { kind: 'root' }>, scope: ExpressionScope): Expression {
  if (!ROOTS.includes(node.name)) return unknownRoot(node, scope);
  return mistake(
    scope,
    'P1013',
    node.span,
    `\`${node.name}\` is not a value by itself`,
    node.name === 'context' ? 'name an attribute, such as `context.ip`' : `write \`${node.name}.id\``,
  );
}

function unknownRoot(node: Extract<ExpressionNode, { kind: 'root' }>, scope: ExpressionScope): Expression {
  const near = nearestName(node.name, ROOTS);
  return mistake(
    scope,
    'P1013',
    node.span,
    `unknown name \`${node.name}\``,
    near === undefined
      ? `attributes begin with one of ${quoteAll(ROOTS)}; texts stand in quotes`
      : `write \`${near}\``,
  );
}

function lowerAttribute(
  node: Extract<ExpressionNode, { kind: 'attribute' }>,
  scope: ExpressionScope,
): Expression {
  const access = readAccess(node, scope);
  return access === undefined ? alwaysFalse : { kind: 'attribute', ...access };
}

function lowerHas(node: Extract<ExpressionNode, { kind: 'has' }>, scope: ExpressionScope): Expression {
  const access = readAccess(node.target, scope);
  return access === undefined ? alwaysFalse : { kind: 'has', ...access, name: node.name.text };
}

/** The root and the names of an access such as `context.request.id`; reports anything else. */
function readAccess(
  node: ExpressionNode,
  scope: ExpressionScope,
): { root: AttributeRoot; path: string[] } | undefined {
  const path: string[] = [];
  let target = node;
  while (target.kind === 'attribute') {
    path.unshift(target.name.text);
    target = target.target;
  }
  if (target.kind === 'root') {
    if (ROOTS.includes(target.name)) return { root: target.name as AttributeRoot, path };
    unknownRoot(target, scope);
  } else {
    mistake(
      scope,
      'P1013',
      target.span,
      'only `subject`, `action`, `resource` and `context` have attributes',
      'write such as `context.ip`',
    );
  }
  return undefined;
}

/** Reads the right side of `like`: `*` and `?` are wildcards, a backslash before one or before itself takes it literally (S49). */
export function parseLikeGlob(text: string): Glob {
  const glob: GlobPart[] = [];
  let literal = '';
  const endLiteral = (): void => {
    if (literal !== '') glob.push({ kind: 'text', text: literal });
    literal = '';
  };
  for (let i = 0; i < text.length; i++) {
    const unit = text[i]!;
    if (unit === '\\' && /[*?\\]/.test(text[i + 1] ?? '')) literal += text[++i];
    else if (unit === '*' || unit === '?') {
      endLiteral();
      glob.push({ kind: unit === '*' ? 'run' : 'unit' });
    } else literal += unit;
  }
  endLiteral();
  return glob;
}

const alwaysFalse: Expression = constant({ kind: 'boolean', value: false });

function constant(value: Constant): Expression {
  return { kind: 'constant', value };
}

function quoteAll(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function mistake(
  scope: ExpressionScope,
  code: 'P1013' | 'P1014',
  span: Span,
  message: string,
  help: string,
): Expression {
  scope.report({ code, span, message, help });
  return alwaysFalse;
}
