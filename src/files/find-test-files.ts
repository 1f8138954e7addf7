import { resolve } from 'node:path';
import { FileError } from './file-error.ts';
import { globFolder, globPaths, statOf } from './find-policy-files.ts';
import { quote } from './quote.ts';

/** Tables of test requests, which stand among policies. */
const tableSuffix = '.requests.jsonl';

export interface TestFiles {
  /** For `buildFiles`, or one image. */
  readonly policies: readonly string[];
  /** Absolute, sorted, every one once. */
  readonly tables: readonly string[];
}

/**
 * Divides what a command line names into policies and tables: of a folder the `*.requests.jsonl` in it at any depth are tables,
 * of a glob what it matches of them, and a file by itself is one if its name ends in `.jsonl`.
 *
 * @throws {FileError} `no-match` for a folder with neither
 */
export function findTestFiles(patterns: readonly string[]): TestFiles {
  const found = patterns.map(divide);
  return {
    policies: found.flatMap(({ policies }) => policies),
    tables: [...new Set(found.flatMap(({ tables }) => tables))].sort(),
  };
}

function divide(pattern: string): TestFiles {
  const stats = statOf(pattern);
  if (stats?.isDirectory()) return divideFolder(pattern);
  if (stats?.isFile())
    return pattern.endsWith('.jsonl')
      ? { policies: [], tables: [resolve(pattern)] }
      : { policies: [pattern], tables: [] };
  const matches = globPaths(pattern);
  // What matches nothing is left to who reads policies: there is a message for it.
  if (!matches.some(isTable)) return { policies: [pattern], tables: [] };
  return {
    policies: matches.filter((path) => !isTable(path)),
    tables: matches.filter(isTable).map((path) => resolve(path)),
  };
}

function divideFolder(folder: string): TestFiles {
  const tables = globFolder(folder, tableSuffix);
  if (globFolder(folder).length > 0) return { policies: [folder], tables };
  if (tables.length > 0) return { policies: [], tables };
  throw new FileError(
    'no-match',
    `folder ${quote(folder)} holds no \`*.acl\` and no \`*${tableSuffix}\` file`,
  );
}

function isTable(path: string): boolean {
  return path.endsWith('.jsonl');
}
