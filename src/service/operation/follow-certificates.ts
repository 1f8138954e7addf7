import type { TlsConfig } from '../config/config.ts';
import type { Logger } from '../service.ts';
import type { Team } from '../threads/team.ts';
import { type FollowedFiles, followFiles } from './follow-files.ts';
import { readTlsOptions } from './tls.ts';

/** New certificates are used once they and their key have come to rest; ones that do not fit are reported and left alone. */
export function followCertificates(tls: TlsConfig, team: Pick<Team, 'renewTls'>, log: Logger): FollowedFiles {
  const paths = [tls.certificateFile, tls.keyFile, tls.clientAuthorityFile].flatMap((path) => path ?? []);
  return followFiles(paths, () => {
    try {
      readTlsOptions(tls);
      team.renewTls();
      log.info('certificate loaded');
    } catch (error) {
      log.error(
        { reason: (error as Error).message },
        'a certificate was refused: the one before goes on serving',
      );
    }
  });
}
