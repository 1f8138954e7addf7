import type { AttributeRoot, Cidr, Constant, Expression, Glob } from '../model/model.ts';
import { durationText, ipText, timeText } from '../printing/print-condition.ts';

/** An attribute that conditions read, with values at and about the edges of what they ask. */
export interface SampledAttribute {
  readonly root: AttributeRoot;
  readonly path: readonly string[];
  /** Those for which the condition is likely to hold come first; `undefined` is the attribute's absence. */
  readonly values: readonly unknown[];
}

/** The attributes that conditions read. Recursion follows their trees, which are at most 256 deep (S51). */
export function sampleAttributes(conditions: readonly Expression[]): SampledAttribute[] {
  const collector = new Collector();
  for (const condition of conditions) collector.visit(condition, true);
  return collector.attributes();
}

/** The groups that conditions ask about, by `subject in group:g`. */
export function groupsIn(expression: Expression): string[] {
  switch (expression.kind) {
    case 'in-group':
      return [expression.group];
    case 'not':
      return groupsIn(expression.operand);
    case 'and':
    case 'or':
      return [...groupsIn(expression.left), ...groupsIn(expression.right)];
    default:
      return [];
  }
}

type Attribute = Extract<Expression, { readonly kind: 'attribute' }>;

class Collector {
  readonly #found = new Map<
    string,
    { readonly root: AttributeRoot; readonly path: readonly string[]; values: unknown[] }
  >();

  /** @param wanted  what the expression had better be for the whole to hold */
  visit(expression: Expression, wanted: boolean): void {
    switch (expression.kind) {
      case 'not':
        this.visit(expression.operand, !wanted);
        break;
      case 'and':
      case 'or':
        this.visit(expression.left, wanted);
        this.visit(expression.right, wanted);
        break;
      case 'compare':
        this.#visitComparison(expression, wanted);
        break;
      case 'in-list':
        this.#add(expression.item, itemsOf(expression.list), wanted);
        this.#add(expression.list, [[stringOf(expression.item)], []], wanted);
        break;
      case 'in-cidr':
        this.#add(expression.item, [ipText(expression.cidr), outsideOf(expression.cidr)], wanted);
        break;
      case 'like':
        this.#add(expression.item, [matchOf(expression.glob), 'something else', 0], wanted);
        break;
      case 'attribute':
        this.#add(expression, [true, false], wanted);
        break;
      case 'has':
        this.#addPath(expression.root, [...expression.path, expression.name], ['something'], wanted);
        break;
      case 'constant':
      case 'list':
      case 'in-group':
        break;
    }
  }

  attributes(): SampledAttribute[] {
    const all = [...this.#found.values()];
    const isInside = (path: readonly string[], other: readonly string[]): boolean =>
      path.length < other.length && path.every((name, i) => name === other[i]);
    // What holds another attribute is an object already.
    return all.filter(
      ({ root, path }) => !all.some((other) => other.root === root && isInside(path, other.path)),
    );
  }

  #visitComparison(
    { operator, left, right }: Extract<Expression, { readonly kind: 'compare' }>,
    wanted: boolean,
  ): void {
    if (right.kind === 'constant') this.#add(left, valuesAt(right.value, operator), wanted);
    else if (left.kind === 'constant') this.#add(right, valuesAt(left.value, mirrored[operator]), wanted);
    else {
      // Two attributes: equal ones, and unequal ones both ways round.
      this.#add(left, [1, 2, 'user:somebody'], wanted);
      this.#add(right, [1, 2, 'user:somebody'], wanted);
    }
  }

  #add(expression: Expression, values: readonly unknown[], wanted: boolean): void {
    if (expression.kind === 'attribute') this.#addPath(expression.root, expression.path, values, wanted);
  }

  #addPath(root: AttributeRoot, path: Attribute['path'], values: readonly unknown[], wanted: boolean): void {
    // An entity's own id cannot be given.
    if (path.length === 0 || (path[0] === 'id' && root !== 'context')) return;
    const key = JSON.stringify([root, ...path]);
    const found = this.#found.get(key) ?? { root, path, values: [] };
    this.#found.set(key, found);
    const ordered = wanted ? [...values, undefined] : [undefined, ...values.slice(1), ...values.slice(0, 1)];
    found.values = uniqueValues([...found.values, ...ordered]);
  }
}

function uniqueValues(values: readonly unknown[]): unknown[] {
  const seen = new Set<string | undefined>();
  return values.filter((value) => {
    const key = JSON.stringify(value);
    return !seen.has(key) && seen.add(key);
  });
}

type Operator = Extract<Expression, { readonly kind: 'compare' }>['operator'];
const mirrored: Readonly<Record<Operator, Operator>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** Values about a constant, those for which `value operator constant` holds first. */
function valuesAt(constant: Constant, operator: Operator): unknown[] {
  const [below, at, above] = aboutOf(constant);
  switch (operator) {
    case '==':
      return [at, above, below];
    case '!=':
      return [above, at, below];
    case '<':
    case '<=':
      return [below, at, above];
    case '>':
    case '>=':
      return [above, at, below];
  }
}

/** A value below the constant, one equal to it, and one above; of what has no order, two others. */
function aboutOf(constant: Constant): [unknown, unknown, unknown] {
  switch (constant.kind) {
    case 'number':
      return [constant.value - 1, constant.value, constant.value + 1];
    case 'boolean':
      return ['neither', constant.value, !constant.value];
    case 'string':
      return ['', constant.value, `${constant.value}-other`];
    case 'ip':
      return ['192.0.2.1', ipText(constant.address), '198.51.100.1'];
    case 'time':
      return [constant.epochMs - 1000, constant.epochMs, constant.epochMs + 1000].map(timeText) as [
        string,
        string,
        string,
      ];
    case 'duration':
      return [constant.ms - 1000, constant.ms, constant.ms + 1000].map(durationText) as [
        string,
        string,
        string,
      ];
  }
}

function itemsOf(list: Expression): unknown[] {
  if (list.kind !== 'list') return ['something'];
  const items = list.items.flatMap((item) => (item.kind === 'constant' ? [aboutOf(item.value)[1]] : []));
  return [...items, 'something else'];
}

function stringOf(expression: Expression): unknown {
  return expression.kind === 'constant' ? aboutOf(expression.value)[1] : 'something';
}

/** The block's first address with its first bit turned: outside of every block but the whole of the family. */
function outsideOf({ words }: Cidr): string {
  return ipText({ words: words.map((word, i) => (i === 0 ? (word ^ 0x80000000) >>> 0 : word)) });
}

function matchOf(glob: Glob): string {
  return glob.map((part) => (part.kind === 'text' ? part.text : part.kind === 'run' ? 'some' : 'x')).join('');
}
