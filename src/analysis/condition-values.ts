import type { AttributeRoot, AttributeValue, Expression, Glob } from '../model/model.ts';
import { type Surroundings, type Truth, truthOf } from './evaluate-expression.ts';
import { textClasses } from './glob-classes.ts';
import { TooComplexError } from './too-complex.ts';

/** Beyond so many combinations of attribute values nothing is decided. */
const MAX_COMBINATIONS = 20_000;

/** `true` only if an expression can neither be false nor err, `false` if it is never true; undefined if neither, or unknown. */
export function constantValueOf(condition: Expression): boolean | undefined {
  const found = new Set<Truth>();
  try {
    for (const surroundings of representatives([condition])) {
      found.add(truthOf(condition, surroundings));
      if (found.has('true') && found.size > 1) return undefined;
    }
  } catch (error) {
    if (error instanceof TooComplexError) return undefined;
    throw error;
  }
  return found.size === 0 ? undefined : found.has('true');
}

/**
 * Values of attributes and memberships such that whatever is asked, the conditions come to the same, each of them, under one
 * of these: for every attribute all the constants it is compared with, what lies between them, every other type, and none.
 *
 * @throws {TooComplexError} where attributes are compared with each other, or there are too many
 */
export function* representatives(conditions: readonly Expression[]): Iterable<Surroundings> {
  const uses = new Uses();
  for (const condition of conditions) uses.collect(condition);
  const groups = [...uses.groups];
  const roots = (['subject', 'action', 'resource', 'context'] as const).map((root) =>
    objectsOf(uses.roots[root]),
  );
  let combinations = 2 ** groups.length;
  for (const each of roots) combinations *= each.length;
  if (combinations > MAX_COMBINATIONS) throw new TooComplexError('too many attributes in conditions');
  for (const [subject, action, resource, context] of product(roots)) {
    for (let members = 0; members < 2 ** groups.length; members++) {
      yield {
        roots: { subject: subject!, action: action!, resource: resource!, context: context! },
        isInGroup: (name) => ((members >> groups.indexOf(name)) & 1) === 1,
      };
    }
  }
}

/** What is asked of one attribute, and of those within it. */
interface Use {
  readonly within: Map<string, Use>;
  readonly strings: Set<string>;
  readonly numbers: Set<number>;
  readonly globs: Glob[];
  /** Whether it is read itself, not only through. */
  isRead: boolean;
}

function newUse(): Use {
  return { within: new Map(), strings: new Set(), numbers: new Set(), globs: [], isRead: false };
}

class Uses {
  readonly roots: Readonly<Record<AttributeRoot, Use>> = {
    subject: newUse(),
    action: newUse(),
    resource: newUse(),
    context: newUse(),
  };
  readonly groups = new Set<string>();

  collect(expression: Expression): void {
    switch (expression.kind) {
      case 'constant':
        return;
      case 'attribute':
        this.#useOf(expression).isRead = true;
        return;
      case 'has':
        this.#useOf({ ...expression, path: [...expression.path, expression.name] });
        return;
      case 'not':
        this.collect(expression.operand);
        return;
      case 'and':
      case 'or':
        this.collect(expression.left);
        this.collect(expression.right);
        return;
      case 'compare':
        this.#collectComparison(expression.left, expression.right);
        return;
      case 'in-list':
        this.#collectList(expression.item, expression.list);
        return;
      case 'in-group':
        this.groups.add(expression.group);
        return;
      case 'in-cidr':
        this.#collectAddresses(expression.item, expression.cidr);
        return;
      case 'like':
        if (expression.item.kind === 'attribute') {
          const use = this.#useOf(expression.item);
          use.isRead = true;
          use.globs.push(expression.glob);
        } else this.#refuseUnlessConstant(expression.item);
        return;
      case 'list':
        throw new TooComplexError('a list by itself');
    }
  }

