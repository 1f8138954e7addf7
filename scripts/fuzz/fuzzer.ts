import { Random } from '../../test/support/generators.ts';
import { execute, type Failure } from './execute.ts';
import { minimize } from './minimize.ts';
import { mutateBytes } from './mutate-bytes.ts';
import type { Reach, ReachedCode } from './reached-code.ts';
import type { Attack, FuzzTarget } from './target.ts';

export interface FuzzerOptions {
  readonly target: FuzzTarget;
  readonly attack: Attack;
  readonly seed: number;
  /** Inputs that are kept are those that reach something new; without it those that the target begins with, and no other. */
  readonly reached?: ReachedCode;
  /** Inputs beside the seeds of the target to begin with: what another thread has kept. */
  readonly corpus?: readonly Uint8Array[];
  /** Told before each execution: an input that never comes back has been told. */
  readonly onInput?: (input: Uint8Array) => void;
  /** Told of each input that reaches something new. */
  readonly onKept?: (input: Uint8Array) => void;
  /** Told of the first input that fails in its way, made small. */
  readonly onFailure: (failure: Failure, input: Uint8Array) => void;
}

/** How long, by `performance.now`, or how often. */
export interface End {
  readonly untilMs: number;
  readonly executions: number;
}

const DEFAULT_LENGTH = 32 * 1024;
/** An input is made by the grammar so often, where the target knows one. */
const GENERATED = 0.15;
/** So many inputs are run before it is looked whether one of them has reached something new. */
const BATCH = 64;
/** Looking takes at most this share of the time. */
const LOOKING = 0.1;
const MINIMIZE_MS = 15_000;

/** Runs inputs of a target, one after the other: what it begins with, then changes of what has been worth to be kept. */
export class Fuzzer {
  readonly corpus: Uint8Array[] = [];
  readonly failures = new Map<string, number>();
  executions = 0;
  readonly #options: FuzzerOptions;
  readonly #random: Random;
  /** How long it has taken to look, the last time. */
  #lookMs = 0;

  constructor(options: FuzzerOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
  }

  async run(end: End): Promise<void> {
    const { target, corpus = [], reached } = this.#options;
    if (reached !== undefined) reached.add(this.#look(reached));
    const isOver = (): boolean => performance.now() >= end.untilMs || this.executions >= end.executions;
    const begin = this.#random.shuffle([...corpus, ...target.seeds()]);
    // All are material for splices, whatever they reach.
    this.corpus.push(...begin);
    for (let i = 0; i < begin.length && !isOver(); i++) await this.#execute(begin[i]!);
    if (reached !== undefined) reached.add(this.#look(reached));
    while (!isOver()) await this.#runBatch(isOver);
  }

  async #runBatch(isOver: () => boolean): Promise<void> {
    const { reached } = this.#options;
    const batch: Uint8Array[] = [];
    const startMs = performance.now();
    while (!isOver() && (batch.length < BATCH || performance.now() - startMs < this.#lookMs / LOOKING)) {
      const input = this.#invent();
      batch.push(input);
      await this.#execute(input);
    }
    if (reached?.isNew(this.#look(reached))) await this.#findNew(batch, reached, isOver);
  }

  /** Which of them it was, half by half: looking takes longer than running most inputs again. */
  async #findNew(batch: readonly Uint8Array[], reached: ReachedCode, isOver: () => boolean): Promise<void> {
    for (const input of batch) if (!isOver()) await this.#execute(input);
    const reach = this.#look(reached);
    if (!reached.isNew(reach)) return;
    if (batch.length > 1) {
      const middle = batch.length >> 1;
      await this.#findNew(batch.slice(0, middle), reached, isOver);
      return this.#findNew(batch.slice(middle), reached, isOver);
    }
    reached.add(reach);
    this.corpus.push(batch[0]!);
    this.#options.onKept?.(batch[0]!);
  }

  #look(reached: ReachedCode): Reach {
    const startMs = performance.now();
    const reach = reached.take();
    this.#lookMs = performance.now() - startMs;
    return reach;
  }

  #invent(): Uint8Array {
    const { target } = this.#options;
    const random = this.#random;
    const other = (): Uint8Array => this.#choose();
    const isNew = target.generate !== undefined && random.chance(GENERATED);
    const input = isNew ? target.generate!(random) : this.#choose();
    if (isNew && random.chance(0.5)) return input;
    return mutateBytes(input, { random, target, other, maxLength: target.maxLength ?? DEFAULT_LENGTH });
  }

  /** What was kept last has not been tried as often as the others. */
  #choose(): Uint8Array {
    const { corpus } = this;
    if (corpus.length === 0) return new Uint8Array();
    const recent = Math.min(corpus.length, 32);
    if (this.#random.chance(0.3)) return corpus[corpus.length - 1 - this.#random.below(recent)]!;
    return this.#random.pick(corpus);
  }

  async #execute(input: Uint8Array): Promise<void> {
    const failure = await this.#try(input);
    this.executions++;
    if (failure === undefined) return;
    const count = this.failures.get(failure.kind) ?? 0;
    this.failures.set(failure.kind, count + 1);
    if (count > 0) return;
    const stillFails = async (smaller: Buffer): Promise<boolean> =>
      (await this.#try(smaller))?.kind === failure.kind;
    const small = await minimize(Buffer.from(input), stillFails, performance.now() + MINIMIZE_MS);
    this.#options.onFailure((await this.#try(small)) ?? failure, small);
  }

  #try(input: Uint8Array): Promise<Failure | undefined> {
    this.#options.onInput?.(input);
    return execute(this.#options.attack, input);
  }
}
