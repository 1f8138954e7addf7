import type { ImageSections } from './image.ts';
import { inconsistent } from './image-error.ts';
import {
  CLASS_COUNT_SHIFT,
  DETAIL_CONDITION,
  DETAIL_RESOURCE_PATTERN,
  DETAIL_RULE,
  DETAIL_RULESET,
  DETAIL_SIZE,
  DETAIL_SUBJECT_PATTERN,
  END_MASK,
  ENTRY_CLASS,
  ENTRY_DETAIL,
  ENTRY_FLAGS,
  ENTRY_PAGE_SHIFT,
  ENTRY_SCOPE,
  ENTRY_SIZE,
  ENTRY_TARGET,
  GLOB_CHILD,
  GLOB_PROGRAM,
  GLOB_SIZE,
  HAS_NAMESPACE,
  HAS_WILD,
  IS_LOOSE,
  MANY_CLASSES,
  NAME_PAYLOAD,
  NAME_SIZE,
  NAMESPACE_KNOWN_ACTIONS,
  NAMESPACE_SIZE,
  NAMESPACE_SUPERUSER,
  NAMESPACE_SUPERUSER_ACTIONS,
  NAMESPACE_SUPERUSER_CLASSES,
  NODE_HEAD,
  NODE_PARENT,
  NONE,
  RELATION_SIZE,
  ROLE_FILE,
  ROLE_SIZE,
  ROOT_COUNT,
  RULE_FILE,
  RULE_ROLE,
  RULE_SIZE,
  RULESET_SIZE,
  SCALAR_ACTION_COUNT,
  SCALAR_CLASS_COUNT,
  SCALAR_COUNT,
  SCALAR_MANY_COUNT,
  SCALAR_MODE,
  SCALAR_NODE_BITS,
  SCALAR_ROOTS,
  SCALAR_SUBJECT_BITS,
  SCALAR_UNIVERSAL_NODE,
  type SectionName,
  WILD_FIRST_GLOB,
  WILD_GLOB_COUNT,
  WILD_MANY,
  WILD_SIZE,
} from './layout.ts';
import {
  classesOffsetOf,
  entriesAt,
  exactCountAt,
  extrasOf,
  isMany,
  ordinalAt,
  startOf,
  tailCountAt,
  wildAt,
} from './nodes.ts';

type WordSection = Exclude<SectionName, 'text' | 'numbers'>;

/**
 * Checks that every index of the image is in bounds, so that the evaluator may trust the bytes. One pass over each
 * section.
 *
 * @throws {ImageError} `inconsistent`, naming the section
 */
