import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { parseJson } from '../../json/parse-json.ts';

export interface RemoteKeysOptions {
  /** How long a set that was fetched counts. */
  readonly maxAgeMs?: number;
  /** After a set was fetched, or could not be, nobody asks again for so long. */
  readonly cooldownMs?: number;
  readonly timeoutMs?: number;
}

/** A key set is some kilobytes: more is a mistake, or an attack on memory. */
const maxBytes = 1024 * 1024;

/** The key set cannot be had: it is not the token's fault. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

/**
 * Public keys from an address. An unknown key id asks again, at most once per cool-down, so that neither a rotation of keys
 * nor a flood of invented ids does harm. With the set too old and the address silent there is no key: the caller is refused.
 */
export function createRemoteKeys(
  url: string,
  { maxAgeMs = 600_000, cooldownMs = 30_000, timeoutMs = 5000 }: RemoteKeysOptions = {},
): JWTVerifyGetKey {
  let failedAtMs = Number.NEGATIVE_INFINITY;
  return createRemoteJWKSet(new URL(url), {
    cacheMaxAge: maxAgeMs,
    cooldownDuration: cooldownMs,
    timeoutDuration: timeoutMs,
    [customFetch]: async (address, init) => {
      // A failure is remembered for a shorter time: somebody waits for the keys.
      if (performance.now() - failedAtMs < Math.min(cooldownMs, 5000))
        throw new KeysUnavailableError('the key set could not be fetched a moment ago');
      try {
        return await fetchKeySet(address, init);
      } catch (error) {
        failedAtMs = performance.now();
        throw new KeysUnavailableError('the key set cannot be fetched', { cause: error });
      }
    },
  });
}

async function fetchKeySet(address: string, init: RequestInit): Promise<Response> {
  const response = await fetch(address, init);
  if (response.status !== 200) throw new Error(`it is answered with status ${response.status}`);
  const text = await readLimited(response);
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(`it is no valid JSON: ${parsed.message}`);
  const { keys } = (parsed.value ?? {}) as { readonly keys?: unknown };
  if (!Array.isArray(keys)) throw new Error('it is no JSON Web Key Set');
  return new Response(text);
}

async function readLimited(response: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`);
    text += decoder.decode(chunk as Uint8Array, { stream: true });
  }
  return text + decoder.decode();
}
