/** An IPv4 address as one 32-bit word, an IPv6 address as four, most significant first. */
export interface IpWords {
  readonly words: readonly number[];
}

export interface CidrWords extends IpWords {
  readonly prefixLength: number;
}

/** Four numbers below 256 without leading zeros, behind a colon. */
const DOTTED =
  /(?<=:)(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\.(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\.(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\.(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$/;

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
  if (!/^(0|[1-9]\d{0,2})$/.test(digits)) return undefined;
  const address = text.slice(0, slash);
  const length = Number(digits) + (address.includes(':') ? 0 : 96);
  const words = parseWords(address);
  if (words === undefined || length > 128) return undefined;
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

/** Four words. An IPv4 address is read as the IPv6 address to which it is mapped. */
function parseWords(text: string): number[] | undefined {
  const [head, tail, ...more] = text
    .replace(/^(?=[^:]*\.)/, '::ffff:')
    .replace(DOTTED, (_, a, b, c, d) => `${hexOf(a, b)}:${hexOf(c, d)}`)
    .split('::')
    .map(parseGroups);
  const missing = 8 - head!.length - (tail?.length ?? 0);
  // `::` stands for at least one group of zeros.
  if (more.length > 0 || (tail === undefined ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...head!, ...new Array<number>(missing).fill(0), ...(tail ?? [])];
  if (groups.includes(Number.NaN)) return undefined;
  return [0, 2, 4, 6].map((i) => (groups[i]! << 16) | groups[i + 1]!);
}

function hexOf(high: string, low: string): string {
  return ((Number(high) << 8) | Number(low)).toString(16);
}

/** The 16-bit groups between colons; NaN for what is none. */
function parseGroups(text: string): number[] {
  if (text === '') return [];
  return text
    .split(':')
    .map((group) => (/^[\da-f]{1,4}$/i.test(group) ? Number.parseInt(group, 16) : Number.NaN));
}
