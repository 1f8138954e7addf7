import { describe, expect, test } from 'vitest';
import { readImage } from '../src/image/image.ts';
import * as layout from '../src/image/layout.ts';
import { build } from '../src/index.ts';
import {
  damage,
  damageWords,
  type OpenSections,
  put,
  refusal,
  refusalOf,
  type WordSection,
  wholeImage,
} from './support/damaged-images.ts';

// Each image here has one mistake and a hash that fits: only the check of that mistake can refuse it. What the rows of a
// section point at is written down a second time, from the drawing in layout.ts.

const { NONE } = layout;
const whole = readImage(wholeImage);

test('the whole image is sound, and has something of everything', () => {
  expect(refusal(() => {})).toBe(undefined);
  for (const name of layout.SECTIONS) expect(whole[name].length, name).toBeGreaterThan(0);
});

describe('the header', () => {
  const headers: readonly [string, string, (words: Int32Array) => void][] = [
    ['without the magic', 'not-an-image', (words) => words.fill(layout.MAGIC + 1, 0, 1)],
    ['of another layout', 'other-version', (words) => words.fill(layout.LAYOUT_VERSION - 1, 1, 2)],
    ['with another length', 'truncated', (words) => words.fill(wholeImage.length + 4, 2, 3)],
    ['with a section that ends behind the image', 'text', (words) => words.fill(2 ** 30, 9, 10)],
    ['with a section of a negative length', 'text', (words) => words.fill(-2, 9, 10)],
    [
      'with a section that begins behind the image',
      'text',
      (words) => words.fill(wholeImage.length + 8, 8, 9),
    ],
    ['with a section at no multiple of eight bytes', 'text', (words) => words.fill(words[8]! - 4, 8, 9)],
    ['with floats at no multiple of eight bytes', 'numbers', (words) => words.fill(words[10]! - 4, 10, 11)],
  ];
  test.each(headers)('%s is refused as %s', (_, refused, change) => {
    expect(refusalOf(damageWords(wholeImage, change))).toBe(refused);
  });

  test.each([...wholeImage.subarray(0, 32).keys()])('with another byte %i is refused', (at) => {
    const bytes = wholeImage.slice();
    bytes[at]! ^= 0x10;
    const codes = ['not-an-image', 'other-version', 'truncated', 'altered', 'altered', 'altered', 'altered'];
    expect(refusalOf(bytes)).toBe(codes[at >> 2] ?? 'altered');
  });

  test('may end a section where the image ends', () => {
    expect(refusalOf(damageWords(wholeImage, (words) => words.fill(wholeImage.length, 8, 9)))).toBe('text');
    const last = layout.HEADER_WORDS + (layout.SECTIONS.length - 1) * 2;
    const words = new Int32Array(wholeImage.buffer);
    expect(words[last]! + words[last + 1]!).toBe(wholeImage.length);
  });
});

/** Words that name a row or a word of a section: section, row size, field, how many there are of what they name. */
type Pointer = readonly [
  title: string,
  section: WordSection,
  at: number,
  end: number,
  options?: { readonly isOptional?: true; readonly isLastRefused?: true },
];

const { scalars } = whole;
const optional = { isOptional: true } as const;
const isLastRefused = { isLastRefused: true } as const;
const rulesEnd = whole.rules.length / layout.RULE_SIZE;
const filesEnd = whole.files.length / layout.NAME_SIZE;

