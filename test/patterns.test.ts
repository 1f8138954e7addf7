import micromatch from 'micromatch';
import { describe, expect, test } from 'vitest';
import { Authorizer } from '../src/index.ts';

// On paths of slashes our patterns mean what micromatch means by them (LANGUAGE, Patterns): every pattern is compiled into a
// rule of its own, and the engine and micromatch are asked about the same random paths.
//
// micromatch differs in four ways where LANGUAGE's table decides otherwise. The oracle below puts the first three right and
// leaves nothing out; of the fourth the generator makes none.
//
// 1. Its `*` matches the empty segment before a leading slash: `*` and `/`, `*/a` and `/a`, `**/*` and `/`. A segment of ours
//    is never empty. The oracle asks with `?*` for `*`.
// 2. It wants one more segment for a `/**` at the end behind a segment that ends in a star: `a/*/**` and `a/b`. Ours is
//    "strictly beneath a". The oracle also asks without such a `/**`.
// 3. It wants one more segment for a `/**` at the start: `/**/x` and `/x`. The oracle also asks without it.
// 4. It does not expand a group that begins with two dots, and half takes it for a range: `{...,*,1}` and `b`.
//
// Braces are expanded by `micromatch.braces` before `micromatch.matcher` is asked, because by itself that one turns `{1..12}`
// into a class of characters.
const options = { dot: true, noextglob: true, nonegate: true, nobracket: true };

const seeds = [1, 2, 3, 4];
const roundsPerSeed = 6;
const patternsPerRound = 200;
const pathsPerPattern = 50;

describe.each(seeds)('patterns and micromatch, seed %i', (seed) => {
  test('match the same paths', () => {
    const random = new Random(seed);
    let hits = 0;
    for (let round = 0; round < roundsPerSeed; round++) {
      const patterns = Array.from({ length: patternsPerRound }, () => randomPattern(random));
      const authorizer = load(patterns);
      for (const [i, pattern] of patterns.entries()) {
        const expects = oracle(pattern);
        for (let n = 0; n < pathsPerPattern; n++) {
          const path = randomPath(random);
          const isMatch = authorizer.isAllowed(`user:row-${i}`, 'read', path);
          if (isMatch !== expects(path))
            expect({ pattern, path, isMatch }).toEqual({ pattern, path, isMatch: !isMatch });
          if (isMatch) hits++;
        }
      }
    }
    const pairs = roundsPerSeed * patternsPerRound * pathsPerPattern;
    expect(hits / pairs).toBeGreaterThan(0.05);
    expect(hits / pairs).toBeLessThan(0.5);
  });
});

describe('where micromatch differs', () => {
  const differences: readonly (readonly [pattern: string, path: string, ours: boolean, why: string])[] = [
    ['*', '/', false, 'a star is never a root'],
    ['*/a', '/a', false, 'a star is never an empty segment'],
    ['*/**', '/', false, 'a star is never an empty segment'],
    ['**/*', '/', false, 'a star is never a root'],
    ['**/*/a', '/a', false, 'a star is never an empty segment'],
    ['a/*/**', 'a/b', true, 'a double star may be nothing behind a star'],
    ['a/*/**/**', 'a/b', true, 'two double stars may be nothing behind a star'],
    ['x-*/**', 'x-1', true, 'a double star may be nothing behind a glob'],
    ['/**/x', '/x', true, 'a double star may be nothing behind the first slash'],
    ['/**/**/x', '/x', true, 'two double stars may be nothing behind the first slash'],
    ['{...,*,1}', 'b', true, 'two dots at the start of a group are text'],
    ['{...,abc}/??/*', 'a/02/2', false, 'two dots at the start of a group are text'],
  ];

  test.each(differences)('`%s` and `%s`: %s, because %s', (pattern, path, ours) => {
    expect(load([pattern]).isAllowed('user:row-0', 'read', path)).toBe(ours);
    expect(answerOfMicromatch(pattern, path)).toBe(!ours);
  });

  const alike: readonly (readonly [pattern: string, path: string, isMatch: boolean])[] = [
    ['*-x/**', 'a-x', true],
    ['a?/**', 'ab', true],
    ['a/**/x', 'a/x', true],
    ['{a..b,c}', 'a..b', true],
    ['{b,..a}', '..a', true],
    ['a/**', 'a', true],
    ['**/a', '/a', true],
    ['**/a', 'a', true],
    ['a/**/b', 'a/b', true],
    ['a/**/*', 'a/b', true],
    ['a/**/*', 'a', false],
    ['**', '/', true],
    ['**', '/a/b', true],
    ['/**', '/', true],
    ['/**', '/a', true],
    ['/**', 'a', false],
    ['*', '.a', true],
    ['a*', 'a/b', false],
    ['a?c', 'a/c', false],
    ['{a,b/c}/d', 'b/c/d', true],
    ['{01..12}', '07', true],
    ['{1..12}', '12', true],
    ['a/*', 'a', false],
    ['/dev/**', '/development', false],
  ];

  test.each(alike)('and does not in `%s` and `%s`: %s', (pattern, path, isMatch) => {
    expect(load([pattern]).isAllowed('user:row-0', 'read', path)).toBe(isMatch);
    expect(answerOfMicromatch(pattern, path)).toBe(isMatch);
  });
});

