import {
  ATTRIBUTE_ROOTS,
  OP_ATTRIBUTE,
  OP_BOOLEAN,
  OP_COMPARE,
  OP_END,
  OP_HAS,
  OP_IN_CIDR,
  OP_IN_GROUP,
  OP_IN_ITEMS,
  OP_IN_LIST,
  OP_IN_TEXTS,
  OP_JUMP_IF_FALSE,
  OP_JUMP_IF_TRUE,
  OP_LIKE,
  OP_NOT,
  OP_NUMBER,
  OP_SPECIAL,
  OP_STRING,
  OP_TEXT_IN_LIST,
  SIGN_BITS,
  SIGNS,
  SPECIAL_DURATION,
  SPECIAL_IP,
  SPECIAL_TIME,
} from '../image/condition-ops.ts';
import type { AttributeRoot, Cidr, Constant, Expression } from '../model/model.ts';
import { assertNever } from '../source/invariant.ts';
import { writeGlob } from './glob-program.ts';
import type { TextPool } from './text-pool.ts';
import type { Words } from './words.ts';

/** Where the parts of a program go. */
export interface ConditionTarget {
  readonly programs: Words;
  readonly pool: TextPool;
  readonly numbers: number[];
  readonly classOfGroup: (name: string) => number;
}

/**
 * Writes the programs of the conditions of one image. Equal numbers, globs and paths are written once, so that equal conditions
 * are equal words and written once too: what the engine has found out for one rule serves the other.
 */
export class ConditionWriter {
  readonly #target: ConditionTarget;
  /** Where in `numbers` a row of numbers begins. */
  readonly #rows = new Map<string, number>();
  /** Numbers of the names of attributes. */
  readonly #names = new Map<string, number>();
  /** Globs and paths lie among the programs too: they are written first, so that the ops of a condition stay in one row. */
  readonly #offsets = new Map<Expression, number>();

  constructor(target: ConditionTarget) {
    this.#target = target;
  }

  /** Writes the program of a condition and returns where it begins. Depth is bounded by the parser (S51). */
  write(expression: Expression): number {
    const { programs } = this.#target;
    this.#offsets.clear();
    this.#writeParts(expression);
    const at = programs.length;
    this.#writeBoolean(expression);
    programs.push(OP_END, 0);
    return programs.endProgram(at);
  }

