/** Builds `dist/` from nothing, so that no file of an earlier build is published: modules, types, and the bill of materials. */
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

rmSync(`${root}dist`, { recursive: true, force: true });
execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
// The package's archive takes the permissions as they are here.
chmodSync(`${root}dist/cli/bin.js`, 0o755);
await import('./sbom.ts');
