import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { printScryptHash, type ScryptCost, type ScryptHash } from './stored-hash.ts';

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** 32 MiB and three passes: a third of a second on an ordinary machine. */
export const scryptCost: ScryptCost = { ln: 15, r: 8, p: 3 };
const saltBytes = 16;
const hashBytes = 32;

/** A new hash of a password, as text that can be stored. Runs beside the event loop. */
export async function hashPassword(password: string, cost: ScryptCost = scryptCost): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(normalize(password), salt, hashBytes, optionsOf(cost));
  return printScryptHash({ ...cost, salt, hash });
}

/** Whether it is the password of the hash, found in the same time for every wrong one. */
export async function verifyScrypt(password: string, stored: ScryptHash): Promise<boolean> {
  const { salt, hash } = stored;
  const derived = await derive(normalize(password), salt, hash.length, optionsOf(stored));
  return timingSafeEqual(derived, hash);
}

/** A hash that no password is known for, and that costs as much as any: for users who do not exist. */
export function unknownHash(): ScryptHash {
  return { kind: 'scrypt', ...scryptCost, salt: randomBytes(saltBytes), hash: randomBytes(hashBytes) };
}

/** One letter may be written in two ways, and keyboards choose. */
function normalize(password: string): string {
  return password.normalize('NFC');
}

function optionsOf({ ln, r, p }: ScryptCost): ScryptOptions {
  const N = 2 ** ln;
  return { N, r, p, maxmem: 128 * r * (N + p) + 1024 * 1024 };
}
