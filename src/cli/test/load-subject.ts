import { inspectImage, type Model, policyTestCases, type TestCase } from '../../index.ts';
import { buildPolicies, findImage, readImageFile } from '../load-policies.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { type TestOptions, wantsCoverage, wantsMutants } from './options.ts';

/** What is tested. An image has neither rules to change nor tests of its own. */
export interface Subject {
  readonly image: Uint8Array;
  readonly model: Model | undefined;
  readonly cases: readonly TestCase[];
  readonly modes: readonly string[];
  readonly textOf: (file: string) => string | undefined;
}

/**
 * @returns undefined if the policies have errors; they have been shown
 * @throws {FileError | ImageError | UsageError}
 */
export async function loadSubject(
  policies: readonly string[],
  options: TestOptions,
  terminal: Terminal,
): Promise<Subject | undefined> {
  const path = findImage(policies);
  if (path !== undefined) return loadImage(path, options);
  const format = options.format === 'json' ? 'json' : 'text';
  const result = await buildPolicies(policies, options.root, format, terminal);
  if (result === undefined) return undefined;
  const { image, model, textOf } = result;
  return { image, model, cases: policyTestCases(model), modes: model.modes, textOf };
}

function loadImage(path: string, options: TestOptions): Subject {
  if (wantsCoverage(options) || wantsMutants(options))
    throw new UsageError('an image holds no rules to look at: name policies for coverage and mutants');
  const [image, modes] = readImageFile(path, (bytes) => [bytes, inspectImage(bytes).modes] as const);
  return { image, model: undefined, cases: [], modes, textOf: () => undefined };
}
