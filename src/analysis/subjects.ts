import { isSubject } from '../id/scan.ts';
import type { Model, PathPattern, PatternElement, SubjectPattern } from '../model/model.ts';
import type { Effort } from './effort.ts';
import { explore, type IdClass } from './explore.ts';
import { lettersOfId } from './letters.ts';
import { ownersOf, PatternTrie } from './pattern-trie.ts';
import { isResourceId } from './well-formed.ts';

/** Who asks: an id or nobody, and the groups that the request adds (S6, S16). */
export interface Asker {
  readonly subject?: string;
  readonly groups: readonly string[];
}

/** Groups and subject patterns of a model, as sets of those who ask. */
export class Subjects {
  readonly #members: ReadonlyMap<string, Members>;
  /** Groups that name a group, a subject, or have patterns. */
  readonly #groupsOfSubject = new Map<string, string[]>();
  readonly #patternGroups: string[] = [];
  readonly #parents = new Map<string, string[]>();
  readonly #above = new Map<string, ReadonlySet<string>>();
  readonly #includes = new Map<string, boolean>();
  readonly #groupsOf = new WeakMap<Asker, ReadonlySet<string>>();

  constructor(model: Model) {
    this.#members = new Map(model.groups.map(({ name, members }) => [name, readMembers(members)]));
    for (const [name, { subjects, patterns, groups }] of this.#members) {
      for (const subject of subjects) append(this.#groupsOfSubject, subject, name);
      for (const group of groups) append(this.#parents, group, name);
      if (patterns.length > 0) this.#patternGroups.push(name);
    }
  }

  /** The group and every group that it is in, however deep. */
  groupsAbove(group: string): ReadonlySet<string> {
    let above = this.#above.get(group);
    if (above === undefined) {
      const reached = new Set([group]);
      for (const each of reached) for (const parent of this.#parents.get(each) ?? []) reached.add(parent);
      above = reached;
      this.#above.set(group, above);
    }
    return above;
  }

  /** Every group that the asker is in (S16); none for nobody. */
  groupsOf(asker: Asker): ReadonlySet<string> {
    let found = this.#groupsOf.get(asker);
    if (found === undefined) {
      found = this.#findGroupsOf(asker);
      this.#groupsOf.set(asker, found);
    }
    return found;
  }

  #findGroupsOf({ subject, groups }: Asker): ReadonlySet<string> {
    if (subject === undefined) return new Set();
    const direct = [
      ...groups.filter((group) => this.#members.has(group)),
      ...(this.#groupsOfSubject.get(subject) ?? []),
    ];
    for (const name of this.#patternGroups) {
      if (this.#members.get(name)!.patterns.some((pattern) => matchesSubject(pattern, subject)))
        direct.push(name);
    }
    const all = new Set<string>();
    for (const name of direct) for (const above of this.groupsAbove(name)) all.add(above);
    return all;
  }

  /** Whether a pattern speaks of the asker, variables free (S9, S26, S29). */
  matches(pattern: SubjectPattern, asker: Asker, groups: ReadonlySet<string>): boolean {
    const { subject } = asker;
    switch (pattern.kind) {
      case 'anyone':
        return true;
      case 'authenticated':
        return subject !== undefined;
      case 'subject':
        return pattern.id === subject;
      case 'group':
        return groups.has(pattern.name);
      case 'pattern':
        return subject !== undefined && matchesSubject(pattern, subject);
    }
  }

  /** Whether whoever `inner` speaks of, `outer` does too. A shared variable is free in `inner`, and makes `outer` say no. */
  includes(outer: SubjectPattern, inner: SubjectPattern): boolean {
    if (outer.kind === 'anyone') return true;
    if (inner.kind === 'anyone') return false;
    if (outer.kind === 'authenticated') return true;
    if (inner.kind === 'authenticated') return false;
    if (outer.kind === 'subject') return inner.kind === 'subject' && inner.id === outer.id;
    if (outer.kind === 'pattern') {
      if (inner.kind === 'subject') return !hasVariable(outer) && matchesSubject(outer, inner.id);
      return inner.kind === 'pattern' && this.#includesPattern(outer, inner);
    }
    if (inner.kind === 'group') return this.groupsAbove(inner.name).has(outer.name);
    if (inner.kind === 'subject') return this.groupsOf({ subject: inner.id, groups: [] }).has(outer.name);
    return this.groupsWithin(outer.name).some((name) =>
      this.#members.get(name)!.patterns.some((pattern) => this.#includesPattern(pattern, inner)),
    );
  }

  /** Whether a request can be meant by both: a request may add any group to any subject. */
  overlap(a: SubjectPattern, b: SubjectPattern): boolean {
    if (a.kind === 'anyone' || b.kind === 'anyone') return true;
    if (a.kind === 'authenticated' || b.kind === 'authenticated') return true;
    if (a.kind === 'group' || b.kind === 'group') return true;
    if (a.kind === 'subject') return b.kind === 'subject' ? a.id === b.id : matchesSubject(b, a.id);
    if (b.kind === 'subject') return matchesSubject(a, b.id);
    return commonSubject(a, b) !== undefined;
  }

  /** The members of a group and of those within it. */
  membersOf(group: string): {
    readonly subjects: readonly string[];
    readonly patterns: readonly PathPattern[];
  } {
    const all = this.groupsWithin(group).map((name) => this.#members.get(name)!);
    if (all.length === 1) return all[0]!;
    return {
      subjects: all.flatMap(({ subjects }) => subjects),
      patterns: all.flatMap(({ patterns }) => patterns),
    };
  }

  has(group: string): boolean {
    return this.#members.has(group);
  }

  /** The group and every group in it, however deep; none that is not declared. */
  groupsWithin(group: string): readonly string[] {
    const reached = new Set(this.#members.has(group) ? [group] : []);
    for (const each of reached) for (const inner of this.#members.get(each)!.groups) reached.add(inner);
    return [...reached];
  }

  #includesPattern(outer: PathPattern, inner: PathPattern): boolean {
    if (hasVariable(outer)) return false;
    if (outer.text === inner.text) return true;
    const key = JSON.stringify([outer.text, inner.text]);
    let includes = this.#includes.get(key);
    if (includes === undefined) {
      includes = includesElements([outer.elements], inner.elements);
      this.#includes.set(key, includes);
    }
    return includes;
  }
}

interface Members {
  readonly subjects: readonly string[];
  readonly patterns: readonly PathPattern[];
  readonly groups: readonly string[];
}

function readMembers(members: readonly SubjectPattern[]): Members {
  return {
    subjects: members.flatMap((each) => (each.kind === 'subject' ? [each.id] : [])),
    patterns: members.flatMap((each) => (each.kind === 'pattern' ? [each] : [])),
    groups: members.flatMap((each) => (each.kind === 'group' ? [each.name] : [])),
  };
}

function append(map: Map<string, string[]>, key: string, value: string): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

export function hasVariable({ elements }: PathPattern): boolean {
  return elements.some(({ kind }) => kind === 'variable');
}

/** S26: variables free. */
export function matchesSubject(pattern: PathPattern, subject: string): boolean {
  return isResourceId(subject) && ownersOf(trieOf(pattern), lettersOfId(subject)).length > 0;
}

const tries = new WeakMap<PathPattern, PatternTrie>();

function trieOf(pattern: PathPattern): PatternTrie {
  let trie = tries.get(pattern);
  if (trie === undefined) {
    trie = new PatternTrie();
    trie.add(pattern.elements, 0);
    tries.set(pattern, trie);
  }
  return trie;
}

/** Whether every well-formed id that `inner` matches is matched by one of `outer`. */
export function includesElements(
  outer: readonly (readonly PatternElement[])[],
  inner: readonly PatternElement[],
  effort?: Effort,
): boolean {
  if (outer.some((elements) => isSameId(elements, inner))) return true;
  const [region, others] = [new PatternTrie(), new PatternTrie()];
  region.add(inner, 0);
  for (const elements of outer) others.add(elements, 0);
  let isIncluded = true;
  const visit = ({ inOthers }: IdClass): boolean => {
    isIncluded = inOthers[0]!.length > 0;
    return !isIncluded;
  };
  explore(region, [others], visit, effort === undefined ? {} : { effort });
  return isIncluded;
}

/** Whether both match one id alone, the same. */
function isSameId(a: readonly PatternElement[], b: readonly PatternElement[]): boolean {
  return (
    a.length === b.length &&
    a.every((element, i) => {
      const other = b[i]!;
      if (element.separator !== other.separator) return false;
      if (element.kind === 'root') return other.kind === 'root';
      return element.kind === 'literal' && other.kind === 'literal' && element.text === other.text;
    })
  );
}

/** A subject that both patterns match. */
function commonSubject(a: PathPattern, b: PathPattern): string | undefined {
  let found: string | undefined;
  explore(trieOf(a), [trieOf(b)], ({ inOthers, id }) => {
    if (inOthers[0]!.length > 0 && isSubject(id())) found = id();
    return found !== undefined;
  });
  return found;
}

/** Ids `type:name` that are well formed as resource ids too, as a region: only such subjects match patterns (S26). */
export function wellFormedSubjects(): PatternTrie {
  const trie = new PatternTrie();
  const type: PatternElement = { kind: 'one', separator: 'start' };
  const beneath: PatternElement = { kind: 'many', separator: 'slash' };
  const one: PatternElement = { kind: 'one', separator: 'colon' };
  trie.add([type, one, { kind: 'many', separator: 'colon' }], 0);
  trie.add([type, one, beneath], 0);
  trie.add([type, { kind: 'root', separator: 'colon' }, beneath], 0);
  return trie;
}
