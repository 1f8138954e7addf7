import {
  OP_ATTRIBUTE,
  OP_BOOLEAN,
  OP_COMPARE,
  OP_DURATION,
  OP_END,
  OP_FALSE,
  OP_HAS,
  OP_IN_CIDR,
  OP_IN_GROUP,
  OP_IN_LIST,
  OP_IP,
  OP_JUMP_IF_FALSE,
  OP_JUMP_IF_TRUE,
  OP_LIKE,
  OP_LIST,
  OP_NOT,
  OP_NUMBER,
  OP_STRING,
  OP_TIME,
  OP_TRUE,
} from '../image/condition-ops.ts';
import { matchesGlob } from '../image/glob.ts';
import { type Image, textAt } from '../image/image.ts';
import { areEqualIps, type IpWords, isInCidr, parseIp } from '../values/ip.ts';
import { parseDuration, parseTime } from '../values/time.ts';
import {
  type AttributeSource,
  type EntityAttributes,
  isObject,
  MISSING,
  ownProperty,
  rootAttribute,
} from './attributes.ts';

export const IS_FALSE = 0;
export const IS_TRUE = 1;
/** The condition erred: an allow does not apply, a deny does (S41). */
export const ERRED = 2;

const TIME = 0;
const DURATION = 1;

/** Values that JSON does not have; a string beside one is read as one (S45). */
class IpValue {
  readonly ip: IpWords;
  constructor(ip: IpWords) {
    this.ip = ip;
  }
}
class MillisecondsValue {
  readonly kind: number;
  readonly ms: number | undefined;
  constructor(kind: number, ms: number | undefined) {
    this.kind = kind;
    this.ms = ms;
  }
}

/** What runs a condition needs beside the program. */
export interface ConditionScope {
  readonly image: Image;
  readonly entities: EntityAttributes;
  readonly source: AttributeSource;
  readonly hasClass: (subjectClass: number) => boolean;
}

/** Runs a condition's program (S40 to S50). Whatever goes wrong, a throwing getter of the caller's included, is ERRED. */
export function runCondition(at: number, scope: ConditionScope): number {
  try {
    const value = run(at, scope);
    return value === true ? IS_TRUE : value === false ? IS_FALSE : ERRED;
  } catch {
    return ERRED;
  }
}

/** The value of the program, or undefined if it errs. Kept whole: one switch over the ops. */
function run(at: number, scope: ConditionScope): unknown {
  const { image } = scope;
  const { programs, numbers } = image;
  const stack: unknown[] = [];
  let i = at;
  for (;;) {
    const op = programs[i]!;
    switch (op) {
      case OP_END:
        return stack.pop();
      case OP_STRING:
        stack.push(textAt(image, programs[i + 1]!, programs[i + 2]!));
        i += 3;
        break;
      case OP_NUMBER:
        stack.push(numbers[programs[i + 1]!]);
        i += 2;
        break;
      case OP_TRUE:
      case OP_FALSE:
        stack.push(op === OP_TRUE);
        i++;
        break;
      case OP_IP: {
        const count = programs[i + 1]!;
        stack.push(new IpValue({ words: [...programs.subarray(i + 2, i + 2 + count)] }));
        i += 2 + count;
        break;
      }
      case OP_TIME:
      case OP_DURATION:
        stack.push(new MillisecondsValue(op === OP_TIME ? TIME : DURATION, numbers[programs[i + 1]!]));
        i += 2;
        break;
      case OP_ATTRIBUTE: {
        const count = programs[i + 2]!;
        const value = access(i, count, scope);
        if (value === MISSING) return undefined;
        stack.push(value);
        i += 3 + count * 2;
        break;
      }
      case OP_HAS: {
        const answer = hasAttribute(i, programs[i + 2]!, scope);
        if (answer === undefined) return undefined;
        stack.push(answer);
        i += 3 + programs[i + 2]! * 2;
        break;
      }
      case OP_NOT: {
        const operand = stack.pop();
        if (typeof operand !== 'boolean') return undefined;
        stack.push(!operand);
        i++;
        break;
      }
      case OP_JUMP_IF_FALSE:
      case OP_JUMP_IF_TRUE: {
        const left = stack[stack.length - 1];
        if (typeof left !== 'boolean') return undefined;
        if (left === (op === OP_JUMP_IF_TRUE)) i = programs[i + 1]!;
        else {
          stack.pop();
          i += 2;
        }
        break;
      }
      case OP_BOOLEAN:
        if (typeof stack[stack.length - 1] !== 'boolean') return undefined;
        i++;
        break;
      case OP_COMPARE: {
        const right = stack.pop();
        const answer = compare(programs[i + 1]!, stack.pop(), right);
        if (answer === undefined) return undefined;
        stack.push(answer);
        i += 2;
        break;
      }
      case OP_LIST: {
        const count = programs[i + 1]!;
        stack.push(count === 0 ? [] : stack.splice(-count));
        i += 2;
        break;
      }
      case OP_IN_LIST: {
        const list = stack.pop();
        const answer = isInList(stack.pop(), list);
        if (answer === undefined) return undefined;
        stack.push(answer);
        i++;
        break;
      }
      case OP_IN_GROUP:
        stack.push(scope.hasClass(programs[i + 1]!));
        i += 2;
        break;
      case OP_IN_CIDR: {
        const ip = asIp(stack.pop());
        if (ip === undefined) return undefined;
        const count = programs[i + 2]!;
        stack.push(
          isInCidr(ip, {
            prefixLength: programs[i + 1]!,
            words: [...programs.subarray(i + 3, i + 3 + count)],
          }),
        );
        i += 3 + count;
        break;
      }
      case OP_LIKE: {
        const text = stack.pop();
        if (typeof text !== 'string') return undefined;
        stack.push(matchesGlob(programs, image.text, programs[i + 1]!, text, 0, text.length));
        i += 2;
        break;
      }
      default:
        return undefined;
    }
  }
}

