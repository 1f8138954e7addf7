import * as ops from '../image/condition-ops.ts';
import { isTextAt, matchesGlob } from '../image/glob.ts';
import { type Image, namedText } from '../image/image.ts';
import { isInCidr, parseIp } from '../values/ip.ts';
import { parseDuration, parseTime } from '../values/time.ts';
import { MISSING, RequestAttributes } from './attributes.ts';

// The platform folds constants of a module's own into the code, imported ones it does not (bench/constants.ts).
const OP_ATTRIBUTE = ops.OP_ATTRIBUTE;
const OP_BOOLEAN = ops.OP_BOOLEAN;
const OP_COMPARE = ops.OP_COMPARE;
const OP_END = ops.OP_END;
const OP_HAS = ops.OP_HAS;
const OP_IN_CIDR = ops.OP_IN_CIDR;
const OP_IN_GROUP = ops.OP_IN_GROUP;
const OP_IN_ITEMS = ops.OP_IN_ITEMS;
const OP_IN_LIST = ops.OP_IN_LIST;
const OP_IN_TEXTS = ops.OP_IN_TEXTS;
const OP_JUMP_IF_FALSE = ops.OP_JUMP_IF_FALSE;
const OP_JUMP_IF_TRUE = ops.OP_JUMP_IF_TRUE;
const OP_LIKE = ops.OP_LIKE;
const OP_NOT = ops.OP_NOT;
const OP_NUMBER = ops.OP_NUMBER;
const OP_SPECIAL = ops.OP_SPECIAL;
const OP_STRING = ops.OP_STRING;
const OP_TEXT_IN_LIST = ops.OP_TEXT_IN_LIST;
const SIGN_BITS = ops.SIGN_BITS;
const SIGNS_EQUAL = ops.SIGNS_EQUAL;
const SPECIAL_IP = ops.SPECIAL_IP;

export const IS_FALSE = 0;
export const IS_TRUE = 1;
/** The condition erred: an allow does not apply, a deny does (S41). */
export const ERRED = 2;

/** What was found out about the request in hand is kept by a hash of this many bits of where it stands in the image. */
const KEPT_BITS = 8;

/** A value of a kind that JSON does not have; a string beside one is read as one (S45). */
class Special {
  readonly kind: number;
  /** A count of numbers and the numbers, from `first` on; undefined if a string could not be read as one. */
  readonly numbers: ArrayLike<number> | undefined;
  readonly first: number;

  constructor(kind: number, numbers: ArrayLike<number> | undefined, first: number) {
    this.kind = kind;
    this.numbers = numbers;
    this.first = first;
  }
}

/** By kind. */
const PARSERS = [parseIp, parseTime, parseDuration];

/**
 * Runs the conditions of one image (S40 to S50). A request may ask for a hundred thousand of them: what one has learnt of the
 * request the next need not find out again, and what is constant is made once (`bench/worst.ts`).
 */
export class ConditionRunner {
  readonly #image: Image;
  readonly #hasClass: (subjectClass: number) => boolean;
  readonly #attributes: RequestAttributes;
  readonly #stack: unknown[] = [];
  /** Answers of conditions and values of paths: many rules have one condition, and many conditions ask for one attribute. */
  readonly #keptAt = new Int32Array(1 << KEPT_BITS);
  readonly #kept: unknown[] = [];
  /** What the request's strings are as values of each kind. */
  readonly #read = PARSERS.map(() => new Map<string, Special>());

  constructor(image: Image, hasClass: (subjectClass: number) => boolean) {
    this.#image = image;
    this.#hasClass = hasClass;
    this.#attributes = new RequestAttributes(image);
  }

