/** A hash as it is stored, read. */
export type StoredHash = ScryptHash | CryptHash;

export interface ScryptHash extends ScryptCost {
  readonly kind: 'scrypt';
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** RFC 7914: memory is 128 · 2^ln · r bytes, work grows with 2^ln · r · p. */
export interface ScryptCost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** SHA-512-crypt, as DC/OS stores it: the whole text is what it is verified with. */
export interface CryptHash {
  readonly kind: 'crypt';
  readonly text: string;
}

/** 256 MiB: more than any cost that is sensible for a login, and less than what hurts the service. */
const maxMemoryBytes = 2 ** 28;
/** Some seconds on any machine. */
const maxWork = 2 ** 23;
/** The tools of DC/OS make 656,000. */
const maxRounds = 1_000_000;
const smallestHashBytes = 16;

const scryptForm =
  /^\$scrypt\$ln=([1-9]\d?),r=([1-9]\d?),p=([1-9]\d?)\$([A-Za-z0-9+/]{11,128})\$([A-Za-z0-9+/]{22,128})$/;
const cryptForm = /^\$6\$(?:rounds=([1-9]\d{3,8})\$)?[./0-9A-Za-z]{0,16}\$[./0-9A-Za-z]{86}$/;

/**
 * What a stored text says, or undefined if it is no hash that is verified here: of another kind, or so costly that each
 * attempt to log in would be an attack. Stored hashes come from backups and other systems too, so they are not trusted.
 */
export function readStoredHash(text: string): StoredHash | undefined {
  const crypt = cryptForm.exec(text);
  if (crypt !== null) return Number(crypt[1] ?? 5000) <= maxRounds ? { kind: 'crypt', text } : undefined;
  const scrypt = scryptForm.exec(text);
  if (scrypt === null) return undefined;
  const [ln, r, p] = scrypt.slice(1, 4).map(Number) as [number, number, number];
  const hash = Buffer.from(scrypt[5]!, 'base64');
  const isTooCostly = 128 * 2 ** ln * r > maxMemoryBytes || 2 ** ln * r * p > maxWork;
  if (isTooCostly || hash.length < smallestHashBytes) return undefined;
  return { kind: 'scrypt', ln, r, p, salt: Buffer.from(scrypt[4]!, 'base64'), hash };
}

/** As PHC text. */
export function printScryptHash({ ln, r, p, salt, hash }: Omit<ScryptHash, 'kind'>): string {
  const encode = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
  return `$scrypt$ln=${ln},r=${r},p=${p}$${encode(salt)}$${encode(hash)}`;
}
