import { describe, expect, test } from 'vitest';
import { readImage } from '../src/image/image.ts';
import * as layout from '../src/image/layout.ts';
import { isMany } from '../src/image/nodes.ts';
import { nodesOf, nodeWhere, type OpenNode, put, refusal, wholeImage } from './support/damaged-images.ts';

// As in image-verify.test.ts, each image has one mistake: here in the records of nodes, subjects and wildcards.

const { NONE } = layout;
const whole = readImage(wholeImage);
const { scalars } = whole;
const rulesEnd = whole.rules.length / layout.RULE_SIZE;

describe('a list of classes', () => {
  const at = whole.groups[layout.NAME_PAYLOAD]!;

  test('may end with its section, and not behind it', () => {
    const most = whole.classLists.length - at - 1;
    // The lists of other groups are read too: they stand behind it, and stay what they are.
    expect(refusal(put('classLists', at, most))).toBe(undefined);
    expect(refusal(put('classLists', at, most + 1))).toBe('groups');
    expect(refusal(put('classLists', at, -1))).toBe('groups');
  });

  test('of relations has three words for each item', () => {
    const first = whole.relationIndex[0]!;
    const most = Math.floor((whole.relations.length - first - 1) / layout.RELATION_SIZE);
    expect(refusal(put('relations', first, most))).toBe(undefined);
    expect(refusal(put('relations', first, most + 1))).toBe('relationIndex');
    expect(refusal(put('relations', first, -1))).toBe('relationIndex');
  });
});

describe('the record of a subject', () => {
  const heads: number[] = [];
  for (let at = 1; at < whole.subjects.length; ) {
    heads.push(at);
    const head = whole.subjects[at]!;
    const count = head >>> layout.CLASS_COUNT_SHIFT;
    at += 1 + (((head & 0xffff) + 3) >> 2) + (count === layout.MANY_CLASSES ? 1 : count);
  }
  const countAt = (at: number): number => whole.subjects[at]! >>> layout.CLASS_COUNT_SHIFT;
  const classesAt = (at: number): number => at + 1 + (((whole.subjects[at]! & 0xffff) + 3) >> 2);
  const few = heads.find((at) => countAt(at) > 0 && countAt(at) !== layout.MANY_CLASSES)!;
  const many = heads.find((at) => countAt(at) === layout.MANY_CLASSES)!;

  test('has classes of the image', () => {
    const classes = scalars[layout.SCALAR_CLASS_COUNT]!;
    expect(refusal(put('subjects', classesAt(few), classes - 1))).toBe(undefined);
    expect(refusal(put('subjects', classesAt(few), classes))).toBe('subjects');
    expect(refusal(put('subjects', classesAt(few), -1))).toBe('subjects');
  });

  test('with many classes has a list of them', () => {
    expect(refusal(put('subjects', classesAt(many), whole.groups[layout.NAME_PAYLOAD]!))).toBe(undefined);
    expect(refusal(put('subjects', classesAt(many), whole.classLists.length))).toBe('subjects');
    expect(refusal(put('subjects', classesAt(many), -1))).toBe('subjects');
  });

  test('ends in its section', () => {
    const shorter = whole.subjects.slice(0, -1);
    expect(refusal((sections) => Object.assign(sections, { subjects: shorter }))).toBe('subjects');
  });
});

describe('the program of a pattern', () => {
  const row = whole.details.findIndex(
    (word, at) => at % layout.DETAIL_SIZE === layout.DETAIL_RESOURCE_PATTERN && word !== NONE,
  );
  const at = whole.details[row]!;

  test('ends in its section', () => {
    // The count of elements is that of rows of four words behind two.
    for (const more of [0, 1, 2, 3]) {
      const length = whole.programs.length + more;
      const programs = new Int32Array(length);
      programs.set(whole.programs);
      const most = Math.floor((length - at - 2) / 4);
      const counted = (count: number) =>
        refusal((sections) => Object.assign(sections, { programs: programs.with(at, count) }));
      expect(counted(most)).toBe(undefined);
      expect(counted(most + 1)).toBe('details');
    }
    expect(refusal(put('programs', at, -1))).toBe('details');
  });

  test('has no more elements up to its last variable than it has', () => {
    expect(refusal(put('programs', at + 1, whole.programs[at]!))).toBe(undefined);
    expect(refusal(put('programs', at + 1, whole.programs[at]! + 1))).toBe('details');
  });
});

