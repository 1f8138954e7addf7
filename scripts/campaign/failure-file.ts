import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HttpRequest } from '../../src/decision/http.ts';
import type { Source } from '../../src/source/source.ts';
import type { LawQuestion } from '../../test/support/laws/law-case.ts';
import { fromPortable, type Portable, toPortable } from '../../test/support/portable-value.ts';
import type { Failure } from './check.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Git knows nothing of it. */
const folder = join(root, '.campaign');

/** A failure as it is kept: enough to see it, and to see it again. */
export interface StoredFailure {
  readonly check: string;
  readonly seed: number;
  /** What runs it again. */
  readonly command: string;
  readonly kind: string;
  /** What went wrong, as lines to read. */
  readonly text: readonly string[];
  readonly example?: {
    readonly evaluator: string;
    readonly sources: readonly Source[];
    readonly mode?: string;
    readonly requests: readonly Portable[];
    readonly httpRequests: readonly Portable[];
  };
}

/** Writes the failure into a file of its own. @returns its path, from the root of the repository */
export function storeFailure(check: string, seed: number, number: number, failure: Failure): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${check}-${seed}-${number}.json`);
  const shown = relative(root, path);
  const { kind, text, example } = failure;
  const stored: StoredFailure = {
    check,
    seed,
    command: `npm run campaign -- --again ${shown}`,
    kind,
    text: text.split('\n'),
    ...(example && { example: { evaluator: example.evaluator, ...portableOf(example.question) } }),
  };
  writeFileSync(path, `${JSON.stringify(stored, undefined, 2)}\n`);
  return shown;
}

export function readFailure(path: string): StoredFailure {
  return JSON.parse(readFileSync(path, 'utf8')) as StoredFailure;
}

/** The case of a stored failure, if it has one. */
export function questionOf({ seed, example }: StoredFailure): LawQuestion | undefined {
  if (example === undefined) return undefined;
  const { sources, mode, requests, httpRequests } = example;
  return {
    seed,
    sources,
    mode,
    requests: requests.map(fromPortable),
    httpRequests: httpRequests.map((request) => fromPortable(request) as HttpRequest),
  };
}

function portableOf({ sources, mode, requests, httpRequests }: LawQuestion) {
  return {
    sources,
    ...(mode === undefined ? {} : { mode }),
    requests: requests.map(toPortable),
    httpRequests: httpRequests.map(toPortable),
  };
}
