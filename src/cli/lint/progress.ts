import type { LintProgress } from '../../lint.ts';
import type { Terminal } from '../terminal.ts';

/** Nobody needs to be told where a run is that is over before they could read it. */
const quietMs = 300;
const intervalMs = 100;

/** One line of a terminal that says how far a long run is. */
export function createLintProgress(terminal: Terminal) {
  let nextMs = performance.now() + quietMs;
  let isShown = false;
  return {
    onProgress: (progress: LintProgress): void => {
      const nowMs = performance.now();
      // Each rule may take long, and says so before it begins.
      if (nowMs < nextMs && !(isShown && progress.stage === 'lint')) return;
      nextMs = nowMs + intervalMs;
      isShown = true;
      terminal.progress(
        progress.stage === 'parse'
          ? `parsing: ${progress.files.toLocaleString('en')} files`
          : `linting: ${progress.rule}`,
      );
    },
    /** Takes the line away, if there ever was one. */
    clear: (): void => {
      if (isShown) terminal.progress('');
    },
  };
}