/** The value at the end of the names from word `i + 3`, or MISSING. No names: the root itself is no value. */
function access(i: number, count: number, { image, entities, source }: ConditionScope): unknown {
  const { programs } = image;
  if (count === 0) return MISSING;
  let value = rootAttribute(programs[i + 1]!, nameAt(image, i + 3), source, entities);
  for (let k = 1; k < count; k++) value = ownProperty(value, nameAt(image, i + 3 + k * 2));
  return value;
}

function hasAttribute(i: number, count: number, scope: ConditionScope): boolean | undefined {
  const { image, entities, source } = scope;
  const name = nameAt(image, i + 3 + (count - 1) * 2);
  if (count === 1) return rootAttribute(image.programs[i + 1]!, name, source, entities) !== MISSING;
  const target = access(i, count - 1, scope);
  return isObject(target) ? ownProperty(target, name) !== MISSING : undefined;
}

function nameAt(image: Image, at: number): string {
  return textAt(image, image.programs[at]!, image.programs[at + 1]!);
}

/** A comparison (S45), or undefined if the two cannot be compared so. The operator is an index into COMPARISONS. */
function compare(operator: number, left: unknown, right: unknown): boolean | undefined {
  if (operator < 2) {
    const equal = areEqual(left, right);
    return equal === undefined ? undefined : equal === (operator === 0);
  }
  const difference = differenceOf(left, right);
  if (difference === undefined) return undefined;
  if (operator === 2) return difference < 0;
  if (operator === 3) return difference <= 0;
  return operator === 4 ? difference > 0 : difference >= 0;
}

function areEqual(left: unknown, right: unknown): boolean | undefined {
  if (typeof left === 'string' && typeof right === 'string') return left === right;
  if (typeof left === 'boolean' && typeof right === 'boolean') return left === right;
  if (left instanceof IpValue || right instanceof IpValue) {
    const [a, b] = [asIp(left), asIp(right)];
    return a === undefined || b === undefined ? undefined : areEqualIps(a, b);
  }
  const difference = differenceOf(left, right);
  return difference === undefined ? undefined : difference === 0;
}

/** Which of two numbers, times or durations is greater: a number below, at or above zero. */
function differenceOf(left: unknown, right: unknown): number | undefined {
  if (left instanceof MillisecondsValue) return orderOf(left.ms, msOf(right, left.kind));
  if (right instanceof MillisecondsValue) return orderOf(msOf(left, right.kind), right.ms);
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  return Number.isFinite(left) && Number.isFinite(right) ? orderOf(left, right) : undefined;
}

function orderOf(left: number | undefined, right: number | undefined): number | undefined {
  if (left === undefined || right === undefined) return undefined;
  return left < right ? -1 : left > right ? 1 : 0;
}

function asIp(value: unknown): IpWords | undefined {
  if (value instanceof IpValue) return value.ip;
  return typeof value === 'string' ? parseIp(value) : undefined;
}

function msOf(value: unknown, kind: number): number | undefined {
  if (value instanceof MillisecondsValue) return value.kind === kind ? value.ms : undefined;
  if (typeof value !== 'string') return undefined;
  return kind === TIME ? parseTime(value) : parseDuration(value);
}

/** S46: true as soon as one is equal; undefined if none is and one could not be compared. */
function isInList(item: unknown, list: unknown): boolean | undefined {
  if (!Array.isArray(list)) return undefined;
  let isSure = true;
  for (const element of list as unknown[]) {
    const equal = areEqual(item, element);
    if (equal === true) return true;
    if (equal === undefined) isSure = false;
  }
  return isSure ? false : undefined;
}
