import { type Builder, type Model, readModel } from '../index.ts';
import type { Format, PolicyOptions } from './command-context.ts';
import { buildPolicyModel, findImage, readImageFile } from './load-policies.ts';
import type { Terminal } from './terminal.ts';

/** What the policies mean, and their text where there is one: an image has none. */
export interface LoadedModel {
  readonly model: Model;
  readonly textOf: (file: string) => string | undefined;
}

/**
 * What the command line names as policies, for commands that ask about them as a whole.
 *
 * @param builder  remembers files that are read again
 * @returns undefined if the policies have errors; they have been shown
 * @throws {FileError | ImageError | UsageError}
 */
export async function loadModel(
  { policy, root }: PolicyOptions,
  format: Format,
  terminal: Terminal,
  builder?: Builder,
): Promise<LoadedModel | undefined> {
  const imagePath = findImage(policy);
  if (imagePath !== undefined) return { model: readImageFile(imagePath, readModel), textOf: () => undefined };
  return buildPolicyModel(policy, root, format, terminal, builder);
}
