import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { ImportErrorCode } from '../source/importer.ts';
import type { Source } from '../source/source.ts';
import { describeSystemError } from './file-error.ts';
import { quote } from './quote.ts';
import { decodeUtf8 } from './utf8.ts';

/** QUALITY, "Limits": one source file, and all of a policy set together. */
export const maxSourceBytes = 16 * 1024 * 1024;
export const maxPolicySetBytes = 256 * 1024 * 1024;

/** Codes and texts as a diagnostic needs them, at the file itself or at the `import` that asked for it. */
export interface ReadFailure {
  readonly ok: false;
  readonly code: ImportErrorCode;
  readonly message: string;
  readonly help?: string;
}

export type ReadResult =
  | { readonly ok: true; readonly source: Source; readonly sizeBytes: number }
  | ReadFailure;

/**
 * One policy file as text. Bytes that are not UTF-8 are refused, never replaced; a byte order mark is dropped; line ends
 * stay as they are.
 *
 * @param path  where the file is; symbolic links are already followed, and one put there since is refused
 * @param name  what `Source.file` shall be, and what messages call the file
 * @param limitBytes  what is left of the policy set's size
 */
export function readPolicySource(path: string, name: string, limitBytes = maxPolicySetBytes): ReadResult {
  let bytes: Uint8Array | ReadFailure;
  try {
    bytes = readRegularFile(path, name, limitBytes);
  } catch (error) {
    return {
      ok: false,
      code: 'P2004',
      message: `${quote(name)} cannot be read: ${describeSystemError(error)}`,
    };
  }
  if (!(bytes instanceof Uint8Array)) return bytes;
  const decoded = decodeUtf8(bytes);
  if (!decoded.ok) return describeInvalidUtf8(bytes, decoded.offset, name);
  const text = decoded.text.startsWith('\ufeff') ? decoded.text.slice(1) : decoded.text;
  return { ok: true, source: { file: name, text }, sizeBytes: bytes.length };
}

/** `O_NONBLOCK`: opening a pipe that nobody writes to would wait for ever. Both flags are absent on Windows. */
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

function readRegularFile(path: string, name: string, limitBytes: number): Uint8Array | ReadFailure {
  const descriptor = openSync(path, openFlags);
  try {
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) return unreadable(name, 'it is a folder', 'name a file in it');
    if (!stats.isFile()) return unreadable(name, 'it is not a regular file');
    return tooLarge(name, stats.size, limitBytes) ?? readAll(descriptor, stats.size, name);
  } finally {
    closeSync(descriptor);
  }
}

/** One byte more than the file had when it was opened is asked for, so that a file that grows meanwhile is noticed. */
function readAll(descriptor: number, sizeBytes: number, name: string): Uint8Array | ReadFailure {
  const buffer = new Uint8Array(sizeBytes + 1);
  let filled = 0;
  while (filled < buffer.length) {
    const count = readSync(descriptor, buffer, filled, buffer.length - filled, null);
    if (count === 0) break;
    filled += count;
  }
  if (filled === sizeBytes) return buffer.subarray(0, filled);
  return unreadable(name, 'it changed while it was read', 'try again when it is no longer written to');
}

function tooLarge(name: string, sizeBytes: number, limitBytes: number): ReadFailure | undefined {
  if (sizeBytes > maxSourceBytes) {
    const message = `${quote(name)} has ${sizeBytes} bytes, more than the ${maxSourceBytes} a policy file may have`;
    return { ok: false, code: 'P3002', message, help: 'split it into several files' };
  }
  if (sizeBytes <= limitBytes) return undefined;
  const message = `with ${quote(name)} the policy set has more than the ${maxPolicySetBytes} bytes it may have`;
  return {
    ok: false,
    code: 'P3006',
    message,
    help: 'name fewer files, or replace repeated rules by groups and roles',
  };
}

function unreadable(name: string, reason: string, help?: string): ReadFailure {
  const message = `${quote(name)} cannot be read: ${reason}`;
  return help === undefined
    ? { ok: false, code: 'P2004', message }
    : { ok: false, code: 'P2004', message, help };
}

function describeInvalidUtf8(bytes: Uint8Array, offset: number, name: string): ReadFailure {
  const value = bytes[offset]!.toString(16).padStart(2, '0');
  const line = countLines(bytes.subarray(0, offset));
  const message = `${quote(name)} is not UTF-8: byte ${offset} (0x${value}, in line ${line}) begins no character`;
  return { ok: false, code: 'P0010', message, help: helpFor(bytes, offset) };
}

/** What the file seems to be instead. The first bytes of an image are those of `src/image/layout.ts`. */
function helpFor(bytes: Uint8Array, offset: number): string {
  if (Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'PTRN')
    return 'it is a compiled image: name the policies that it was compiled from';
  const looksLikeUtf16 = offset === 0 && (bytes[0] === 0xff || bytes[0] === 0xfe);
  return `save the file as UTF-8${looksLikeUtf16 ? ', not as UTF-16' : ''}`;
}

function countLines(bytes: Uint8Array): number {
  let lines = 1;
  for (const byte of bytes) if (byte === 10) lines++;
  return lines;
}
