import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { quickOptions } from '../bench/support/quick-options.ts';

/** That each benchmark asks something, is written about and still runs; what it measures is for the benchmarks to say. */
const folder = fileURLToPath(new URL('../bench/', import.meta.url));
const page = readFileSync(new URL('../docs/performance.md', import.meta.url), 'utf8');
const questions = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && name !== 'main.ts' && name !== 'workload.ts')
  .map((name) => name.slice(0, -'.ts'.length));

describe.each(questions)('bench/%s.ts', (question) => {
  const text = readFileSync(`${folder}${question}.ts`, 'utf8');

  test('begins with a question, and says how it is run', () => {
    const [comment] = /^\/\*\*.*?\*\//s.exec(text) ?? [''];
    expect(comment).toContain('?');
    expect(comment).toContain(`node bench/${question}.ts`);
  });

  test('has a row in docs/performance.md', () => {
    expect(page).toMatch(new RegExp(`^\\| \`bench/${question}\\.ts\` \\|`, 'm'));
  });

  test('has a quick way', () => {
    expect(Object.keys(quickOptions)).toContain(question);
  });
});

test('every row and every quick way is of a benchmark that there is', () => {
  const rows = [...page.matchAll(/^\| `bench\/([\w-]+)\.ts` \|/gm)].map(([, name]) => name);
  expect(rows.sort()).toEqual(questions.toSorted());
  expect(Object.keys(quickOptions).sort()).toEqual(questions.toSorted());
});

test('the quickest benchmarks run, each answer checked', async () => {
  const { stdout } = await runBenchmarks('groups', 'scan', 'handles', '--quick');
  expect(stdout.match(/^# .*/gm)).toEqual(['# groups', '# handles', '# scan']);
  expect(stdout).toMatch(/^groups of the policy( +\d+){2} /m);
  expect(stdout).toMatch(/^1000 rules, both by handle: \d+ /m);
  expect(stdout).toMatch(/^split at slashes +\d+ .* times the scan$/m);
});

test('a benchmark that nobody knows is wrong usage', async () => {
  const run = runBenchmarks('speed');
  await expect(run).rejects.toMatchObject({ code: 2, stderr: 'no such benchmark: speed\n' });
});

function runBenchmarks(...words: string[]) {
  return promisify(execFile)(process.execPath, [`${folder}main.ts`, ...words]);
}
