import { GLOB_END, GLOB_RUN, GLOB_TEXT, GLOB_UNIT } from '../image/glob.ts';
import { type Image, textAt } from '../image/image.ts';
import { checkSection } from '../image/image-error.ts';
import type { Glob, GlobPart } from '../model/model.ts';

/**
 * The glob that `matchesGlob` runs.
 *
 * @param at  where in `programs` it begins
 * @throws {ImageError} if no such program stands there
 */
export function readGlob(image: Image, at: number): Glob {
  const { programs } = image;
  const glob: GlobPart[] = [];
  for (let i = at; programs[i] !== GLOB_END; ) {
    const op = programs[i];
    checkSection('programs', op === GLOB_TEXT || op === GLOB_RUN || op === GLOB_UNIT);
    if (op === GLOB_TEXT) {
      glob.push({ kind: 'text', text: textAt(image, programs[i + 1]!, programs[i + 2]!) });
      i += 3;
    } else {
      glob.push({ kind: op === GLOB_RUN ? 'run' : 'unit' });
      i++;
    }
  }
  return glob;
}
