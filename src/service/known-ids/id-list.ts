/** Sorted ids. Each is made a string when it is asked for; an array is such a list too. */
export interface IdList {
  readonly length: number;
  readonly at: (index: number) => string | undefined;
}

/** A list of ids as threads hand it over: where it arrives, nothing has to be done for each id. */
export interface PackedIds {
  /** One id after the other, in UTF-8. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each of them ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

export function packIds(ids: readonly string[]): PackedIds {
  const ends = new Uint32Array(ids.length);
  let end = 0;
  for (const [i, id] of ids.entries()) {
    end += Buffer.byteLength(id);
    ends[i] = end;
  }
  return { bytes: new TextEncoder().encode(ids.join('')), ends };
}

export function unpackIds({ bytes, ends }: PackedIds): IdList {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    length: ends.length,
    at: (index) =>
      index < ends.length ? buffer.toString('utf8', ends[index - 1] ?? 0, ends[index]) : undefined,
  };
}
