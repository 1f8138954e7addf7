import type { Request } from '../../src/index.ts';

/** A policy at the limits of the language, and what to ask of it: `bench/worst.ts` times it, `test/worst.test.ts` asks the reference too. */
export interface WorstCase {
  readonly title: string;
  readonly source: string;
  readonly requests: readonly Request[];
}

const RESOURCE = 'r:1';
/** Of rules that take a good part of a millisecond each, a hundred thousand would only keep everybody waiting. */
const MOST_OF_THE_COSTLIEST = 1000;
const CONTEXT = {
  s: 'value-x',
  n: -1,
  ip: '192.168.0.1',
  time: '2024-05-06T07:08:09Z',
  list: ['a', 'b'],
  text: 'a'.repeat(200),
};

/** So many rules with conditions on one node, for one class of subjects. */
export function worstConditions(ruleCount: number): readonly WorstCase[] {
  const ask: Request = { subject: 'user:a', action: 'read', resource: RESOURCE, context: CONTEXT };
  const conditions = (
    title: string,
    effect: string,
    conditionOf: (i: number) => string,
    last = '',
  ): WorstCase => ({
    title,
    source:
      linesOf(ruleCount, (i) => `${effect} user:a to read on ${RESOURCE} when ${conditionOf(i)}`) + last,
    requests: [ask],
  });
  return [
    conditions('strings, all different, none equal', 'allow', (i) => `context.s == "value-${i}"`),
    conditions(
      'strings, the last rule of the file allows',
      'allow',
      (i) => `context.s == "value-${i}"`,
      `allow user:a to read on ${RESOURCE} when context.s == "value-x"\n`,
    ),
    conditions('numbers, all different', 'allow', (i) => `context.n > ${i}`),
    conditions(
      'denies, of which the last errs',
      'deny',
      (i) => `context.n == ${i}`,
      `deny user:a to read on ${RESOURCE} when context.none == 1\n`,
    ),
    conditions('allows that err', 'allow', (i) => `context.none == ${i}`),
    conditions(
      'one condition in every rule',
      'allow',
      () => 'context.n > 3 && context.ip in cidr("10.0.0.0/8")',
    ),
    conditions(
      'networks, all different',
      'allow',
      (i) => `context.ip in cidr("10.${(i >> 8) & 255}.${i & 255}.0/24")`,
    ),
    conditions(
      'addresses, all different',
      'allow',
      (i) => `context.ip == ip("10.${i >> 16}.${(i >> 8) & 255}.${i & 255}")`,
    ),
    conditions(
      'times, all different',
      'allow',
      (i) => `context.time < time("2000-01-01T00:00:00.${String(i).padStart(9, '0')}Z")`,
    ),
    conditions('lists of strings', 'allow', (i) => `context.s in ["a${i}", "b${i}", "c${i}"]`),
    conditions('lists of numbers', 'allow', (i) => `context.n in [${i}, ${i + 1}, ${i + 2}]`),
    conditions('lists of the request', 'allow', (i) => `"role-${i}" in context.list`),
    conditions('globs', 'allow', (i) => `context.s like "*a*${i}*"`),
    conditions('attributes, all different, none there', 'allow', (i) => `context.a${i} == 1`),
    conditions('attributes, all different, tested for', 'allow', (i) => `context has a${i}`),
    conditions(
      'a disjunction in each',
      'allow',
      (i) => `context.n == ${i} || context.s == "${i}" || !(context.n < ${i})`,
    ),
    conditions('groups', 'allow', (i) => `subject in group:g && context.n == ${i}`, 'group g { user:a }\n'),
  ];
}

