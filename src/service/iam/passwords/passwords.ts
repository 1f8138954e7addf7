import type { Logger } from '../../service.ts';
import { CryptVerifier } from './crypt-verifier.ts';
import { Gate } from './gate.ts';
import { hashPassword, unknownHash, verifyScrypt } from './scrypt-password.ts';
import { readStoredHash } from './stored-hash.ts';

/** With hashing that is three of the four threads that Node has for such work: files are read by them too. */
const verifying = { atOnce: 2, waiting: 64 };
/** Whoever may make users may make many at once. */
const hashing = { atOnce: 1, waiting: 1000 };
/** In UTF-8. Nobody types more, and it is hashed. */
export const maxPasswordBytes = 1024;

/** Passwords of one server: hashed and verified beside the event loop, a few at once. */
export class Passwords {
  readonly #log: Pick<Logger, 'error'>;
  readonly #verifying = new Gate(verifying);
  readonly #hashing = new Gate(hashing);
  readonly #crypt = new CryptVerifier();
  readonly #unknown = unknownHash();

  constructor(log: Pick<Logger, 'error'>) {
    this.#log = log;
  }

  /** @throws {ServiceError} 503 if too many wait already */
  hash(password: string): Promise<string> {
    return this.#hashing.run(() => hashPassword(password));
  }

  /**
   * @param stored  what is stored for the user; undefined for who has no password or does not exist, which takes as long
   * @throws {ServiceError} 503 if too many wait already
   */
  async verify(password: string, stored: string | undefined): Promise<boolean> {
    if (Buffer.byteLength(password) > maxPasswordBytes) return false;
    const known = stored === undefined ? undefined : readStoredHash(stored);
    if (stored !== undefined && known === undefined)
      this.#log.error('a stored password hash is of no kind that is verified here, or too costly');
    return this.#verifying.run(async () => {
      if (known?.kind === 'crypt') return this.#crypt.verify(password, known.text);
      const isRight = await verifyScrypt(password, known ?? this.#unknown);
      return known !== undefined && isRight;
    });
  }

  close(): Promise<void> {
    return this.#crypt.close();
  }
}
