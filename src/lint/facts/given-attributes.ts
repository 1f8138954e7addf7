import type { Constant, Expression } from '../../model/model.ts';
import type { WitnessRequest } from '../rule.ts';

type Data = Map<string, unknown>;

/** Attributes of a request that is being made up, such that conditions hold for it. */
export class GivenAttributes {
  readonly #roots: Data = new Map();

  has(root: string, path: readonly string[]): boolean {
    return path.reduce<unknown>(childOf, this.#roots.get(root)) !== undefined;
  }

  /** @returns whether the expression holds now; false also where that is not easily brought about */
  satisfy(expression: Expression): boolean {
    switch (expression.kind) {
      case 'has':
        return this.#give(expression.root, [...expression.path, expression.name], undefined);
      case 'attribute':
        return this.#give(expression.root, expression.path, true);
      case 'compare':
        return this.#satisfyComparison(expression);
      default:
        return false;
    }
  }

  request(): Pick<WitnessRequest, 'context' | 'attributes'> {
    const { context, ...attributes } = toJson(this.#roots) as Record<string, unknown>;
    return {
      ...(context === undefined ? {} : { context }),
      ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
    };
  }

  #satisfyComparison({ operator, left, right }: Extract<Expression, { kind: 'compare' }>): boolean {
    if (operator !== '==' || left.kind !== 'attribute' || right.kind !== 'constant') return false;
    const value = plainValueOf(right.value);
    return value !== undefined && this.#give(left.root, left.path, value);
  }

  /** Gives a value, or, with undefined, whatever there is or comes to be there. Ids are not for attributes to give. */
  #give(root: string, path: readonly string[], value: unknown): boolean {
    if (root !== 'context' && path.length === 1 && path[0] === 'id') return false;
    let data: Data | undefined = this.#roots;
    for (const name of [root, ...path.slice(0, -1)]) {
      data = within(data, name);
      if (data === undefined) return false;
    }
    const last = path[path.length - 1]!;
    const old = data.get(last);
    if (value === undefined) {
      if (old === undefined) data.set(last, placeholder);
      return true;
    }
    if (old !== undefined && old !== placeholder && old !== value) return false;
    data.set(last, value);
    return true;
  }
}

/** What stands for an attribute of which only its presence is known. */
const placeholder = true;

/** The object of that name, made if there is none; undefined if another value is there. */
function within(data: Data, name: string): Data | undefined {
  const known = data.get(name);
  if (known instanceof Map) return known;
  if (known !== undefined && known !== placeholder) return undefined;
  const made: Data = new Map();
  data.set(name, made);
  return made;
}

function childOf(value: unknown, name: string): unknown {
  return value instanceof Map ? value.get(name) : undefined;
}

function plainValueOf(constant: Constant): string | number | boolean | undefined {
  return constant.kind === 'string' || constant.kind === 'number' || constant.kind === 'boolean'
    ? constant.value
    : undefined;
}

function toJson(value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([name, item]) => [name, toJson(item)]));
}
