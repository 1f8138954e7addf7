/** `npm run bench [FILE…]`: runs every file of this folder that asks a question, one after the other, each in a process of its own. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('./', import.meta.url));
const notQuestions = new Set(['main.ts', 'workload.ts']);
const wanted = new Set(process.argv.slice(2).map((path) => basename(path, '.ts')));
const questions = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !notQuestions.has(name))
  .filter((name) => wanted.size === 0 || wanted.has(basename(name, '.ts')))
  .sort();
if (questions.length === 0) {
  console.error('no such benchmark');
  process.exitCode = 2;
}
for (const question of questions) {
  console.log(`\n# ${basename(question, '.ts')}`);
  const run = spawnSync(process.execPath, [folder + question], { stdio: 'inherit' });
  if (run.status !== 0) process.exitCode = 1;
}