  /** Takes another request, as `RequestAttributes` does: to be called before its first condition is run. */
  begin(ids: readonly (string | undefined)[], layers: readonly unknown[]): void {
    this.#attributes.begin(ids, layers);
    this.#keptAt.fill(-1);
    for (const read of this.#read) read.clear();
  }

  /** IS_TRUE, IS_FALSE or ERRED, as which counts whatever goes wrong, a throwing getter of the caller's included. */
  run(at: number): number {
    return this.#keep(at, true) as number;
  }

  /** The answer of the condition, or the value of the path, that begins at word `at`. */
  #keep(at: number, isCondition: boolean): unknown {
    const slot = Math.imul(at, 0x9e3779b1) >>> (32 - KEPT_BITS);
    if (this.#keptAt[slot] === at) return this.#kept[slot];
    let value: unknown;
    try {
      value = isCondition ? this.#evaluate(at) : this.#attributes.read(at);
    } catch {
      // Errs, as undefined does.
    }
    if (isCondition) value = value === true ? IS_TRUE : value === false ? IS_FALSE : ERRED;
    this.#keptAt[slot] = at;
    this.#kept[slot] = value;
    return value;
  }

  /**
   * The value of the program, or undefined if it errs. Kept whole: one switch over the ops. Programs are not verified, but
   * no program makes this go back, or take what is not on the stack; behind the last word there is no op.
   */
  #evaluate(at: number): unknown {
    const { programs, numbers, text: pool } = this.#image;
    const stack = this.#stack;
    let depth = 0;
    /** The top of the stack, which is at `depth`: most ops need no more than it, and a local variable is nearer than an array. */
    let value: unknown;
    let i = at;
    for (;;) {
      const op = programs[i]!;
      const operand = programs[i + 1]!;
      i += 2;
      stack[depth] = value;
      switch (op) {
        case OP_END:
          return value;
        case OP_BOOLEAN:
          depth++;
          value = operand === 1;
          break;
        case OP_NUMBER:
          depth++;
          value = numbers[operand];
          break;
        case OP_STRING:
          depth++;
          value = namedText(this.#image, programs, i - 1);
          i++;
          break;
        case OP_SPECIAL:
          depth++;
          value = new Special(operand, numbers, programs[i++]!);
          break;
        case OP_ATTRIBUTE:
        case OP_HAS:
          depth++;
          value = this.#keep(operand, false);
          if (op === OP_HAS && value !== undefined) value = value !== MISSING;
          if (value === MISSING) return undefined;
          break;
        case OP_NOT:
          if (typeof value !== 'boolean') return undefined;
          value = !value;
          break;
        case OP_JUMP_IF_FALSE:
        case OP_JUMP_IF_TRUE:
          if (typeof value !== 'boolean') return undefined;
          if (value === (op === OP_JUMP_IF_FALSE)) value = stack[--depth];
          else i += operand >>> 0;
          continue;
        case OP_COMPARE: {
          const number = operand >> SIGN_BITS;
          const right = number ? numbers[number - 1] : value;
          const left = number ? value : stack[--depth];
          // Said here too, for it is the usual case: within the loop it takes a quarter less time (`bench/worst.ts`).
          const difference =
            Number.isFinite(left) && Number.isFinite(right)
              ? (left as number) - (right as number)
              : this.#differenceOf(left, right, operand);
          if (difference === undefined) return undefined;
          value = (operand & (1 << (Math.sign(difference) + 1))) !== 0;
          break;
        }
        case OP_IN_LIST:
          if (!Array.isArray(value)) return undefined;
          value = this.#isIn(stack[--depth], value, 0, value.length);
          break;
        case OP_IN_ITEMS:
          if (operand >>> 0 > depth) return undefined;
          depth -= operand;
          value = this.#isIn(stack[depth], stack, depth + 1, depth + 1 + operand);
          break;
        case OP_IN_TEXTS: {
          if (typeof value !== 'string') return undefined;
          const item = value;
          value = false;
          for (const end = Math.min(i + operand * 2, programs.length); i < end; i += 2)
            if (this.#isText(item, i)) value = true;
          break;
        }
        case OP_TEXT_IN_LIST: {
          if (!Array.isArray(value)) return undefined;
          const list = value;
          value = false;
          for (let k = 0; k < list.length && value !== true; k++) {
            if (typeof list[k] !== 'string') value = undefined;
            else if (this.#isText(list[k], i - 1)) value = true;
          }
          i++;
          break;
        }
        case OP_IN_GROUP:
          depth++;
          value = this.#hasClass(operand);
          break;
        case OP_IN_CIDR: {
          const ip = this.#specialOf(value, SPECIAL_IP);
          value = ip?.numbers && isInCidr(ip.numbers, ip.first, operand, programs, i);
          i += 1 + (programs[i]! >>> 0);
          break;
        }
        case OP_LIKE:
          if (typeof value !== 'string') return undefined;
          value = matchesGlob(programs, pool, operand, value, 0, value.length);
          break;
        default:
          return undefined;
      }
      if (value === undefined) return undefined;
    }
  }

  /** Whether an item is the text whose place and length stand at word `at`; it is compared there, and no string made. */
  #isText(item: string, at: number): boolean {
    const { programs, text } = this.#image;
    const length = programs[at + 1]!;
    return item.length === length && isTextAt(text, programs[at]!, length, item, 0);
  }

  /** What has the sign of the difference (S45), in an equation any but 0 for what differs; undefined if the two cannot be compared so. */
  #differenceOf(left: unknown, right: unknown, signs: number): number | undefined {
    if (Number.isFinite(left) && Number.isFinite(right)) return (left as number) - (right as number);
    // An equation does not tell below from above; what stands above the signs is of no meaning here.
    const isEquation = ((signs ^ (signs >> 2)) & 1) === 0;
    if (isEquation && typeof left === typeof right && (typeof left === 'string' || typeof left === 'boolean'))
      return Number(left !== right);
    const special = left instanceof Special ? left : right;
    if (!(special instanceof Special) || (special.kind === SPECIAL_IP && !isEquation)) return undefined;
    const a = this.#specialOf(left, special.kind);
    const b = this.#specialOf(right, special.kind);
    if (!a?.numbers || !b?.numbers) return undefined;
    for (let i = 0; i <= a.numbers[a.first]!; i++) {
      const difference = a.numbers[a.first + i]! - b.numbers[b.first + i]!;
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /** A special value of a kind, also one read from a string (S45). */
  #specialOf(value: unknown, kind: number): Special | undefined {
    if (typeof value === 'string') {
      let special = this.#read[kind]!.get(value);
      if (special === undefined) {
        const parsed = PARSERS[kind]!(value);
        const words = typeof parsed === 'number' ? [parsed] : parsed?.words;
        special = new Special(kind, words && [words.length, ...words], 0);
        this.#read[kind]!.set(value, special);
      }
      return special;
    }
    return value instanceof Special && value.kind === kind ? value : undefined;
  }

  /** S46: true as soon as one of `list[from]` to `list[to - 1]` is equal; undefined if none is and one could not be compared. */
  #isIn(item: unknown, list: readonly unknown[], from: number, to: number): boolean | undefined {
    let answer: boolean | undefined = false;
    for (let i = from; i < to; i++) {
      const difference = this.#differenceOf(item, list[i], SIGNS_EQUAL);
      if (difference === 0) return true;
      if (difference === undefined) answer = undefined;
    }
    return answer;
  }
}