describe('a wildcard', () => {
  const { wilds, globs } = whole;
  const field = (from: number): number =>
    wilds.findIndex(
      (word, at) => at % layout.WILD_SIZE >= from && at % layout.WILD_SIZE < from + 3 && word !== NONE,
    );
  const one = field(layout.WILD_ONE);
  const many = field(layout.WILD_MANY);
  const atGlobs = wilds.findIndex((word, at) => at % layout.WILD_SIZE === layout.WILD_GLOB_COUNT && word > 0);

  test('for one element leads to no `**`, which would have no ordinal elsewhere', () => {
    expect(refusal(put('wilds', one, wilds[many]!))).toBe('wilds');
  });

  test('for many elements leads to a `**`, whose ordinal is read', () => {
    expect(refusal(put('wilds', many, wilds[one]!))).toBe('wilds');
  });

  test.each([...Array(6).keys()])('child %i is a node', (child) => {
    for (const node of [-2, wilds[one]! + 1, whole.nodes.length])
      expect(refusal(put('wilds', child, node))).toBe('wilds');
    expect(refusal(put('wilds', child, NONE))).toBe(undefined);
  });

  test('has globs of the image', () => {
    const count = globs.length / layout.GLOB_SIZE;
    const range = (first: number, length: number) =>
      refusal((sections) => sections.wilds.set([first, length], atGlobs - 1));
    expect(range(0, count)).toBe(undefined);
    expect(range(count, 0)).toBe(undefined);
    expect(range(1, count)).toBe('wilds');
    expect(range(count + 1, 0)).toBe('wilds');
    expect(range(count, -1)).toBe('wilds');
    expect(range(-1, 1)).toBe('wilds');
  });
});

