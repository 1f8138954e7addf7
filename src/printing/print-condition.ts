import type { Cidr, Constant, Expression, Glob, IpAddress } from '../model/model.ts';
import { assertNever } from '../source/invariant.ts';
import { printString } from '../syntax/print-text.ts';

/** How tightly an expression holds together; a looser one in a tighter place needs parentheses. */
const strengths = { or: 1, and: 2, comparison: 3, not: 4, primary: 5 } as const;

/** A resolved condition as policy text: of the same meaning, if not in its author's words. At most 256 deep (S51). */
export function printCondition(expression: Expression): string {
  switch (expression.kind) {
    case 'constant':
      return printConstant(expression.value);
    case 'list':
      return `[${expression.items.map(printCondition).join(', ')}]`;
    case 'attribute':
      return printPath(expression);
    case 'has':
      return `${printPath(expression)} has ${printAttributeName(expression.name)}`;
    case 'not':
      return `!${printAtLeast(expression.operand, strengths.not)}`;
    case 'and':
      return `${printAtLeast(expression.left, strengths.and)} && ${printAtLeast(expression.right, strengths.and + 1)}`;
    case 'or':
      return `${printAtLeast(expression.left, strengths.or)} || ${printAtLeast(expression.right, strengths.or + 1)}`;
    case 'compare':
      return `${printOperand(expression.left)} ${expression.operator} ${printOperand(expression.right)}`;
    case 'in-list':
      return `${printOperand(expression.item)} in ${printOperand(expression.list)}`;
    case 'in-group':
      return `subject in group:${printGroupName(expression.group)}`;
    case 'in-cidr':
      return `${printOperand(expression.item)} in cidr("${cidrText(expression.cidr)}")`;
    case 'like':
      return `${printOperand(expression.item)} like ${printString(likeText(expression.glob))}`;
    default:
      return assertNever(expression);
  }
}

const bareGroup = /^[A-Za-z0-9_.@+~$-]+$/;

/** The name of a group behind `group:`. */
export function printGroupName(name: string): string {
  return bareGroup.test(name) ? name : printString(name);
}

const bareAttribute = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** The name of an attribute, in a condition or an object. */
export function printAttributeName(name: string): string {
  return bareAttribute.test(name) ? name : printString(name);
}

/** An address as text; in IPv6 the longest run of zeros is left out (RFC 5952). */
export function ipText({ words }: IpAddress): string {
  if (words.length === 1) return [24, 16, 8, 0].map((shift) => (words[0]! >>> shift) & 255).join('.');
  const text = words.flatMap((word) => [(word >>> 16).toString(16), (word & 0xffff).toString(16)]).join(':');
  const runs = text.match(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '') return text;
  const at = text.search(new RegExp(`(?<![0-9a-f])${longest}(?![0-9a-f])`));
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}

export function timeText(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('.000Z', 'Z');
}

const units: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

/** A duration in the units that give the fewest words: `1h30m`, not `5400000ms`. */
export function durationText(ms: number): string {
  let rest = Math.abs(ms);
  let text = '';
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  if (rest > 0 || text === '') text += `${rest}ms`;
  return ms < 0 ? `-${text}` : text;
}

function printAtLeast(expression: Expression, strength: number): string {
  const text = printCondition(expression);
  return strengthOf(expression) < strength ? `(${text})` : text;
}

/** Comparisons do not associate: what stands beside one holds tighter. */
function printOperand(expression: Expression): string {
  return printAtLeast(expression, strengths.not);
}

function strengthOf({ kind }: Expression): number {
  switch (kind) {
    case 'or':
    case 'and':
    case 'not':
      return strengths[kind];
    case 'constant':
    case 'list':
    case 'attribute':
      return strengths.primary;
    case 'has':
    case 'compare':
    case 'in-list':
    case 'in-group':
    case 'in-cidr':
    case 'like':
      return strengths.comparison;
    default:
      return assertNever(kind);
  }
}

function printPath({ root, path }: { readonly root: string; readonly path: readonly string[] }): string {
  return [root, ...path.map(printAttributeName)].join('.');
}

function printConstant(constant: Constant): string {
  switch (constant.kind) {
    case 'string':
      return printString(constant.value);
    case 'number':
    case 'boolean':
      return String(constant.value);
    case 'ip':
      return `ip("${ipText(constant.address)}")`;
    case 'time':
      return `time("${timeText(constant.epochMs)}")`;
    case 'duration':
      return `duration("${durationText(constant.ms)}")`;
    default:
      return assertNever(constant);
  }
}

function cidrText(cidr: Cidr): string {
  return `${ipText(cidr)}/${cidr.prefixLength}`;
}

function likeText(glob: Glob): string {
  const parts = glob.map((part) => {
    if (part.kind === 'text') return part.text.replace(/[*?\\]/g, '\\$&');
    return part.kind === 'run' ? '*' : '?';
  });
  return parts.join('');
}
