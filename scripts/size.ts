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

/** What is promised, and what it may not grow beyond while it is more than that. */
const PROMISED_BYTES = 10 * 1024;
const LIMIT_BYTES = 12 * 1024;
const root = fileURLToPath(new URL('../', import.meta.url));
const file = join(tmpdir(), `postern-runtime-${process.pid}.js`);

const { output } = await build({
  input: join(root, 'src/runtime.ts'),
  platform: 'browser',
  logLevel: 'silent',
  // Comments for bundlers are of no use in a bundle; other minifiers drop them too.
  output: { file, format: 'esm', minify: true, comments: { annotation: false } },
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
if (zippedBytes > PROMISED_BYTES)
  console.log(
    `postern/runtime: ${zippedBytes - PROMISED_BYTES} bytes more than the ${PROMISED_BYTES} that are promised`,
  );
for (const id of [...foreign, ...imports]) console.error(`postern/runtime brings along ${id}`);
if (zippedBytes > LIMIT_BYTES) console.error('postern/runtime has grown beyond its limit');
process.exitCode = zippedBytes > LIMIT_BYTES || foreign.length + imports.length > 0 ? 1 : 0;
