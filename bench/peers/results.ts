import type { Machine } from './machine.ts';
import type { Built, Latency } from './messages.ts';
import type { EngineId } from './registry.ts';

/** Of the rounds of one run. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** What was measured of one engine at one size. */
export interface Measurement {
  readonly id: EngineId;
  readonly grants: number;
  readonly built: Built;
  /** Nanoseconds a decision. */
  readonly fresh: Spread;
  readonly reused: Spread;
  /** Medians of the rounds' percentiles. */
  readonly latency: Latency;
  /** Answers that were compared with those of the reference. */
  readonly checked: number;
}

/** An engine that could not be measured at a size, and why. */
export interface Absence {
  readonly id: EngineId;
  readonly grants: number;
  readonly reason: string;
}

/** What is true of an engine at every size. */
export interface EngineFacts {
  readonly id: EngineId;
  readonly name: string;
  readonly version: string;
  readonly note: string;
}

export interface Results {
  readonly date: string;
  readonly machine: Machine;
  readonly node: string;
  /** Requests of each size, rounds that were kept, and the seconds after which a round ended. */
  readonly requests: number;
  readonly rounds: number;
  readonly roundSeconds: number;
  readonly engines: readonly EngineFacts[];
  readonly sizes: readonly number[];
  readonly measurements: readonly Measurement[];
  readonly absences: readonly Absence[];
}

export function find({ measurements }: Results, id: EngineId, grants: number): Measurement | undefined {
  return measurements.find((measurement) => measurement.id === id && measurement.grants === grants);
}

export function spreadOf(numbers: readonly number[]): Spread {
  return { median: median(numbers), lowest: Math.min(...numbers), highest: Math.max(...numbers) };
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}