const rows: readonly Pointer[] = [
  ['the mode', 'scalars', layout.SCALAR_MODE, whole.modes.length / layout.NAME_SIZE, optional],
  [
    'the universal node',
    'scalars',
    layout.SCALAR_UNIVERSAL_NODE,
    whole.nodes.length,
    { isOptional: true, isLastRefused: true },
  ],
  ['the first root', 'scalars', layout.SCALAR_ROOTS, whole.nodes.length, isLastRefused],
  ['the second root', 'scalars', layout.SCALAR_ROOTS + 1, whole.nodes.length, isLastRefused],
  ['the third root', 'scalars', layout.SCALAR_ROOTS + 2, whole.nodes.length, isLastRefused],
  ['the bits of a node', 'scalars', layout.SCALAR_NODE_BITS, 32, isLastRefused],
  ['the bits of a subject', 'scalars', layout.SCALAR_SUBJECT_BITS, 32, isLastRefused],
  ['the program of a glob', 'globs', layout.GLOB_PROGRAM, whole.programs.length],
  ['the child of a glob', 'globs', layout.GLOB_CHILD, whole.nodes.length, isLastRefused],
  ['the rule of a detail', 'details', layout.DETAIL_RULE, rulesEnd],
  ['the condition of a detail', 'details', layout.DETAIL_CONDITION, whole.programs.length, optional],
  [
    'the ruleset of a detail',
    'details',
    layout.DETAIL_RULESET,
    whole.rulesets.length / layout.RULESET_SIZE,
    optional,
  ],
  [
    'the subject pattern of a detail',
    'details',
    layout.DETAIL_SUBJECT_PATTERN,
    whole.programs.length,
    { isOptional: true, isLastRefused: true },
  ],
  [
    'the resource pattern of a detail',
    'details',
    layout.DETAIL_RESOURCE_PATTERN,
    whole.programs.length,
    { isOptional: true, isLastRefused: true },
  ],
  ['the file of a rule', 'rules', layout.RULE_FILE, filesEnd],
  ['the role of a rule', 'rules', layout.RULE_ROLE, whole.roles.length / layout.ROLE_SIZE, optional],
  ['the file of a role', 'roles', layout.ROLE_FILE, filesEnd],
  ['the holders of a group', 'groups', layout.NAME_PAYLOAD, whole.classLists.length, isLastRefused],
  ['the relations of an action', 'relationIndex', 0, whole.relations.length, isLastRefused],
  ['the namespace of a template', 'templates', 0, whole.namespaces.length / layout.NAMESPACE_SIZE],
  [
    'the superuser actions of a namespace',
    'namespaces',
    layout.NAMESPACE_SUPERUSER_ACTIONS,
    whole.classLists.length,
    { isOptional: true, isLastRefused: true },
  ],
  [
    'the known actions of a namespace',
    'namespaces',
    layout.NAMESPACE_KNOWN_ACTIONS,
    whole.classLists.length,
    { isOptional: true, isLastRefused: true },
  ],
  [
    'the superuser classes of a namespace',
    'namespaces',
    layout.NAMESPACE_SUPERUSER_CLASSES,
    whole.classLists.length,
    { isOptional: true, isLastRefused: true },
  ],
  ['the attributes of an entity', 'entities', layout.NAME_PAYLOAD, whole.text.length - 1, isLastRefused],
  ['the first rule of a store', 'store', layout.STORE_FIRST_RULE, rulesEnd + 1],
  ['the templates of a store', 'store', layout.STORE_JSON, whole.text.length - 1, isLastRefused],
  ['the members of a store', 'store', layout.STORE_MEMBERS, whole.classLists.length, isLastRefused],
];

const pointers = rows.map(([title, section, at, end, options]) => ({ title, section, at, end, ...options }));

describe('a word that names something', () => {
  test.each(pointers)(
    '$title: one past the last is refused, and what is below zero',
    ({ section, at, end }) => {
      expect(refusal(put(section, at, end))).toBe(section);
      expect(refusal(put(section, at, -2))).toBe(section);
      expect(refusal(put(section, at, -(2 ** 31)))).toBe(section);
      expect(refusal(put(section, at, 2 ** 31 - 1))).toBe(section);
    },
  );

  test.each(pointers)('$title: nothing is taken where nothing may be', ({ section, at, isOptional }) => {
    expect(refusal(put(section, at, NONE))).toBe(isOptional === true ? undefined : section);
  });

  test.each(pointers.filter(({ isLastRefused: isRefused }) => isRefused !== true))(
    '$title: the last one is taken',
    ({ section, at, end }) => {
      expect(refusal(put(section, at, end - 1))).toBe(undefined);
    },
  );
});

