import { describe, expect, test } from 'vitest';
import { RuleFinder } from '../src/evaluate/rule-finder.ts';
import type { SubjectClasses } from '../src/evaluate/subject-classes.ts';
import type { Image } from '../src/image/image.ts';
import * as layout from '../src/image/layout.ts';
import type { TrieWalker } from '../src/image/walk.ts';
import { Random } from './support/generators.ts';

// The finder against a loop over all entries, on lists that lie one behind the other, with an index that is nearly full and
// rows of relations that follow each other: in images of the compiler most slots are free, and neighbours seldom look alike.

/** Some have their last five bits in common, by which the finder looks first. */
const CLASSES = [0, 1, 2, 3, 4, 5, 32, 33, 34, 35, 64, 65];
const ACTIONS = 70;
const NAMESPACES = 2;

interface Entry {
  readonly entryClass: number;
  readonly mask: number;
  readonly flags: number;
  readonly target: number;
}

interface World {
  readonly image: Image;
  readonly lists: readonly (readonly Entry[])[];
  /** What the walker would have found. */
  readonly offsets: Int32Array;
}

/** Rows of the index of actions, by namespace. */
function relationsOf(random: Random): { index: Int32Array; relations: Int32Array } {
  const relations: number[] = [];
  const index = Array.from({ length: (NAMESPACES + 2) * ACTIONS }, () => {
    const at = relations.length;
    const pages = random.chance(0.5) ? [random.below(3)] : random.chance(0.5) ? [0, 2] : [0, 1, 2];
    const mask = (): number => (random.chance(0.3) ? 0 : 1 << random.below(32));
    relations.push(pages.length, ...pages.flatMap((page) => [page, mask(), mask()]));
    return at;
  });
  return { index: Int32Array.from(index), relations: Int32Array.from(relations) };
}

function entryOf(random: Random): Entry {
  const kind = random.pick([
    0,
    0,
    layout.ENTRY_DENY,
    layout.ENTRY_DETAIL,
    layout.ENTRY_DETAIL + 1,
    layout.ENTRY_SCOPE,
  ]);
  return {
    entryClass: random.pick(CLASSES),
    mask: random.chance(0.5) ? -1 : 1 << random.below(32),
    flags: kind | (random.below(3) << layout.ENTRY_PAGE_SHIFT),
    target: random.below(1000),
  };
}

function worldOf(random: Random): World {
  const lists = random.times(random.between(1, 5), () =>
    random
      .times(random.pick([0, 1, 3, layout.INDEX_THRESHOLD, layout.INDEX_THRESHOLD + 1, 25]), () =>
        entryOf(random),
      )
      .sort((a, b) => a.entryClass - b.entryClass),
  );
  // No entry stands at 0, where the root node is.
  const words = [-1, -1, -1, -1];
  const offsets: number[] = [];
  for (const list of lists) {
    offsets.push(words.length, list.length);
    for (const { entryClass, mask, flags, target } of list) words.push(entryClass, mask, flags, target);
  }
  const { index, relations } = relationsOf(random);
  const scalars = new Int32Array(layout.SCALAR_ACTION_COUNT + 1);
  scalars[layout.SCALAR_ACTION_COUNT] = ACTIONS;
  const nodes = Int32Array.from(words);
  const image = {
    nodes,
    entrySlots: slotsOf(random, lists, offsets),
    relationIndex: index,
    relations,
    scalars,
  };
  return { image: image as unknown as Image, lists, offsets: Int32Array.from(offsets) };
}

/** The least table that has a free slot, filled in any order. */
function slotsOf(random: Random, lists: World['lists'], offsets: readonly number[]): Int32Array {
  const keys = lists.flatMap((list, i) => {
    if (list.length <= layout.INDEX_THRESHOLD) return [];
    const first = offsets[i * 2]!;
    return [...new Set(list.map(({ entryClass }) => entryClass))].map((entryClass) => {
      const at = list.findIndex((entry) => entry.entryClass === entryClass);
      return { first, entryClass, base: first + at * layout.ENTRY_SIZE };
    });
  });
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(keys.length + 1)));
  for (const { first, entryClass, base } of random.shuffle(keys)) {
    let slot = layout.slotHash(first, entryClass, 0) & (slots.length - 1);
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
    slots[slot] = base + 1;
  }
  return slots;
}

