import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Failure } from './execute.ts';
import { repository } from './texts.ts';

/** Keeps an input that fails in `.fuzz/<target>/`, with what it does beside it; returns the path of the input. */
export function storeFinding(target: string, failure: Failure, input: Uint8Array): string {
  const folder = join(repository, '.fuzz', target);
  mkdirSync(folder, { recursive: true });
  const name = createHash('sha256').update(input).digest('hex').slice(0, 12);
  const path = join(folder, name);
  writeFileSync(path, input);
  writeFileSync(`${path}.txt`, `${failure.text}\n`);
  return relative(process.cwd(), path);
}
