/** Ops of a glob program, which ends with END: a text is TEXT │ offset in the pool │ length. */
export const GLOB_END = 0;
export const GLOB_TEXT = 1;
export const GLOB_RUN = 2;
export const GLOB_UNIT = 3;

/**
 * Whether `text.slice(start, end)` is matched by the program at `at` (S23). Only the last `*` is ever tried again, so
 * the cost is at most (length of the text) × (length of the program).
 */
export function matchesGlob(
  programs: Int32Array,
  pool: Uint16Array,
  at: number,
  text: string,
  start: number,
  end: number,
): boolean {
  let program = at;
  let position = start;
  let retryProgram = -1;
  let retryPosition = 0;
  for (;;) {
    const op = programs[program++]!;
    if (op === GLOB_RUN) {
      retryProgram = program;
      retryPosition = position;
      continue;
    }
    if (op === GLOB_UNIT && position < end) {
      position++;
      continue;
    }
    if (op === GLOB_TEXT) {
      const from = programs[program++]!;
      const length = programs[program++]!;
      // Nothing goes back but what is tried again, whatever the program.
      if (length >= 0 && length <= end - position && isTextAt(pool, from, length, text, position)) {
        position += length;
        continue;
      }
    } else if (op === GLOB_END && position === end) return true;
    if (retryProgram < 0 || retryPosition >= end) return false;
    program = retryProgram;
    position = ++retryPosition;
  }
}

/** Whether the `length` units at `from` of the pool stand in `text` at `position`. */
export function isTextAt(
  pool: Uint16Array,
  from: number,
  length: number,
  text: string,
  position: number,
): boolean {
  for (let i = 0; i < length; i++) {
    if (pool[from + i] !== text.charCodeAt(position + i)) return false;
  }
  return true;
}
