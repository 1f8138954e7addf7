import type { ImageSections } from './image.ts';
import { ImageError } from './image-error.ts';
import {
  DETAIL,
  ENTRY,
  ENTRY_DETAIL,
  ENTRY_PAGE_SHIFT,
  ENTRY_SCOPE,
  FIRST_NAMESPACE_NODE,
  GLOB,
  NAME,
  NAMESPACE,
  NODE,
  NONE,
  RELATION_SIZE,
  ROLE,
  RULE,
  RULESET,
  SCALAR,
  SHAPE_LENGTH_SHIFT,
  TEMPLATE_ROOT,
  WILD,
} from './layout.ts';

/**
 * Checks that every index of the image is in bounds, so that the evaluator may trust the bytes. One pass over each
 * section.
 *
 * @throws {ImageError} `inconsistent`, naming the section
 */
export function verifySections(image: ImageSections): void {
  const { nodes, slots, wilds, globs, entries, entrySlots, programs, details, rules, roles, scalars } = image;
  const nodeCount = rowCount('nodes', nodes, NODE.size);
  const wildCount = rowCount('wilds', wilds, WILD.size);
  const globCount = rowCount('globs', globs, GLOB.size);
  const entryCount = rowCount('entries', entries, ENTRY.size);
  const detailCount = rowCount('details', details, DETAIL.size);
  const ruleCount = rowCount('rules', rules, RULE.size);
  const roleCount = rowCount('roles', roles, ROLE.size);
  const rulesetCount = rowCount('rulesets', image.rulesets, RULESET.size);
  const fileCount = rowCount('files', image.files, NAME.size);
  const classCount = scalars[SCALAR.classCount]!;
  const manyCount = scalars[SCALAR.manyCount]!;
  check('scalars', nodeCount > TEMPLATE_ROOT && classCount >= 2 && manyCount >= 0 && manyCount <= nodeCount);
  check('scalars', isIndexOrNone(scalars[SCALAR.universalNode]!, nodeCount));

  for (let base = 0; base < nodes.length; base += NODE.size) {
    const first = nodes[base + NODE.firstEntry]!;
    const exact = nodes[base + NODE.exactCount]!;
    const tail = nodes[base + NODE.tailCount]!;
    check('nodes', isIndexOrNone(nodes[base + NODE.parent]!, nodeCount));
    check('nodes', isIndexOrNone(nodes[base + NODE.wild]!, wildCount));
    check('nodes', first >= 0 && exact >= 0 && tail >= 0 && first + exact + tail <= entryCount);
    checkText(image, 'nodes', nodes[base + NODE.text]!, nodes[base + NODE.shape]! >>> SHAPE_LENGTH_SHIFT);
  }
  checkSlots('slots', slots, nodeCount);
  checkSlots('entrySlots', entrySlots, entryCount);
  for (let base = 0; base < wilds.length; base += WILD.size) {
    for (let i = 0; i < WILD.firstGlob; i++) check('wilds', isIndexOrNone(wilds[base + i]!, nodeCount));
    const count = wilds[base + WILD.globCount]!;
    const first = wilds[base + WILD.firstGlob]!;
    check('wilds', first >= 0 && count >= 0 && first + count <= globCount);
  }
  for (let base = 0; base < globs.length; base += GLOB.size) {
    check(
      'globs',
      isIndex(globs[base + GLOB.child]!, nodeCount) && isIndex(globs[base + GLOB.program]!, programs.length),
    );
  }
  for (let base = 0; base < entries.length; base += ENTRY.size) {
    const flags = entries[base + ENTRY.flags]!;
    const target = entries[base + ENTRY.target]!;
    const targets =
      (flags & ENTRY_SCOPE) !== 0
        ? rulesetCount
        : (flags & ENTRY_DETAIL) !== 0
          ? detailCount
          : targetCount(image, ruleCount);
    check('entries', entries[base + ENTRY.class]! >= NONE && entries[base + ENTRY.class]! < classCount);
    check(
      'entries',
      target >= 0 && target < targets && flags >>> ENTRY_PAGE_SHIFT <= scalars[SCALAR.actionCount]! >>> 5,
    );
  }
  for (let base = 0; base < details.length; base += DETAIL.size) {
    check('details', isIndex(details[base + DETAIL.rule]!, ruleCount));
    check('details', isIndexOrNone(details[base + DETAIL.ruleset]!, rulesetCount));
    for (const field of [DETAIL.condition, DETAIL.subjectPattern, DETAIL.resourcePattern]) {
      check('details', isIndexOrNone(details[base + field]!, programs.length));
    }
  }
  for (let base = 0; base < rules.length; base += RULE.size) {
    checkText(image, 'rules', rules[base + RULE.text]!, rules[base + RULE.length]!);
    check(
      'rules',
      isIndex(rules[base + RULE.file]!, fileCount) && isIndexOrNone(rules[base + RULE.role]!, roleCount),
    );
  }
  for (let base = 0; base < roles.length; base += ROLE.size) {
    checkText(image, 'roles', roles[base + ROLE.text]!, roles[base + ROLE.length]!);
    check('roles', isIndex(roles[base + ROLE.file]!, fileCount));
  }
  verifyTables(image);
}

