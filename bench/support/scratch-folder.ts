import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for images and programs of one run, which goes when the run ends, however it ends. */
export function createScratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
