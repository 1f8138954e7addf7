import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeSystemError, FileError } from '../files/file-error.ts';
import { quote } from '../files/quote.ts';
import { decodeUtf8 } from '../files/utf8.ts';
import type { Source } from '../index.ts';

export const aclsArgument =
  'file of ACLs as a Mesos master takes them with `--acls`; - is standard input; JSON itself, or a file: URL, will do too';

/**
 * The ACLs that the command line names.
 *
 * @throws {FileError} if they cannot be read, or are not UTF-8
 */
export function readAclsSource(argument: string): Source {
  if (argument.trimStart().startsWith('{')) return { file: '(command line)', text: argument };
  const file = argument === '-' ? '(standard input)' : argument;
  const decoded = decodeUtf8(readBytes(argument));
  if (decoded.ok) return { file, text: decoded.text };
  throw new FileError(
    'unreadable',
    `ACLs ${quote(file)} are not UTF-8: byte ${decoded.offset} begins no character`,
  );
}

function readBytes(argument: string): Uint8Array {
  try {
    return readFileSync(argument === '-' ? 0 : pathOf(argument));
  } catch (error) {
    const reason =
      error instanceof TypeError ? 'not a file: URL of this machine' : describeSystemError(error);
    throw new FileError('unreadable', `ACLs ${quote(argument)} cannot be read: ${reason}`, { cause: error });
  }
}

function pathOf(argument: string): string {
  return argument.startsWith('file://') ? fileURLToPath(argument) : argument;
}