  #useOf({ root, path }: { readonly root: AttributeRoot; readonly path: readonly string[] }): Use {
    let use = this.roots[root];
    for (const name of path) {
      const inner = use.within.get(name) ?? newUse();
      use.within.set(name, inner);
      use = inner;
    }
    return use;
  }

  #collectComparison(left: Expression, right: Expression): void {
    if (left.kind === 'attribute' && right.kind === 'constant') this.#collectConstant(left, right);
    else if (right.kind === 'attribute' && left.kind === 'constant') this.#collectConstant(right, left);
    else for (const side of [left, right]) this.#refuseUnlessConstant(side);
  }

  #collectList(item: Expression, list: Expression): void {
    if (list.kind !== 'list') throw new TooComplexError('a list among the attributes');
    for (const each of list.items) this.#collectComparison(item, each);
    if (item.kind === 'attribute') this.#useOf(item).isRead = true;
    else this.#refuseUnlessConstant(item);
  }

  #refuseUnlessConstant(expression: Expression): void {
    if (expression.kind !== 'constant') throw new TooComplexError('attributes beside one another');
  }

  #collectConstant(
    attribute: Extract<Expression, { kind: 'attribute' }>,
    { value }: Extract<Expression, { kind: 'constant' }>,
  ): void {
    const use = this.#useOf(attribute);
    use.isRead = true;
    if (value.kind === 'string') use.strings.add(value.value);
    else if (value.kind === 'number') use.numbers.add(value.value);
    else if (value.kind === 'ip') addAddresses(use, value.address.words, 32 * value.address.words.length);
    else if (value.kind === 'time') addAround(use, value.epochMs, (ms) => new Date(ms).toISOString());
    else if (value.kind === 'duration') addAround(use, value.ms, textOfDuration);
  }

  #collectAddresses(
    item: Expression,
    { words, prefixLength }: Extract<Expression, { kind: 'in-cidr' }>['cidr'],
  ): void {
    if (item.kind !== 'attribute') {
      this.#refuseUnlessConstant(item);
      return;
    }
    const use = this.#useOf(item);
    use.isRead = true;
    addAddresses(use, words, prefixLength);
  }
}

/** The ends of a block of addresses, their neighbours outside, and one address of each family. */
function addAddresses(use: Use, words: readonly number[], prefixLength: number): void {
  const bits = BigInt(32 * words.length);
  const first = words.reduce((sum, word) => (sum << 32n) | BigInt(word >>> 0), 0n);
  const size = 1n << (bits - BigInt(prefixLength));
  const start = (first / size) * size;
  for (const address of [start - 1n, start, start + size - 1n, start + size]) {
    if (address >= 0n && address < 1n << bits) use.strings.add(textOfAddress(address, words.length));
  }
  for (const text of ['0.0.0.0', '255.255.255.254', '::', 'ffff::1']) use.strings.add(text);
}

function textOfAddress(address: bigint, words: number): string {
  const parts = words === 1 ? 4 : 8;
  const width = words === 1 ? 8n : 16n;
  const texts = Array.from({ length: parts }, (_, i) => {
    const part = (address >> (width * BigInt(parts - 1 - i))) & ((1n << width) - 1n);
    return part.toString(words === 1 ? 10 : 16);
  });
  return texts.join(words === 1 ? '.' : ':');
}

/** A point in time, or a length of it, and what lies close on both sides. */
function addAround(use: Use, ms: number, textOf: (ms: number) => string): void {
  if (!Number.isInteger(ms) || Math.abs(ms) > 8e15) throw new TooComplexError('a fraction of a millisecond');
  for (const each of [ms - 1, ms, ms + 1]) use.strings.add(textOf(each));
}

function textOfDuration(ms: number): string {
  const days = Math.floor(Math.abs(ms) / 86_400_000);
  return `${ms < 0 ? '-' : ''}${days}d${Math.abs(ms) - days * 86_400_000}ms`;
}

/** Every object that an attribute with others in it can be, as far as they are asked about. */
function objectsOf({ within }: Use): ReadonlyMap<string, AttributeValue>[] {
  let objects: ReadonlyMap<string, AttributeValue>[] = [new Map()];
  for (const [name, use] of within) {
    const values = valuesOf(use);
    if (objects.length * (values.length + 1) > MAX_COMBINATIONS)
      throw new TooComplexError('too many attributes in conditions');
    objects = objects.flatMap((object) => [
      object,
      ...values.map((value) => new Map([...object, [name, value] as const])),
    ]);
  }
  return objects;
}

function valuesOf(use: Use): AttributeValue[] {
  const objects: AttributeValue[] = objectsOf(use);
  if (!use.isRead) return use.within.size === 0 ? [true] : [true, ...objects];
  return [true, false, null, ...numbersOf(use.numbers), ...stringsOf(use), ...objects];
}

/** The numbers, one between each two, and one beyond either end. */
function numbersOf(numbers: ReadonlySet<number>): number[] {
  const sorted = [...numbers].sort((a, b) => a - b);
  if (sorted.length === 0) return [0];
  const between = sorted.slice(1).map((number, i) => (number + sorted[i]!) / 2);
  return [...new Set([sorted[0]! - 1, ...sorted, ...between, sorted.at(-1)! + 1])];
}

/** The strings, and one of every kind that the globs tell apart and that is none of them. */
function stringsOf({ strings, globs }: Use): string[] {
  return [...strings, ...textClasses(globs, strings).map(({ text }) => text)];
}

function* product<Item>(lists: readonly (readonly Item[])[]): Iterable<readonly Item[]> {
  const places = lists.map(() => 0);
  if (lists.some((list) => list.length === 0)) return;
  for (;;) {
    yield lists.map((list, i) => list[places[i]!]!);
    let at = lists.length - 1;
    while (at >= 0 && ++places[at]! === lists[at]!.length) places[at--] = 0;
    if (at < 0) return;
  }
}
