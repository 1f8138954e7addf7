/**
 * How long from the start of a process to its first decision? A program that reads an image, decides once and ends, beside one
 * that does nothing, in turn: by `postern/runtime`, which has no parser, and by the whole library.
 *
 *     node bench/cold-start.ts [--rules 100000] [--rounds 15]
 *
 * What is counted is from the moment the process is asked for until it has ended, minus the same of the empty program. The
 * built library is measured if `dist/` has one, else the source.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCluster } from './support/cluster.ts';
import { findLibrary } from './support/library.ts';
import { readNumbers } from './support/options.ts';
import { median } from './support/rounds.ts';
import { createScratchFolder } from './support/scratch-folder.ts';

const options = readNumbers({ rules: '100000', rounds: '15' });
/** Exit codes that nothing else has. */
const ALLOWED = 42;
const DENIED = 43;
const REQUESTS = 100;

const library = findLibrary();
const cluster = createCluster(options.rules[0]!, REQUESTS);
const folder = createScratchFolder();
const imagePath = join(folder, 'policy.pimg');
// By the same library, since an image is of one layout.
const { build } = (await import(library.index)) as typeof import('../src/index.ts');
const result = build(cluster.sources);
if (!result.ok) throw new Error(`the workload does not build: ${result.diagnostics[0]?.message}`);
writeFileSync(imagePath, result.image);

interface Program {
  readonly name: string;
  readonly file: string;
  readonly decides: boolean;
  readonly times: number[];
}

const programs = [
  write('an empty program', ''),
  write('postern/runtime', programOf(library.runtime, 'new Authorizer(image)')),
  write('postern', programOf(library.index, 'Authorizer.fromImage(image)')),
];
for (let round = 0; round < options.rounds[0]!; round++) for (const program of programs) run(program, round);

const [empty, ...others] = programs.map(({ name, times }) => ({ name, ms: median(times) }));
console.log(
  `${options.rules[0]} rules, an image of ${(result.image.byteLength / 2 ** 20).toFixed(1)} MiB; ${library.title}`,
);
console.log(`${empty!.name}: ${empty!.ms.toFixed(1)} ms`);
for (const { name, ms } of others)
  console.log(`${name}: ${ms.toFixed(1)} ms, ${(ms - empty!.ms).toFixed(1)} ms over the empty program`);

function write(name: string, text: string): Program {
  const file = join(folder, `${name.replace(/\W/g, '-')}.mjs`);
  writeFileSync(file, text);
  return { name, file, decides: text !== '', times: [] };
}

function programOf(address: string, load: string): string {
  return `import { readFileSync } from 'node:fs';
import { Authorizer } from ${JSON.stringify(address)};
const image = readFileSync(process.argv[2]);
const authorizer = ${load};
process.exitCode = authorizer.isAllowed(...process.argv.slice(3)) ? ${ALLOWED} : ${DENIED};
`;
}

function run({ name, file, decides, times }: Program, round: number): void {
  const at = round % REQUESTS;
  const { subjects, actions, resources } = cluster.requests;
  const words = [file, imagePath, subjects[at]!, actions[at]!, resources[at]!];
  const start = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  times.push(Number(process.hrtime.bigint() - start) / 1e6);
  const right = !decides ? 0 : cluster.expected[at] === 1 ? ALLOWED : DENIED;
  if (status !== right) throw new Error(`${name} ends with ${status} in place of ${right} on request ${at}`);
}
