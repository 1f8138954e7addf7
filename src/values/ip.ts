/** An IPv4 address as one 32-bit word, an IPv6 address as four, most significant first. */
export interface IpWords {
  readonly words: readonly number[];
}

export interface CidrWords extends IpWords {
  readonly prefixLength: number;
}

/** A number of at most three digits without a leading zero. */
const DECIMAL = /^(0|[1-9]\d{0,2})$/;

/**
 * Reads IPv4 (four decimals without leading zeros) or IPv6 (RFC 4291, no zone). An IPv4-mapped IPv6 address is the IPv4
 * address (S50). `undefined` for anything else.
 */
export function parseIp(text: string): IpWords | undefined {
  const words = text.length > 45 ? undefined : parseWords(text);
  return words && { words: isMapped(words) ? words.slice(3) : words };
}

/** Reads `address/length`. Bits beyond the prefix are cleared (S48). A mapped prefix of 96 or more becomes IPv4. */
export function parseCidr(text: string): CidrWords | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const digits = text.slice(slash + 1);
  if (!DECIMAL.test(digits)) return undefined;
  const length = Number(digits);
  const address = text.slice(0, slash);
  const words = parseWords(address);
  if (words === undefined || length > words.length * 32) return undefined;
  return isMapped(words) && length >= 96 ? masked([words[3]!], length - 96) : masked(words, length);
}

/**
 * Whether an address lies in a block, which one of the other family does not: at `first` and at `at` stand their counts of
 * words, and the words follow.
 */
export function isInCidr(
  address: ArrayLike<number>,
  first: number,
  prefixLength: number,
  block: ArrayLike<number>,
  at: number,
): boolean {
  const count = block[at]!;
  if (address[first] !== count) return false;
  for (let i = 1; i <= count; i++) {
    if ((address[first + i]! & maskWord(prefixLength + 32 - i * 32)) !== block[at + i]) return false;
  }
  return true;
}

function masked(words: readonly number[], prefixLength: number): CidrWords {
  return { words: words.map((word, i) => word & maskWord(prefixLength - i * 32)), prefixLength };
}

/** The mask of one word of which the first `bits` count; `bits` may lie outside 0 to 32. */
function maskWord(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : -1 << (32 - bits);
}

function isMapped(words: readonly number[]): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}

function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let word = 0;
  for (const part of parts) {
    if (!DECIMAL.test(part) || Number(part) > 255) return undefined;
    word = (word << 8) | Number(part);
  }
  return word;
}

/** One word of IPv4, four of IPv6. */
function parseWords(text: string): number[] | undefined {
  const halves = text.split('::');
  const isWhole = halves.length === 1;
  const head = parseGroups(halves[0]!, isWhole);
  const tail = isWhole ? [] : parseGroups(halves[1]!, true);
  if (head === undefined || tail === undefined || halves.length > 2) return undefined;
  if (!text.includes(':')) return text.includes('.') ? [(head[0]! << 16) | head[1]!] : undefined;
  const missing = 8 - head.length - tail.length;
  if (isWhole ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return [0, 2, 4, 6].map((i) => (groups[i]! << 16) | groups[i + 1]!);
}

/** 16-bit groups between colons; where `mayEndInIpv4`, the last may be dotted and counts as two. */
function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (mayEndInIpv4 && i === parts.length - 1 && part.includes('.')) {
      const word = parseIpv4(part);
      if (word === undefined) return undefined;
      groups.push(word >>> 16, word & 0xffff);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}
