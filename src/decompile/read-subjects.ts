import type { Image } from '../image/image.ts';
import { checkSection } from '../image/image-error.ts';
import {
  CLASS_COUNT_SHIFT,
  ENTRY_SIZE,
  ENTRY_TARGET,
  FIRST_NAMED_CLASS,
  MANY_CLASSES,
  NAME_PAYLOAD,
  NAME_SIZE,
} from '../image/layout.ts';
import { classesOffsetOf } from '../image/nodes.ts';
import type { Group, PatternElement, SubjectPattern } from '../model/model.ts';
import { printElements } from '../printing/print-pattern.ts';
import type { StoreChanges } from './store-changes.ts';
import { getOrMake, locationIn, namesOf, numbersAt } from './tables.ts';
import { elementsOfPlace, type Place } from './trie-lists.ts';

/** Who rules may speak of. */
export interface Subjects {
  /** By class. A class that no rule has may be missing. */
  readonly classes: readonly (SubjectPattern | undefined)[];
  readonly groups: readonly Group[];
}

/** A list of the trie of subject patterns. */
export interface SubjectList {
  readonly place: Place;
  readonly first: number;
  readonly end: number;
}

/**
 * Classes and groups of an image. A group's members are whoever has the group's class, unless another group of theirs brings
 * it; a known subject that a member pattern matches is a member too, which changes nothing.
 */
export function readSubjects(image: Image, lists: readonly SubjectList[], changes?: StoreChanges): Subjects {
  const names = namesOf(image, image.groups);
  const firstOther = FIRST_NAMED_CLASS + names.length;
  const classes: (SubjectPattern | undefined)[] = [
    { kind: 'anyone' },
    { kind: 'authenticated' },
    ...names.map((name): SubjectPattern => ({ kind: 'group', name })),
  ];
  /** For each group the classes of those that hold it, however deep. */
  const holders = names.map((_, row) => {
    const list = numbersAt(image, image.groups[row * NAME_SIZE + NAME_PAYLOAD]!);
    return new Set([...list].filter((each) => each !== FIRST_NAMED_CLASS + row));
  });
  const members = names.map((): SubjectPattern[] => []);
  const addTo = (groups: readonly number[], member: SubjectPattern): void => {
    for (const group of directly(groups, holders)) members[group - FIRST_NAMED_CLASS]!.push(member);
  };
  for (const [row, above] of holders.entries()) addTo([...above], { kind: 'group', name: names[row]! });
  const patternClasses = new Set<number>();
  const patterns = readPatterns(image, lists);
  for (const { numbers } of patterns)
    for (const each of numbers) if (each >= firstOther) patternClasses.add(each);
  for (const { id, numbers } of readKnown(image)) {
    const subject: SubjectPattern = { kind: 'subject', id };
    for (const each of numbers) if (each >= firstOther && !patternClasses.has(each)) classes[each] = subject;
    if (changes?.groupsOf.has(id)) continue;
    addTo(
      numbers.filter((each) => isGroup(each, firstOther)),
      subject,
    );
  }
  for (const { elements, numbers } of patterns) {
    const pattern: SubjectPattern = { kind: 'pattern', text: printElements(elements), elements };
    for (const each of numbers) if (each >= firstOther) classes[each] = pattern;
    addTo(
      numbers.filter((each) => isGroup(each, firstOther)),
      pattern,
    );
  }
  const newMembers = new Map(
    (changes?.newGroups ?? []).map((name): [string, SubjectPattern[]] => [name, []]),
  );
  const rowsByName = new Map(names.map((name, row) => [name, row]));
  for (const [id, all] of changes?.groupsOf ?? []) {
    const member: SubjectPattern = { kind: 'subject', id };
    const rows = all.flatMap((name) => rowsByName.get(name) ?? []);
    addTo(
      rows.map((row) => FIRST_NAMED_CLASS + row),
      member,
    );
    for (const name of all) newMembers.get(name)?.push(member);
  }
  const groups = [...names.map((name, row) => [name, members[row]!] as const), ...newMembers].map(
    ([name, all]) => ({ name, location: locationIn(''), members: inOrder(all) }),
  );
  return { classes, groups };
}

