import { quote } from '../../files/quote.ts';
import { Authorizer, ConfigurationError, type Model } from '../../index.ts';
import type { Format, PolicyOptions } from '../command-context.ts';
import { buildPolicies, findImage, readImageFile } from '../load-policies.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

/** Policies with all that can be measured about them. */
export interface BenchPolicies {
  readonly authorizer: Authorizer;
  readonly image: Uint8Array;
  readonly textOf: (file: string) => string | undefined;
  /** Absent for an image, which knows no more how its rules were written. */
  readonly model?: Model;
  readonly buildMs?: number;
}

/**
 * What `loadPolicies` does, keeping the model and the time that it took.
 *
 * @returns undefined if the policies have errors; they have been shown
 * @throws as `loadPolicies` does
 */
export async function loadBenchPolicies(
  { policy, root, mode }: PolicyOptions,
  format: Format,
  terminal: Terminal,
): Promise<BenchPolicies | undefined> {
  const path = findImage(policy);
  if (path !== undefined) {
    return readImageFile(path, (image) => ({
      authorizer: Authorizer.fromImage(image, { mode }),
      image,
      textOf: () => undefined,
    }));
  }
  const startMs = performance.now();
  const result = await buildPolicies(policy, root, format, terminal);
  if (result === undefined) return undefined;
  const buildMs = performance.now() - startMs;
  const { image, model, textOf } = result;
  return { authorizer: Authorizer.fromImage(image, { mode }), image, textOf, model, buildMs };
}

/** The image to compare with. */
export interface Baseline {
  readonly path: string;
  readonly image: Uint8Array;
  readonly authorizer: Authorizer;
}

/** @throws {FileError | ImageError | UsageError} */
export function loadBaseline(path: string, mode: string | undefined): Baseline {
  return readImageFile(path, (image) => {
    try {
      return { path, image, authorizer: Authorizer.fromImage(image, { mode }) };
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      throw new UsageError(`baseline ${quote(path)}: ${error.message}`);
    }
  });
}
