import { dirname, resolve } from 'node:path';
import type { TlsConfig } from '../config/config.ts';
import { ChangeHints } from '../policy-set/change-hints.ts';
import { lookAtFile } from '../policy-set/observed-files.ts';
import type { Logger } from '../service.ts';
import type { Team } from '../threads/team.ts';
import { readTlsOptions } from './tls.ts';

const certificatePollMs = 5000;
/** Certificate and key are two files: the second is written soon after the first. */
const certificateSettleMs = 500;

/** New certificates are used once they and their key have come to rest; ones that do not fit are reported and left alone. */
export function followCertificates(
  tls: TlsConfig,
  team: Team,
  log: Logger,
): { readonly close: () => void; readonly renew: () => void } {
  const paths = [tls.certificateFile, tls.keyFile, tls.clientAuthorityFile].flatMap((path) => path ?? []);
  const look = (): string => paths.map(lookAtFile).join('\n');
  let used = look();
  let timer: NodeJS.Timeout | undefined;
  const renew = (): void => {
    used = look();
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
  };
  const hints = new ChangeHints({
    pollMs: certificatePollMs,
    onBlind: () => {},
    onHint() {
      if (look() === used) return;
      clearTimeout(timer);
      timer = setTimeout(renew, certificateSettleMs).unref();
    },
  });
  hints.watch(paths.map((path) => dirname(resolve(path))));
  return {
    renew,
    close() {
      clearTimeout(timer);
      hints.close();
    },
  };
}