/** So many rules with variables on one node, then single rules whose search is long. */
export function worstVariables(ruleCount: number): readonly WorstCase[] {
  const deep = Array.from({ length: 200 }, (_, i) => i).join('/');
  const same = (title: string, rule: string, requests: readonly Request[]): WorstCase => ({
    title,
    source: linesOf(ruleCount, () => rule),
    requests,
  });
  const one = (title: string, rule: string, subject: string, ...resources: readonly string[]): WorstCase => ({
    title,
    source: `${rule}\n`,
    requests: resources.map((resource) => ({ subject, action: 'read', resource })),
  });
  const stars = Array(15).fill('**/a').join('/');
  const different = Math.min(ruleCount, MOST_OF_THE_COSTLIEST);
  return [
    {
      title: 'hard pairs of patterns, all different',
      source: linesOf(different, (i) => `allow s:/{x**}/${segmentsThatFit(i)}/** to read on r:/**/{x**}/**`),
      requests: [{ subject: `s:/b/${letters(200)}`, action: 'read', resource: `r:/${letters(120)}` }],
    },
    {
      title: 'two variables in pairs of patterns, all different',
      source: linesOf(
        different,
        (i) => `allow s:/{x**}/{y**}/${segmentsThatFit(i)} to read on r:/{y**}/{x**}/z`,
      ),
      requests: [{ subject: `s:/${letters(120)}`, action: 'read', resource: `r:/${letters(119)}/b/z` }],
    },
    same('one pair of patterns in every rule', 'allow user:{x} to read on home:/{x}/**', [
      { subject: 'user:bob', action: 'read', resource: 'home:/eve/a/b' },
    ]),
    same('one hard pair of patterns in every rule', 'allow s:/{x**}/** to read on r:/**/{x**}/**', [
      { subject: `s:/b/${letters(200)}`, action: 'read', resource: `r:/${letters(120)}` },
    ]),
    one(
      'a variable between double stars',
      'allow s:/{x**}/** to read on r:/{x**}/*',
      `s:/${deep}`,
      `r:/${deep}/x`,
      `r:/${deep}/x/y`,
    ),
    one(
      'sixteen double stars and a variable',
      `allow s:/{x**}/${stars} to read on r:/${stars}/{x**}`,
      `s:/${letters(250)}`,
      `r:/${letters(250)}`,
      `r:/${letters(249)}/b`,
    ),
    one(
      'sixteen double stars before a variable',
      `allow s:/${stars}/{x**}/b to read on r:/{x**}/b`,
      `s:/${letters(250)}/b`,
      `r:/c/${letters(250)}/b`,
    ),
    one(
      'two double-star variables',
      'allow s:/{x**}/{y**} to read on r:/{y**}/{x**}/z',
      `s:/${letters(120)}`,
      `r:/${letters(119)}/b/z`,
      `r:/${letters(120)}/z`,
    ),
    one(
      'two of different segments',
      'allow s:/{x**}/{y**} to read on r:/{y**}/{x**}',
      `s:/${deep}`,
      `r:/${deep}`,
    ),
    one(
      'eight double-star variables',
      'allow s:/{a**}/{b**}/{c**}/{d**}/{e**}/{f**}/{g**}/{h**} to read on r:/{h**}/{g**}/{f**}/{e**}/{d**}/{c**}/{b**}/{a**}',
      `s:/${letters(250)}`,
      `r:/${letters(249)}/b`,
      `r:/${letters(250)}`,
    ),
    one(
      'a variable that stands sixteen times',
      `allow s:/{x**}/b to read on r:/${Array(16).fill('{x**}').join('/')}`,
      `s:/${letters(15)}/b`,
      `r:/${letters(239)}`,
      `r:/${letters(240)}`,
    ),
    one(
      'a variable that stands again after double stars',
      `allow s:/{x**}/**/{x**}/**/{x**}/** to read on r:/**/{x**}/**/{x**}/z`,
      `s:/${letters(250)}`,
      `r:/${letters(250)}/z`,
    ),
  ];
}

/** So many rules behind a pattern of sixteen `**`, then single globs. */
export function worstPatterns(ruleCount: number): readonly WorstCase[] {
  const stars = Array(16).fill('**/a').join('/');
  const globs = '*a'.repeat(40);
  const different = Math.min(ruleCount, MOST_OF_THE_COSTLIEST);
  return [
    {
      title: 'globs on one segment of 4,000 units, all different',
      source: linesOf(different, (i) => `allow user:a to read on x:*a*${i}`),
      requests: [{ subject: 'user:a', action: 'read', resource: `x:${'a'.repeat(4000)}` }],
    },
    {
      title: 'globs behind a double star, all different',
      source: linesOf(different, (i) => `allow user:a to read on x:/**/*a*${i}`),
      requests: [
        { subject: 'user:a', action: 'read', resource: `x:/${Array(250).fill('a'.repeat(15)).join('/')}` },
      ],
    },
    {
      title: 'sixteen double stars in every rule',
      source: linesOf(ruleCount, (i) => `allow user:a to read on ${stars}/b when context.n == ${i}`),
      requests: [{ subject: 'user:a', action: 'read', resource: `${letters(255)}/b`, context: CONTEXT }],
    },
    {
      title: 'a glob of forty stars on 4,000 units',
      source: `allow user:a to read on x:${globs}b\n`,
      requests: [{ subject: 'user:a', action: 'read', resource: `x:${'a'.repeat(4000)}` }],
    },
    {
      title: 'a long text in a glob on 4,000 units',
      source: `allow user:a to read on x:*${'a'.repeat(2000)}b*\n`,
      requests: [{ subject: 'user:a', action: 'read', resource: `x:${'a'.repeat(4000)}` }],
    },
  ];
}

/** Conditions on values as long as a body of a request may hold: not even one rule of them has to be odd. */
export function worstValues(ruleCount: number): readonly WorstCase[] {
  const count = Math.min(ruleCount, 100);
  const ask = (context: object): readonly Request[] => [
    { subject: 'user:a', action: 'read', resource: RESOURCE, context },
  ];
  const rules = (conditionOf: (i: number) => string): string =>
    linesOf(count, (i) => `allow user:a to read on ${RESOURCE} when ${conditionOf(i)}`);
  return [
    {
      title: 'a hundred globs on a string of 100,000 units',
      source: rules((i) => `context.s like "*a*${i}*"`),
      requests: ask({ s: 'a'.repeat(100_000) }),
    },
    {
      title: 'a glob of 2,000 units on a string of 20,000',
      source: linesOf(
        1,
        () => `allow user:a to read on ${RESOURCE} when context.s like "*${'a'.repeat(2000)}b*"`,
      ),
      requests: ask({ s: 'a'.repeat(20_000) }),
    },
    {
      title: 'a hundred rules that look into a list of 100,000 strings',
      source: rules((i) => `"role-${i}" in context.list`),
      requests: ask({ list: Array.from({ length: 100_000 }, (_, i) => `r${i}`) }),
    },
  ];
}

/** `a/a/a/…` */
function letters(count: number): string {
  return Array(count).fill('a').join('/');
}

/** Six segments, of which each fits `a`; another choice for each number below 4,096. */
function segmentsThatFit(i: number): string {
  return Array.from({ length: 6 }, (_, at) => ['a', '*', '?', 'a*'][(i >> (2 * at)) & 3]).join('/');
}

function linesOf(count: number, lineOf: (i: number) => string): string {
  return `${Array.from({ length: count }, (_, i) => lineOf(i)).join('\n')}\n`;
}
