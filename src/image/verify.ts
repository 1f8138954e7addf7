import type { ImageSections } from './image.ts';
import { ImageError } from './image-error.ts';
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
  NAME_LENGTH,
  NAME_PAYLOAD,
  NAME_SIZE,
  NAME_TEXT,
  NAMESPACE_KNOWN_ACTIONS,
  NAMESPACE_LENGTH,
  NAMESPACE_SIZE,
  NAMESPACE_SUPERUSER,
  NAMESPACE_SUPERUSER_ACTIONS,
  NAMESPACE_SUPERUSER_CLASSES,
  NAMESPACE_SUPERUSER_LENGTH,
  NAMESPACE_TEXT,
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
  ROLE_LENGTH,
  ROLE_SIZE,
  ROLE_TEXT,
  RULE_FILE,
  RULE_LENGTH,
  RULE_ROLE,
  RULE_SIZE,
  RULE_TEXT,
  RULESET_SIZE,
  SCALAR_ACTION_COUNT,
  SCALAR_CLASS_COUNT,
  SCALAR_MANY_COUNT,
  SCALAR_MODE,
  SCALAR_UNIVERSAL_NODE,
  SHAPE_LENGTH_SHIFT,
  TEMPLATE_ROOT,
  WILD_FIRST_GLOB,
  WILD_GLOB_COUNT,
  WILD_SIZE,
} from './layout.ts';

/**
 * Checks that every index of the image is in bounds, so that the evaluator may trust the bytes. One pass over each
 * section.
 *
 * @throws {ImageError} `inconsistent`, naming the section
 */
export function verifySections(image: ImageSections): void {
  const { nodes, slots, wilds, globs, entries, entrySlots, programs, details, rules, roles, scalars } = image;
  const nodeCount = rowCount('nodes', nodes, NODE_SIZE);
  const wildCount = rowCount('wilds', wilds, WILD_SIZE);
  const globCount = rowCount('globs', globs, GLOB_SIZE);
  const entryCount = rowCount('entries', entries, ENTRY_SIZE);
  const detailCount = rowCount('details', details, DETAIL_SIZE);
  const ruleCount = rowCount('rules', rules, RULE_SIZE);
  const roleCount = rowCount('roles', roles, ROLE_SIZE);
  const rulesetCount = rowCount('rulesets', image.rulesets, RULESET_SIZE);
  const fileCount = rowCount('files', image.files, NAME_SIZE);
  const classCount = scalars[SCALAR_CLASS_COUNT]!;
  const manyCount = scalars[SCALAR_MANY_COUNT]!;
  check('scalars', nodeCount > TEMPLATE_ROOT && classCount >= 2 && manyCount >= 0 && manyCount <= nodeCount);
  check('scalars', isIndexOrNone(scalars[SCALAR_UNIVERSAL_NODE]!, nodeCount));

  for (let base = 0; base < nodes.length; base += NODE_SIZE) {
    const first = nodes[base + NODE_FIRST_ENTRY]!;
    const exact = nodes[base + NODE_EXACT_COUNT]!;
    const tail = nodes[base + NODE_TAIL_COUNT]!;
    check('nodes', isIndexOrNone(nodes[base + NODE_PARENT]!, nodeCount));
    check('nodes', isIndexOrNone(nodes[base + NODE_WILD]!, wildCount));
    check('nodes', first >= 0 && exact >= 0 && tail >= 0 && first + exact + tail <= entryCount);
    checkText(image, 'nodes', nodes[base + NODE_TEXT]!, nodes[base + NODE_SHAPE]! >>> SHAPE_LENGTH_SHIFT);
  }
  checkSlots('slots', slots, nodeCount);
  checkSlots('entrySlots', entrySlots, entryCount);
  for (let base = 0; base < wilds.length; base += WILD_SIZE) {
    for (let i = 0; i < WILD_FIRST_GLOB; i++) check('wilds', isIndexOrNone(wilds[base + i]!, nodeCount));
    const count = wilds[base + WILD_GLOB_COUNT]!;
    const first = wilds[base + WILD_FIRST_GLOB]!;
    check('wilds', first >= 0 && count >= 0 && first + count <= globCount);
  }
  for (let base = 0; base < globs.length; base += GLOB_SIZE) {
    check(
      'globs',
      isIndex(globs[base + GLOB_CHILD]!, nodeCount) && isIndex(globs[base + GLOB_PROGRAM]!, programs.length),
    );
  }
  for (let base = 0; base < entries.length; base += ENTRY_SIZE) {
    const flags = entries[base + ENTRY_FLAGS]!;
    const target = entries[base + ENTRY_TARGET]!;
    const targets =
      (flags & ENTRY_SCOPE) !== 0
        ? rulesetCount
        : (flags & ENTRY_DETAIL) !== 0
          ? detailCount
          : targetCount(image, ruleCount);
    check('entries', entries[base + ENTRY_CLASS]! >= NONE && entries[base + ENTRY_CLASS]! < classCount);
    check(
      'entries',
      target >= 0 && target < targets && flags >>> ENTRY_PAGE_SHIFT <= scalars[SCALAR_ACTION_COUNT]! >>> 5,
    );
  }
  for (let base = 0; base < details.length; base += DETAIL_SIZE) {
    check('details', isIndex(details[base + DETAIL_RULE]!, ruleCount));
    check('details', isIndexOrNone(details[base + DETAIL_RULESET]!, rulesetCount));
    for (const field of [DETAIL_CONDITION, DETAIL_SUBJECT_PATTERN, DETAIL_RESOURCE_PATTERN]) {
      check('details', isIndexOrNone(details[base + field]!, programs.length));
    }
  }
  for (let base = 0; base < rules.length; base += RULE_SIZE) {
    checkText(image, 'rules', rules[base + RULE_TEXT]!, rules[base + RULE_LENGTH]!);
    check(
      'rules',
      isIndex(rules[base + RULE_FILE]!, fileCount) && isIndexOrNone(rules[base + RULE_ROLE]!, roleCount),
    );
  }
  for (let base = 0; base < roles.length; base += ROLE_SIZE) {
    checkText(image, 'roles', roles[base + ROLE_TEXT]!, roles[base + ROLE_LENGTH]!);
    check('roles', isIndex(roles[base + ROLE_FILE]!, fileCount));
  }
  verifyTables(image);
}

