import type { Request } from '../../index.ts';
import type { Instantiation } from './instantiate.ts';
import type { Expression } from './model-types.ts';

/** Nested data by name; without a prototype, because the names come from a policy. */
interface Data {
  [name: string]: unknown;
}
/** What is nested deeper is left out, because it has to be copied as JSON, which follows depth by recursion. */
const mostNames = 256;

type Attribute = Extract<Expression, { readonly kind: 'attribute' }>;
type Comparison = Extract<Expression, { readonly kind: 'compare' }>;

/**
 * Looks for a context, attributes and groups with which a condition holds. A guess, left to right and without a second
 * try: what it cannot make hold is still a fair request, and is denied.
 */
export class Facts {
  private readonly roots: Record<Attribute['root'], Data> = {
    subject: emptyData(),
    action: emptyData(),
    resource: emptyData(),
    context: emptyData(),
  };
  private readonly groups: string[] = [];
  private readonly instantiation: Instantiation;

  constructor(instantiation: Instantiation) {
    this.instantiation = instantiation;
  }

  /** What a request has to carry, beside its ids. */
  get parts(): Pick<Request, 'context' | 'attributes' | 'groups'> {
    const { context, ...attributes } = this.roots;
    const given = Object.entries(attributes).filter(([, data]) => Object.keys(data).length > 0);
    const parts = {
      ...(Object.keys(context).length > 0 && { context }),
      ...(given.length > 0 && { attributes: Object.fromEntries(given) }),
      ...(this.groups.length > 0 && { groups: this.groups }),
    };
    // Objects as they come off a wire, not dictionaries: the engine reads the one kind faster than the other.
    return JSON.parse(JSON.stringify(parts)) as typeof parts;
  }

  /** Nested as deep as a policy may be (256): shallow enough to follow by recursion. */
  seek(expression: Expression, isWanted: boolean): void {
    switch (expression.kind) {
      case 'not':
        this.seek(expression.operand, !isWanted);
        return;
      case 'and':
      case 'or':
        this.seek(expression.left, isWanted);
        if ((expression.kind === 'and') === isWanted) this.seek(expression.right, isWanted);
        return;
      case 'attribute':
        this.set(expression, isWanted);
        return;
      case 'has':
        if (isWanted) this.assign(expression.root, [...expression.path, expression.name], 'x');
        return;
      case 'compare':
        this.compare(expression, isWanted);
        return;
      case 'in-list':
        this.includeInList(expression.item, expression.list, isWanted);
        return;
      case 'in-group':
        if (isWanted) this.groups.push(expression.group);
        return;
      case 'in-cidr':
        this.set(expression.item, isWanted ? renderAddress(expression.cidr.words) : '192.0.2.1');
        return;
      case 'like':
        this.set(expression.item, isWanted ? this.instantiation.globText(expression.glob) : '');
        return;
      case 'constant':
      case 'list':
        return;
    }
  }

  private compare({ left, right, operator }: Comparison, isWanted: boolean): void {
    const isTurned = right.kind === 'attribute';
    const [attribute, constant] = isTurned ? [right, left] : [left, right];
    if (constant.kind !== 'constant') return;
    const step = stepOf(operator, isWanted) * (isTurned ? -1 : 1);
    this.set(attribute, moveConstant(constant.value, step));
  }

  private includeInList(item: Expression, list: Expression, isWanted: boolean): void {
    if (list.kind === 'attribute' && item.kind === 'constant')
      this.set(list, isWanted ? [moveConstant(item.value, 0)] : []);
    const first = list.kind === 'list' ? list.items[0] : undefined;
    if (first?.kind === 'constant') this.set(item, isWanted ? moveConstant(first.value, 0) : 'none-of-them');
  }

  private set(target: Expression, value: unknown): void {
    if (target.kind === 'attribute') this.assign(target.root, target.path, value);
  }

  /** The first value stays. `id` is what the request asks about, and cannot be chosen here. */
  private assign(root: Attribute['root'], path: readonly string[], value: unknown): void {
    const last = path.at(-1);
    if (last === undefined || path.length > mostNames || (root !== 'context' && path[0] === 'id')) return;
    let data = this.roots[root];
    for (const name of path.slice(0, -1)) {
      if (data[name] === undefined) data[name] = emptyData();
      if (typeof data[name] !== 'object') return;
      data = data[name] as Data;
    }
    data[last] ??= value;
  }
}

function emptyData(): Data {
  return Object.create(null) as Data;
}

/** Where a value has to lie that the comparison holds for: beneath the constant, on it, above it. */
function stepOf(operator: Comparison['operator'], isWanted: boolean): number {
  switch (operator) {
    case '==':
      return isWanted ? 0 : 1;
    case '!=':
      return isWanted ? 1 : 0;
    case '<':
      return isWanted ? -1 : 0;
    case '<=':
      return isWanted ? 0 : 1;
    case '>':
      return isWanted ? 1 : 0;
    case '>=':
      return isWanted ? 0 : -1;
  }
}

type Constant = Extract<Expression, { readonly kind: 'constant' }>['value'];

/** The constant as JSON, moved so many steps up or down where its kind has an order. */
function moveConstant(constant: Constant, step: number): unknown {
  switch (constant.kind) {
    case 'string':
      return step === 0 ? constant.value : `${constant.value}-other`;
    case 'number':
      return constant.value + step;
    case 'boolean':
      return step === 0 ? constant.value : !constant.value;
    case 'ip':
      return step === 0 ? renderAddress(constant.address.words) : '192.0.2.1';
    case 'time':
      return new Date(constant.epochMs + step * 3_600_000).toISOString();
    case 'duration':
      return `${Math.max(0, Math.round(constant.ms / 1_000) + step)}s`;
  }
}

function renderAddress(words: readonly number[]): string {
  const [first = 0] = words;
  if (words.length === 1) return [24, 16, 8, 0].map((shift) => (first >>> shift) & 255).join('.');
  return words
    .map((word) => `${((word >>> 16) & 65_535).toString(16)}:${(word & 65_535).toString(16)}`)
    .join(':');
}
