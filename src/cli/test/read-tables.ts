import { realpathSync } from 'node:fs';
import { FileError } from '../../files/file-error.ts';
import { inferPolicyRoot, nameInRoot, openPolicyRoot } from '../../files/policy-root.ts';
import { readPolicySource } from '../../files/read-policy-source.ts';
import { readTestTable, type TestTable } from '../../index.ts';

/**
 * All tables, in the order of their names.
 *
 * @param root  the policy root, where one is given: names are relative to it
 * @param modes  those that the policy set knows
 * @throws {FileError} `unreadable`
 */
export function readTables(
  paths: readonly string[],
  root: string | undefined,
  modes: readonly string[],
): TestTable {
  if (paths.length === 0) return { cases: [], faults: [] };
  const policyRoot = openPolicyRoot(root ?? inferPolicyRoot(paths));
  const tables = paths.map((path) => {
    const result = readPolicySource(realpathSync.native(path), nameInRoot(policyRoot, path));
    if (!result.ok) throw new FileError('unreadable', result.message);
    return readTestTable(result.source, modes);
  });
  return {
    cases: tables.flatMap(({ cases }) => cases),
    faults: tables.flatMap(({ faults }) => faults),
  };
}
