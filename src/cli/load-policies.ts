import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { describeSystemError, FileError } from '../files/file-error.ts';
import { quote } from '../files/quote.ts';
import {
  Authorizer,
  type Builder,
  type BuildFilesOptions,
  type BuildResult,
  buildFiles,
  createBuilder,
  ImageError,
  type ImageSource,
  looksLikeImage,
  type ModelResult,
  readImage,
  renderJson,
  renderText,
} from '../index.ts';
import { createBuildProgress } from './build-progress.ts';
import type { Format, PolicyOptions } from './command-context.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** The engine, and the text of the policies where there is one: an image has none. */
export interface LoadedPolicies {
  readonly authorizer: Authorizer;
  /** What it decides from, for an engine in another mode. */
  readonly image: ImageSource;
  readonly textOf: (file: string) => string | undefined;
}

/**
 * What the command line names as policies: built from text, or loaded from one image.
 *
 * @param format  where errors in policies go: as text to standard error, as JSON to standard output
 * @returns undefined if the policies have errors; they have been shown
 * @throws {FileError | ImageError | UsageError}
 * @throws {ConfigurationError} for a mode that nothing names
 */
export async function loadPolicies(
  { policy, root, mode }: PolicyOptions,
  format: Format,
  terminal: Terminal,
): Promise<LoadedPolicies | undefined> {
  const imagePath = findImage(policy);
  if (imagePath !== undefined) {
    return readImageFile(imagePath, (bytes) => {
      const image = readImage(bytes);
      return { authorizer: Authorizer.fromImage(image, { mode }), image, textOf: () => undefined };
    });
  }
  const result = await buildPolicies(policy, root, format, terminal);
  if (result === undefined) return undefined;
  const { image, textOf } = result;
  return { authorizer: Authorizer.fromImage(image, { mode }), image, textOf };
}

/** The image among what is named as policies, if one is: then it is all that is named. @throws {UsageError} */
export function findImage(policy: readonly string[]): string | undefined {
  const path = policy.find(isImageFile);
  if (path !== undefined && policy.length > 1)
    throw new UsageError(`an image stands alone: name ${quote(path)} without other policies`);
  return path;
}

/** Builds policies from text and shows what there is to say of them; undefined if they have errors. */
export async function buildPolicies(
  patterns: readonly string[],
  root: string | undefined,
  format: Format,
  terminal: Terminal,
): Promise<Extract<BuildResult, { readonly ok: true }> | undefined> {
  const result = await buildShowingProgress(buildFiles, patterns, root, terminal);
  if (result.ok) {
    showWarnings(result, terminal);
    return result;
  }
  await showErrors(result, format, terminal);
  return undefined;
}

/** The same without an image. @param builder  remembers files that are built again */
export async function buildPolicyModel(
  patterns: readonly string[],
  root: string | undefined,
  format: Format,
  terminal: Terminal,
  builder: Builder = createBuilder(),
): Promise<Extract<ModelResult, { readonly ok: true }> | undefined> {
  const result = await buildShowingProgress(builder.buildModelFiles, patterns, root, terminal);
  if (result.ok) {
    showWarnings(result, terminal);
    return result;
  }
  await showErrors(result, format, terminal);
  return undefined;
}

/** The line of progress is gone again when this returns, and when it throws. */
async function buildShowingProgress<Result>(
  build: (patterns: readonly string[], options: BuildFilesOptions) => Promise<Result>,
  patterns: readonly string[],
  root: string | undefined,
  terminal: Terminal,
): Promise<Result> {
  const { onProgress, clear } = createBuildProgress(terminal);
  try {
    return await build(patterns, root === undefined ? { onProgress } : { root, onProgress });
  } finally {
    clear();
  }
}

function showWarnings(result: ModelResult, terminal: Terminal): void {
  if (result.diagnostics.length > 0) terminal.talk(renderForTalk(result, terminal));
}

async function showErrors(result: ModelResult, format: Format, terminal: Terminal): Promise<void> {
  if (format === 'json') await terminal.write(`${renderJson(result.diagnostics, result.textOf).trimEnd()}\n`);
  else terminal.talk(renderForTalk(result, terminal));
  terminal.talk(`postern: ${summarize(result)}: no policy is loaded`);
}

function renderForTalk({ diagnostics, textOf }: ModelResult, terminal: Terminal): string {
  return renderText(diagnostics, textOf, { color: terminal.talkHasColor }).trimEnd();
}

function summarize({ diagnostics }: ModelResult): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return errors === 1 ? '1 error' : `${errors} errors`;
}

/**
 * Makes something of an image file.
 *
 * @throws {FileError | ImageError} whose message names the file; and whatever else `read` throws
 */
export function readImageFile<Result>(path: string, read: (image: Uint8Array) => Result): Result {
  const image = readWholeFile(path);
  try {
    return read(image);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new ImageError(error.code, `image ${quote(path)} cannot be used: ${error.message}`);
  }
}

function readWholeFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = describeSystemError(error);
    throw new FileError('unreadable', `image ${quote(path)} cannot be read: ${reason}`, { cause: error });
  }
}

/** By its name, or by its first bytes whatever its name. What cannot be looked at is left to who reads it as a policy. */
export function isImageFile(path: string): boolean {
  try {
    return statSync(path).isFile() && (path.endsWith('.pimg') || looksLikeImage(readStart(path)));
  } catch {
    return false;
  }
}

function readStart(path: string): Uint8Array {
  const descriptor = openSync(path, 'r');
  try {
    const start = new Uint8Array(4);
    return start.subarray(0, readSync(descriptor, start));
  } finally {
    closeSync(descriptor);
  }
}
