import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { ConfigurationError } from '../../index.ts';
import { quote, readConfiguredFile } from '../config/configured-file.ts';

const smallestModulusBits = 2048;

/** A public key as the list of keys names it. */
export interface PublishedKey {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
  readonly alg: 'RS256';
  readonly use: 'sig';
  readonly kid: string;
}

/** A token that was made, and when it ends to count. */
export interface IssuedToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

/** Authentication tokens: made with the key of the IAM, and verified with it. */
export class Tokens {
  readonly published: PublishedKey;
  readonly publicKey: KeyObject;
  readonly #privateKey: KeyObject;
  readonly #lifetimeS: number;

  constructor(privateKey: KeyObject, lifetimeS: number) {
    this.#privateKey = privateKey;
    this.#lifetimeS = lifetimeS;
    this.publicKey = createPublicKey(privateKey);
    const { n, e } = this.publicKey.export({ format: 'jwk' }) as { readonly n: string; readonly e: string };
    this.published = { kty: 'RSA', n, e, alg: 'RS256', use: 'sig', kid: thumbprint(n, e) };
  }

  async issue(uid: string): Promise<IssuedToken> {
    const exp = Math.floor(Date.now() / 1000) + this.#lifetimeS;
    const token = await new SignJWT({ uid, exp })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: this.published.kid })
      .sign(this.#privateKey);
    return { token, expiresAtMs: exp * 1000 };
  }

  /**
   * Whose token it is. One without `exp` counts, as it does for the verifiers of DC/OS.
   *
   * @throws {JOSEError} of jose
   */
  verify(token: string): Promise<string> {
    return verifyUid(token, this.publicKey);
  }
}

/**
 * The uid of a token that is signed with RS256 by the other half of this key; any other algorithm is refused, so that no
 * public key passes for a secret.
 *
 * @throws {JOSEError} of jose; {TypeError} if the key is too short
 */
export async function verifyUid(token: string, publicKey: KeyObject): Promise<string> {
  const { payload } = await jwtVerify(token, publicKey, { algorithms: ['RS256'], requiredClaims: ['uid'] });
  return uidOf(payload);
}

function uidOf({ uid }: JWTPayload): string {
  return typeof uid === 'string' ? uid : '';
}

/** RFC 7638. */
function thumbprint(n: string, e: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ e, kty: 'RSA', n }))
    .digest('base64url');
}

/** @throws {FileError | ConfigurationError} if it is no private RSA key of 2048 bits or more */
export function readSigningKey(path: string): KeyObject {
  const key = importPrivateKey(path, readConfiguredFile(path, 'key'));
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  if (asymmetricKeyType !== 'rsa')
    throw new ConfigurationError(`key ${quote(path)} is not for RS256: ${asymmetricKeyType}`);
  if ((asymmetricKeyDetails?.modulusLength ?? 0) < smallestModulusBits)
    throw new ConfigurationError(`key ${quote(path)} is an RSA key of less than ${smallestModulusBits} bits`);
  return key;
}

function importPrivateKey(path: string, pem: Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new ConfigurationError(
      `key ${quote(path)} is no private key in PEM without a passphrase: make one with \`openssl genrsa -out ${quote(path).slice(1, -1)} 2048\``,
    );
  }
}
