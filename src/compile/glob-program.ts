import { GLOB_END, GLOB_RUN, GLOB_TEXT, GLOB_UNIT } from '../image/glob.ts';
import type { Glob } from '../model/model.ts';
import type { TextPool } from './text-pool.ts';
import type { Words } from './words.ts';

/** Writes the program that `matchesGlob` runs, and returns where it begins; equal globs are written once. */
export function writeGlob(glob: Glob, programs: Words, pool: TextPool): number {
  const at = programs.length;
  for (const part of glob) {
    if (part.kind === 'text') programs.push(GLOB_TEXT, pool.intern(part.text), part.text.length);
    else programs.push(part.kind === 'run' ? GLOB_RUN : GLOB_UNIT);
  }
  programs.push(GLOB_END);
  return programs.endProgram(at);
}
