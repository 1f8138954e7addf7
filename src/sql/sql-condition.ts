/** A value that goes to the database beside the text, never in it. */
export type SqlParameter =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'number'; readonly value: number };

/** SQL text with parameters between. */
export type SqlText = readonly (string | SqlParameter)[];

/** A condition that is never NULL. */
export type SqlCondition =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'text'; readonly text: SqlText }
  | { readonly kind: 'and' | 'or'; readonly left: SqlCondition; readonly right: SqlCondition }
  | { readonly kind: 'not'; readonly operand: SqlCondition };

export const TRUE: SqlCondition = { kind: 'constant', value: true };
export const FALSE: SqlCondition = { kind: 'constant', value: false };

/** Text and parameters in turn, as a tagged template: `` sql`${x} = ${parameter(id)}` ``. */
export function sql(strings: TemplateStringsArray, ...parts: (SqlText | SqlParameter)[]): SqlText {
  return strings.flatMap((text, i) => {
    const part = parts[i];
    if (part === undefined) return [text];
    return 'kind' in part ? [text, part] : [text, ...part];
  });
}

export function parameter(value: string | number | readonly string[]): SqlParameter {
  if (typeof value === 'string') return { kind: 'string', value };
  return typeof value === 'number' ? { kind: 'number', value } : { kind: 'strings', value };
}

export function condition(text: SqlText): SqlCondition {
  return { kind: 'text', text };
}

export function allOf(conditions: readonly SqlCondition[]): SqlCondition {
  if (conditions.some((each) => each.kind === 'constant' && !each.value)) return FALSE;
  return joined(
    'and',
    conditions.filter(({ kind }) => kind !== 'constant'),
  );
}

export function anyOf(conditions: readonly SqlCondition[]): SqlCondition {
  if (conditions.some((each) => each.kind === 'constant' && each.value)) return TRUE;
  return joined(
    'or',
    conditions.filter(({ kind }) => kind !== 'constant'),
  );
}

export function not(operand: SqlCondition): SqlCondition {
  if (operand.kind === 'constant') return operand.value ? FALSE : TRUE;
  return operand.kind === 'not' ? operand.operand : { kind: 'not', operand };
}

/** Halves of halves: databases limit how deep expressions may nest, and read `a OR b OR c` as nested too. */
function joined(kind: 'and' | 'or', conditions: readonly SqlCondition[]): SqlCondition {
  if (conditions.length === 0) return kind === 'and' ? TRUE : FALSE;
  if (conditions.length === 1) return conditions[0]!;
  const middle = (conditions.length + 1) >> 1;
  return {
    kind,
    left: joined(kind, conditions.slice(0, middle)),
    right: joined(kind, conditions.slice(middle)),
  };
}

/** The condition as text in which no parentheses are needed around it under `AND`, `OR` and `NOT`. */
export function textOfCondition(root: SqlCondition): SqlText {
  const parts: (string | SqlParameter)[] = [];
  // A stack of its own: conditions are as deep as sets are nested.
  const waiting: (string | SqlParameter | SqlCondition)[] = [root];
  while (waiting.length > 0) {
    const next = waiting.pop()!;
    if (typeof next === 'string' || ('value' in next && next.kind !== 'constant')) parts.push(next);
    else waiting.push(...piecesOf(next).reverse());
  }
  return parts;
}

function piecesOf(part: SqlCondition): (string | SqlParameter | SqlCondition)[] {
  switch (part.kind) {
    case 'constant':
      return [part.value ? '(1 = 1)' : '(1 = 0)'];
    case 'text':
      return ['(', ...part.text, ')'];
    case 'not':
      return ['(NOT ', part.operand, ')'];
    default:
      return ['(', part.left, part.kind === 'and' ? ' AND ' : ' OR ', part.right, ')'];
  }
}
