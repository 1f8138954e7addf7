/**
 * Which policy and request within the limits cost one decision the most? A search that climbs: it makes up policies of a kind of rule or
 * two, patterns of wildcards, globs, variables, double stars and letters, and a request of long and repetitive ids, changes a little
 * of the costliest at a time, and begins anew where nothing gets worse any more. The cost is the least time of
 * some decisions, never the first. Prints each round's worst, and how the worst of all grows with the number of its rules.
 * Judges nothing; a line says what was over 5 ms.
 *
 *     node bench/worst-search.ts [--seconds 120] [--rules 1000] [--grow 1000,10000,100000] [--patience 60] [--seed 1]
 */
import { parseArgs } from 'node:util';
import { Authorizer, build, type Request } from '../src/index.ts';
import { Random } from '../test/support/generators.ts';

const BAR_MS = 5;
const MAX_DOUBLE_STARS = 16;
const MAX_SEGMENTS = 255;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    rules: { type: 'string', default: '1000' },
    grow: { type: 'string', default: '1000,10000,100000' },
    patience: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
  },
});

/** A kind of rule: of each there are as many as of the others. `#` stands for the number of the rule, modulo `spread`. */
interface RuleShape {
  readonly effect: string;
  readonly subject: readonly string[];
  readonly resource: readonly string[];
  readonly condition: string;
  readonly spread: number;
}

interface Shape {
  readonly rules: readonly RuleShape[];
  readonly subject: readonly string[];
  readonly resource: readonly string[];
  readonly hasGroup: boolean;
}

interface Found {
  readonly shape: Shape;
  readonly ms: number;
}

/** What matches much comes more often. */
const patternSegments = [
  'a',
  '**',
  '*',
  '{x**}',
  'a',
  'b',
  '*',
  '**',
  '#',
  'a*',
  '*a',
  '*a*a*b',
  '?',
  'a*#',
  '{x}',
  '{x**}',
  '{y}',
  '{y**}',
];
const idSegments = ['a', 'a', 'a', 'b', 'aa', 'a'.repeat(15), '0', 'ab'];
const conditions = [
  '',
  'context.n == #',
  'context.s == "#"',
  'resource.id like "*a*#"',
  'subject in group:g',
];
const effects = ['allow', 'deny'];

const random = new Random(Number(values.seed));
const endMs = performance.now() + Number(values.seconds) * 1000;
let worst: Found | undefined;
let tried = 0;
for (let round = 1; performance.now() < endMs; round++) {
  const found = climb();
  if (worst === undefined || found.ms > worst.ms) worst = found;
  console.log(`round ${round}: ${found.ms.toFixed(3)} ms  ${describe(found.shape)}`);
}
console.log(`${tried} policies of ${values.rules} rules; the worst of all:`);
for (const rules of values.grow.split(',')) {
  const ms = costOf(worst!.shape, Number(rules));
  const mark = ms > BAR_MS ? `  over the bar of ${BAR_MS} ms` : '';
  console.log(`${rules.padStart(9)} rules: ${ms.toFixed(3)} ms${mark}`);
}

/** From a shape made up to one that no small change makes worse. */
function climb(): Found {
  let best = measure(makeShape());
  for (let since = 0; since < Number(values.patience) && performance.now() < endMs; since++) {
    const next = measure(change(best.shape));
    if (next.ms <= best.ms) continue;
    // What was a hiccup of the machine is none twice.
    const again = measure(next.shape);
    if (again.ms <= best.ms) continue;
    best = again;
    since = 0;
  }
  return best;
}

function measure(shape: Shape): Found {
  tried++;
  return { shape, ms: costOf(shape, Number(values.rules)) };
}

/** Milliseconds of a decision; 0 for a policy that is none. */
function costOf(shape: Shape, rules: number): number {
  const built = build([{ file: 'worst.acl', text: textOf(shape, rules) }]);
  if (!built.ok) return 0;
  const authorizer = Authorizer.fromImage(built.image);
  const request: Request = {
    subject: `s:/${shape.subject.join('/')}`.slice(0, 1000),
    action: 'read',
    resource: `r:/${shape.resource.join('/')}`.slice(0, 4000),
    context: { n: -1, s: '' },
    ...(shape.hasGroup ? { groups: ['g'] } : {}),
  };
  const times: number[] = [];
  for (let spent = 0; times.length < 3 || (times.length < 20 && spent < 50); spent += times.at(-1)!)
    times.push(timeOf(() => authorizer.decide(request)));
  return Math.min(...times.slice(1));
}

