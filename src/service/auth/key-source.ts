import { ConfigurationError } from '../../index.ts';
import type { TokenAlgorithm, TokenConfig } from '../config/config.ts';
import { type FileKeys, type KeyMaterial, keysOf, readKeyMaterial } from './key-file.ts';
import { createRemoteKeys } from './remote-keys.ts';

/** The keys that tokens are verified with now, and the algorithms that are accepted with them; replaced as a whole. */
export class KeySource {
  readonly #token: TokenConfig;
  #current: FileKeys;

  /**
   * @param material  what another thread has read; without it the file is read here
   * @throws {FileError | ConfigurationError} if a key file cannot be used
   */
  constructor(token: TokenConfig, material: KeyMaterial | undefined = readKeyMaterial(token)) {
    this.#token = token;
    this.#current =
      material === undefined
        ? { keys: createRemoteKeys(token.jwksUrl!), algorithms: token.algorithms ?? ['RS256', 'EdDSA'] }
        : acceptedBy(token, material);
  }

  get current(): FileKeys {
    return this.#current;
  }

  /** @throws {ConfigurationError} and goes on with the keys before */
  use(material: KeyMaterial): void {
    this.#current = acceptedBy(this.#token, material);
  }
}

/** The keys of a file, with those of its algorithms that the configuration wants. */
function acceptedBy({ algorithms }: TokenConfig, material: KeyMaterial): FileKeys {
  const found = keysOf(material);
  const wanted = algorithms ?? found.algorithms;
  const other = wanted.find((name) => !found.algorithms.includes(name));
  if (other !== undefined) throw keyIsNotFor(other, found.algorithms);
  return { keys: found.keys, algorithms: wanted };
}

function keyIsNotFor(other: TokenAlgorithm, algorithms: readonly TokenAlgorithm[]): ConfigurationError {
  return new ConfigurationError(
    `\`token.algorithms\` names ${other}, and the key is for ${algorithms.join(', ')}`,
  );
}
