import type { Terminal } from '../terminal.ts';

/** Nobody needs to be told where a run is that is over before they could read it. */
const quietMs = 300;
const intervalMs = 100;

/** One line of a terminal that says how far a long run is. */
export interface ReplayProgressLine {
  readonly addBytes: (sizeBytes: number) => void;
  readonly show: (lines: number) => void;
  /** Takes the line away, if there is one. */
  readonly clear: () => void;
}

/** @param totalBytes  what there is to read, if that is known */
export function createReplayProgress(terminal: Terminal, totalBytes: number | undefined): ReplayProgressLine {
  let nextMs = performance.now() + quietMs;
  let readBytes = 0;
  let isShown = false;
  return {
    addBytes: (sizeBytes) => {
      readBytes += sizeBytes;
    },
    show: (lines) => {
      const nowMs = performance.now();
      if (nowMs < nextMs) return;
      nextMs = nowMs + intervalMs;
      isShown = true;
      const share = totalBytes ? `, ${Math.min(100, Math.floor((readBytes / totalBytes) * 100))} %` : '';
      terminal.progress(`replaying: ${lines.toLocaleString('en')} lines${share}`);
    },
    clear: () => {
      if (isShown) terminal.progress('');
      isShown = false;
    },
  };
}
