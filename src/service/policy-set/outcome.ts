import {
  ConfigurationError,
  type Diagnostic,
  FileError,
  ImageError,
  PolicyError,
  renderText,
} from '../../index.ts';
import { StoreError } from '../../store/errors.ts';
import type { Head } from '../../store/store.ts';

/** A policy ready to serve: verified, and in memory that threads share. */
export interface VerifiedImage {
  readonly image: Uint8Array;
  readonly revision: string;
  /** What `/v1/policy` names, if it is not what the image names. */
  readonly files?: readonly string[];
  /** What the image holds of a store, if there is one. */
  readonly stored?: Head;
  /** Then also the image of the policies alone. */
  readonly policies?: Uint8Array;
  /** It was verified in an earlier run: the store cannot be read. */
  readonly isCached?: true;
}

/** What came of one attempt to load the policy, as one thread tells it to another. */
export type LoadOutcome =
  | ({ readonly kind: 'loaded'; readonly elapsedMs: number } & VerifiedImage)
  | ({ readonly kind: 'refused' } & Refusal);

/** Why a policy is not used. */
export interface Refusal {
  readonly cause: 'policy' | 'file' | 'image' | 'configuration' | 'store' | 'bug';
  readonly message: string;
  /** `code` of the error. */
  readonly code?: string;
  readonly diagnostics: readonly Diagnostic[];
  /** The texts that the diagnostics are about, so that they can be shown. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Any error as data. */
export function refusalOf(error: unknown): Refusal {
  const message = error instanceof Error ? error.message : String(error);
  const base = { message, diagnostics: [], texts: new Map<string, string>() };
  if (error instanceof PolicyError) return { ...base, cause: 'policy', ...dataOf(error) };
  if (error instanceof FileError) return { ...base, cause: 'file', code: error.code };
  if (error instanceof ImageError) return { ...base, cause: 'image', code: error.code };
  if (error instanceof ConfigurationError) return { ...base, cause: 'configuration' };
  if (error instanceof StoreError) return { ...base, cause: 'store' };
  return { ...base, cause: 'bug', message: error instanceof Error ? (error.stack ?? message) : message };
}

function dataOf({ diagnostics, textOf }: PolicyError): Pick<Refusal, 'diagnostics' | 'texts'> {
  const texts = new Map<string, string>();
  for (const { file } of diagnostics) {
    const text = textOf(file);
    if (text !== undefined) texts.set(file, text);
  }
  return { diagnostics, texts };
}

/** The error again, for whoever started the service. */
export function errorOf({ cause, message, code, diagnostics, texts }: Refusal): Error {
  switch (cause) {
    case 'policy':
      return new PolicyError(diagnostics, (file) => texts.get(file));
    case 'file':
      return new FileError(code as FileError['code'], message);
    case 'image':
      return new ImageError(code as ImageError['code'], message);
    case 'configuration':
      return new ConfigurationError(message);
    case 'store':
      return new StoreError(message);
    case 'bug':
      return new Error(message);
  }
}

/** For the log: diagnostics with the lines they are about. */
export function describeRefusal({ diagnostics, texts }: Refusal): string | undefined {
  if (diagnostics.length === 0) return undefined;
  return renderText(diagnostics.slice(0, 20), (file) => texts.get(file)).trimEnd();
}

/** What anybody may read: no name of a file, no text of a policy. */
export function summarizeRefusal({ cause, diagnostics }: Refusal): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  switch (cause) {
    case 'policy':
      return errors === 1 ? 'the policy has 1 error' : `the policy has ${errors} errors`;
    case 'file':
      return 'the policy cannot be read';
    case 'image':
      return 'the image cannot be used';
    case 'configuration':
      return 'the policy does not fit the configuration';
    case 'store':
      return 'the store cannot be read';
    case 'bug':
      return 'the policy could not be built';
  }
}