function timeOf(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

// ---------------------------------------------------------------- shapes

function makeShape(): Shape {
  return {
    rules: Array.from({ length: 1 + random.below(2) }, makeRule),
    subject: idOf(1 + random.below(60)),
    resource: idOf(1 + random.below(MAX_SEGMENTS)),
    hasGroup: random.below(2) === 0,
  };
}

function makeRule(): RuleShape {
  return {
    effect: random.pick(effects),
    subject: patternOf(random.below(6)),
    resource: patternOf(1 + random.below(30)),
    condition: random.pick(conditions),
    spread: 10 ** random.below(6),
  };
}

/** Of few segments, which come again and again. */
function patternOf(length: number): string[] {
  const some = Array.from({ length: 3 }, () => random.pick(patternSegments));
  return Array.from({ length }, () => random.pick(some));
}

/** Few letters, many times: what a search comes back to again and again. */
function idOf(length: number): string[] {
  const some = [random.pick(idSegments), random.pick(idSegments)];
  return Array.from({ length }, (_, i) => some[random.below(8) === 0 ? 1 : Number(i === length - 1)]!);
}

function change(shape: Shape): Shape {
  const at = random.below(shape.rules.length);
  const withRule = (rule: RuleShape): Shape => ({ ...shape, rules: shape.rules.with(at, rule) });
  const rule = shape.rules[at]!;
  switch (random.below(10)) {
    case 0:
      return { ...shape, resource: idOf(1 + random.below(MAX_SEGMENTS)) };
    case 1:
      return { ...shape, subject: idOf(1 + random.below(250)) };
    case 2:
      return { ...shape, hasGroup: !shape.hasGroup };
    case 3:
      return {
        ...shape,
        rules: shape.rules.length > 2 ? shape.rules.slice(1) : [...shape.rules, makeRule()],
      };
    case 4:
      return withRule({ ...rule, condition: random.pick(conditions) });
    case 5:
      return withRule({ ...rule, effect: random.pick(effects), spread: 10 ** random.below(6) });
    case 6:
      return withRule({ ...rule, subject: edit(rule.subject) });
    case 7:
      return { ...shape, resource: edit(shape.resource, idSegments) };
    default:
      return withRule({ ...rule, resource: edit(rule.resource) });
  }
}

/** One segment more, less or another; or the first ones again. */
function edit(segments: readonly string[], letters: readonly string[] = patternSegments): readonly string[] {
  const at = random.below(segments.length + 1);
  switch (random.below(4)) {
    case 0:
      return segments.toSpliced(at, 0, random.pick(letters));
    case 1:
      return segments.toSpliced(at, 1);
    case 2:
      return segments.toSpliced(at, 1, random.pick(letters));
    default:
      return [...segments, ...segments.slice(0, at)].slice(0, MAX_SEGMENTS);
  }
}

// ---------------------------------------------------------------- text

function textOf({ rules }: Shape, count: number): string {
  const lines = Array.from({ length: count }, (_, i) => lineOf(rules[i % rules.length]!, i));
  return `group g { user:b }\n${lines.join('\n')}\n`;
}

function lineOf({ effect, subject, resource, condition, spread }: RuleShape, i: number): string {
  const number = String(i % spread);
  const who = subject.length === 0 ? 'anyone' : `s:/${patternText(subject)}`;
  const when = condition === '' ? '' : ` when ${condition}`;
  return `${effect} ${who} to read on r:/${patternText(resource)}${when}`.replaceAll('#', number);
}

/** Beyond the limit of double stars they are single ones. */
function patternText(segments: readonly string[]): string {
  let doubleStars = 0;
  return segments
    .map((segment) => (segment.includes('**') && ++doubleStars > MAX_DOUBLE_STARS ? '*' : segment))
    .join('/');
}

function describe({ rules, subject, resource, hasGroup }: Shape): string {
  const lines = rules.map((rule) => `${lineOf({ ...rule, spread: 1 }, 0)} (mod ${rule.spread})`);
  const request = `s:/${runs(subject)} on r:/${runs(resource)}${hasGroup ? ' with a group' : ''}`;
  return `${lines.join(' | ')} ← ${request}`;
}

/** `a×60/b`: equal segments once. */
function runs(segments: readonly string[]): string {
  const found: { readonly segment: string; count: number }[] = [];
  for (const segment of segments) {
    if (found.at(-1)?.segment === segment) found.at(-1)!.count++;
    else found.push({ segment, count: 1 });
  }
  return found.map(({ segment, count }) => (count === 1 ? segment : `${segment}×${count}`)).join('/');
}