// ---------------------------------------------------------------- both sides

/** One rule a pattern, each for a subject of its own. */
function load(patterns: readonly string[]): Authorizer {
  const text = patterns.map((pattern, i) => `allow user:row-${i} to read on ${pattern}\n`).join('');
  return Authorizer.fromSources([{ file: 'patterns.acl', text }]);
}

function expand(pattern: string): string[] {
  return micromatch.braces(pattern, { expand: true });
}

function answerOfMicromatch(pattern: string, path: string): boolean {
  // Asked by a matcher: `isMatch` calls a pattern that equals the path a match before it looks at its braces.
  return expand(pattern).some((each) => micromatch.matcher(each, options)(path));
}

/** What micromatch answers, put right where it is known to differ. */
function oracle(pattern: string): (path: string) => boolean {
  const matchers = expand(pattern)
    .flatMap(withoutNeedlessDoubleStars)
    .map(withoutEmptySegments)
    .map((each) => micromatch.matcher(each, options));
  return (path) => matchers.some((matches) => matches(path));
}

/** The pattern, and what it also means with the `/**` at either end taken for nothing (differences 2 and 3). */
function withoutNeedlessDoubleStars(pattern: string): string[] {
  const ends = repeatedly(pattern, (each) =>
    /\*\/\*\*$/.test(each) ? each.slice(0, -'/**'.length) : undefined,
  );
  return ends.flatMap((end) =>
    repeatedly(end, (each) => (each.startsWith('/**/') ? each.slice('/**'.length) : undefined)),
  );
}

/** `start`, what `next` makes of it, what it makes of that, and so on. */
function repeatedly(start: string, next: (each: string) => string | undefined): string[] {
  const found: string[] = [];
  for (let each: string | undefined = start; each !== undefined; each = next(each)) found.push(each);
  return found;
}

/** A star of at least one unit (difference 1). */
function withoutEmptySegments(pattern: string): string {
  return pattern
    .split('/')
    .map((segment) => (segment === '*' ? '?*' : segment))
    .join('/');
}

// ---------------------------------------------------------------- generators

/** mulberry32: small, seeded, good enough to pick test cases. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit) | 0;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** True in one of `count` cases. */
  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }
}

/** Few and alike, so that patterns and paths meet: prefixes, dots, and what other glob languages give a meaning. */
const names = ['a', 'b', 'c', 'ab', 'ba', 'abc', 'x', 'A', '1', '2', '02', '.a', 'a.b', 'x-1', 'a_b'];
const oddNames = ['a+b', '!a', '!', '$x', '+', '~', '=a', 'b@', 'x!', '...', 'a..b', '..a'];
const groups = [
  '{1..3}',
  '{01..03}',
  '{9..11}',
  '{a..c}',
  'x{1..2}',
  'x{a,b}y',
  '{a,b}{c,x}',
  '{a,b{c,x}}',
  '{.a,a.b}',
];
const globUnits = ['a', 'b', 'x', '.', '-', '+', '!', '1'];

function randomPattern(random: Random): string {
  const segments = Array.from({ length: 1 + random.below(4) }, () => randomSegment(random));
  return (random.oneIn(3) ? '/' : '') + segments.join('/');
}

function randomSegment(random: Random): string {
  const kind = random.below(12);
  if (kind < 4) return random.pick(names);
  if (kind === 4) return random.pick(oddNames);
  if (kind < 7) return '*';
  if (kind < 9) return '**';
  if (kind === 9) return randomGlob(random);
  if (kind === 10) return random.pick(groups);
  const alternatives = Array.from({ length: 2 + random.below(2) }, () => randomAlternative(random));
  // A group that begins with two dots is difference 4.
  return `{${alternatives.join(',').replace(/^\.\./, 'x.')}}`;
}

/** A name, a glob, a wildcard, or two segments. */
function randomAlternative(random: Random): string {
  if (random.oneIn(4)) return `${random.pick(['*', '**', 'a', 'b'])}/${random.pick(names)}`;
  if (random.oneIn(4)) return randomGlob(random);
  if (random.oneIn(8)) return random.pick(['*', '**']);
  return random.pick(random.oneIn(6) ? oddNames : names);
}

/** Text, `?` and single stars; never a dot segment. */
function randomGlob(random: Random): string {
  let glob = '';
  for (let left = 1 + random.below(4); left > 0; left--) {
    const kind = random.below(4);
    if (kind === 0 && !glob.endsWith('*')) glob += '*';
    else if (kind === 1) glob += '?';
    else glob += random.pick(globUnits);
  }
  return glob === '.' || glob === '..' ? 'a' : glob;
}

function randomPath(random: Random): string {
  if (random.oneIn(20)) return '/';
  const segments = Array.from({ length: 1 + random.below(5) }, () =>
    random.oneIn(6)
      ? random.pick([...oddNames, 'ax', 'xb', '01', '3', '10', 'x1', 'xay', 'bc'])
      : random.pick(names),
  );
  return (random.oneIn(3) ? '/' : '') + segments.join('/');
}
