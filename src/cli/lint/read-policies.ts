import { dirname, join, resolve } from 'node:path';
import { findPolicyFiles } from '../../files/find-policy-files.ts';
import { createImporter } from '../../files/importer.ts';
import { inferPolicyRoot, openPolicyRoot } from '../../files/policy-root.ts';
import { type PolicySetSources, readPolicySet } from '../../files/read-policy-set.ts';
import { readStandardInput } from '../read-standard-input.ts';
import { UsageError } from '../usage-error.ts';

/** What is linted. */
export interface LintedPolicies extends PolicySetSources {
  /** The folder that the search for a configuration begins in. */
  readonly folder: string;
  readonly isInput: boolean;
}

/** Name of a policy that has no file. */
const inputName = '(standard input)';

/** @throws {FileError | UsageError} */
export function readPolicies(patterns: readonly string[], root: string | undefined): LintedPolicies {
  if (patterns.includes('-')) return readInput(patterns, root);
  const set = readPolicySet(patterns, { root });
  const files = findPolicyFiles(patterns, { root }).files.map(({ path }) => path);
  return { ...set, folder: nearestCommonFolder(files), isInput: false };
}

/** Of all that lie in one folder that folder, wherever the command was started. */
function nearestCommonFolder(files: readonly string[]): string {
  const folder = dirname(files[0]!);
  return inferPolicyRoot(files, folder);
}

function readInput(patterns: readonly string[], root: string | undefined): LintedPolicies {
  if (patterns.length > 1)
    throw new UsageError('`-` stands alone: name files without it, or it without files');
  const policyRoot = openPolicyRoot(root ?? process.cwd());
  const text = readStandardInput();
  return {
    root: policyRoot,
    sources: [{ file: inputName, text: text.startsWith('\ufeff') ? text.slice(1) : text }],
    diagnostics: [],
    importer: createImporter(policyRoot),
    folder: policyRoot.path,
    isInput: true,
  };
}

/** Where a file of the set lies. */
export function pathInRoot({ root }: LintedPolicies, file: string): string {
  return resolve(join(root.path, file));
}
