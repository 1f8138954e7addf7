import { isAscii, isUtf8 } from 'node:buffer';
import { decodeUtf8 } from './utf8.ts';

/** One line without its end; `text` is undefined where there is none, and `fault` says why. */
export type Line = string | { readonly fault: string };

/** A request has at most 1 MiB (QUALITY, "Limits"). */
export const maxLineBytes = 1024 * 1024;

/** Pieces no longer than this are split at once, so that a line inside one is surely within the limit. */
const pieceBytes = 256 * 1024;
const newline = 10;

/**
 * Cuts bytes into lines as they come, in memory bounded by the longest line allowed. Every line is UTF-8 or a fault of its
 * own: one bad line does not spoil its neighbours. The newline after the last line may be missing; an empty line is a line.
 */
export class LineSplitter {
  /** The start of a line whose end has not come; `carriedBytes` of it are used. */
  private carry = Buffer.alloc(4096);
  private carriedBytes = 0;
  /** The line being carried is too long: the rest of it is dropped. */
  private isOverlong = false;

  /** All lines that end in `chunk`. */
  push(chunk: Buffer): Line[] {
    if (chunk.length <= pieceBytes) return this.pushPiece(chunk);
    const lines: Line[] = [];
    for (let start = 0; start < chunk.length; start += pieceBytes) {
      for (const line of this.pushPiece(chunk.subarray(start, start + pieceBytes))) lines.push(line);
    }
    return lines;
  }

  /** The last line, if it has no newline. */
  end(): Line[] {
    return this.carriedBytes === 0 && !this.isOverlong ? [] : [this.takeCarried()];
  }

  private pushPiece(piece: Buffer): Line[] {
    const firstEnd = piece.indexOf(newline);
    if (firstEnd < 0) {
      this.keep(piece);
      return [];
    }
    const lines: Line[] = [];
    let start = 0;
    if (this.carriedBytes > 0 || this.isOverlong) {
      this.keep(piece.subarray(0, firstEnd));
      lines.push(this.takeCarried());
      start = firstEnd + 1;
    }
    const end = piece.lastIndexOf(newline);
    if (start <= end) for (const line of splitLines(piece.subarray(start, end))) lines.push(line);
    this.keep(piece.subarray(end + 1));
    return lines;
  }

  private keep(bytes: Buffer): void {
    const size = this.carriedBytes + bytes.length;
    this.isOverlong ||= size > maxLineBytes;
    if (this.isOverlong) {
      this.carriedBytes = 0;
      return;
    }
    if (size > this.carry.length) {
      const larger = Buffer.alloc(Math.max(size, this.carry.length * 2));
      this.carry.copy(larger, 0, 0, this.carriedBytes);
      this.carry = larger;
    }
    bytes.copy(this.carry, this.carriedBytes);
    this.carriedBytes = size;
  }

  private takeCarried(): Line {
    const line = this.isOverlong
      ? { fault: `line is longer than ${maxLineBytes} bytes` }
      : decodeLine(this.carry.subarray(0, this.carriedBytes));
    this.carriedBytes = 0;
    this.isOverlong = false;
    return line;
  }
}

/** Decoding many lines at once is several times faster than one by one; only bytes that are no UTF-8 need the slow way. */
function splitLines(bytes: Buffer): Line[] {
  if (isAscii(bytes)) return bytes.toString('latin1').split('\n');
  if (isUtf8(bytes)) return bytes.toString('utf8').split('\n');
  const lines: Line[] = [];
  let start = 0;
  while (start <= bytes.length) {
    const found = bytes.indexOf(newline, start);
    const end = found < 0 ? bytes.length : found;
    lines.push(decodeLine(bytes.subarray(start, end)));
    start = end + 1;
  }
  return lines;
}

function decodeLine(bytes: Buffer): Line {
  const result = decodeUtf8(bytes);
  return result.ok
    ? result.text
    : { fault: `not UTF-8: byte ${result.offset + 1} of the line begins no character` };
}
