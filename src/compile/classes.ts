import {
  CLASS_ANYONE,
  CLASS_AUTHENTICATED,
  ENTRY_TARGET,
  FIRST_NAMED_CLASS,
  NONE,
  SUBJECT_ROOT,
} from '../image/layout.ts';
import type { Group, Model, PathPattern, SubjectPattern } from '../model/model.ts';
import { InvariantError } from '../source/invariant.ts';
import { buildEntryFinder } from './entry-finder.ts';
import { NameTable } from './name-table.ts';
import type { TextPool } from './text-pool.ts';
import type { TrieBuilder } from './trie-builder.ts';
import { Words } from './words.ts';
import type { SubjectSections } from './write-subjects.ts';
import { writeSubjects } from './write-subjects.ts';

/**
 * Who a rule may speak of, as numbers: 0 `anyone`, 1 `authenticated`, then one for each group, each subject and each subject
 * pattern that a rule names. A request has a handful of classes; a rule applies to it if it has the rule's class.
 */
export class SubjectClasses {
  readonly groups: NameTable;
  readonly lists = new Words();
  /** The class of each subject that rules or groups name; NONE for one that is only a member. */
  readonly #subjectClasses = new Map<string, number>();
  /** The classes of each subject, its groups' and its patterns' among them. */
  readonly #classesOf: (readonly number[])[] = [];
  readonly #patternClasses = new Map<string, PatternClass>();
  readonly #knownLists = new Map<string, number>();
  /** For each group the groups that hold it, itself first. */
  readonly #closures: readonly (readonly number[])[];
  #count: number;

  constructor(model: Model, pool: TextPool) {
    this.groups = new NameTable(pool);
    for (const { name } of model.groups) this.groups.add(name);
    this.#count = FIRST_NAMED_CLASS + this.groups.count;
    this.#closures = closuresOf(model, this.groups);
    for (const rule of model.rules) for (const subject of rule.subjects) this.#declare(subject);
    for (const group of model.groups) for (const member of group.members) this.#declareMember(member);
    this.#writeLists(model);
  }

  get count(): number {
    return this.#count;
  }

  get hasPatterns(): boolean {
    return this.#patternClasses.size > 0;
  }

  classOf(subject: SubjectPattern): number {
    switch (subject.kind) {
      case 'anyone':
        return CLASS_ANYONE;
      case 'authenticated':
        return CLASS_AUTHENTICATED;
      case 'group':
        return this.classOfGroup(subject.name);
      case 'subject':
        return this.#subjectClasses.get(subject.id)!;
      default:
        return this.#patternClasses.get(keyOf(subject))!.class;
    }
  }

  classOfGroup(name: string): number {
    const row = this.groups.indexOf(name);
    if (row === undefined) throw new InvariantError(`group ${name} is not declared`);
    return FIRST_NAMED_CLASS + row;
  }

