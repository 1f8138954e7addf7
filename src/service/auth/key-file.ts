import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import { ConfigurationError } from '../../index.ts';
import { parseJson } from '../../json/parse-json.ts';
import type { TokenAlgorithm, TokenConfig } from '../config/config.ts';
import { quote, readConfiguredFile } from '../config/configured-file.ts';

const smallestModulusBits = 2048;
/** RFC 7518, section 3.2: a key of HS256 is no shorter than its hash. */
const smallestSecretBytes = 32;

/** Keys from a file, with the algorithms that they are for. */
export interface FileKeys {
  readonly keys: KeyObject | Uint8Array | JWTVerifyGetKey;
  readonly algorithms: readonly TokenAlgorithm[];
}

/** A key file as it was read, so that every thread sees the same one; a thread can hand it to another. */
export interface KeyMaterial {
  readonly kind: 'public' | 'secret';
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * The file that the configuration names; undefined if keys come from an address.
 *
 * @throws {FileError}
 */
export function readKeyMaterial({ keyFile, secretFile }: TokenConfig): KeyMaterial | undefined {
  // Copied: a small file is read into memory that holds others too.
  if (keyFile !== undefined)
    return { kind: 'public', path: keyFile, bytes: new Uint8Array(readConfiguredFile(keyFile, 'key')) };
  if (secretFile !== undefined)
    return {
      kind: 'secret',
      path: secretFile,
      bytes: new Uint8Array(readConfiguredFile(secretFile, 'secret')),
    };
  return undefined;
}

/** @throws {ConfigurationError} if it is not what it should be */
export function keysOf({ kind, path, bytes }: KeyMaterial): FileKeys {
  if (kind === 'secret') return readSecret(path, bytes);
  const text = Buffer.from(bytes).toString('latin1');
  return text.trimStart().startsWith('{') ? readJwks(path, text) : readPem(path, text);
}

function readSecret(path: string, bytes: Uint8Array): FileKeys {
  // What an editor or `echo` puts behind it is no part of a secret.
  const secret = bytes.at(-1) === 10 ? bytes.subarray(0, -1) : bytes;
  if (secret.length < smallestSecretBytes)
    throw new ConfigurationError(`secret ${quote(path)} is shorter than ${smallestSecretBytes} bytes`);
  return { keys: new Uint8Array(secret), algorithms: ['HS256'] };
}

/** Public keys: one as PEM (a certificate too), or JSON with a JWK or a set of them. */
function readPem(path: string, text: string): FileKeys {
  if (text.includes('PRIVATE KEY')) throw holdsPrivateKey(path);
  const key = importPublicKey(path, text);
  return { keys: key, algorithms: [algorithmOf(path, key)] };
}

function readJwks(path: string, text: string): FileKeys {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new ConfigurationError(`key ${quote(path)} is no valid JSON: ${parsed.message}`);
  const { keys = [parsed.value] } = parsed.value as { readonly keys?: unknown };
  if (!Array.isArray(keys) || keys.length === 0)
    throw new ConfigurationError(
      `key ${quote(path)} holds no key: \`keys\` has to be a list with at least one`,
    );
  const algorithms = keys.map((jwk: unknown) => {
    if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk))
      throw new ConfigurationError(`key ${quote(path)} holds something that is no JWK`);
    if (Object.hasOwn(jwk, 'd') || Object.hasOwn(jwk, 'k')) throw holdsPrivateKey(path);
    return algorithmOf(path, importPublicKey(path, { key: jwk as JsonWebKey, format: 'jwk' }));
  });
  return { keys: createLocalJWKSet({ keys }), algorithms: [...new Set(algorithms)] };
}

function holdsPrivateKey(path: string): ConfigurationError {
  return new ConfigurationError(
    `key ${quote(path)} holds a private or secret key: tokens are verified with the public one`,
  );
}

function importPublicKey(path: string, key: Parameters<typeof createPublicKey>[0]): KeyObject {
  try {
    return createPublicKey(key);
  } catch {
    throw new ConfigurationError(`key ${quote(path)} is neither a public key in PEM nor a JWK`);
  }
}

function algorithmOf(path: string, key: KeyObject): TokenAlgorithm {
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  if (asymmetricKeyType !== 'rsa')
    throw new ConfigurationError(`key ${quote(path)} is for neither RS256 nor EdDSA: ${asymmetricKeyType}`);
  if ((asymmetricKeyDetails?.modulusLength ?? 0) < smallestModulusBits)
    throw new ConfigurationError(`key ${quote(path)} is an RSA key of less than ${smallestModulusBits} bits`);
  return 'RS256';
}
