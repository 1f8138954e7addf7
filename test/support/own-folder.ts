import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach } from 'vitest';

/** Has each test of a file run in a new, empty folder of its own; all are gone afterwards. */
export function useOwnFolders(name: string): void {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), `postern-${name}-`));
  let count = 0;
  beforeEach(() => {
    const own = join(folder, String(count++));
    mkdirSync(own);
    process.chdir(own);
  });
  afterAll(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  });
}
