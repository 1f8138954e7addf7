/**
 * `npm run bench -- [NAME…] [--quick]`: runs every file of this folder that asks a question, one after the other, each in a process
 * of its own. `--quick` is a short pass that shows that they run, not what they measure.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine } from './peers/machine.ts';
import { quickOptions } from './support/quick-options.ts';

const folder = fileURLToPath(new URL('./', import.meta.url));
const notQuestions = new Set(['main.ts', 'workload.ts']);
const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const wanted = new Set(positionals.map((path) => basename(path, '.ts')));
const questions = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !notQuestions.has(name))
  .map((name) => basename(name, '.ts'))
  .filter((name) => wanted.size === 0 || wanted.has(name))
  .sort();
const unknown = [...wanted].filter((name) => !questions.includes(name));
if (unknown.length > 0) {
  console.error(`no such benchmark: ${unknown.join(', ')}`);
  process.exitCode = 2;
} else {
  const { processor, cores, memoryGiB, system } = describeMachine();
  console.log(`${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node.js ${process.version}`);
  for (const question of questions) run(question);
}

function run(question: string): void {
  console.log(`\n# ${question}`);
  const words = values.quick ? (quickOptions[question] ?? []) : [];
  const { status } = spawnSync(process.execPath, [`${folder}${question}.ts`, ...words], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
