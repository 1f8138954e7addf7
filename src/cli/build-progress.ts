import type { BuildProgress } from '../index.ts';
import type { Terminal } from './terminal.ts';

/** Nobody needs to be told where a build is that is over before they could read it. */
const QUIET_MS = 300;
const INTERVAL_MS = 100;
/** From here on compiling alone takes longer than that. */
const MANY_RULES = 100_000;

/** One line of a terminal that says how far a long build is. */
export interface BuildProgressLine {
  readonly onProgress: (progress: BuildProgress) => void;
  /** Takes the line away, if there ever was one. */
  readonly clear: () => void;
}

export function createBuildProgress(terminal: Terminal): BuildProgressLine {
  let nextMs = performance.now() + QUIET_MS;
  let isShown = false;
  return {
    onProgress: (progress) => {
      const nowMs = performance.now();
      const isLong = progress.stage === 'compile' && progress.rules >= MANY_RULES;
      if (nowMs < nextMs && !isLong) return;
      nextMs = nowMs + INTERVAL_MS;
      isShown = true;
      terminal.progress(renderProgress(progress));
    },
    clear: () => {
      if (isShown) terminal.progress('');
    },
  };
}

function renderProgress(progress: BuildProgress): string {
  switch (progress.stage) {
    case 'parse':
      return `parsing: ${progress.files.toLocaleString('en')} files`;
    case 'resolve':
      return `resolving: ${progress.rules.toLocaleString('en')} rules`;
    case 'compile':
      return `compiling: ${progress.rules.toLocaleString('en')} rules`;
  }
}
