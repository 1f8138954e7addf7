import { createPublicKey, type KeyObject } from 'node:crypto';
import { IamError } from './iam-error.ts';

/** Below it tokens are not verified; above it each takes too long. */
const [smallestModulusBits, largestModulusBits] = [2048, 8192];
/** One block, and nothing around it. */
const pemForm = /^\s*-----BEGIN PUBLIC KEY-----\s[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*$/;

/**
 * The key of a service account: RSA, as SubjectPublicKeyInfo in PEM. `createPublicKey` takes much more than that (private
 * keys and certificates too), so the header is looked at first.
 *
 * @throws {IamError} 400
 */
export function readPublicKey(pem: string): KeyObject {
  const key = pemForm.test(pem) ? importKey(pem) : undefined;
  if (key === undefined)
    throw invalidKey('Invalid public key: expected PEM that begins with `-----BEGIN PUBLIC KEY-----`');
  if (key.asymmetricKeyType !== 'rsa') throw invalidKey('Invalid public key: must be of type RSA');
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < smallestModulusBits || bits > largestModulusBits)
    throw invalidKey(
      `Invalid public key: it has ${bits} bits, and ${smallestModulusBits} to ${largestModulusBits} are accepted`,
    );
  return key;
}

function importKey(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}

function invalidKey(description: string): IamError {
  return new IamError(400, description, { code: 'ERR_INVALID_PUBLIC_KEY' });
}