const KINDS = ['anyone', 'authenticated', 'group', 'subject', 'pattern'];

/** Sorted by kind, then by name: the numbers of classes mean nothing to anybody. */
export function inOrder(subjects: readonly SubjectPattern[]): readonly SubjectPattern[] {
  if (subjects.length < 2) return subjects;
  const nameOf = (subject: SubjectPattern): string =>
    subject.kind === 'group'
      ? subject.name
      : subject.kind === 'subject'
        ? subject.id
        : subject.kind === 'pattern'
          ? subject.text
          : '';
  return subjects.toSorted(
    (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (nameOf(a) < nameOf(b) ? -1 : 1),
  );
}

function isGroup(subjectClass: number, firstOther: number): boolean {
  return subjectClass >= FIRST_NAMED_CLASS && subjectClass < firstOther;
}

/** Those of some groups that no other of them brings. */
function directly(groups: readonly number[], holders: readonly ReadonlySet<number>[]): readonly number[] {
  if (groups.length < 2) return groups;
  return groups.filter(
    (group) => !groups.some((other) => other !== group && holders[other - FIRST_NAMED_CLASS]!.has(group)),
  );
}

/** The subjects that the image knows by their ids, in the order of their records, with their classes. */
function* readKnown(image: Image): Iterable<{ readonly id: string; readonly numbers: readonly number[] }> {
  const { subjects } = image;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  // The first word is unused.
  for (let subject = 1; subject < subjects.length; ) {
    const head = subjects[subject]!;
    const count = head >>> CLASS_COUNT_SHIFT;
    const first = classesOffsetOf(subject, head);
    const isListed = count === MANY_CLASSES;
    // Shared memory is no argument of a decoder.
    const words = subjects.slice(subject + 1, first);
    yield {
      id: decoder.decode(new Uint8Array(words.buffer, 0, head & 0xffff)),
      numbers: [...(isListed ? numbersAt(image, subjects[first]!) : subjects.subarray(first, first + count))],
    };
    subject = first + (isListed ? 1 : count);
  }
}

interface PatternClasses {
  readonly elements: readonly PatternElement[];
  readonly numbers: readonly number[];
}

/** The subject patterns, each once: one that begins with `**` has a second list, for when that matches nothing (S24). */
function readPatterns(image: Image, lists: readonly SubjectList[]): readonly PatternClasses[] {
  const found = new Map<
    string,
    { readonly elements: readonly PatternElement[]; readonly targets: Set<number> }
  >();
  for (const { place, first, end } of lists) {
    const elements = elementsOfPlace(place);
    const { targets } = getOrMake(found, keyOf(elements), () => ({ elements, targets: new Set<number>() }));
    for (let entry = first; entry < end; entry += ENTRY_SIZE) {
      const target = image.nodes[entry + ENTRY_TARGET]!;
      checkSection('nodes', target < image.classLists.length);
      targets.add(target);
    }
  }
  for (const { elements, targets } of [...found.values()]) {
    const shorter = withoutFirstMany(elements);
    if (shorter === undefined) continue;
    for (const target of targets) found.get(keyOf(shorter))?.targets.delete(target);
  }
  return [...found.values()].flatMap(({ elements, targets }) =>
    [...targets].map((target) => ({ elements, numbers: [...numbersAt(image, target)] })),
  );
}

export function keyOf(elements: readonly PatternElement[]): string {
  return JSON.stringify(elements);
}

/** What a pattern is when the `**` at its start matches nothing; undefined if it has none, or is nothing else. */
export function withoutFirstMany(elements: readonly PatternElement[]): readonly PatternElement[] | undefined {
  const [first, second, ...rest] = elements;
  if (first?.kind !== 'many' || first.separator !== 'start' || second === undefined) return undefined;
  return [{ ...second, separator: 'start' }, ...rest];
}