/** Names: the section, and the field at which text and length stand. */
const names: readonly [WordSection, number][] = [
  ['rules', layout.RULE_TEXT],
  ['roles', layout.ROLE_TEXT],
  ['groups', layout.NAME_TEXT],
  ['actions', layout.NAME_TEXT],
  ['namespaces', layout.NAMESPACE_TEXT],
  ['namespaces', layout.NAMESPACE_SUPERUSER],
  ['rulesets', layout.RULESET_TEXT],
  ['entities', layout.NAME_TEXT],
  ['files', layout.NAME_TEXT],
  ['modes', layout.NAME_TEXT],
  ['routes', layout.NAME_TEXT],
];

describe('a name', () => {
  const units = whole.text.length;
  const given = (section: (typeof names)[number][0], at: number, start: number, length: number) =>
    refusal((sections) => sections[section].set([start, length], at));

  test.each(names)('in %s at %i lies in the pool of texts', (section, at) => {
    expect(given(section, at, units - 1, 2)).toBe(section);
    expect(given(section, at, units, 1)).toBe(section);
    expect(given(section, at, units + 1, 0)).toBe(section);
    expect(given(section, at, 5, -1)).toBe(section);
    expect(given(section, at, -1, 1)).toBe(section);
    expect(given(section, at, 0, 2 ** 31 - 1)).toBe(section);
  });

  test.each(names)('in %s at %i may end with the pool', (section, at) => {
    expect(given(section, at, units - 1, 1)).toBe(undefined);
    expect(given(section, at, units, 0)).toBe(undefined);
    expect(given(section, at, 0, units)).toBe(undefined);
  });
});

describe('the attributes of an entity', () => {
  const at = whole.entities[layout.NAME_PAYLOAD]!;
  const lengthOf = (length: number) => (sections: OpenSections) => {
    sections.text.set([length & 0xffff, length >>> 16], at);
  };
  const most = whole.text.length - at - 2;

  test('may end with the pool of texts', () => {
    expect(refusal(lengthOf(most))).toBe(undefined);
  });

  test('that end behind the pool are refused, however long', () => {
    for (const length of [most + 1, 2 ** 16 + most, 2 ** 31, -1])
      expect(refusal(lengthOf(length))).toBe('entities');
  });
});

describe('a table of open addressing', () => {
  const tables = ['slots', 'entrySlots', 'subjectSlots', 'groupSlots', 'actionSlots', 'entitySlots'] as const;

  test.each(tables)('%s: without an empty slot is refused, for a probe would never end', (name) => {
    const used = whole[name].find((slot) => slot !== 0)!;
    expect(
      refusal((sections) =>
        Object.assign(sections, { [name]: sections[name].map((slot) => (slot === 0 ? used : slot)) }),
      ),
    ).toBe(name);
    expect(refusal((sections) => Object.assign(sections, { [name]: new Int32Array(0) }))).toBe(name);
  });

  test.each(tables)('%s: of another size than a power of two is refused', (name) => {
    expect(
      refusal((sections) => Object.assign(sections, { [name]: new Int32Array([...sections[name], 0]) })),
    ).toBe(name);
    expect(refusal((sections) => Object.assign(sections, { [name]: new Int32Array(3) }))).toBe(name);
  });

  test.each(tables)('%s: may have a single slot', (name) => {
    expect(refusal((sections) => Object.assign(sections, { [name]: new Int32Array(1) }))).toBe(undefined);
  });

  const rows = [
    ['entrySlots', whole.nodes.length],
    ['groupSlots', whole.groups.length / layout.NAME_SIZE],
    ['actionSlots', whole.actions.length / layout.NAME_SIZE],
    ['entitySlots', whole.entities.length / layout.NAME_SIZE],
  ] as const;
  test.each(rows)('%s: what names nothing of %i is refused', (name, count) => {
    const at = whole[name].findIndex((slot) => slot !== 0);
    expect(refusal(put(name, at, count))).toBe(undefined);
    expect(refusal(put(name, at, count + 1))).toBe(name);
    expect(refusal(put(name, at, -1))).toBe(name);
  });

  const records = [
    ['slots', layout.SCALAR_NODE_BITS],
    ['subjectSlots', layout.SCALAR_SUBJECT_BITS],
  ] as const;
  test.each(records)('%s: what names no beginning of a record is refused', (name, bits) => {
    const offsetMask = 2 ** scalars[bits]! - 1;
    const at = whole[name].findIndex((slot) => slot !== 0);
    expect(refusal(put(name, at, whole[name][at]! + 1))).toBe(name);
    expect(refusal(put(name, at, whole[name][at]! | offsetMask))).toBe(name);
  });

  test.each(records)('%s: offsets may take all bits but one', (name, bits) => {
    const offsetMask = 2 ** scalars[bits]! - 1;
    const plain = (sections: OpenSections): void => {
      sections.scalars[bits] = 31;
      for (const [at, slot] of sections[name].entries()) sections[name][at] = slot & offsetMask;
    };
    expect(refusal(plain)).toBe(undefined);
  });
});

