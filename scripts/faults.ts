/**
 * Puts mistakes of other authorizers into a copy of the source, one at a time, and runs the normal tests on it:
 * `node scripts/faults.ts [NAME…] [--whole] [--types]`. A fault that no test notices survives, and the process exits 1; so it
 * does if a patch no longer applies, or if a test that is to catch one fails without it.
 *
 * NAME is a part of a patch's name in `test/faults/`. `--whole` runs all tests instead of those that a patch names, until one
 * fails; `--types` has the compiler look first: what it refuses is no mistake that anybody could make.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { applyFault, type Catcher, type Fault, FaultError, readFaults } from '../test/support/faults.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
/** What tests read. Modules are those of the original. */
const copied = [
  ...['src', 'test', 'policies', 'grammar', 'docs', 'scripts', 'bench', 'dist'],
  ...['README.md', 'CHANGELOG.md', 'package.json', 'package-lock.json', 'biome.json'],
  ...['tsconfig.json', 'tsconfig.build.json', 'vitest.config.ts'],
];
const timeLimitMs = 5 * 60 * 1000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { whole: { type: 'boolean' }, types: { type: 'boolean' } },
});
const faults = readFaults().filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);
if (faults.length === 0) {
  console.error('no patch in test/faults/ has such a name');
  process.exit(2);
}
/** What is wrong with tests on the source as it is, by their name: those that fail there would catch anything. */
const troubles = new Map<string, string | undefined>();
const copy = mkdtempSync(join(tmpdir(), 'postern-faults-'));
try {
  process.exitCode = main() ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

/** Whether every fault was caught. */
function main(): boolean {
  for (const name of copied)
    if (existsSync(join(root, name)))
      cpSync(join(root, name), join(copy, name), { recursive: true, filter: isWanted });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'dir');
  let caught = 0;
  for (const fault of faults) {
    const { isCaught, text } = tryFault(fault);
    if (isCaught) caught++;
    console.log(`${isCaught ? 'caught  ' : 'SURVIVED'} ${fault.name}: ${text}`);
  }
  console.log(`${caught} of ${faults.length} faults caught`);
  return caught === faults.length;
}

function troubleOf(catcher: Catcher): string | undefined {
  const name = describe(catcher);
  if (!troubles.has(name)) troubles.set(name, findTrouble(name, runTests(catcher)));
  return troubles.get(name);
}

function findTrouble(name: string, { passed, failures, trouble }: Run): string | undefined {
  if (trouble !== undefined) return `${name} does not run: ${trouble}`;
  if (failures.length > 0) return `${name} fails without any fault: ${failures[0]}`;
  return passed === 0 ? `${name} runs no test` : undefined;
}

/** Packages of others that are only measured against are large. */
function isWanted(path: string): boolean {
  return path !== join(root, 'bench/peers');
}

function describe({ file, only }: Catcher): string {
  return only === undefined ? file : `${file} -t "${only}"`;
}

/** Puts the fault in, runs tests until one fails, and takes it out again. */
function tryFault(fault: Fault): Attempt {
  const changed = changedBy(fault);
  if (changed instanceof FaultError) return { isCaught: false, text: changed.message };
  for (const catcher of values.whole ? [undefined] : fault.catchers) {
    const before = catcher && troubleOf(catcher);
    if (before !== undefined) return { isCaught: false, text: before };
    for (const [file, text] of changed) writeFileSync(join(copy, file), text);
    const types = values.types ? findTypeError() : undefined;
    const run = runTests(catcher);
    for (const file of changed.keys()) writeFileSync(join(copy, file), readFileSync(join(root, file)));
    if (types !== undefined) return { isCaught: false, text: `the compiler refuses it: ${types}` };
    if (run.trouble !== undefined) return { isCaught: false, text: `the tests do not run: ${run.trouble}` };
    const { failures, passed } = run;
    if (failures.length === 0) continue;
    const counts = values.whole ? '' : ` (${failures.length} of ${failures.length + passed} tests fail)`;
    return { isCaught: true, text: `${failures[0]}${counts}` };
  }
  return { isCaught: false, text: `${fault.title} No test fails.` };
}

interface Attempt {
  readonly isCaught: boolean;
  /** The first test that fails; or what has kept the fault from being caught. */
  readonly text: string;
}

function changedBy(fault: Fault): ReadonlyMap<string, string> | FaultError {
  try {
    return applyFault(fault, (file) => readFileSync(join(copy, file), 'utf8'));
  } catch (error) {
    if (error instanceof FaultError) return error;
    throw error;
  }
}

interface Run {
  readonly passed: number;
  /** `file > title` of each. */
  readonly failures: readonly string[];
  /** Why no test could tell anything: a file that does not even load is no test that fails. */
  readonly trouble?: string;
}

interface JsonReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** @param catcher  all tests but those of the patches themselves if it is undefined */
function runTests(catcher: Catcher | undefined): Run {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const chosen =
    catcher === undefined
      ? ['--bail=1', '--exclude=test/faults.test.ts']
      : [catcher.file, ...(catcher.only === undefined ? [] : ['-t', catcher.only])];
  const runner = join(copy, 'node_modules/vitest/vitest.mjs');
  const { error, stderr } = spawnSync(
    process.execPath,
    [runner, 'run', ...chosen, '--reporter=json', `--outputFile=${report}`],
    { cwd: copy, encoding: 'utf8', timeout: timeLimitMs * (catcher === undefined ? 6 : 1) },
  );
  if (!existsSync(report))
    return { passed: 0, failures: [], trouble: error?.message ?? (stderr.trim() || 'no report') };
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as JsonReport;
  const results = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ status, fullName }) => ({
      status,
      title: `${name.slice(copy.length + 1)} > ${fullName}`,
    })),
  );
  const failures = results.filter(({ status }) => status === 'failed').map(({ title }) => title);
  const passed = results.filter(({ status }) => status === 'passed').length;
  const unloaded = testResults.find(
    ({ message, assertionResults }) => message !== '' && assertionResults.length === 0,
  );
  if (failures.length === 0 && unloaded !== undefined) return { passed, failures, trouble: unloaded.message };
  return { passed, failures };
}

function findTypeError(): string | undefined {
  const compiler = join(copy, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', join(copy, 'tsconfig.json')], {
    cwd: copy,
    encoding: 'utf8',
  });
  return status === 0 ? undefined : stdout.split('\n').find((line) => line.startsWith('src/'));
}
