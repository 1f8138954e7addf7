/**
 * Does twice the text take about twice the time, whatever it says? Each kind of hostile text of test/support/hostile-texts.ts, and
 * some harmless ones, at each size, in a process of its own: built with its messages rendered, formatted, linted. Prints the time of
 * the processor in milliseconds, how many times that of the size before, and the most memory that the process had; ratios above 2.3
 * are marked where the time can be measured at all. Judges nothing.
 *
 *     node bench/front-end-cost.ts [--kib 1024,2048] [--rounds 3] [--seconds 120] [--only 'a chain'] [--stages build,format,lint]
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hostileTexts } from '../test/support/hostile-texts.ts';

const BAR = 2.3;
/** Below these milliseconds a ratio is that of the collector and the compiler of JavaScript. */
const MEASURABLE_MS = 100;
const script = fileURLToPath(new URL('support/front-end-once.ts', import.meta.url));

const { values } = parseArgs({
  options: {
    kib: { type: 'string', default: '1024,2048' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '120' },
    only: { type: 'string', default: '' },
    stages: { type: 'string', default: 'build,format,lint' },
  },
});
const sizes = values.kib.split(',');

console.log(
  `${'stage'.padEnd(7)}${'text'.padEnd(56)}${sizes.map((kib) => `${kib} KiB`.padStart(11)).join('')}   ratios, peak`,
);
for (const { title } of hostileTexts) {
  if (!title.includes(values.only)) continue;
  for (const stage of values.stages.split(',')) measure(stage, title);
}

function measure(stage: string, title: string): void {
  const words = [script, stage, title, values.rounds, ...sizes];
  const run = spawnSync(process.execPath, words, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: Number(values.seconds) * 1000,
  });
  const head = `${stage.padEnd(7)}${title.padEnd(56)}`;
  const lines = run.stdout.split('\n').slice(0, -1);
  const measured = lines.map((line) => JSON.parse(line) as { readonly ms: number; readonly peakMib: number });
  const times = measured.map(({ ms }) => ms);
  const ratios = times
    .slice(1)
    .map((ms, i) => ({ ratio: ms / times[i]!, isMeasurable: times[i]! >= MEASURABLE_MS }));
  const mark = ratios.some(({ ratio, isMeasurable }) => isMeasurable && ratio > BAR) ? `  over ${BAR}` : '';
  const peak = measured.length === 0 ? '' : `, ${measured.at(-1)!.peakMib.toFixed(0)} MiB`;
  console.log(
    `${head}${times.map((ms) => ms.toFixed(0).padStart(11)).join('')}   ${ratios.map(({ ratio }) => ratio.toFixed(2)).join(' ')}${peak}${mark}`,
  );
  if (run.status === 0) return;
  console.log(`${head}${run.error === undefined ? 'failed' : `ended after ${values.seconds} s`}`);
  process.exitCode = 1;
}
