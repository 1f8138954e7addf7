import { readKeyMaterial } from '../auth/key-file.ts';
import { KeySource } from '../auth/key-source.ts';
import type { TokenConfig } from '../config/config.ts';
import type { OperationMetrics } from '../metrics/metrics.ts';
import type { Logger } from '../service.ts';
import type { Team } from '../threads/team.ts';
import { type FollowedFiles, followFiles } from './follow-files.ts';

export interface FollowKeysOptions {
  /** With a key file or a secret file; keys from an address are followed where they are fetched. */
  readonly token: TokenConfig;
  readonly team: Pick<Team, 'useKeys'>;
  readonly metrics: Pick<OperationMetrics, 'countKeys'>;
  readonly log: Logger;
}

/**
 * New keys of tokens are used once their file has come to rest. A file that is gone, or holds no key that fits, is reported,
 * and the keys before it go on: a key is taken back by another file, not by none.
 */
export function followKeys({ token, team, metrics, log }: FollowKeysOptions): FollowedFiles {
  const paths = [token.keyFile, token.secretFile].flatMap((path) => path ?? []);
  return followFiles(paths, () => {
    try {
      const material = readKeyMaterial(token)!;
      new KeySource(token, material);
      team.useKeys(material);
      metrics.countKeys('loaded');
      log.info('keys of tokens loaded');
    } catch (error) {
      metrics.countKeys('refused');
      log.error(
        { reason: (error as Error).message },
        'keys of tokens were refused: those before go on verifying',
      );
    }
  });
}
