import { isSubject } from '../id/scan.ts';
import type { PathPattern, SubjectPattern } from '../model/model.ts';
import { elementsOfId } from '../model/template-variants.ts';
import { explore } from './explore.ts';
import { PatternTrie } from './pattern-trie.ts';
import { keyOfSubject } from './rule-items.ts';
import { type Asker, matchesSubject, type Subjects, wellFormedSubjects } from './subjects.ts';
import { TooComplexError } from './too-complex.ts';
import { isResourceId } from './well-formed.ts';

/** More groups than this that a request could add, one by one or together, are not looked at. */
const MAX_ADDED_GROUPS = 8;
const MAX_NAMED = 20_000;

/** An asker, and who else is of the kind: everybody whom the policies name, unless it is open to others too. */
export interface AskerOfKind extends Asker {
  /** Ids, the asker's own among them if policies name it. */
  readonly named: readonly string[];
  readonly isOpen: boolean;
}

/** Everybody whom some subject patterns can tell apart, with the groups that requests can add: one asker of each kind. */
export class Askers {
  readonly #sides: readonly Subjects[];
  readonly #known = new Map<string, readonly AskerOfKind[]>();

  /** @param sides  of the policy sets that are compared: a group may have other members in each */
  constructor(sides: readonly Subjects[]) {
    this.#sides = sides;
  }

  /** @param groups  beside those of the patterns */
  tellingApart(patterns: readonly SubjectPattern[], groups: readonly string[]): readonly AskerOfKind[] {
    const key = JSON.stringify([
      [...new Set(patterns.map(keyOfSubject))].sort(),
      [...new Set(groups)].sort(),
    ]);
    let askers = this.#known.get(key);
    if (askers === undefined) {
      askers = this.#find(patterns, groups);
      this.#known.set(key, askers);
    }
    return askers;
  }

  #find(patterns: readonly SubjectPattern[], otherGroups: readonly string[]): readonly AskerOfKind[] {
    const literals = new Set<string>();
    const groups = new Set(otherGroups);
    const shapes = new Map<string, PathPattern>();
    for (const pattern of patterns) {
      if (pattern.kind === 'subject') literals.add(pattern.id);
      else if (pattern.kind === 'group') groups.add(pattern.name);
      else if (pattern.kind === 'pattern') shapes.set(pattern.text, pattern);
    }
    for (const group of this.#movedWithin([...groups])) groups.add(group);
    const members = new Set<string>();
    for (const side of this.#sides) {
      for (const group of groups) {
        const { subjects, patterns: ofMembers } = side.membersOf(group);
        for (const subject of subjects) members.add(subject);
        for (const pattern of ofMembers) shapes.set(pattern.text, pattern);
      }
    }
    const subjects = this.#oneOfEach({
      literals,
      members,
      groups: [...groups],
      shapes: [...shapes.values()],
    });
    return [
      { groups: [], named: [], isOpen: true },
      ...subjects.flatMap((kind) => this.#withAddedGroups(kind, [...groups])),
    ];
  }

  /** Groups that are beneath some of `groups`, but not on all sides beneath the same: adding one is like adding none of those. */
  #movedWithin(groups: readonly string[]): readonly string[] {
    const within = new Set(
      this.#sides.flatMap((side) => groups.flatMap((group) => side.groupsWithin(group))),
    );
    return [...within].filter((name) => {
      const above = this.#sides.map((side) => {
        const reached = side.groupsAbove(name);
        return groups.filter((group) => side.has(name) && reached.has(group)).join('\n');
      });
      return new Set(above).size > 1;
    });
  }

  #oneOfEach({ literals, members, groups, shapes }: Named): readonly Kind[] {
    const kinds = new Map<string, Kind>();
    const named = [...literals, ...members].filter(isSubject);
    if (named.length > MAX_NAMED) throw new TooComplexError('too many members of groups');
    const signatureOf = (subject: string): string =>
      JSON.stringify([
        literals.has(subject) ? subject : '',
        shapes.map((shape) => matchesSubject(shape, subject)),
        this.#sides.map((side) => {
          const all = side.groupsOf({ subject, groups: [] });
          return groups.map((group) => all.has(group));
        }),
      ]);
    const kindOf = (subject: string): Kind => {
      const signature = signatureOf(subject);
      let kind = kinds.get(signature);
      if (kind === undefined) {
        kind = { subject, named: [], isOpen: false };
        kinds.set(signature, kind);
      }
      return kind;
    };
    for (const subject of new Set(named)) kindOf(subject).named.push(subject);
    for (const subject of subjectsTellingApart(shapes, named)) kindOf(subject).isOpen = true;
    kindOf(freshSubject((subject) => !literals.has(subject) && !members.has(subject))).isOpen = true;
    return [...kinds.values()];
  }

  #withAddedGroups({ subject, named, isOpen }: Kind, groups: readonly string[]): readonly AskerOfKind[] {
    const all = this.#sides.map((side) => side.groupsOf({ subject, groups: [] }));
    const addable = groups.filter((group) => all.some((memberships) => !memberships.has(group)));
    if (addable.length > MAX_ADDED_GROUPS) throw new TooComplexError('too many groups beside one another');
    return Array.from({ length: 2 ** addable.length }, (_, bits) => ({
      subject,
      named,
      isOpen,
      groups: addable.filter((_, i) => ((bits >> i) & 1) === 1),
    }));
  }
}

interface Kind {
  readonly subject: string;
  readonly named: string[];
  isOpen: boolean;
}

interface Named {
  readonly literals: ReadonlySet<string>;
  readonly members: ReadonlySet<string>;
  readonly groups: readonly string[];
  readonly shapes: readonly PathPattern[];
}

/** Subjects that are none of `named`, one for every combination of patterns that match. */
export function subjectsTellingApart(shapes: readonly PathPattern[], named: readonly string[]): string[] {
  const trie = new PatternTrie();
  for (const [owner, { elements }] of shapes.entries()) trie.add(elements, owner);
  for (const subject of shapes.length === 0 ? [] : named) {
    if (isResourceId(subject)) trie.add(elementsOfId(subject), shapes.length);
  }
  const found = new Map<string, string>();
  explore(wellFormedSubjects(), [trie], ({ inOthers, id }) => {
    const owners = inOthers[0]!;
    if (owners.includes(shapes.length)) return undefined;
    const key = [...new Set(owners)].sort((a, b) => a - b).join();
    if (!found.has(key) && isSubject(id())) found.set(key, id());
    return undefined;
  });
  return [...found.values()];
}

/** A subject that is well formed as no resource id, so that no pattern matches it (S26). */
export function freshSubject(isFree: (subject: string) => boolean): string {
  for (let i = 1; ; i++) {
    const subject = `user:x//${i}`;
    if (isFree(subject)) return subject;
  }
}
