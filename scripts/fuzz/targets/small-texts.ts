import fc from 'fast-check';
import { findFault } from '../../../src/id/check-id.ts';
import { FAULT_NONE } from '../../../src/id/faults.ts';
import { isAction, isGroupName, isSubject, scan } from '../../../src/id/scan.ts';
import { buildJsonTree, type JsonNode } from '../../../src/json/json-tree.ts';
import { parseJson } from '../../../src/json/parse-json.ts';
import { isCleanText, isResourceId } from '../../../src/reference/matching.ts';
import { parseCidr, parseIp } from '../../../src/values/ip.ts';
import { parseDuration, parseTime } from '../../../src/values/time.ts';
import { Broken, type FuzzTarget } from '../target.ts';
import { filesIn, fixturesOf, inputOf, textOf } from '../texts.ts';

/** Texts with a small grammar. */

export const idsTarget: FuzzTarget = {
  name: 'ids',
  title:
    'ids are judged as the reference evaluator does; addresses, networks, times and durations are read or not',
  seeds: () => [
    ...[
      'dcos:secrets:default:/a/b',
      '/a/b',
      'user:bob',
      'a',
      'doc:/',
      'a:b:/c',
      '10.0.0.0/8',
      '::ffff:1.2.3.4',
      'fe80::/10',
    ].map(inputOf),
    ...[
      '2026-01-01T00:00:00Z',
      '2026-02-30T23:59:60.5+01:00',
      '1h30m',
      '0.5s',
      'a/../b',
      'a:%2F',
      'x:/y;z',
      'é:/ü',
    ].map(inputOf),
    ...fixturesOf('ids').map(({ input }) => input),
  ],
  tokens: [
    '/',
    ':',
    '..',
    '.',
    '%2f',
    ';',
    '\\',
    'user:',
    'group:',
    '1',
    '::',
    '/128',
    'T',
    'Z',
    '+01:00',
    'h',
    'ms',
  ],
  maxLength: 6000,
  open: () => ({ run: (input) => judgeId(textOf(input)) }),
};

function judgeId(text: string): void {
  const isGood = scan(text);
  const verdicts: readonly [string, boolean, boolean][] = [
    ['id', isGood, isResourceId(text)],
    ['fault', isGood, findFault(text) === FAULT_NONE],
    ['action', isAction(text), isCleanText(text, 256)],
    [
      'subject',
      isSubject(text),
      isCleanText(text, 1024) && !text.startsWith('group:') && /^[^:]+:./.test(text),
    ],
    ['group', isGroupName(text), isCleanText(text, 1024) && !text.startsWith('group:')],
  ];
  for (const [what, actual, expected] of verdicts)
    if (actual !== expected)
      throw new Broken(`${what}: ${String(actual)}, and the other way ${String(expected)}`);
  parseIp(text);
  parseCidr(text);
  const [time, duration] = [parseTime(text), parseDuration(text)];
  if (Number.isNaN(time) || Number.isNaN(duration)) throw new Broken('a time that is no number');
}

export const jsonTarget: FuzzTarget = {
  name: 'json',
  title: 'what the strict reader takes JSON.parse takes and reads alike, and every value has its place',
  seeds: () => [
    ...filesIn(['policies', 'test/fixtures'], /\.json$/).filter(({ length }) => length < 4096),
    ...fixturesOf('json').map(({ input }) => input),
  ],
  generate: (random) => inputOf(fc.sample(fc.json(), { seed: random.seed() | 0, numRuns: 1 })[0]!),
  tokens: [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"a":1,',
    '"\\ud800"',
    '"\\u0061"',
    '1e5',
    '-',
    '1.',
    'null',
    ' ',
    '\t',
  ],
  open: () => ({ run: (input) => readJson(textOf(input)) }),
};

function readJson(text: string): void {
  const strict = parseJson(text);
  let plain: { readonly value: unknown } | undefined;
  try {
    plain = { value: JSON.parse(text) };
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof RangeError)) throw error;
  }
  if (!strict.ok) {
    if (!(strict.offset >= 0 && strict.offset <= text.length))
      throw new Broken('a fault outside of the text');
    return;
  }
  if (plain === undefined) throw new Broken('taken, and JSON.parse refuses it');
  if (JSON.stringify(strict.value) !== JSON.stringify(plain.value))
    throw new Broken('read otherwise than JSON.parse');
  checkTree(buildJsonTree(text), text);
}

/** The text at each node is JSON by itself. */
function checkTree(node: JsonNode, text: string): void {
  JSON.parse(text.slice(node.start, node.end));
  for (const child of [...node.children.values()].slice(0, 4)) checkTree(child, text);
}
