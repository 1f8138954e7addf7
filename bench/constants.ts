/**
 * Do constants of a module's own pay? The hot modules take what they import, values and functions, into constants of their own,
 * which the platform folds into the code. Here the engine is measured beside a copy of itself without those.
 *
 *     node bench/constants.ts [--sizes 1000,100000] [--requests 50000] [--rounds 15]
 */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as own from '../src/runtime.ts';
import { checkAnswers, compileCluster, createCluster, singleCalls } from './support/cluster.ts';
import { readNumbers } from './support/options.ts';
import { describeSpread, measureInTurns } from './support/rounds.ts';
import { createScratchFolder } from './support/scratch-folder.ts';

const options = readNumbers({ sizes: '1000,100000', requests: '50000', rounds: '15' });
const folder = createScratchFolder();
cpSync(fileURLToPath(new URL('../src/', import.meta.url)), folder, { recursive: true });
const count = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .reduce((sum, name) => sum + importConstants(join(folder, name)), 0);
if (count === 0) throw new Error('no module has constants of its own');
const imported = (await import(join(folder, 'runtime.ts'))) as typeof own;

for (const size of options.sizes) {
  const cluster = createCluster(size, options.requests[0]!);
  const image = compileCluster(cluster);
  const { subjects, actions, resources } = cluster.requests;
  const entrants = Object.entries({ own, imported }).map(([name, { Authorizer }]) => {
    const authorizer = new Authorizer(image);
    checkAnswers(name, cluster, (at) => authorizer.isAllowed(subjects[at]!, actions[at]!, resources[at]!));
    return singleCalls(name, authorizer, cluster);
  });
  const timings = measureInTurns(entrants, options.rounds[0]!);
  for (const timing of timings) {
    const ratio = (timing.median / timings[0]!.median).toFixed(2);
    console.log(
      `${size} rules, ${count} constants ${timing.name}: ${describeSpread(timing)} ns a decision, ${ratio} times that with own ones`,
    );
  }
}

/** `const NAME = layout.NAME` becomes an import of NAME; gives how many there were. */
function importConstants(file: string): number {
  let found = 0;
  const text = readFileSync(file, 'utf8').replace(
    /^import \* as (\w+) from '([^']+)';$/gm,
    (line, space: string, path: string) => {
      const names = namesOf(file, space);
      found += names.length;
      return names.length === 0 ? line : `${line}\nimport { ${names.join(', ')} } from '${path}';`;
    },
  );
  if (found > 0) writeFileSync(file, text.replace(/^const (\w+) = \w+\.\1;\n/gm, ''));
  return found;
}

function namesOf(file: string, space: string): string[] {
  const lines = readFileSync(file, 'utf8').matchAll(/^const (\w+) = (\w+)\.\1;$/gm);
  return [...lines].filter(([, , from]) => from === space).map(([, name]) => name!);
}
