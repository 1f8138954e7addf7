/**
 * How does Postern compare with what one would otherwise use? Every engine answers the same requests, every answer is checked.
 *
 *     npm ci && npm start -- [--sizes 1000,10000,100000,1000000] [--rounds 9] [--engines postern,casl] [--write]
 *
 * `--write` renews docs/benchmarks.md and its chart; `--save FILE` keeps the results and `--from FILE` renders them once more.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { renderChart } from './chart.ts';
import { renderDocument } from './document.ts';
import type { Engine } from './engine.ts';
import { describeMachine } from './machine.ts';
import { measureSize, type Plan } from './measure.ts';
import { ENGINE_IDS, ENGINES, type EngineId } from './registry.ts';
import type { Absence, EngineFacts, Measurement, Results } from './results.ts';
import { renderSize, renderTargets } from './table.ts';

const DOCUMENT = new URL('../../docs/benchmarks.md', import.meta.url);
const CHART = new URL('../../docs/benchmarks.svg', import.meta.url);

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000,100000,1000000' },
    rounds: { type: 'string', default: '9' },
    requests: { type: 'string', default: '100000' },
    'round-seconds': { type: 'string', default: '1' },
    engines: { type: 'string', default: ENGINE_IDS.join(',') },
    write: { type: 'boolean', default: false },
    save: { type: 'string' },
    from: { type: 'string' },
  },
});

const results = values.from === undefined ? await measure() : readResults(values.from);
for (const grants of results.sizes) console.log(`\n${renderSize(results, grants)}`);
console.log(`\n${renderTargets(results)}`);
if (values.save !== undefined) writeFileSync(values.save, `${JSON.stringify(results, undefined, 1)}\n`);
if (values.write) {
  writeFileSync(DOCUMENT, renderDocument(results));
  writeFileSync(CHART, renderChart(results));
  console.log(`\nwritten: ${fileURLToPath(DOCUMENT)} and its chart`);
}

async function measure(): Promise<Results> {
  const plan: Plan = {
    engines: readEngines(values.engines),
    requests: readCount(values.requests),
    rounds: readCount(values.rounds),
    roundSeconds: Number(values['round-seconds']),
    report: (line) => console.error(line),
  };
  const sizes = values.sizes.split(',').map(readCount);
  const measurements: Measurement[] = [];
  const absences: Absence[] = [];
  for (const grants of sizes) {
    const measured = await measureSize(grants, plan);
    measurements.push(...measured.measurements);
    absences.push(...measured.absences);
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    node: process.version,
    requests: plan.requests,
    rounds: plan.rounds,
    roundSeconds: plan.roundSeconds,
    sizes,
    engines: await Promise.all(plan.engines.map(readFacts)),
    measurements,
    absences,
  };
}

async function readFacts(id: EngineId): Promise<EngineFacts> {
  const { engine }: { engine: Engine } = await ENGINES[id].load();
  return { id, name: engine.name, version: engine.version, note: engine.note };
}

function readResults(file: string): Results {
  return JSON.parse(readFileSync(file, 'utf8')) as Results;
}

function readEngines(text: string): EngineId[] {
  const unknown = text.split(',').find((id) => !(id in ENGINES));
  if (unknown !== undefined) throw new Error(`no engine \`${unknown}\`; there are ${ENGINE_IDS.join(', ')}`);
  return text.split(',') as EngineId[];
}

function readCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`not a count: ${text}`);
  return count;
}
