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
  NAME_TEXT,
  NAMESPACE_KNOWN_ACTIONS,
  NAMESPACE_SIZE,
  NAMESPACE_SUPERUSER,
  NAMESPACE_SUPERUSER_ACTIONS,
  NAMESPACE_SUPERUSER_CLASSES,
  NAMESPACE_TEXT,
  NODE_COVER,
  NODE_HEAD,
  NODE_PARENT,
  NONE,
  RELATION_SIZE,
  RESOURCE_ROOT,
  ROLE_FILE,
  ROLE_SIZE,
  ROLE_TEXT,
  RULE_FILE,
  RULE_ROLE,
  RULE_SIZE,
  RULE_TEXT,
  RULESET_SIZE,
  RULESET_TEXT,
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
  SUBJECT_ROOT,
  TEMPLATE_ROOT,
  WILD_FIRST_GLOB,
  WILD_MANY,
  WILD_ONE,
  WILD_SIZE,
} from './layout.ts';
import {
  classesOffsetOf,
  endAt,
  entriesAt,
  exactCountAt,
  extrasOf,
  isMany,
  ordinalAt,
  tailCountAt,
  wildAt,
} from './nodes.ts';

type WordSection = Exclude<SectionName, 'text' | 'numbers'>;

/** Whether a word is right; the word behind it is its length, where it has one. */
type IsRight = (value: number, next: number) => boolean;

/** So many words of a row, and what those have to be that may not be anything. */
type Row = { readonly length: number; readonly [field: number]: IsRight };

/**
 * Checks that every index of the image is in bounds, so that the evaluator may trust the bytes. One pass over each
 * section.
 *
 * @throws {ImageError} `inconsistent`, naming the section
 */
