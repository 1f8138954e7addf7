import type { Request } from '../decision/request.ts';
import { encode, IdElements, prefixHash } from '../id/elements.ts';
import { FAULT_NONE } from '../id/faults.ts';
import { MAX_SUBJECT_LENGTH, scanId } from '../id/scan-id.ts';
import {
  fixedHash,
  RESOURCE_ROOT,
  SCALAR_DEPTHS,
  SCALAR_NODE_BITS,
  SCALAR_SUBJECT_BITS,
  SUBJECT_SALT,
} from '../image/layout.ts';
import { isObject } from './attributes.ts';
import type { Evaluator } from './evaluator.ts';

/** So many requests go through a stage together: enough for their cache misses to overlap, few enough to stay in the cache. */
const STAGE_SIZE = 32;

/**
 * Decides many requests, one stage after the other. What a decision waits for at size are the slots and the records of its
 * subject and its resource, each of which is known only when the one before has come from memory. Here the slots of all
 * requests are read at once, then all records; the decisions themselves find them in the cache (bench/batch.ts).
 */
export class BatchDecider {
  readonly evaluator: Evaluator;
  readonly #elements = Array.from({ length: STAGE_SIZE }, () => new IdElements());
  /** Subject, action and resource of the requests that have nothing else, as they were read, once. */
  readonly #plain: (readonly [subject: string, action: string, resource: string] | undefined)[] = [];
  readonly #subject = new IdElements();
  readonly #subjectHashes = new Int32Array(STAGE_SIZE);
  /** Offsets in `nodes` and in `subjects` of records that a decision of this stage will look at, most likely. */
  readonly #nodes = new Int32Array(STAGE_SIZE * 16);
  readonly #subjects = new Int32Array(STAGE_SIZE);
  /** What was read ahead, so that no engine may find the reading useless. */
  touched = 0;

  constructor(evaluator: Evaluator) {
    this.evaluator = evaluator;
  }

  areAllowed(requests: readonly Request[]): boolean[] {
    const answers: boolean[] = new Array(requests.length);
    for (let first = 0; first < requests.length; first += STAGE_SIZE) {
      const end = Math.min(requests.length, first + STAGE_SIZE);
      this.#scan(requests, first, end);
      this.#touch(end - first);
      for (let i = first; i < end; i++) answers[i] = this.#isAllowed(requests[i]!, i - first);
    }
    return answers;
  }

  #scan(requests: readonly Request[], first: number, end: number): void {
    for (let i = first; i < end; i++) {
      const plain = plainRequest(requests[i]);
      const isWellFormed = plain !== undefined && scanId(plain[2], this.#elements[i - first]!) === FAULT_NONE;
      this.#plain[i - first] = isWellFormed ? plain : undefined;
      if (!isWellFormed) continue;
      const size = encode(plain[0], this.#subject);
      this.#subjectHashes[i - first] = fixedHash(prefixHash(this.#subject.words, size), SUBJECT_SALT);
    }
  }

  /** Reads ahead: the slots of all, then what they name. None of the reads waits for another of its loop. */
  #touch(count: number): void {
    const { slots, nodes, subjects, subjectSlots, scalars } = this.evaluator.image;
    const depths = scalars[SCALAR_DEPTHS + RESOURCE_ROOT]!;
    const nodeMask = (1 << scalars[SCALAR_NODE_BITS]!) - 1;
    const subjectMask = (1 << scalars[SCALAR_SUBJECT_BITS]!) - 1;
    let nodeCount = 0;
    for (let i = 0; i < count; i++) {
      if (this.#plain[i] === undefined) continue;
      this.#subjects[i] = subjectSlots[this.#subjectHashes[i]! & (subjectSlots.length - 1)]! & subjectMask;
      const { count: elementCount, hashes } = this.#elements[i]!;
      // From the end: what is deep is cold.
      const last = Math.max(0, elementCount - 16);
      for (let k = elementCount - 1; k >= last; k--) {
        if (((depths >>> Math.min(k, 31)) & 1) === 0) continue;
        const hash = fixedHash(hashes[k]!, RESOURCE_ROOT);
        const slot = slots[hash & (slots.length - 1)]!;
        if (slot !== 0 && ((slot ^ hash) & ~nodeMask) === 0) this.#nodes[nodeCount++] = slot & nodeMask;
      }
    }
    let touched = 0;
    for (let i = 0; i < count; i++) touched += subjects[this.#subjects[i]!]!;
    for (let i = 0; i < nodeCount; i++) touched += nodes[this.#nodes[i]!]!;
    this.touched = touched;
  }

  #isAllowed(request: Request, index: number): boolean {
    const { idle } = this.evaluator;
    const plain = this.#plain[index];
    if (plain === undefined) return idle.decide(request).decision === 'allow';
    const [subject, action, resource] = plain;
    if (!idle.bind(subject, action)) return false;
    idle.walker.walk(RESOURCE_ROOT, resource, this.#elements[index]!);
    return idle.isWalkedAllowed(resource);
  }
}

/** Undefined for what has more, or lacks something, or is not what it should be: that is decided by itself. */
function plainRequest(request: unknown): readonly [string, string, string] | undefined {
  if (!isObject(request)) return undefined;
  const { subject, action, resource, groups, attributes, context } = request as Request;
  if (groups !== undefined || attributes !== undefined || context !== undefined) return undefined;
  if (typeof subject !== 'string' || typeof action !== 'string' || typeof resource !== 'string')
    return undefined;
  return subject.length <= MAX_SUBJECT_LENGTH ? [subject, action, resource] : undefined;
}
