import { dirname, resolve } from 'node:path';
import { ChangeHints } from '../policy-set/change-hints.ts';
import { lookAtFile } from '../policy-set/observed-files.ts';

/** Files that are read again when they have changed. */
export interface FollowedFiles {
  /** Reads them now, whether they have changed or not. */
  readonly renew: () => void;
  readonly close: () => void;
}

const pollMs = 5000;
/** What belongs together may be several files: the second is written soon after the first. */
const settleMs = 500;

/** @param onChange  called when the files have changed and come to rest, once for each change; never throws */
export function followFiles(paths: readonly string[], onChange: () => void): FollowedFiles {
  const look = (): string => paths.map(lookAtFile).join('\n');
  let used = look();
  let timer: NodeJS.Timeout | undefined;
  const renew = (): void => {
    used = look();
    onChange();
  };
  const hints = new ChangeHints({
    pollMs,
    onBlind: () => {},
    onHint() {
      if (look() === used) return;
      clearTimeout(timer);
      timer = setTimeout(renew, settleMs).unref();
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