  /** The sections of the subjects; lists too long for a record go where the others are. */
  writeSubjects(): SubjectSections {
    return writeSubjects([...this.#subjectClasses.keys()], this.#classesOf, (classes) =>
      this.writeList(classes),
    );
  }

  /**
   * The offset of the members of some groups, as a live image has those of the files (image/layout.ts).
   *
   * @param offsets  of the subjects' records, in their order
   */
  writeMembers(groups: readonly Group[], offsets: Int32Array): number {
    const { subjects } = this.#memberships(groups);
    const members: [subject: number, list: number][] = [];
    for (const [index, id] of [...this.#subjectClasses.keys()].entries()) {
      const classes = subjects.get(id);
      if (classes !== undefined) members.push([offsets[index]!, this.writeList(classes)]);
    }
    const at = this.lists.push(members.length * 2);
    for (const [subject, list] of members) this.lists.push(subject, list);
    return at;
  }

  /** Puts the subject patterns into the trie of subjects: their entries hold the classes that they give. */
  insertPatterns(builder: TrieBuilder): void {
    for (const { pattern, list } of this.#patternClasses.values()) {
      for (const place of builder.listsOfPattern(SUBJECT_ROOT, pattern.elements))
        builder.addEntry(place, CLASS_ANYONE, 0, 0, list);
    }
  }

  /** The offset of a list of numbers, ascending and without repetition. */
  writeList(numbers: Iterable<number>): number {
    const sorted = [...new Set(numbers)].sort((a, b) => a - b);
    // Long lists are rare and never alike; remembering their text would cost more than it saves.
    const key = sorted.length <= 8 ? sorted.join() : undefined;
    const known = key === undefined ? undefined : this.#knownLists.get(key);
    if (known !== undefined) return known;
    const at = this.lists.push(sorted.length);
    this.lists.pushAll(sorted);
    if (key !== undefined) this.#knownLists.set(key, at);
    return at;
  }

  #declare(subject: SubjectPattern): void {
    if (subject.kind === 'subject') {
      if (!this.#subjectClasses.has(subject.id)) this.#subjectClasses.set(subject.id, this.#count++);
    } else if (subject.kind === 'pattern' && !this.#patternClasses.has(keyOf(subject))) {
      this.#patternClasses.set(keyOf(subject), { pattern: subject, class: this.#count++, list: NONE });
    }
  }

  #declareMember(member: SubjectPattern): void {
    if (member.kind === 'subject') {
      if (!this.#subjectClasses.has(member.id)) this.#subjectClasses.set(member.id, NONE);
    } else if (member.kind === 'pattern' && !this.#patternClasses.has(keyOf(member))) {
      this.#patternClasses.set(keyOf(member), { pattern: member, class: NONE, list: NONE });
    }
  }

  #writeLists(model: Model): void {
    for (const [name, row] of this.groups.names()) {
      this.groups.setPayload(row, this.writeList(this.#closures[this.groups.indexOf(name)!]!));
    }
    const memberships = this.#memberships(model.groups);
    for (const [key, pattern] of this.#patternClasses) {
      pattern.list = this.writeList(present([pattern.class, ...(memberships.patterns.get(key) ?? [])]));
    }
    const patternsOf = this.#patternMatcher();
    for (const [id, own] of this.#subjectClasses) {
      const groups = memberships.subjects.get(id) ?? [];
      this.#classesOf.push([...new Set(present([own, ...groups, ...patternsOf(id)]))].sort((a, b) => a - b));
    }
  }

  /** The groups, closed upwards, that name a subject or a pattern as a member. */
  #memberships(groups: readonly Group[]): {
    subjects: Map<string, number[]>;
    patterns: Map<string, number[]>;
  } {
    const subjects = new Map<string, number[]>();
    const patterns = new Map<string, number[]>();
    for (const group of groups) {
      const closure = this.#closures[this.groups.indexOf(group.name)!]!;
      for (const member of group.members) {
        if (member.kind === 'subject') append(subjects, member.id, closure);
        else if (member.kind === 'pattern') append(patterns, keyOf(member), closure);
      }
    }
    return { subjects, patterns };
  }

  /** What the patterns give a known subject, found in a trie of the patterns alone. */
  #patternMatcher(): (id: string) => number[] {
    if (!this.hasPatterns) return () => [];
    const find = buildEntryFinder(SUBJECT_ROOT, (builder) => this.insertPatterns(builder));
    return (id) => {
      const found: number[] = [];
      find(id, (entries, base) => {
        const at = entries[base + ENTRY_TARGET]!;
        for (let i = 1; i <= this.lists.get(at); i++) found.push(this.lists.get(at + i));
      });
      return found;
    };
  }
}

interface PatternClass {
  readonly pattern: PathPattern;
  /** NONE if no rule names the pattern, only groups. */
  readonly class: number;
  /** The classes that it gives: its own and those of the groups that hold it. */
  list: number;
}

/** Patterns are the same class if they have the same elements, names of variables apart. */
function keyOf({ elements }: PathPattern): string {
  return JSON.stringify(
    elements.map((element) =>
      element.kind === 'variable'
        ? { kind: element.isMany ? 'many' : 'one', separator: element.separator }
        : element,
    ),
  );
}

/** For each group the classes of all groups that hold it, itself included: breadth first over who holds whom. */
function closuresOf(model: Model, groups: NameTable): number[][] {
  const holders = new Map<number, number[]>();
  for (const group of model.groups) {
    for (const member of group.members) {
      if (member.kind !== 'group') continue;
      const row = groups.indexOf(member.name)!;
      const known = holders.get(row);
      const holder = groups.indexOf(group.name)!;
      if (known === undefined) holders.set(row, [holder]);
      else known.push(holder);
    }
  }
  return Array.from({ length: groups.count }, (_, row) => {
    const reached = new Set([row]);
    for (const group of reached) for (const holder of holders.get(group) ?? []) reached.add(holder);
    return [...reached].map((group) => FIRST_NAMED_CLASS + group);
  });
}

function append(map: Map<string, number[]>, key: string, values: readonly number[]): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [...values]);
  else for (const value of values) known.push(value);
}

function present(classes: readonly number[]): number[] {
  return classes.filter((value) => value !== NONE);
}
