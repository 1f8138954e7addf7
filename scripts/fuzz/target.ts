import type { Random } from '../../test/support/generators.ts';

/** Something that takes input from outside, and what it promises about every input. */
export interface FuzzTarget {
  readonly name: string;
  /** What is promised, as a sentence. */
  readonly title: string;
  /** Inputs to begin with. */
  readonly seeds: () => readonly Uint8Array[];
  /** What inputs of this kind are made of, beside what interests everybody. */
  readonly tokens?: readonly string[];
  /** A new input by the grammar. */
  readonly generate?: (random: Random) => Uint8Array;
  /** Words of 32 bits are changed, rather than characters. */
  readonly isBinary?: boolean;
  /** In bytes; default 32 KiB. What is exact about a whole policy takes long by nature, and gets small ones. */
  readonly maxLength?: number;
  readonly open: () => Attack | Promise<Attack>;
}

/** A target that is ready. */
export interface Attack {
  /** Throws if the promise is broken: any error that is not documented, or a `Broken`. */
  readonly run: (input: Buffer) => void | Promise<void>;
  readonly close?: () => Promise<void>;
}

/** Nothing was thrown, and what was returned is wrong. */
export class Broken extends Error {
  override readonly name = 'Broken';

  /** @param kind  the same for all inputs that break the promise in this way */
  constructor(kind: string, detail = '') {
    super(detail === '' ? kind : `${kind}\n${detail}`);
  }
}

type ErrorClass = abstract new (...args: never[]) => Error;

/** What it returns, or undefined where it throws one of the errors that its documentation names. */
export function orDocumented<Result>(
  documented: readonly ErrorClass[],
  run: () => Result,
): Result | undefined {
  try {
    return run();
  } catch (error) {
    if (documented.some((known) => error instanceof known)) return undefined;
    throw error;
  }
}
