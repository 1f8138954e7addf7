/**
 * Does the worst that the language allows still answer within 5 ms? A hundred thousand rules on one node, each with a condition of
 * its own or with variables; patterns of sixteen `**` on ids of 256 segments; a thousand patterns or pairs of patterns that are all
 * different; long strings and lists of requests. Prints the first decision
 * on each policy then the median and the longest of the others, with the bar beside those over it;
 * judges nothing, for machines differ.
 *
 *     node bench/worst.ts [--rules 100000] [--rounds 21]
 */
import { parseArgs } from 'node:util';
import { Authorizer, type Request } from '../src/index.ts';
import {
  worstConditions,
  worstPatterns,
  worstValues,
  worstVariables,
} from '../test/support/worst-policies.ts';

const BAR_MS = 5;

const { values } = parseArgs({
  options: { rules: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '21' } },
});
const rules = Number(values.rules);
const rounds = Number(values.rounds);

console.log(`${'policy'.padEnd(64)} ${'first'.padStart(8)} ${'p50'.padStart(8)} ${'max'.padStart(8)} ms`);
for (const { title, source, requests } of [
  ...worstConditions(rules),
  ...worstVariables(rules),
  ...worstPatterns(rules),
  ...worstValues(rules),
]) {
  const authorizer = Authorizer.fromSources([{ file: 'worst.acl', text: source }]);
  const times = requests.flatMap((request) =>
    Array.from({ length: rounds }, () => timeOf(authorizer, request)),
  );
  const [first = 0, ...others] = times;
  const sorted = others.sort((a, b) => a - b);
  const median = sorted[sorted.length >>> 1]!;
  const mark = median > BAR_MS ? `  over the bar of ${BAR_MS} ms` : '';
  const numbers = [first, median, sorted.at(-1)!].map((ms) => ms.toFixed(3).padStart(8)).join(' ');
  console.log(`${title.padEnd(64)} ${numbers}${mark}`);
}

function timeOf(authorizer: Authorizer, request: Request): number {
  const start = performance.now();
  authorizer.decide(request);
  return performance.now() - start;
}
