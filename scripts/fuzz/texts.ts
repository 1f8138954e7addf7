import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../', import.meta.url));
export const fixtureFolder = join(repository, 'test', 'fixtures', 'fuzz');

/** Longer files are no seeds: whatever is made of them takes its time. */
const MAX_SEED = 16 * 1024;
const MAX_SEEDS = 100;

/**
 * The text that an input stands for. It is UTF-8, in which half a surrogate pair may stand too, as three bytes: strings in a
 * program can hold one. What is neither becomes U+FFFD.
 */
export function textOf(input: Uint8Array): string {
  const units = Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString('latin1');
  return units
    .split(/(\xed[\xa0-\xbf][\x80-\xbf])/)
    .map((part, i) => {
      if (i % 2 === 0) return Buffer.from(part, 'latin1').toString('utf8');
      return String.fromCharCode(0xd000 | ((part.charCodeAt(1) & 0x3f) << 6) | (part.charCodeAt(2) & 0x3f));
    })
    .join('');
}

/** The input that stands for a text. */
export function inputOf(text: string): Buffer {
  const parts = text.split(/((?<![\ud800-\udbff])[\udc00-\udfff]|[\ud800-\udbff](?![\udc00-\udfff]))/);
  return Buffer.concat(
    parts.map((part, i) => {
      if (i % 2 === 0) return Buffer.from(part);
      const unit = part.charCodeAt(0);
      return Buffer.from([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)]);
    }),
  );
}

/** Files of the repository, below these folders, that end so: evenly out of all of them, since many say much the same. */
export function filesIn(folders: readonly string[], pattern: RegExp, most = MAX_SEEDS): Buffer[] {
  const paths = folders
    .flatMap((folder) =>
      readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(repository, folder, name),
      ),
    )
    .filter((path) => pattern.test(path) && statSync(path).isFile() && statSync(path).size <= MAX_SEED)
    .sort();
  const step = Math.max(1, paths.length / most);
  const chosen = paths.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
  return chosen.map((path) => readFileSync(path));
}

/** Inputs that once broke the promise of a target. */
export function fixturesOf(target: string): { readonly name: string; readonly input: Buffer }[] {
  const folder = join(fixtureFolder, target);
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, input: readFileSync(join(folder, name)) }));
}

/** Findings and fixtures lie in a folder that is called as their target is. */
export function targetOfPath(path: string): string {
  return dirname(path).split(/[\\/]/).at(-1)!;
}
