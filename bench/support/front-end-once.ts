/**
 * One stage on one kind of text, for `front-end-cost.ts`: stage, title, rounds, sizes in KiB. Prints a line for each size: as JSON,
 * the least time of the processor in milliseconds, and the most memory that the process has had so far, in MiB.
 */
import { renderText } from '../../src/diagnostics/render-text.ts';
import { createShippedImporter } from '../../src/files/importer.ts';
import { formatSource } from '../../src/format.ts';
import { build } from '../../src/index.ts';
import { lintSources } from '../../src/lint.ts';
import { hostileTexts } from '../../test/support/hostile-texts.ts';

const stages: Readonly<Record<string, (text: string) => void>> = {
  build(text) {
    const { diagnostics, textOf } = build([{ file: 'hostile.acl', text }]);
    renderText(diagnostics, textOf);
  },
  format(text) {
    formatSource({ file: 'hostile.acl', text });
  },
  lint(text) {
    lintSources([{ file: 'hostile.acl', text }], { importer: createShippedImporter(), today: '2026-01-01' });
  },
};

const [stageName = '', title, rounds, ...sizes] = process.argv.slice(2);
const stage = stages[stageName];
const hostile = hostileTexts.find((text) => text.title === title);
if (stage === undefined || hostile === undefined)
  throw new Error(`no such stage or text: ${stageName}, ${title}`);

// The code is compiled before anything is timed.
for (let i = 0; i < 5; i++) stage(hostile.textOf(4096));
for (const kib of sizes) {
  const text = hostile.textOf(Number(kib) * 1024);
  const ms = Math.min(...Array.from({ length: Number(rounds) }, () => processorMs(() => stage(text))));
  console.log(JSON.stringify({ ms, peakMib: process.resourceUsage().maxRSS / 1024 }));
}

function processorMs(run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