function verifyTables(image: ImageSections): void {
  const { classLists, actions, subjects, groups, entities, files, modes } = image;
  for (const name of ['subjects', 'groups', 'actions', 'entities', 'files', 'modes', 'routes'] as const) {
    const rows = image[name];
    rowCount(name, rows, NAME.size);
    for (let base = 0; base < rows.length; base += NAME.size) {
      checkText(image, name, rows[base + NAME.text]!, rows[base + NAME.length]!);
    }
  }
  checkSlots('subjectSlots', image.subjectSlots, subjects.length / NAME.size);
  checkSlots('groupSlots', image.groupSlots, groups.length / NAME.size);
  checkSlots('actionSlots', image.actionSlots, actions.length / NAME.size);
  checkSlots('entitySlots', image.entitySlots, entities.length / NAME.size);
  for (const name of ['subjects', 'groups'] as const) {
    for (let base = 0; base < image[name].length; base += NAME.size) {
      checkList(classLists, name, image[name][base + NAME.payload]!);
    }
  }
  const namespaceCount = rowCount('namespaces', image.namespaces, NAMESPACE.size);
  for (let base = 0; base < image.namespaces.length; base += NAMESPACE.size) {
    checkText(
      image,
      'namespaces',
      image.namespaces[base + NAMESPACE.text]!,
      image.namespaces[base + NAMESPACE.length]!,
    );
    checkText(
      image,
      'namespaces',
      image.namespaces[base + NAMESPACE.superuser]!,
      image.namespaces[base + NAMESPACE.superuserLength]!,
    );
    for (const field of [NAMESPACE.superuserActions, NAMESPACE.knownActions, NAMESPACE.superuserClasses]) {
      const list = image.namespaces[base + field]!;
      if (list !== NONE) checkList(classLists, 'namespaces', list);
    }
  }
  for (const namespace of image.namespaceRoots) check('namespaceRoots', isIndex(namespace, namespaceCount));
  check(
    'namespaceRoots',
    FIRST_NAMESPACE_NODE + image.namespaceRoots.length <= image.nodes.length / NODE.size,
  );
  const actionCount = actions.length / NAME.size;
  check('relationIndex', image.relationIndex.length === (namespaceCount + 2) * actionCount);
  for (const at of image.relationIndex) {
    check('relations', at >= 0 && at < image.relations.length);
    const count = image.relations[at]!;
    check('relations', count >= 0 && at + 1 + count * RELATION_SIZE <= image.relations.length);
  }
  rowCount('templates', image.templates, 1 + modes.length / NAME.size);
  check('scalars', image.scalars[SCALAR.actionCount] === actionCount && files.length % NAME.size === 0);
  check('scalars', isIndexOrNone(image.scalars[SCALAR.mode]!, modes.length / NAME.size));
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
