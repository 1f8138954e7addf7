import { isUtf8 } from 'node:buffer';

export type DecodeResult =
  | { readonly ok: true; readonly text: string }
  /** `offset` is that of the first byte that belongs to no well-formed sequence. */
  | { readonly ok: false; readonly offset: number };

/** A byte order mark is a character like any other: who may drop it knows. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes to text, refusing what is not UTF-8: a replacement character would make one id out of two. */
export function decodeUtf8(bytes: Uint8Array): DecodeResult {
  if (!isUtf8(bytes)) return { ok: false, offset: invalidUtf8Offset(bytes) };
  return { ok: true, text: decoder.decode(bytes) };
}

/** Offset of the first byte that starts no well-formed sequence (Unicode 15, table 3-7); the length if all are well formed. */
export function invalidUtf8Offset(bytes: Uint8Array): number {
  let offset = 0;
  while (offset < bytes.length) {
    const length = sequenceLength(bytes, offset);
    if (length === 0) return offset;
    offset += length;
  }
  return offset;
}

/** Bytes in the well-formed sequence at `offset`, 0 if there is none. */
function sequenceLength(bytes: Uint8Array, offset: number): number {
  const lead = bytes[offset]!;
  if (lead < 0x80) return 1;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const [low, high] = secondByteRange(lead);
  const second = bytes[offset + 1] ?? 0;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) {
    if (((bytes[offset + i] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/** The second byte is where overlong forms, surrogates and values past U+10FFFF show; an empty range refuses the lead. */
function secondByteRange(lead: number): readonly [number, number] {
  if (lead < 0xc2 || lead > 0xf4) return [1, 0];
  if (lead === 0xe0) return [0xa0, 0xbf];
  if (lead === 0xed) return [0x80, 0x9f];
  if (lead === 0xf0) return [0x90, 0xbf];
  if (lead === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}
