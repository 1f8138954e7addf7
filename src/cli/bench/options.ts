import { InvalidArgumentError } from 'commander';
import { nearestName } from '../../files/nearest.ts';
import { quote } from '../../files/quote.ts';
import type { PolicyOptions } from '../command-context.ts';
import { UsageError } from '../usage-error.ts';
import { adapters } from './peers/compare-peers.ts';
import { mostRequests } from './read-requests.ts';

export type ReportFormat = 'text' | 'json' | 'html';

export interface BenchOptions extends PolicyOptions {
  readonly requests?: string;
  readonly count?: number;
  readonly seed?: number;
  readonly reuseStrings?: boolean;
  readonly rounds: number;
  readonly seconds?: number;
  readonly against?: readonly string[];
  readonly baseline?: string;
  readonly maxRatio?: number;
  readonly output?: string;
  readonly format: ReportFormat;
}

/** @throws {UsageError} for options that do not go together */
export function checkOptions({ requests, count, seed, baseline, maxRatio }: BenchOptions): void {
  if (requests !== undefined && (count !== undefined || seed !== undefined)) {
    throw new UsageError(
      '--count and --seed are for generated requests, and --requests names a file: leave one out',
    );
  }
  if (maxRatio !== undefined && baseline === undefined) {
    throw new UsageError(
      '--max-ratio goes with --baseline: name the image to compare with, as `postern compile` wrote it',
    );
  }
}

/** @throws {UsageError} for a name that is no engine's */
export function readEngines(text: string): readonly string[] {
  const known = adapters.map(({ engine }) => engine);
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = nearestName(name.toLowerCase(), known);
    const hint = near === undefined ? '' : `, did you mean ${near}`;
    throw new UsageError(
      `--against does not know ${quote(name)}${hint}: it takes ${known.join(', ')}, with commas between`,
    );
  }
  return names;
}

export function readCount(text: string): number {
  return readInteger(text, 1, mostRequests);
}

export function readSeed(text: string): number {
  return readInteger(text, 0, 2 ** 32 - 1);
}

export function readRounds(text: string): number {
  return readInteger(text, 1, 100_000);
}

export function readSeconds(text: string): number {
  return readNumber(text, 0.1, 3_600);
}

export function readMaxRatio(text: string): number {
  return readNumber(text, 0.01, 1_000);
}

function readInteger(text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new InvalidArgumentError(`Write a whole number from ${render(least)} to ${render(most)}`);
}

function readNumber(text: string, least: number, most: number): number {
  const value = /^\d{1,10}(?:\.\d{1,10})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new InvalidArgumentError(`Write a number from ${render(least)} to ${render(most)}, such as 1.2`);
}

/** As it may be written: without separators. */
function render(value: number): string {
  return String(value);
}

/** How long to measure: by default the longer, the more there is to measure side by side. */
export function secondsOf({ seconds, against = [], baseline }: BenchOptions): number {
  return seconds ?? 2 + against.length + (baseline === undefined ? 0 : 1);
}

/** Of generated requests. */
export function seedOf({ seed = 1 }: BenchOptions): number {
  return seed;
}
