import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Seeded faults: mistakes that other authorizers have made, each as a patch that would bring it into today's source.
 * `scripts/faults.ts` applies one after the other and shows that the normal tests fail; `test/faults.test.ts` sees to it that
 * they can still be applied.
 *
 *     # What goes wrong, as a sentence.
 *     # Fell: who has made the mistake, or where it is known from.
 *     # Caught by: test/decide.test.ts -t "regular expression on titles"
 *     --- a/src/…
 *     +++ b/src/…
 *     @@ …
 *
 * `git apply --unidiff-zero` takes the same files. Here no line number is believed: what a hunk takes away, and what little
 * stands around it, has to be in its file once.
 */
export interface Fault {
  /** The file without its ending: `07-a-literal-hides-its-wildcard-sibling`. */
  readonly name: string;
  readonly title: string;
  readonly fell: string;
  /** Tests that are to fail; the first that does is enough. */
  readonly catchers: readonly Catcher[];
  readonly hunks: readonly Hunk[];
}

export interface Catcher {
  readonly file: string;
  /** As `-t` of the test runner takes it: a regular expression on whole titles. */
  readonly only?: string;
}

export interface Hunk {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** A patch that cannot be read, or no longer fits the source. */
export class FaultError extends Error {
  override readonly name = 'FaultError';
}

const folder = fileURLToPath(new URL('../faults/', import.meta.url));

/** Every seeded fault, by name. @throws {FaultError} if one cannot be read */
export function readFaults(): readonly Fault[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.patch'))
    .sort()
    .map((file) => parseFault(file.slice(0, -'.patch'.length), readFileSync(join(folder, file), 'utf8')));
}

/** @throws {FaultError} */
export function parseFault(name: string, text: string): Fault {
  const lines = text.split('\n');
  const comments = lines.flatMap((line) => (line.startsWith('# ') ? [line.slice(2)] : []));
  const [title, ...others] = comments;
  const saidBy = (start: string): string[] =>
    others.flatMap((line) => (line.startsWith(start) ? [line.slice(start.length)] : []));
  const [fell] = saidBy('Fell: ');
  if (title === undefined || fell === undefined)
    throw new FaultError(`${name}: the comments do not say what the mistake is and who has made it`);
  const catchers = saidBy('Caught by: ').map((line) => parseCatcher(name, line));
  const hunks = parseHunks(name, lines);
  if (catchers.length === 0 || hunks.length === 0)
    throw new FaultError(`${name}: there is no test that catches it, or nothing to change`);
  return { name, title, fell, catchers, hunks };
}

function parseCatcher(name: string, line: string): Catcher {
  const [, file, only] = /^(\S+)(?: -t "(.+)")?$/.exec(line) ?? [];
  if (file === undefined) throw new FaultError(`${name}: \`${line}\` names no test`);
  return only === undefined ? { file } : { file, only };
}

function parseHunks(name: string, lines: readonly string[]): Hunk[] {
  const hunks: { file: string; before: string[]; after: string[] }[] = [];
  let file: string | undefined;
  for (const line of lines) {
    const text = line.slice(1);
    if (line.startsWith('+++ b/')) file = line.slice('+++ b/'.length);
    else if (line.startsWith('--- ') || line.startsWith('# ')) continue;
    else if (line.startsWith('@@ ')) {
      if (file === undefined) throw new FaultError(`${name}: a change without a file`);
      hunks.push({ file, before: [], after: [] });
    } else if (hunks.length > 0) {
      if (line.startsWith('-') || line.startsWith(' ')) hunks.at(-1)!.before.push(`${text}\n`);
      if (line.startsWith('+') || line.startsWith(' ')) hunks.at(-1)!.after.push(`${text}\n`);
    }
  }
  return hunks.map(({ before, after, ...rest }) => ({
    ...rest,
    before: before.join(''),
    after: after.join(''),
  }));
}

/**
 * The changed files with their new texts.
 *
 * @param readText  the text of a file of the source
 * @throws {FaultError} if what a hunk takes away does not stand in its file, or stands there more than once
 */
export function applyFault(fault: Fault, readText: (file: string) => string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { file, before, after } of fault.hunks) {
    const text = texts.get(file) ?? readText(file);
    if (before === '') throw new FaultError(`${fault.name}: a change of ${file} without a line of it`);
    const start = `\n${text}`.indexOf(`\n${before}`);
    if (start < 0 || start !== `\n${text}`.lastIndexOf(`\n${before}`)) {
      const found = start < 0 ? 'is not there any more' : 'stands there more than once';
      throw new FaultError(
        `${fault.name} no longer applies to ${file}: what it changes ${found}. Write the patch anew:\n${before}`,
      );
    }
    texts.set(file, text.slice(0, start) + after + text.slice(start + before.length));
  }
  return texts;
}