export function verifySections(image: ImageSections): void {
  const { scalars, classLists, text } = image;

  const check = (section: SectionName, isRight: boolean): void => {
    if (!isRight) throw inconsistent(section);
  };
  const rowsOf = (section: WordSection, size: number): number => {
    check(section, image[section].length % size === 0);
    return image[section].length / size;
  };
  /** One word of every row is an index below `end`, or not less than `low`, which may be NONE. */
  const checkColumn = (section: WordSection, size: number, field: number, end: number, low = 0): void => {
    const words = image[section];
    for (let at = field; at < words.length; at += size) check(section, words[at]! >= low && words[at]! < end);
  };
  const checkText = (section: SectionName, start: number, length: number): void =>
    check(section, start >= 0 && length >= 0 && start + length <= text.length);
  /** Two words of every row are the start and the length of a text. */
  const checkTexts = (section: WordSection, size: number, field = 0): void => {
    const words = image[section];
    for (let at = field; at < words.length; at += size) checkText(section, words[at]!, words[at + 1]!);
  };
  /** A power of two with an empty slot: otherwise a probe would never end. */
  const checkSlots = (section: WordSection, end: number): void => {
    const slots = image[section];
    checkColumn(section, 1, 0, end + 1);
    check(section, slots.length > 0 && (slots.length & (slots.length - 1)) === 0 && slots.includes(0));
  };
  /** One word of every row is the offset of a list, or `low`, which may be NONE. */
  const checkLists = (section: WordSection, size: number, field: number, low = 0): void => {
    const words = image[section];
    checkColumn(section, size, field, classLists.length, low);
    for (let at = field; at < words.length; at += size) {
      const list = words[at]!;
      check(
        section,
        list === NONE || (classLists[list]! >= 0 && list + classLists[list]! < classLists.length),
      );
    }
  };

  const globs = rowsOf('globs', GLOB_SIZE);
  rowsOf('wilds', WILD_SIZE);
  rowsOf('details', DETAIL_SIZE);
  const rules = rowsOf('rules', RULE_SIZE);
  const roles = rowsOf('roles', ROLE_SIZE);
  const rulesets = rowsOf('rulesets', RULESET_SIZE);
  const namespaces = rowsOf('namespaces', NAMESPACE_SIZE);
  const files = rowsOf('files', NAME_SIZE);
  const actions = rowsOf('actions', NAME_SIZE);
  const modes = rowsOf('modes', NAME_SIZE);
  const templates = rowsOf('templates', 1 + modes);
  const programs = image.programs.length;

  check(
    'scalars',
    scalars.length === SCALAR_COUNT &&
      scalars[SCALAR_ACTION_COUNT] === actions &&
      scalars[SCALAR_CLASS_COUNT]! >= 2,
  );
  check('scalars', scalars[SCALAR_MANY_COUNT]! >= 0 && scalars[SCALAR_MANY_COUNT]! <= image.nodes.length);
  check('scalars', scalars[SCALAR_MODE]! >= NONE && scalars[SCALAR_MODE]! < modes);

  const columns: readonly (readonly [WordSection, number, number, number, number?])[] = [
    ['globs', GLOB_SIZE, GLOB_PROGRAM, programs],
    ['details', DETAIL_SIZE, DETAIL_RULE, rules],
    ['details', DETAIL_SIZE, DETAIL_RULESET, rulesets, NONE],
    ['rules', RULE_SIZE, RULE_FILE, files],
    ['rules', RULE_SIZE, RULE_ROLE, roles, NONE],
    ['roles', ROLE_SIZE, ROLE_FILE, files],
    ['templates', 1 + modes, 0, namespaces],
    ['relationIndex', 1, 0, image.relations.length],
    ['wilds', WILD_SIZE, WILD_FIRST_GLOB, globs + 1],
    ['wilds', WILD_SIZE, WILD_GLOB_COUNT, globs + 1],
    ['details', DETAIL_SIZE, DETAIL_CONDITION, programs, NONE],
    ['details', DETAIL_SIZE, DETAIL_SUBJECT_PATTERN, programs, NONE],
    ['details', DETAIL_SIZE, DETAIL_RESOURCE_PATTERN, programs, NONE],
  ];
  for (const column of columns) checkColumn(...column);
  for (let base = 0; base < image.wilds.length; base += WILD_SIZE) {
    check('wilds', image.wilds[base + WILD_FIRST_GLOB]! + image.wilds[base + WILD_GLOB_COUNT]! <= globs);
  }
  for (const field of [NAMESPACE_SUPERUSER_ACTIONS, NAMESPACE_KNOWN_ACTIONS, NAMESPACE_SUPERUSER_CLASSES]) {
    checkLists('namespaces', NAMESPACE_SIZE, field, NONE);
  }

  for (const [section, size] of [
    ['rules', RULE_SIZE],
    ['roles', ROLE_SIZE],
    ['rulesets', RULESET_SIZE],
    ['namespaces', NAMESPACE_SIZE],
  ] as const) {
    checkTexts(section, size);
  }
  checkTexts('namespaces', NAMESPACE_SIZE, NAMESPACE_SUPERUSER);
  for (const section of ['groups', 'actions', 'entities', 'files', 'modes', 'routes'] as const) {
    rowsOf(section, NAME_SIZE);
    checkTexts(section, NAME_SIZE);
  }
  checkLists('groups', NAME_SIZE, NAME_PAYLOAD);
  for (let at = NAME_PAYLOAD; at < image.entities.length; at += NAME_SIZE) {
    const start = image.entities[at]!;
    checkText('entities', start, 2);
    checkText('entities', start, 2 + (text[start]! | (text[start + 1]! << 16)));
  }
  checkSlots('entrySlots', image.nodes.length);
  checkSlots('groupSlots', image.groups.length / NAME_SIZE);
  checkSlots('actionSlots', actions);
  checkSlots('entitySlots', image.entities.length / NAME_SIZE);

  check('relationIndex', image.relationIndex.length === (namespaces + 2) * actions);
  for (const at of image.relationIndex) {
    const count = image.relations[at]!;
    check('relations', count >= 0 && at + 1 + count * RELATION_SIZE <= image.relations.length);
  }

  const nodes = verifyNodes(image, Math.max(rules, classLists.length, templates), check);
  for (const root of scalars.subarray(SCALAR_ROOTS, SCALAR_ROOTS + ROOT_COUNT))
    check('scalars', nodes.has(root));
  const universal = scalars[SCALAR_UNIVERSAL_NODE]!;
  check('scalars', universal === NONE || nodes.has(universal));
  for (let base = 0; base < image.wilds.length; base += WILD_SIZE) {
    for (let field = 0; field < WILD_FIRST_GLOB; field++) {
      const child = image.wilds[base + field]!;
      // What is along a `**` has an ordinal, and nothing else has.
      check(
        'wilds',
        child === NONE ||
          (nodes.has(child) && isMany(image.nodes[child + NODE_HEAD]!) === field >= WILD_MANY),
      );
    }
  }
  for (let at = GLOB_CHILD; at < image.globs.length; at += GLOB_SIZE)
    check('globs', nodes.has(image.globs[at]!));
  verifySlots(image.slots, scalars[SCALAR_NODE_BITS]!, nodes, (isRight) => check('slots', isRight));
  verifySlots(image.subjectSlots, scalars[SCALAR_SUBJECT_BITS]!, verifySubjects(image, check), (isRight) =>
    check('subjectSlots', isRight),
  );
}

