/**
 * Does building cost more a rule where there are more rules? Each stage from 10³ to 10⁶ rules, each size in a process of its
 * own, whose peak memory is the build's. Then: what does one changed file of a hundred cost?
 *
 *     node bench/build.ts [--sizes 1000,1000000] [--rounds 3] [--files 100]
 *
 * Each figure is the median of the rounds. `parse` is text to trees, `resolve` trees to the model, `compile` the model to
 * the image; `grammar` is what parsing takes without the scanner of plain rules (`src/syntax/parse-compact.ts`), up to
 * 100,000 rules.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compile } from '../src/compile/compile.ts';
import { createShippedImporter } from '../src/files/importer.ts';
import { type BuildResult, build, createBuilder, type Source } from '../src/index.ts';
import { loadTrees } from '../src/resolve/load-trees.ts';
import { resolve } from '../src/resolve/resolve.ts';
import { parse } from '../src/syntax/parser.ts';
import { createWorkload } from './workload.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000,100000,1000000' },
    rounds: { type: 'string', default: '3' },
    files: { type: 'string', default: '100' },
    /** Given to the process of one size. */
    measure: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const sizes = values.sizes.split(',').map(Number);

interface Stages {
  readonly parse: number;
  readonly resolve: number;
  readonly compile: number;
}

interface Measurement {
  /** Median milliseconds of each stage, and of `build` as a user calls it. */
  readonly stages: Stages;
  readonly buildMs: number;
  readonly grammarMs: number | undefined;
  readonly peakMiB: number;
}

if (values.measure === undefined) {
  compareSizes();
  rebuild(sizes.at(-1)!, Number(values.files));
} else {
  console.log(JSON.stringify(measure(Number(values.measure))));
}

// ---------------------------------------------------------------- one size, in a process of its own

function measure(size: number): Measurement {
  const { sources } = createWorkload(size, 0);
  // `build` comes first: the peak is to be that of a user's process, not of the stages beside it.
  const builds = Array.from({ length: rounds }, () => timed(() => expectBuilt(build(sources))));
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  const stages = Array.from({ length: rounds }, () => measureStages(sources));
  return {
    stages: {
      parse: median(stages.map((each) => each.parse)),
      resolve: median(stages.map((each) => each.resolve)),
      compile: median(stages.map((each) => each.compile)),
    },
    buildMs: median(builds),
    grammarMs:
      size > 100_000
        ? undefined
        : median(Array.from({ length: rounds }, () => timed(() => sources.map(parse)))),
    peakMiB,
  };
}

function measureStages(sources: readonly Source[]): Stages {
  const start = performance.now();
  const { trees } = loadTrees(sources, createShippedImporter());
  const parsed = performance.now();
  const { model } = resolve(trees);
  const resolved = performance.now();
  compile(model);
  return { parse: parsed - start, resolve: resolved - parsed, compile: performance.now() - resolved };
}

// ---------------------------------------------------------------- sizes against each other

function compareSizes(): void {
  let before: number | undefined;
  for (const size of sizes) {
    const { stages, buildMs, grammarMs, peakMiB } = measureInProcess(size);
    const aRule = (ms: number): string => ((ms * 1000) / size).toFixed(2);
    const growth =
      before === undefined ? '' : `, ${(buildMs / size / before).toFixed(2)} times the size before`;
    const grammar = grammarMs === undefined ? '' : `; grammar alone ${aRule(grammarMs)}`;
    console.log(
      `${size} rules: ${aRule(buildMs)} µs a rule${growth}; parse ${aRule(stages.parse)}, resolve ${aRule(stages.resolve)}, ` +
        `compile ${aRule(stages.compile)}${grammar}; peak ${peakMiB.toFixed(0)} MiB`,
    );
    before = buildMs / size;
  }
}

function measureInProcess(size: number): Measurement {
  const script = fileURLToPath(import.meta.url);
  const words = [script, '--measure', String(size), '--rounds', String(rounds)];
  const run = spawnSync(process.execPath, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (run.status !== 0) throw new Error(`measuring ${size} rules failed`);
  return JSON.parse(run.stdout) as Measurement;
}

// ---------------------------------------------------------------- one file of many changes

/** A full build against a rebuild after one rule of one file was changed, in one process, one after the other. */
function rebuild(size: number, fileCount: number): void {
  const sources = splitInto(fileCount, createWorkload(size, 0).sources);
  const builder = createBuilder();
  expectBuilt(builder.build(sources));
  const full: number[] = [];
  const again: number[] = [];
  const front: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const changed = sources.with(round % fileCount, withAnotherRule(sources[round % fileCount]!, round));
    full.push(timed(() => expectBuilt(build(changed))));
    let compileStart = 0;
    const start = performance.now();
    expectBuilt(
      builder.build(changed, {
        onProgress: ({ stage }) => {
          if (stage === 'compile') compileStart = performance.now();
        },
      }),
    );
    again.push(performance.now() - start);
    front.push(compileStart - start);
  }
  console.log(
    `one of ${fileCount} files changed, ${size} rules: full build ${median(full).toFixed(0)} ms, rebuild ` +
      `${median(again).toFixed(0)} ms, of which parse and resolve ${median(front).toFixed(0)} ms`,
  );
}

/** The rules of the workload in as many files, with its groups in one more. */
function splitInto(fileCount: number, sources: readonly Source[]): Source[] {
  const lines = sources.slice(0, -1).flatMap(({ text }) => text.trimEnd().split('\n'));
  const perFile = Math.ceil(lines.length / fileCount);
  const files = Array.from({ length: fileCount }, (_, i) => ({
    file: `part-${String(i).padStart(4, '0')}.acl`,
    text: `${lines.slice(i * perFile, (i + 1) * perFile).join('\n')}\n`,
  }));
  return [...files, sources.at(-1)!];
}

function withAnotherRule({ file, text }: Source, round: number): Source {
  return { file, text: `${text}allow user:u${round} to read on dcos:service:changed:/${round}\n` };
}

// ---------------------------------------------------------------- helpers

function expectBuilt(result: BuildResult): void {
  if (!result.ok) throw new Error(`the workload does not build: ${result.diagnostics[0]?.message}`);
}

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}
