/**
 * Does "which services may read this secret" cost what the answer is long, and not what the cluster is large? Builds the index
 * of a cluster, then asks for secrets whose answers have from one service to all of them.
 *
 *     node bench/spaces.ts [--services 1000000] [--secrets 100000] [--rounds 9] [--ms 50]
 */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Spaces } from '../src/dcos.ts';
import { createRandom } from './workload.ts';

const { values } = parseArgs({
  options: {
    services: { type: 'string', default: '1000000' },
    secrets: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '9' },
    ms: { type: 'string', default: '50' },
  },
});
const SERVICES = Number(values.services);
const SECRETS = Number(values.secrets);
const ROUNDS = Number(values.rounds);
/** How long one measurement of one row lasts at least. */
const MIN_MS = Number(values.ms);
/** Different secrets a row asks for in turn, so that no answer lies in the processor's cache already. */
const MOST_ASKED = 1000;
const LEVEL_NAMES = ['env', 'org', 'team', 'product', 'part', 'app', 'copy'];

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const random = createRandom(1);

/** Ten in each group: the service with the number 123 of 1000 is `/env-1/org-2/team-3`. */
const depth = Math.max(1, Math.ceil(Math.log10(SERVICES)));
const services = shuffle(Array.from({ length: SERVICES }, (_, i) => pathTo(i, depth)));
const secrets = Array.from({ length: SECRETS }, (_, i) => {
  const directory = pathTo(random(SERVICES), random(depth + 1));
  return `${directory}/secret-${i}`.slice(1);
});

const before = memoryMiB();
const start = performance.now();
const spaces = Spaces.from({ services, secrets });
const buildMs = performance.now() - start;
const indexMiB = memoryMiB() - before;
console.log(
  `${SERVICES} services and ${SECRETS} secrets: built in ${buildMs.toFixed(0)} ms, index ${indexMiB.toFixed(1)} MiB beside ` +
    `the ids, peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`,
);
if (spaces.serviceCount !== SERVICES || spaces.refusedCount > 0)
  throw new Error('the workload is not what it should be');

interface Row {
  readonly size: number;
  readonly asked: readonly string[];
  readonly usPerAnswer: number[];
  readonly usPerCount: number[];
}

const rows = prepareRows();
for (let round = 0; round < ROUNDS; round++) {
  for (const row of rows) {
    row.usPerAnswer.push(measure(row, (secret) => spaces.servicesFor(secret).length));
    row.usPerCount.push(measure(row, (secret) => spaces.countServicesFor(secret)));
  }
}
printTable();
printSecretsFor();

/** One row for each power of ten that some directory's services number. */
function prepareRows(): Row[] {
  const rowsBySize = new Map<number, Set<string>>();
  for (let level = depth; level >= 0; level--) {
    for (let i = 0; i < MOST_ASKED; i++) {
      const secret = `${pathTo(random(SERVICES), level)}/asked`.slice(1);
      const size = spaces.countServicesFor(secret);
      const asked = rowsBySize.get(size) ?? new Set();
      rowsBySize.set(size, asked.add(secret));
    }
  }
  return [...rowsBySize]
    .sort(([a], [b]) => a - b)
    .map(([size, asked]) => ({ size, asked: [...asked], usPerAnswer: [], usPerCount: [] }));
}

/** Microseconds for each call: at least MIN_MS of calls, secrets in turn. */
function measure({ size, asked }: Pick<Row, 'size' | 'asked'>, ask: (id: string) => number): number {
  const calls = Math.max(1, Math.min(1000, Math.floor(100_000 / (size + 1))));
  let done = 0;
  let sum = 0;
  const from = performance.now();
  do {
    for (let i = 0; i < calls; i++) sum += ask(asked[done++ % asked.length]!);
  } while (performance.now() - from < MIN_MS);
  const ms = performance.now() - from;
  if (size > 0 && sum !== size * done) throw new Error(`an answer has not ${size} services`);
  return (ms * 1000) / done;
}

function printTable(): void {
  const header = ['services', 'secrets asked', 'µs an answer', 'spread', 'µs a count', 'ns a service'];
  const cells = rows.map(({ size, asked, usPerAnswer, usPerCount }) => [
    String(size),
    String(asked.length),
    median(usPerAnswer).toFixed(2),
    spread(usPerAnswer),
    median(usPerCount).toFixed(2),
    nsPerService(size, median(usPerAnswer) - median(usPerCount)),
  ]);
  const table = [header, ...cells];
  const widths = header.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  for (const row of table) console.log(row.map((cell, column) => cell.padStart(widths[column]!)).join('  '));
  const fixed = rows.map(({ usPerCount }) => median(usPerCount));
  console.log(
    `a count is the search without the list, the fixed cost of an answer: ${Math.min(...fixed).toFixed(2)} to ` +
      `${Math.max(...fixed).toFixed(2)} µs by depth; ns a service: what an answer costs beyond it, by its length`,
  );
}

/** A short answer is lost in the noise of the search. */
function nsPerService(size: number, usBeyondFixed: number): string {
  return size < 1000 ? '-' : ((usBeyondFixed / size) * 1000).toFixed(2);
}

function printSecretsFor(): void {
  const asked = services.slice(0, MOST_ASKED);
  const usPerAnswer = Array.from({ length: ROUNDS }, () =>
    measure({ size: 0, asked }, (service) => spaces.secretsFor(service).length),
  );
  const listed = asked.reduce((sum, service) => sum + spaces.countSecretsFor(service), 0) / asked.length;
  console.log(
    `the other way, the secrets for a service: ${median(usPerAnswer).toFixed(2)} µs an answer (${spread(usPerAnswer)}), ` +
      `${listed.toFixed(0)} secrets on average`,
  );
}

function pathTo(index: number, levels: number): string {
  const digits = String(index).padStart(depth, '0').slice(0, levels);
  return Array.from(digits, (digit, level) => `/${LEVEL_NAMES[level % LEVEL_NAMES.length]}-${digit}`).join(
    '',
  );
}

/** Fisher and Yates: an index built from sorted ids would have its parts in memory side by side. */
function shuffle(ids: string[]): string[] {
  for (let i = ids.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [ids[i], ids[j]] = [ids[j]!, ids[i]!];
  }
  return ids;
}

/** Buffers are given back by the collection after the one that finds them unused. */
function memoryMiB(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 2 ** 20;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

function spread(numbers: readonly number[]): string {
  return `${Math.min(...numbers).toFixed(2)} to ${Math.max(...numbers).toFixed(2)}`;
}