interface Found {
  readonly allow: number;
  readonly deny: number;
  readonly details: readonly number[];
  readonly scopes: readonly number[];
}

const ascending = (numbers: Iterable<number>): number[] => Array.from(numbers).sort((a, b) => a - b);

/** S12 and S13, entry by entry. */
function findSlowly(
  { image, lists }: World,
  classes: readonly number[],
  action: number,
  namespace: number,
): Found {
  const of = lists.flat().filter(({ entryClass }) => classes.includes(entryClass));
  const scopes = of.filter(
    ({ flags, mask }) =>
      (flags & layout.ENTRY_SCOPE) !== 0 &&
      flags >>> layout.ENTRY_PAGE_SHIFT === Math.floor(action / 32) &&
      (mask & (1 << (action % 32))) !== 0,
  );
  const rules = of.filter(
    ({ flags, mask }) =>
      (flags & layout.ENTRY_SCOPE) === 0 && isRelated(image, action, namespace, flags, mask),
  );
  const plain = (effect: number): number[] =>
    rules.flatMap(({ flags, target }) => ((flags & 7) === effect ? [target] : []));
  const details = rules.filter(({ flags }) => (flags & layout.ENTRY_DETAIL) !== 0);
  return {
    allow: Math.min(...plain(0), 2 ** 32 - 1),
    deny: Math.min(...plain(layout.ENTRY_DENY), 2 ** 32 - 1),
    details: ascending(details.map(({ flags, target }) => target * 2 + (flags & layout.ENTRY_DENY))),
    scopes: ascending(scopes.map(({ target }) => target)),
  };
}

function isRelated(
  { relations, relationIndex }: Image,
  action: number,
  namespace: number,
  flags: number,
  mask: number,
): boolean {
  const at = relationIndex[(namespace + 1) * ACTIONS + action]!;
  for (let page = 0; page < relations[at]!; page++) {
    const [number, allowing, denying] = relations.subarray(at + 1 + page * 3);
    if (number !== flags >>> layout.ENTRY_PAGE_SHIFT) continue;
    return (mask & ((flags & layout.ENTRY_DENY) === 0 ? allowing! : denying!)) !== 0;
  }
  return false;
}

function findQuickly(
  world: World,
  classes: readonly number[],
  requests: readonly (readonly number[])[],
): Found[] {
  const { offsets } = world;
  // Behind the end stands what the walker found before.
  const lists = Int32Array.from([...offsets, ...offsets.subarray(0, 2)]);
  const walker = { lists, listsEnd: offsets.length } as unknown as TrieWalker;
  const has = (subjectClass: number): boolean => classes.includes(subjectClass);
  // Behind the last class stand those of earlier requests.
  const values = [...classes, ...CLASSES];
  const asking = { values, count: classes.length, has } as unknown as SubjectClasses;
  // One for all requests: what it has found before must not stay.
  const finder = new RuleFinder(world.image, walker, asking);
  return requests.map(([action, namespace]) => {
    finder.find(action!, namespace!);
    return {
      allow: finder.firstAllow >>> 0,
      deny: finder.firstDeny >>> 0,
      details: ascending(finder.details.slice(0, finder.detailCount)),
      scopes: ascending(finder.scopes.slice(0, finder.scopeCount)),
    };
  });
}

const seeds = new Random(1122).times(8, (i) => [i]);

describe('of all lists those entries are found that speak of the request (S12, S13)', () => {
  test.each(seeds)('world after world: %i', (first) => {
    for (let i = 0; i < 40; i++) {
      const random = new Random(first! * 1000 + i);
      const world = worldOf(random);
      const all = random.shuffle(CLASSES);
      const classes = all.slice(0, random.pick([1, 2, 4, 8, 9, 11]));
      const requests = random.times(25, () => [random.below(ACTIONS), random.between(-1, NAMESPACES)]);
      const expected = requests.map(([action, namespace]) => findSlowly(world, classes, action!, namespace!));
      expect(findQuickly(world, classes, requests), `world ${first! * 1000 + i}`).toEqual(expected);
    }
  });

  test('an action that no rule names has none', () => {
    const [nothing] = findQuickly(worldOf(new Random(1)), [0, 1, 2], [[layout.NONE, 0]]);
    expect(nothing).toEqual({ allow: 2 ** 32 - 1, deny: 2 ** 32 - 1, details: [], scopes: [] });
  });
});