  #writeParts(expression: Expression): void {
    const { programs, pool } = this.#target;
    if (expression.kind === 'like') this.#offsets.set(expression, writeGlob(expression.glob, programs, pool));
    else if (expression.kind === 'attribute')
      this.#offsets.set(expression, this.#writePath(expression.root, expression.path));
    else if (expression.kind === 'has')
      this.#offsets.set(expression, this.#writePath(expression.root, [...expression.path, expression.name]));
    for (const child of childrenOf(expression)) this.#writeParts(child);
  }

  #writePath(root: AttributeRoot, names: readonly string[]): number {
    const { programs, pool } = this.#target;
    const texts = names.flatMap((name) => {
      const number = this.#names.get(name) ?? this.#names.size;
      this.#names.set(name, number);
      return [number, pool.intern(name), name.length];
    });
    return programs.endProgram(programs.push(ATTRIBUTE_ROOTS.indexOf(root), names.length, ...texts));
  }

  /** As `#write`, and errs unless the value is a boolean. */
  #writeBoolean(expression: Expression): void {
    this.#write(expression);
    if (['constant', 'list', 'attribute'].includes(expression.kind))
      this.#target.programs.push(OP_NOT, 0, OP_NOT, 0);
  }

  #write(expression: Expression): void {
    const { programs, classOfGroup } = this.#target;
    switch (expression.kind) {
      case 'constant':
        this.#writeConstant(expression.value);
        return;
      case 'list':
        programs.push(OP_NUMBER, this.#indexOf([Number.NaN]));
        return;
      case 'attribute':
      case 'has':
        programs.push(expression.kind === 'has' ? OP_HAS : OP_ATTRIBUTE, this.#offsets.get(expression)!);
        return;
      case 'not':
        this.#write(expression.operand);
        programs.push(OP_NOT, 0);
        return;
      case 'and':
      case 'or': {
        this.#write(expression.left);
        const jump = programs.push(expression.kind === 'and' ? OP_JUMP_IF_FALSE : OP_JUMP_IF_TRUE, 0);
        this.#writeBoolean(expression.right);
        programs.set(jump + 1, programs.length - (jump + 2));
        return;
      }
      case 'compare':
        this.#writeComparison(expression);
        return;
      case 'in-list':
        this.#writeInList(expression.item, expression.list);
        return;
      case 'in-group':
        programs.push(OP_IN_GROUP, classOfGroup(expression.group));
        return;
      case 'in-cidr':
        this.#writeInCidr(expression.item, expression.cidr);
        return;
      case 'like':
        this.#write(expression.item);
        programs.push(OP_LIKE, this.#offsets.get(expression)!);
        return;
      /* v8 ignore next 2 -- childrenOf, which is asked first, has refused it */
      default:
        assertNever(expression);
    }
  }

  #writeComparison({ operator, left, right }: Extract<Expression, { kind: 'compare' }>): void {
    const { programs } = this.#target;
    const isEquation = operator === '==' || operator === '!=';
    if (isEquation && (this.#writeEquation(left, right) || this.#writeEquation(right, left))) {
      if (operator === '!=') programs.push(OP_NOT, 0);
      return;
    }
    this.#write(left);
    if (right.kind === 'constant' && right.value.kind === 'number') {
      programs.push(OP_COMPARE, SIGNS[operator] | ((this.#indexOf([right.value.value]) + 1) << SIGN_BITS));
      return;
    }
    this.#write(right);
    programs.push(OP_COMPARE, SIGNS[operator]);
  }

  /** An attribute equals a string only as a string, for it is never an ip, a time or a duration, and an ip as part of itself (S45). */
  #writeEquation(left: Expression, right: Expression): boolean {
    if (left.kind !== 'attribute' || right.kind !== 'constant') return false;
    if (right.value.kind !== 'ip') return this.#writeInTexts(left, [right]);
    const { words } = right.value.address;
    this.#writeInCidr(left, { words, prefixLength: words.length * 32 });
    return true;
  }

  #writeInCidr(item: Expression, { prefixLength, words }: Cidr): void {
    this.#write(item);
    this.#target.programs.push(OP_IN_CIDR, prefixLength, words.length, ...words);
  }

  #writeInList(item: Expression, list: Expression): void {
    const { programs, pool } = this.#target;
    if (item.kind === 'constant' && item.value.kind === 'string' && list.kind === 'attribute') {
      this.#write(list);
      programs.push(OP_TEXT_IN_LIST, pool.intern(item.value.value), item.value.value.length);
    } else if (list.kind !== 'list') {
      this.#write(item);
      this.#write(list);
      programs.push(OP_IN_LIST, 0);
    } else if (!this.#writeInTexts(item, list.items)) {
      this.#write(item);
      for (const each of list.items) this.#write(each);
      programs.push(OP_IN_ITEMS, list.items.length);
    }
  }

  /** Whether an attribute is one of some constant strings, to which it is compared where they stand. */
  #writeInTexts(item: Expression, texts: readonly Expression[]): boolean {
    const { programs, pool } = this.#target;
    const words: number[] = [];
    for (const each of texts) {
      if (each.kind !== 'constant' || each.value.kind !== 'string') return false;
      words.push(pool.intern(each.value.value), each.value.value.length);
    }
    if (item.kind !== 'attribute' || texts.length === 0) return false;
    this.#write(item);
    programs.push(OP_IN_TEXTS, texts.length);
    programs.pushAll(words);
    return true;
  }

  #writeConstant(value: Constant): void {
    const { programs, pool } = this.#target;
    switch (value.kind) {
      case 'string':
        programs.push(OP_STRING, pool.intern(value.value), value.value.length);
        return;
      case 'number':
        programs.push(OP_NUMBER, this.#indexOf([value.value]));
        return;
      case 'boolean':
        programs.push(OP_BOOLEAN, value.value ? 1 : 0);
        return;
      case 'ip':
        programs.push(
          OP_SPECIAL,
          SPECIAL_IP,
          this.#indexOf([value.address.words.length, ...value.address.words]),
        );
        return;
      case 'time':
        programs.push(OP_SPECIAL, SPECIAL_TIME, this.#indexOf([1, value.epochMs]));
        return;
      case 'duration':
        programs.push(OP_SPECIAL, SPECIAL_DURATION, this.#indexOf([1, value.ms]));
        return;
      default:
        assertNever(value);
    }
  }

  /** Where the values stand in `numbers`, one after the other. */
  #indexOf(values: readonly number[]): number {
    const { numbers } = this.#target;
    const key = values.join();
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    this.#rows.set(key, numbers.length);
    for (const value of values) numbers.push(value);
    return numbers.length - values.length;
  }
}

function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'list':
      return expression.items;
    case 'not':
      return [expression.operand];
    case 'and':
    case 'or':
    case 'compare':
      return [expression.left, expression.right];
    case 'in-list':
      return [expression.item, expression.list];
    case 'in-cidr':
    case 'like':
      return [expression.item];
    case 'constant':
    case 'attribute':
    case 'has':
    case 'in-group':
      return [];
    default:
      return assertNever(expression);
  }
}
