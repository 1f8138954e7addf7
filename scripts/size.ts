/**
 * Bundles `postern/runtime` as a browser would get it and fails if it is larger than promised or brings anything along
 * but its own modules.
 */
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'rolldown';

const LIMIT_BYTES = 10 * 1024;
const root = fileURLToPath(new URL('../', import.meta.url));
const file = join(tmpdir(), `postern-runtime-${process.pid}.js`);

const { output } = await build({
  input: join(root, 'src/runtime.ts'),
  platform: 'browser',
  logLevel: 'silent',
  output: { file, format: 'esm', minify: true },
});
const [chunk] = output;
const zippedBytes = gzipSync(readFileSync(file), { level: 9 }).byteLength;
rmSync(file);

const foreign = chunk.moduleIds.filter(
  (id) => !/\/src\/(runtime\.ts|(id|image|evaluate|decision|values)\/)/.test(id),
);
const imports = [...chunk.imports, ...chunk.dynamicImports];
console.log(
  `postern/runtime: ${zippedBytes} bytes minified and gzipped, of ${LIMIT_BYTES}; ${chunk.moduleIds.length} modules`,
);
for (const id of [...foreign, ...imports]) console.error(`postern/runtime brings along ${id}`);
if (zippedBytes > LIMIT_BYTES) console.error('postern/runtime is larger than promised');
process.exitCode = zippedBytes > LIMIT_BYTES || foreign.length + imports.length > 0 ? 1 : 0;
