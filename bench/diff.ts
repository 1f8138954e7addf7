/**
 * Does a difference of two policies take time with how many rules they have, or with how many have changed? Two policies that
 * differ in ten rules, from 10⁴ to 10⁶ rules, each size in a process of its own.
 *
 *     node bench/diff.ts [--sizes 10000,100000] [--large] [--rounds 3]
 *
 * `--large` adds 1,000,000 rules. Each figure is the median of the rounds, elapsed time and in brackets the processor's: `build` is
 * the text of both policies to two models, `compare` whether they decide alike, `diff` everything that they decide otherwise.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compareModels } from '../src/analysis/compare-models.ts';
import { diffModels } from '../src/diff/diff-models.ts';
import { buildModel, type Model, type Source } from '../src/index.ts';
import { createRandom, createWorkload } from './workload.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,100000' },
    large: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    /** Given to the process of one size. */
    measure: { type: 'string' },
  },
});
const ROUNDS = Number(values.rounds);
const CHANGED = 10;
const sizes = [...values.sizes.split(',').map(Number), ...(values.large ? [1_000_000] : [])];

interface Span {
  readonly wallMs: number;
  readonly userMs: number;
}

interface Measurement {
  readonly build: Span;
  readonly compare: Span;
  readonly diff: Span;
  readonly changes: number;
  readonly peakMiB: number;
}

if (values.measure === undefined) compareSizes();
else console.log(JSON.stringify(measure(Number(values.measure))));

// ---------------------------------------------------------------- one size, in a process of its own

function measure(size: number): Measurement {
  const before = createWorkload(size, 0).sources;
  const after = withChangedRules(before);
  const rounds = Array.from({ length: ROUNDS }, () => measureOnce(before, after));
  const { changes } = rounds[0]!;
  if (changes === 0) throw new Error('ten rules changed, and nothing is decided otherwise');
  return {
    build: median(rounds.map(({ build }) => build)),
    compare: median(rounds.map(({ compare }) => compare)),
    diff: median(rounds.map(({ diff }) => diff)),
    changes,
    peakMiB: process.resourceUsage().maxRSS / 1024,
  };
}

function measureOnce(before: readonly Source[], after: readonly Source[]): Omit<Measurement, 'peakMiB'> {
  const [models, build] = timed(() => [modelOf(before), modelOf(after)] as const);
  const [comparison, compare] = timed(() => compareModels(...models));
  const [difference, diff] = timed(() => diffModels(...models));
  if (comparison.kind !== difference.kind)
    throw new Error(`compareModels says ${comparison.kind}, diffModels ${difference.kind}`);
  return { build, compare, diff, changes: difference.gained.length + difference.lost.length };
}

function modelOf(sources: readonly Source[]): Model {
  const result = buildModel(sources);
  if (!result.ok) throw new Error(`the workload does not build: ${result.diagnostics[0]?.message}`);
  return result.model;
}

/** Of ten rules, spread over the files, the effect or the action is another. The last file has the groups. */
function withChangedRules(sources: readonly Source[]): Source[] {
  const random = createRandom(2);
  const lines = sources.slice(0, -1).map(({ text }) => text.split('\n'));
  for (let i = 0; i < CHANGED; i++) {
    const ofFile = lines[random(lines.length)]!;
    const at = random(ofFile.length - 1);
    ofFile[at] = i % 2 === 0 ? flipped(ofFile[at]!) : ofFile[at]!.replace(/ to \w+ /, ' to browse ');
  }
  return sources.map(({ file, text }, i) => ({ file, text: lines[i]?.join('\n') ?? text }));
}

function flipped(rule: string): string {
  return rule.startsWith('deny') ? rule.replace('deny', 'allow') : rule.replace('allow', 'deny');
}

// ---------------------------------------------------------------- sizes against each other

function compareSizes(): void {
  let before: { readonly size: number; readonly wholeMs: number } | undefined;
  for (const size of sizes) {
    const { build, compare, diff, changes, peakMiB } = measureInProcess(size);
    const wholeMs = build.userMs + diff.userMs;
    const growth =
      before === undefined
        ? ''
        : `; ${(wholeMs / before.wholeMs).toFixed(1)} times for ${(size / before.size).toFixed(0)} times the rules`;
    console.log(
      `${size} rules: build both ${print(build)}, compare ${print(compare)}, diff ${print(diff)} (${changes} changes)${growth}; ` +
        `peak ${peakMiB.toFixed(0)} MiB`,
    );
    before = { size, wholeMs };
  }
}

function print({ wallMs, userMs }: Span): string {
  return `${wallMs.toFixed(0)} ms [${userMs.toFixed(0)}]`;
}

function measureInProcess(size: number): Measurement {
  const script = fileURLToPath(import.meta.url);
  const words = [script, '--measure', String(size), '--rounds', String(ROUNDS)];
  const run = spawnSync(process.execPath, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (run.status !== 0) throw new Error(`measuring ${size} rules failed`);
  return JSON.parse(run.stdout) as Measurement;
}

// ---------------------------------------------------------------- helpers

function timed<Result>(run: () => Result): [Result, Span] {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const result = run();
  return [result, { wallMs: performance.now() - start, userMs: process.cpuUsage(cpu).user / 1000 }];
}

function median(spans: readonly Span[]): Span {
  return spans.toSorted((a, b) => a.wallMs - b.wallMs)[spans.length >> 1]!;
}
