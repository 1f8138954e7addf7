import type { ImageSections } from './image.ts';
import { inconsistent } from './image-error.ts';
import {
  DETAIL_CONDITION,
  DETAIL_RESOURCE_PATTERN,
  DETAIL_RULE,
  DETAIL_RULESET,
  DETAIL_SIZE,
  DETAIL_SUBJECT_PATTERN,
  ENTRY_CLASS,
  ENTRY_DETAIL,
  ENTRY_FLAGS,
  ENTRY_PAGE_SHIFT,
  ENTRY_SCOPE,
  ENTRY_SIZE,
  ENTRY_TARGET,
  FIRST_NAMESPACE_NODE,
  GLOB_CHILD,
  GLOB_PROGRAM,
  GLOB_SIZE,
  NAME_PAYLOAD,
  NAME_SIZE,
  NAMESPACE_KNOWN_ACTIONS,
  NAMESPACE_SIZE,
  NAMESPACE_SUPERUSER,
  NAMESPACE_SUPERUSER_ACTIONS,
  NAMESPACE_SUPERUSER_CLASSES,
  NODE_EXACT_COUNT,
  NODE_FIRST_ENTRY,
  NODE_PARENT,
  NODE_SHAPE,
  NODE_SIZE,
  NODE_TAIL_COUNT,
  NODE_TEXT,
  NODE_WILD,
  NONE,
  RELATION_SIZE,
  ROLE_FILE,
  ROLE_SIZE,
  RULE_FILE,
  RULE_ROLE,
  RULE_SIZE,
  RULESET_SIZE,
  SCALAR_ACTION_COUNT,
  SCALAR_CLASS_COUNT,
  SCALAR_COUNT,
  SCALAR_MANY_COUNT,
  SCALAR_MODE,
  SCALAR_UNIVERSAL_NODE,
  type SectionName,
  SHAPE_LENGTH_SHIFT,
  WILD_FIRST_GLOB,
  WILD_GLOB_COUNT,
  WILD_SIZE,
} from './layout.ts';

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

  const nodes = rowsOf('nodes', NODE_SIZE);
  const wilds = rowsOf('wilds', WILD_SIZE);
  const globs = rowsOf('globs', GLOB_SIZE);
  const entries = rowsOf('entries', ENTRY_SIZE);
  const details = rowsOf('details', DETAIL_SIZE);
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
  check('scalars', scalars[SCALAR_MANY_COUNT]! >= 0 && scalars[SCALAR_MANY_COUNT]! <= nodes);
  check('scalars', scalars[SCALAR_UNIVERSAL_NODE]! >= NONE && scalars[SCALAR_UNIVERSAL_NODE]! < nodes);
  check('scalars', scalars[SCALAR_MODE]! >= NONE && scalars[SCALAR_MODE]! < modes);

  const columns: readonly (readonly [WordSection, number, number, number, number?])[] = [
    ['nodes', NODE_SIZE, NODE_PARENT, nodes, NONE],
    ['nodes', NODE_SIZE, NODE_WILD, wilds, NONE],
    ['nodes', NODE_SIZE, NODE_FIRST_ENTRY, entries + 1],
    ['nodes', NODE_SIZE, NODE_EXACT_COUNT, entries + 1],
    ['nodes', NODE_SIZE, NODE_TAIL_COUNT, entries + 1],
    ['globs', GLOB_SIZE, GLOB_PROGRAM, programs],
    ['globs', GLOB_SIZE, GLOB_CHILD, nodes],
    ['entries', ENTRY_SIZE, ENTRY_CLASS, scalars[SCALAR_CLASS_COUNT]! * 2],
    ['details', DETAIL_SIZE, DETAIL_RULE, rules],
    ['details', DETAIL_SIZE, DETAIL_RULESET, rulesets, NONE],
    ['rules', RULE_SIZE, RULE_FILE, files],
    ['rules', RULE_SIZE, RULE_ROLE, roles, NONE],
    ['roles', ROLE_SIZE, ROLE_FILE, files],
    ['namespaceRoots', 1, 0, namespaces],
    ['templates', 1 + modes, 0, namespaces],
    ['relationIndex', 1, 0, image.relations.length],
    ['wilds', WILD_SIZE, WILD_FIRST_GLOB, globs + 1],
    ['wilds', WILD_SIZE, WILD_GLOB_COUNT, globs + 1],
    ['details', DETAIL_SIZE, DETAIL_CONDITION, programs, NONE],
    ['details', DETAIL_SIZE, DETAIL_SUBJECT_PATTERN, programs, NONE],
    ['details', DETAIL_SIZE, DETAIL_RESOURCE_PATTERN, programs, NONE],
  ];
  for (const column of columns) checkColumn(...column);
  for (let base = 0; base < image.nodes.length; base += NODE_SIZE) {
    const first = image.nodes[base + NODE_FIRST_ENTRY]!;
    check(
      'nodes',
      first + image.nodes[base + NODE_EXACT_COUNT]! + image.nodes[base + NODE_TAIL_COUNT]! <= entries,
    );
    checkText(
      'nodes',
      image.nodes[base + NODE_TEXT]!,
      image.nodes[base + NODE_SHAPE]! >>> SHAPE_LENGTH_SHIFT,
    );
  }
  for (let field = 0; field < WILD_FIRST_GLOB; field++) checkColumn('wilds', WILD_SIZE, field, nodes, NONE);
  for (let base = 0; base < image.wilds.length; base += WILD_SIZE) {
    check('wilds', image.wilds[base + WILD_FIRST_GLOB]! + image.wilds[base + WILD_GLOB_COUNT]! <= globs);
  }
  for (let base = 0; base < image.entries.length; base += ENTRY_SIZE) {
    const flags = image.entries[base + ENTRY_FLAGS]!;
    const target = image.entries[base + ENTRY_TARGET]!;
    // Plain entries of the tries of subjects and templates point to lists and templates instead of rules.
    const plain = Math.max(rules, classLists.length, templates);
    check(
      'entries',
      target >= 0 &&
        target < ((flags & ENTRY_SCOPE) !== 0 ? rulesets : (flags & ENTRY_DETAIL) !== 0 ? details : plain),
    );
    check('entries', flags >>> ENTRY_PAGE_SHIFT <= actions >>> 5);
  }
  check('namespaceRoots', FIRST_NAMESPACE_NODE + image.namespaceRoots.length <= nodes);
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
  for (const section of ['subjects', 'groups', 'actions', 'entities', 'files', 'modes', 'routes'] as const) {
    rowsOf(section, NAME_SIZE);
    checkTexts(section, NAME_SIZE);
  }
  for (const section of ['subjects', 'groups'] as const) {
    checkLists(section, NAME_SIZE, NAME_PAYLOAD);
  }
  for (let at = NAME_PAYLOAD; at < image.entities.length; at += NAME_SIZE) {
    const start = image.entities[at]!;
    checkText('entities', start, 2);
    checkText('entities', start, 2 + (text[start]! | (text[start + 1]! << 16)));
  }
  checkSlots('slots', nodes);
  checkSlots('entrySlots', entries);
  checkSlots('subjectSlots', image.subjects.length / NAME_SIZE);
  checkSlots('groupSlots', image.groups.length / NAME_SIZE);
  checkSlots('actionSlots', actions);
  checkSlots('entitySlots', image.entities.length / NAME_SIZE);

  check('relationIndex', image.relationIndex.length === (namespaces + 2) * actions);
  for (const at of image.relationIndex) {
    const count = image.relations[at]!;
    check('relations', count >= 0 && at + 1 + count * RELATION_SIZE <= image.relations.length);
  }
}