export function verifySections(image: ImageSections): void {
  const { scalars, nodes, subjects, classLists, text, relations } = image;
  const check = (section: SectionName, isRight: boolean): void => {
    if (!isRight) throw inconsistent(section);
  };
  // Of a section with rows cut short this is no whole number, and the section is refused below.
  const globs = image.globs.length / GLOB_SIZE;
  const wilds = image.wilds.length / WILD_SIZE;
  const details = image.details.length / DETAIL_SIZE;
  const rules = image.rules.length / RULE_SIZE;
  const rulesets = image.rulesets.length / RULESET_SIZE;
  const namespaces = image.namespaces.length / NAMESPACE_SIZE;
  const actions = image.actions.length / NAME_SIZE;
  const modes = image.modes.length / NAME_SIZE;
  const templateSize = 1 + modes;
  const plainTargets = Math.max(rules, classLists.length, image.templates.length / templateSize);
  const classes = scalars[SCALAR_CLASS_COUNT]!;

  const isIndex =
    (end: number): IsRight =>
    (value) =>
      isBelow(value, end);
  const orNone =
    (isRight: IsRight): IsRight =>
    (value, next) =>
      value === NONE || isRight(value, next);
  /** A start and a count of what follows. */
  const isRange =
    (end: number): IsRight =>
    (start, count) =>
      start >= 0 && count >= 0 && start + count <= end;
  /** The offset of a list, which begins with its count of items. */
  const isListIn =
    (words: Int32Array, itemSize: number): IsRight =>
    (at) =>
      isBelow(at, words.length) && words[at]! >= 0 && at + words[at]! * itemSize < words.length;
  const isText = isRange(text.length);
  const isList = isListIn(classLists, 1);
  const isProgram = isIndex(image.programs.length);
  const isFile = isIndex(image.files.length / NAME_SIZE);

  /** 1 where a record begins. */
  const isNodeAt = new Uint8Array(nodes.length);
  for (let node = 0; node < nodes.length; ) {
    const parent = nodes[node + NODE_PARENT]!;
    const head = nodes[node + NODE_HEAD]!;
    // The parent comes before, and the text of a fixed node goes on where that of its parent ends: IS_LOOSE is above any end.
    check(
      'nodes',
      (parent === NONE && (head & END_MASK) === 0) ||
        (isNodeAt[parent] === 1 &&
          ((head & IS_LOOSE) !== 0 ||
            (nodes[parent + NODE_HEAD]! & (IS_LOOSE | END_MASK)) <= (head & END_MASK))),
    );
    const cover = nodes[node + NODE_COVER]!;
    check('nodes', cover === NONE || isNodeAt[cover] === 1);
    const extras = extrasOf(nodes, node, head);
    const exact = exactCountAt(nodes, extras, head);
    const tail = tailCountAt(nodes, extras, head);
    const first = entriesAt(extras, head);
    const next = endAt(nodes, extras, head);
    check(
      'nodes',
      ((head & HAS_NAMESPACE) === 0 || isBelow(nodes[extras]!, namespaces)) &&
        ((head & HAS_WILD) === 0 || isBelow(wildAt(nodes, extras, head), wilds)) &&
        (!isMany(head) || isBelow(ordinalAt(nodes, extras, head), scalars[SCALAR_MANY_COUNT]!)) &&
        exact >= 0 &&
        tail >= 0 &&
        next <= nodes.length,
    );
    for (let entry = first; entry < next; entry += ENTRY_SIZE) {
      const flags = nodes[entry + ENTRY_FLAGS]!;
      const targets =
        (flags & ENTRY_SCOPE) !== 0 ? rulesets : (flags & ENTRY_DETAIL) !== 0 ? details : plainTargets;
      check(
        'nodes',
        isBelow(nodes[entry + ENTRY_TARGET]!, targets) &&
          isBelow(nodes[entry + ENTRY_CLASS]!, classes * 2) &&
          flags >>> ENTRY_PAGE_SHIFT <= actions >>> 5,
      );
    }
    isNodeAt[node] = 1;
    node = next;
  }
  const isNode: IsRight = (at) => isNodeAt[at] === 1;

  const isSubjectAt = new Uint8Array(subjects.length);
  // The first word is unused, so that no slot of a subject is 0.
  for (let subject = 1; subject < subjects.length; ) {
    const head = subjects[subject]!;
    const count = head >>> CLASS_COUNT_SHIFT;
    const first = classesOffsetOf(subject, head);
    const isClass = count === MANY_CLASSES ? isList : isIndex(classes);
    const next = first + (count === MANY_CLASSES ? 1 : count);
    check('subjects', next <= subjects.length);
    for (let at = first; at < next; at++) check('subjects', isClass(subjects[at]!, 0));
    isSubjectAt[subject] = 1;
    subject = next;
  }

  // What is along a `**` has an ordinal, and nothing else has.
  const isOne = orNone((at) => isNode(at, 0) && !isMany(nodes[at + NODE_HEAD]!));
  const isManyNode = orNone((at) => isNode(at, 0) && isMany(nodes[at + NODE_HEAD]!));
  const nameRow: Row = { [NAME_TEXT]: isText, length: NAME_SIZE };
  const rows: { readonly [S in WordSection]?: Row } = {
    scalars: {
      // Each class is named somewhere.
      [SCALAR_CLASS_COUNT]: (count) =>
        count >= 2 && count <= 2 + image.groups.length + subjects.length + classLists.length,
      [SCALAR_ACTION_COUNT]: (count) => count === actions,
      [SCALAR_MODE]: orNone(isIndex(modes)),
      [SCALAR_MANY_COUNT]: isIndex(nodes.length + 1),
      [SCALAR_UNIVERSAL_NODE]: orNone(isNode),
      [SCALAR_NODE_BITS]: isIndex(32),
      [SCALAR_SUBJECT_BITS]: isIndex(32),
      [SCALAR_ROOTS + RESOURCE_ROOT]: isNode,
      [SCALAR_ROOTS + SUBJECT_ROOT]: isNode,
      [SCALAR_ROOTS + TEMPLATE_ROOT]: isNode,
      length: SCALAR_COUNT,
    },
    wilds: {
      [WILD_ONE]: isOne,
      [WILD_ONE + 1]: isOne,
      [WILD_ONE + 2]: isOne,
      [WILD_MANY]: isManyNode,
      [WILD_MANY + 1]: isManyNode,
      [WILD_MANY + 2]: isManyNode,
      [WILD_FIRST_GLOB]: isRange(globs),
      length: WILD_SIZE,
    },
    globs: { [GLOB_PROGRAM]: isProgram, [GLOB_CHILD]: isNode, length: GLOB_SIZE },
    details: {
      [DETAIL_RULE]: isIndex(rules),
      [DETAIL_CONDITION]: orNone(isProgram),
      [DETAIL_RULESET]: orNone(isIndex(rulesets)),
      [DETAIL_SUBJECT_PATTERN]: orNone(isProgram),
      [DETAIL_RESOURCE_PATTERN]: orNone(isProgram),
      length: DETAIL_SIZE,
    },
    rules: {
      [RULE_TEXT]: isText,
      [RULE_FILE]: isFile,
      [RULE_ROLE]: orNone(isIndex(image.roles.length / ROLE_SIZE)),
      length: RULE_SIZE,
    },
    roles: { [ROLE_TEXT]: isText, [ROLE_FILE]: isFile, length: ROLE_SIZE },
    rulesets: { [RULESET_TEXT]: isText, length: RULESET_SIZE },
    namespaces: {
      [NAMESPACE_TEXT]: isText,
      [NAMESPACE_SUPERUSER]: isText,
      [NAMESPACE_SUPERUSER_ACTIONS]: orNone(isList),
      [NAMESPACE_KNOWN_ACTIONS]: orNone(isList),
      [NAMESPACE_SUPERUSER_CLASSES]: orNone(isList),
      length: NAMESPACE_SIZE,
    },
    templates: { 0: isIndex(namespaces), length: templateSize },
    relationIndex: { 0: isListIn(relations, RELATION_SIZE), length: 1 },
    groups: { ...nameRow, [NAME_PAYLOAD]: isList },
    actions: nameRow,
    entities: {
      ...nameRow,
      [NAME_PAYLOAD]: (at) => isText(at, 2) && isText(at + 2, text[at]! | (text[at + 1]! << 16)),
    },
    files: nameRow,
    modes: nameRow,
    routes: nameRow,
  };
  /** What is in the tables of open addressing. */
  const slots: { readonly [S in WordSection]?: IsRight } = {
    slots: (slot) => slot === 0 || isNode(slot & lowBits(scalars[SCALAR_NODE_BITS]!), 0),
    subjectSlots: (slot) => slot === 0 || isSubjectAt[slot & lowBits(scalars[SCALAR_SUBJECT_BITS]!)] === 1,
    entrySlots: isIndex(nodes.length + 1),
    groupSlots: isIndex(image.groups.length / NAME_SIZE + 1),
    actionSlots: isIndex(actions + 1),
    entitySlots: isIndex(image.entities.length / NAME_SIZE + 1),
  };
  const verifyRows = (section: WordSection, row: Row): void => {
    const words = image[section];
    check(section, words.length % row.length === 0);
    for (let field = 0; field < row.length; field++) {
      const isRight = row[field];
      if (isRight === undefined) continue;
      for (let at = field; at < words.length; at += row.length)
        check(section, isRight(words[at]!, words[at + 1]!));
    }
  };
  check('scalars', scalars.length === SCALAR_COUNT);
  check('relationIndex', image.relationIndex.length === (namespaces + 2) * actions);
  for (const [section, row] of Object.entries(rows)) verifyRows(section as WordSection, row);
  for (const [name, isSlot] of Object.entries(slots)) {
    const section = name as WordSection;
    const { length } = image[section];
    // A power of two with an empty slot: otherwise a probe would never end.
    check(section, (length & (length - 1)) === 0 && image[section].includes(0));
    verifyRows(section, { 0: isSlot, length: 1 });
  }
}

function isBelow(value: number, end: number): boolean {
  return value >= 0 && value < end;
}

function lowBits(count: number): number {
  return (1 << count) - 1;
}
