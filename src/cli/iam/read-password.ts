import { readFileSync } from 'node:fs';
import { describeSystemError, FileError } from '../../files/file-error.ts';
import { quote } from '../../files/quote.ts';
import { decodeUtf8 } from '../../files/utf8.ts';
import { checkPassword } from '../../service/iam/new-user.ts';
import { readStandardInput } from '../read-standard-input.ts';
import { UsageError } from '../usage-error.ts';
import { readHidden } from './read-hidden.ts';

/**
 * A password that fits the rules: from a file, from standard input, or typed twice into the terminal.
 *
 * @throws {UsageError | FileError}
 */
export async function readPassword(file: string | undefined): Promise<string> {
  const password =
    file !== undefined
      ? withoutNewline(readText(file))
      : process.stdin.isTTY
        ? await askTwice()
        : withoutNewline(readStandardInput());
  if (/[\r\n]/.test(password)) throw new UsageError('a password is one line: there is more than one');
  if (password === '')
    throw new UsageError('no password is given: type one, or name a file with --password-file');
  try {
    checkPassword(password);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  return password;
}

/** What an editor or `echo` puts behind it is no part of a password. */
function withoutNewline(text: string): string {
  return text.replace(/\r?\n$/, '');
}

function readText(file: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const reason = describeSystemError(error);
    throw new FileError('unreadable', `password ${quote(file)} cannot be read: ${reason}`, { cause: error });
  }
  const decoded = decodeUtf8(bytes);
  if (decoded.ok) return decoded.text;
  throw new FileError('unreadable', `password ${quote(file)} is not UTF-8`);
}

async function askTwice(): Promise<string> {
  const password = await readHidden('Password: ', process.stdin, process.stderr);
  const again = await readHidden('Once more: ', process.stdin, process.stderr);
  if (password !== again) throw new UsageError('these were two different passwords: nothing is changed');
  return password;
}
