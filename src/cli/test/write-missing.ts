import { existsSync, readFileSync } from 'node:fs';
import { describeSystemError, FileError } from '../../files/file-error.ts';
import { quote } from '../../files/quote.ts';
import { writeFileAtomically } from '../../files/write-file-atomically.ts';
import {
  formatSource,
  isForBlock,
  type MutationReport,
  missingTests,
  printMissingLines,
  printMissingTests,
} from '../../index.ts';

/** Whoever reads the file should know that nobody has thought about it yet. */
const header = `# Tests that were missing, as \`postern test --write\` adds them. They expect what the policies decided when they were written.
`;

/**
 * Writes the tests that were missing: `test` blocks, or lines of a table if the file's name ends in `.jsonl`. What the file
 * holds already stays, and they come behind it.
 *
 * @returns how many there were; with none the file is left alone
 * @throws {FileError}
 */
export function writeMissing(path: string, report: MutationReport): number {
  const isTable = path.endsWith('.jsonl');
  const text = isTable ? printMissingLines(report) : layOut(printMissingTests(report));
  if (text === '') return 0;
  const before = existsSync(path) ? readText(path) : isTable ? '' : header;
  const gap = before === '' ? '' : `${before.endsWith('\n') ? '' : '\n'}${isTable ? '' : '\n'}`;
  writeFileAtomically(path, Buffer.from(before + gap + text));
  const tests = missingTests(report);
  return (isTable ? tests : tests.filter(isForBlock)).length;
}

/** As `postern fmt` would have it. */
function layOut(text: string): string {
  const formatted = formatSource({ file: 'tests', text });
  return formatted.ok ? formatted.text : text;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = describeSystemError(error);
    throw new FileError('unreadable', `${quote(path)} cannot be read: ${reason}`, { cause: error });
  }
}