type Check = (section: SectionName, isRight: boolean) => void;

/** Where records begin: a bit for each word. */
class Offsets {
  readonly #bits: Uint8Array;

  constructor(words: number) {
    this.#bits = new Uint8Array((words >> 3) + 1);
  }

  add(offset: number): void {
    this.#bits[offset >> 3]! |= 1 << (offset & 7);
  }

  has(offset: number): boolean {
    return offset >= 0 && (this.#bits[offset >> 3]! & (1 << (offset & 7))) !== 0;
  }
}

/**
 * One record after the other: each ends within the section, and what it names is there.
 *
 * @param plainEnd  targets of entries that are neither scopes nor details are below
 */
function verifyNodes(image: ImageSections, plainEnd: number, check: Check): Offsets {
  const { nodes, scalars } = image;
  const offsets = new Offsets(nodes.length);
  const wilds = image.wilds.length / WILD_SIZE;
  const namespaces = image.namespaces.length / NAMESPACE_SIZE;
  const rulesets = image.rulesets.length / RULESET_SIZE;
  const details = image.details.length / DETAIL_SIZE;
  const classes = scalars[SCALAR_CLASS_COUNT]! * 2;
  const pages = scalars[SCALAR_ACTION_COUNT]! >>> 5;
  for (let node = 0; node < nodes.length; ) {
    const parent = nodes[node + NODE_PARENT]!;
    const head = nodes[node + NODE_HEAD]!;
    const isRoot = parent === NONE && (head & END_MASK) === 0;
    check('nodes', isRoot || (parent < node && offsets.has(parent)));
    // The text of a fixed node goes on where that of its parent ends, and that of a root has no parent.
    const isFixed = !isRoot && (head & IS_LOOSE) === 0;
    check(
      'nodes',
      !isFixed ||
        ((nodes[parent + NODE_HEAD]! & IS_LOOSE) === 0 && startOf(nodes, node) <= (head & END_MASK)),
    );
    const extras = extrasOf(nodes, node, head);
    check('nodes', (head & HAS_NAMESPACE) === 0 || isBelow(nodes[extras]!, namespaces));
    check('nodes', (head & HAS_WILD) === 0 || isBelow(wildAt(nodes, extras, head), wilds));
    check('nodes', !isMany(head) || isBelow(ordinalAt(nodes, extras, head), scalars[SCALAR_MANY_COUNT]!));
    const exact = exactCountAt(nodes, extras, head);
    const tail = tailCountAt(nodes, extras, head);
    const first = entriesAt(extras, head);
    const next = first + (exact + tail) * ENTRY_SIZE;
    check('nodes', exact >= 0 && tail >= 0 && next <= nodes.length);
    for (let entry = first; entry < next; entry += ENTRY_SIZE) {
      const flags = nodes[entry + ENTRY_FLAGS]!;
      const end = (flags & ENTRY_SCOPE) !== 0 ? rulesets : (flags & ENTRY_DETAIL) !== 0 ? details : plainEnd;
      check(
        'nodes',
        isBelow(nodes[entry + ENTRY_TARGET]!, end) &&
          isBelow(nodes[entry + ENTRY_CLASS]!, classes) &&
          flags >>> ENTRY_PAGE_SHIFT <= pages,
      );
    }
    offsets.add(node);
    node = next;
  }
  return offsets;
}

function verifySubjects({ subjects, classLists, scalars }: ImageSections, check: Check): Offsets {
  const offsets = new Offsets(subjects.length);
  // The first word is unused, so that no slot of a subject is 0.
  for (let subject = 1; subject < subjects.length; ) {
    const head = subjects[subject]!;
    const count = head >>> CLASS_COUNT_SHIFT;
    const first = classesOffsetOf(subject, head);
    const next = first + (count === MANY_CLASSES ? 1 : count);
    check('subjects', next <= subjects.length);
    for (let at = first; at < next; at++) {
      const end = count === MANY_CLASSES ? classLists.length : scalars[SCALAR_CLASS_COUNT]!;
      check('subjects', isBelow(subjects[at]!, end));
    }
    const list = subjects[first]!;
    check('subjects', count !== MANY_CLASSES || isBelow(list + (classLists[list]! >>> 0), classLists.length));
    offsets.add(subject);
    subject = next;
  }
  return offsets;
}

/** A power of two with an empty slot: otherwise a probe would never end. */
function verifySlots(
  slots: Int32Array,
  bits: number,
  offsets: Offsets,
  check: (isRight: boolean) => void,
): void {
  check((slots.length & (slots.length - 1)) === 0 && slots.includes(0) && isBelow(bits, 32));
  const mask = (1 << bits) - 1;
  for (const slot of slots) check(slot === 0 || offsets.has(slot & mask));
}

function isBelow(value: number, end: number): boolean {
  return value >= 0 && value < end;
}