describe('a section with rows', () => {
  // Where another section says how many rows there are, or how long they are, that one is named.
  const cut: readonly [WordSection, string][] = [
    ['scalars', 'scalars'],
    ['wilds', 'wilds'],
    ['globs', 'globs'],
    ['details', 'details'],
    ['rules', 'rules'],
    ['roles', 'roles'],
    ['groups', 'groups'],
    ['actions', 'scalars'],
    ['relationIndex', 'relationIndex'],
    ['templates', 'templates'],
    ['namespaces', 'relationIndex'],
    ['rulesets', 'rulesets'],
    ['entities', 'entities'],
    ['files', 'files'],
    ['modes', 'templates'],
    ['routes', 'routes'],
    ['store', 'store'],
  ];
  test.each(cut)('%s: with a word too many is refused at %s', (name, refused) => {
    const longer = new Int32Array([...whole[name], 0]);
    expect(refusal((sections) => Object.assign(sections, { [name]: longer }))).toBe(refused);
  });

  test('`relationIndex` with a row too few is refused', () => {
    const shorter = whole.relationIndex.slice(1);
    expect(refusal((sections) => Object.assign(sections, { relationIndex: shorter }))).toBe('relationIndex');
  });

  test('`scalars` twice is refused', () => {
    const twice = new Int32Array([...whole.scalars, ...whole.scalars]);
    expect(refusal((sections) => Object.assign(sections, { scalars: twice }))).toBe('scalars');
  });
});

describe('the numbers of the whole image', () => {
  const classesEnd = 2 + whole.groups.length + whole.subjects.length + whole.classLists.length;

  test('actions are as many as there are rows', () => {
    const actions = scalars[layout.SCALAR_ACTION_COUNT]!;
    expect(refusal(put('scalars', layout.SCALAR_ACTION_COUNT, actions + 1))).toBe('scalars');
    expect(refusal(put('scalars', layout.SCALAR_ACTION_COUNT, actions - 1))).toBe('scalars');
  });

  test('there are no more `**` than words of nodes, and as many as the nodes say', () => {
    const words = whole.nodes.length;
    expect(refusal(put('scalars', layout.SCALAR_MANY_COUNT, words))).toBe(undefined);
    expect(refusal(put('scalars', layout.SCALAR_MANY_COUNT, words + 1))).toBe('scalars');
    for (const count of [0, -1])
      expect(refusal(put('scalars', layout.SCALAR_MANY_COUNT, count))).toBe('nodes');
  });

  test('there are no more classes than could be named', () => {
    expect(refusal(put('scalars', layout.SCALAR_CLASS_COUNT, classesEnd))).toBe(undefined);
    expect(refusal(put('scalars', layout.SCALAR_CLASS_COUNT, classesEnd + 1))).toBe('scalars');
  });

  test('there are two classes at least', () => {
    const built = build([{ file: 'a.acl', text: 'allow anyone to read on a:b\n' }]);
    if (!built.ok) throw new Error('the policy does not build');
    for (const [classes, refused] of [
      [2, undefined],
      [1, 'scalars'],
    ] as const)
      expect(refusalOf(damage(built.image, put('scalars', layout.SCALAR_CLASS_COUNT, classes)))).toBe(
        refused,
      );
  });
});