function verifyTables(image: ImageSections): void {
  const { classLists, actions, subjects, groups, entities, files, modes } = image;
  for (const name of ['subjects', 'groups', 'actions', 'entities', 'files', 'modes', 'routes'] as const) {
    const rows = image[name];
    rowCount(name, rows, NAME_SIZE);
    for (let base = 0; base < rows.length; base += NAME_SIZE) {
      checkText(image, name, rows[base + NAME_TEXT]!, rows[base + NAME_LENGTH]!);
    }
  }
  checkSlots('subjectSlots', image.subjectSlots, subjects.length / NAME_SIZE);
  checkSlots('groupSlots', image.groupSlots, groups.length / NAME_SIZE);
  checkSlots('actionSlots', image.actionSlots, actions.length / NAME_SIZE);
  checkSlots('entitySlots', image.entitySlots, entities.length / NAME_SIZE);
  for (const name of ['subjects', 'groups'] as const) {
    for (let base = 0; base < image[name].length; base += NAME_SIZE) {
      checkList(classLists, name, image[name][base + NAME_PAYLOAD]!);
    }
  }
  const namespaceCount = rowCount('namespaces', image.namespaces, NAMESPACE_SIZE);
  for (let base = 0; base < image.namespaces.length; base += NAMESPACE_SIZE) {
    checkText(
      image,
      'namespaces',
      image.namespaces[base + NAMESPACE_TEXT]!,
      image.namespaces[base + NAMESPACE_LENGTH]!,
    );
    checkText(
      image,
      'namespaces',
      image.namespaces[base + NAMESPACE_SUPERUSER]!,
      image.namespaces[base + NAMESPACE_SUPERUSER_LENGTH]!,
    );
    for (const field of [NAMESPACE_SUPERUSER_ACTIONS, NAMESPACE_KNOWN_ACTIONS, NAMESPACE_SUPERUSER_CLASSES]) {
      const list = image.namespaces[base + field]!;
      if (list !== NONE) checkList(classLists, 'namespaces', list);
    }
  }
  for (const namespace of image.namespaceRoots) check('namespaceRoots', isIndex(namespace, namespaceCount));
  check(
    'namespaceRoots',
    FIRST_NAMESPACE_NODE + image.namespaceRoots.length <= image.nodes.length / NODE_SIZE,
  );
  const actionCount = actions.length / NAME_SIZE;
  check('relationIndex', image.relationIndex.length === (namespaceCount + 2) * actionCount);
  for (const at of image.relationIndex) {
    check('relations', at >= 0 && at < image.relations.length);
    const count = image.relations[at]!;
    check('relations', count >= 0 && at + 1 + count * RELATION_SIZE <= image.relations.length);
  }
  rowCount('templates', image.templates, 1 + modes.length / NAME_SIZE);
  check('scalars', image.scalars[SCALAR_ACTION_COUNT] === actionCount && files.length % NAME_SIZE === 0);
  check('scalars', isIndexOrNone(image.scalars[SCALAR_MODE]!, modes.length / NAME_SIZE));
}

/** Entries of the subject and template tries point to class lists and template rows; those of resources to rules. */
function targetCount({ classLists, templates }: ImageSections, ruleCount: number): number {
  return Math.max(ruleCount, classLists.length, templates.length);
}

function rowCount(section: string, words: Int32Array, size: number): number {
  check(section, words.length % size === 0);
  return words.length / size;
}

function checkSlots(section: string, slots: Int32Array, count: number): void {
  // A power of two with an empty slot: otherwise a probe would never end.
  check(section, slots.length > 0 && (slots.length & (slots.length - 1)) === 0);
  let used = 0;
  for (const slot of slots) {
    check(section, slot >= 0 && slot <= count);
    if (slot > 0) used++;
  }
  check(section, used < slots.length);
}

function checkList(classLists: Int32Array, section: string, at: number): void {
  check(section, isIndex(at, classLists.length));
  check(section, classLists[at]! >= 0 && at + 1 + classLists[at]! <= classLists.length);
}

function checkText({ text }: ImageSections, section: string, start: number, length: number): void {
  check(section, start >= 0 && length >= 0 && start + length <= text.length);
}

function isIndex(value: number, count: number): boolean {
  return value >= 0 && value < count;
}

function isIndexOrNone(value: number, count: number): boolean {
  return value === NONE || isIndex(value, count);
}

function check(section: string, isRight: boolean): void {
  if (!isRight)
    throw new ImageError('inconsistent', `section \`${section}\` of the image points outside its bounds`);
}