describe('a node', () => {
  const nodes = nodesOf(whole);
  const isLoose = ({ head }: OpenNode): boolean => (head & layout.IS_LOOSE) !== 0;
  const isBig = ({ head }: OpenNode): boolean => (head & layout.IS_BIG) !== 0;
  const has = (flag: number) => (each: OpenNode) => (each.head & flag) !== 0;
  const find = (isWanted: (node: OpenNode) => boolean): OpenNode => nodeWhere(whole, isWanted);
  const last = nodes.at(-1)!;
  const at = (node: number, word: number) => refusal(put('nodes', node, word));

  test.each([
    ['fixed', find((each) => !isLoose(each) && each.parent !== NONE)],
    ['loose', find(isLoose)],
  ])('%s has a parent before it', (_, { node }) => {
    for (const parent of [node, last.node, whole.nodes.length, 1, -2, 2 ** 30])
      expect(at(node, parent), `${parent}`).toBe('nodes');
  });

  test('without a parent has no text', () => {
    const { node, head } = find((each) => each.parent === NONE);
    expect(at(node + layout.NODE_HEAD, head | 1)).toBe('nodes');
  });

  test('that is fixed has a parent that is', () => {
    const loose = find(isLoose);
    const fixed = nodes.find((each) => each.node > loose.node && !isLoose(each) && each.parent !== NONE)!;
    expect(at(fixed.node, loose.node)).toBe('nodes');
  });

  test('that is fixed begins where the text of its parent ends', () => {
    const end = (each: OpenNode): number => each.head & layout.END_MASK;
    const fixed = nodes.filter((each) => !isLoose(each));
    const pair = fixed.flatMap((longer) =>
      fixed
        .filter((each) => each.node > longer.node && end(each) < end(longer) && each.parent !== NONE)
        .map((shorter) => [longer, shorter] as const),
    )[0]!;
    expect(at(pair[1].node, pair[0].node)).toBe('nodes');
  });

  test('is covered by one before it, or by none', () => {
    const { node } = find((each) => !isLoose(each) && each.parent !== NONE);
    for (const cover of [node, last.node, 1, whole.nodes.length, -2])
      expect(at(node + layout.NODE_COVER, cover), `${cover}`).toBe('nodes');
    expect(at(node + layout.NODE_COVER, NONE)).toBe(undefined);
  });

  test('has a namespace of the image', () => {
    const { extras } = find(has(layout.HAS_NAMESPACE));
    const count = whole.namespaces.length / layout.NAMESPACE_SIZE;
    expect(at(extras, count - 1)).toBe(undefined);
    for (const namespace of [count, -1]) expect(at(extras, namespace)).toBe('nodes');
  });

  test('has wildcards of the image', () => {
    const { extras, head } = find((each) => has(layout.HAS_WILD)(each) && !isMany(each.head));
    expect(head & layout.HAS_NAMESPACE).toBe(0);
    const count = whole.wilds.length / layout.WILD_SIZE;
    expect(at(extras, count - 1)).toBe(undefined);
    for (const wild of [count, -1]) expect(at(extras, wild)).toBe('nodes');
  });

  test('along a `**` has an ordinal below their number', () => {
    const count = scalars[layout.SCALAR_MANY_COUNT]!;
    const { extras } = find((each) => isMany(each.head) && !has(layout.HAS_WILD)(each));
    expect(at(extras, count - 1)).toBe(undefined);
    for (const ordinal of [count, -1]) expect(at(extras, ordinal)).toBe('nodes');
  });

  test('has as many entries as the records say, in either list', () => {
    const big = find(isBig);
    expect(big.exact).toBeGreaterThan(31);
    const counts = (exact: number, tail: number) =>
      refusal((sections) => sections.nodes.set([exact, tail], big.entries - 2));
    expect(counts(big.exact - 1, big.tail + 1)).toBe(undefined);
    expect(counts(-1, big.exact + big.tail + 1)).toBe('nodes');
    expect(counts(big.exact + big.tail + 1, -1)).toBe('nodes');
  });

  test('ends in its section', () => {
    const shorter = whole.nodes.slice(0, -1);
    expect(refusal((sections) => Object.assign(sections, { nodes: shorter }))).toBe('nodes');
    for (const count of [2 ** 27, 2 ** 31 - 1])
      expect(refusal((sections) => sections.nodes.set([count, 0], find(isBig).entries - 2))).toBe('nodes');
  });

  test('whose parts lie behind the end of the section is refused', () => {
    for (const size of [1, 2, 3]) {
      const shorter = whole.nodes.slice(0, last.node + size);
      expect(
        refusal((sections) => Object.assign(sections, { nodes: shorter })),
        `${size}`,
      ).toBe('nodes');
    }
  });

  describe('an entry', () => {
    const entries = nodes.flatMap(({ entries: first, entryCount }) =>
      Array.from({ length: entryCount }, (_, i) => first + i * layout.ENTRY_SIZE),
    );
    const flagsOf = (entry: number): number => whole.nodes[entry + layout.ENTRY_FLAGS]!;
    const entryWith = (flags: number): number =>
      entries.find((entry) => (flagsOf(entry) & (layout.ENTRY_SCOPE | layout.ENTRY_DETAIL)) === flags)!;
    const plainEnd = Math.max(rulesEnd, whole.classLists.length, whole.templates.length / 3);
    const targets: readonly [string, number, number][] = [
      ['a rule', entryWith(0), plainEnd],
      ['a detail', entryWith(layout.ENTRY_DETAIL), whole.details.length / layout.DETAIL_SIZE],
      ['a ruleset', entryWith(layout.ENTRY_SCOPE), whole.rulesets.length / layout.RULESET_SIZE],
    ];
    test.each(targets)('for %s names one that there is', (_, entry, end) => {
      expect(at(entry + layout.ENTRY_TARGET, end - 1)).toBe(undefined);
      expect(at(entry + layout.ENTRY_TARGET, end)).toBe('nodes');
      expect(at(entry + layout.ENTRY_TARGET, -1)).toBe('nodes');
    });

    test('is of a class, which may be one that nobody has', () => {
      const end = scalars[layout.SCALAR_CLASS_COUNT]! * 2;
      expect(at(entries[0]! + layout.ENTRY_CLASS, end - 1)).toBe(undefined);
      expect(at(entries[0]! + layout.ENTRY_CLASS, end)).toBe('nodes');
      expect(at(entries[0]! + layout.ENTRY_CLASS, -1)).toBe('nodes');
    });

    test('is of a page of actions that there is', () => {
      const pages = (whole.actions.length / layout.NAME_SIZE) >>> 5;
      expect(pages).toBeGreaterThan(0);
      const flags = flagsOf(entries[0]!) & ((1 << layout.ENTRY_PAGE_SHIFT) - 1);
      const onPage = (page: number) =>
        at(entries[0]! + layout.ENTRY_FLAGS, flags | (page << layout.ENTRY_PAGE_SHIFT));
      expect(onPage(pages)).toBe(undefined);
      expect(onPage(pages + 1)).toBe('nodes');
      expect(onPage(-1)).toBe('nodes');
    });
  });
});
