/**
 * How long does it take to load an image? Reading the file, then verifying every index of it, in a process that has just
 * started and in one that has loaded before; sizes in turn.
 *
 *     node bench/load.ts [--sizes 100000,1000000] [--rounds 7]
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Authorizer } from '../src/index.ts';
import { compileCluster, createCluster } from './support/cluster.ts';
import type { Loads } from './support/load-once.ts';
import { readNumbers } from './support/options.ts';
import { median } from './support/rounds.ts';
import { createScratchFolder } from './support/scratch-folder.ts';

const options = readNumbers({ sizes: '100000,1000000', rounds: '7' });
const program = fileURLToPath(new URL('./support/load-once.ts', import.meta.url));
const folder = createScratchFolder();

const images = options.sizes.map((size) => {
  const image = compileCluster(createCluster(size, 1));
  const file = join(folder, `${size}.pimg`);
  writeFileSync(file, image);
  const { revision } = Authorizer.fromImage(image);
  return { size, file, revision, mebibytes: image.byteLength / 2 ** 20, loads: [] as Loads[] };
});
for (let round = 0; round < options.rounds[0]!; round++)
  for (const { file, revision, loads } of images) loads.push(loadInProcess(file, revision));

for (const { size, mebibytes, loads } of images) {
  const read = median(loads.map(({ readMs }) => readMs));
  const first = median(loads.map(({ loadMs }) => loadMs[0]!));
  const later = median(loads.map(({ loadMs }) => median(loadMs.slice(1))));
  console.log(
    `${size} rules, ${mebibytes.toFixed(1)} MiB: read in ${read.toFixed(1)} ms, loaded in ${first.toFixed(1)} ms, ` +
      `${later.toFixed(1)} ms when the code is warm`,
  );
}

function loadInProcess(file: string, revision: string): Loads {
  const run = spawnSync(process.execPath, [program, file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (run.status !== 0) throw new Error(`loading ${file} failed`);
  const loads = JSON.parse(run.stdout) as Loads;
  if (loads.revision !== revision) throw new Error(`${file} was loaded as another image`);
  return loads;
}
