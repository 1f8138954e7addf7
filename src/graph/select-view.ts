import { explore } from '../analysis/explore.ts';
import { lettersOfId } from '../analysis/letters.ts';
import { ownersOf, PatternTrie } from '../analysis/pattern-trie.ts';
import { Schema } from '../analysis/schema.ts';
import { type Asker, Subjects } from '../analysis/subjects.ts';
import type { Model, Namespace, PatternElement, ResourcePattern, SubjectPattern } from '../model/model.ts';
import { elementsOf } from '../model/template-variants.ts';
import { type Claim, type View, viewOf } from './claims.ts';

/** What a picture is to be about; what is given must hold together with everything that is drawn. */
export interface Selection {
  /** The id of a subject: its groups, and the rules that speak of it. */
  readonly subject?: string;
  /** The name of a group: its members, the groups around it, and the rules that speak of all members. */
  readonly group?: string;
  /** Rules that speak of an id that this matches. */
  readonly resource?: ResourcePattern;
}

/**
 * The part of a policy set that a selection hangs together with. Rules keep those of their subjects and resources that do.
 *
 * @throws {TooComplexError} if the resource has more wildcards beside those of the rules than can be followed
 */
export function selectView(model: Model, { subject, group, resource }: Selection): View {
  let view = viewOf(model);
  const subjects = new Subjects(model);
  if (subject !== undefined) view = selectSubject(view, subjects, subject);
  if (group !== undefined) view = selectGroup(view, subjects, group);
  if (resource === undefined) return view;
  const claims = selectResource(view, model, resource);
  const isForAll = subject === undefined && group === undefined;
  return { ...view, claims, groups: isForAll ? groupsNamed(view, claims) : view.groups };
}

function selectSubject(view: View, subjects: Subjects, subject: string): View {
  const asker: Asker = { subject, groups: [] };
  const within = subjects.groupsOf(asker);
  const isMeant = (pattern: SubjectPattern): boolean => subjects.matches(pattern, asker, within);
  return { ...keepSubjects(view, isMeant), groups: keepMembers(view, within, isMeant), asker: subject };
}

function selectGroup(view: View, subjects: Subjects, group: string): View {
  const above = subjects.groupsAbove(group);
  const inner = new Set(subjects.groupsWithin(group));
  const all = new Set([...above, ...inner]);
  const isRelated = (member: SubjectPattern): boolean => member.kind === 'group' && all.has(member.name);
  const kept = keepSubjects(view, (pattern) => {
    if (pattern.kind === 'group') return above.has(pattern.name);
    return pattern.kind === 'anyone' || pattern.kind === 'authenticated';
  });
  const groups = view.groups.flatMap(({ name, members }) => {
    if (!all.has(name)) return [];
    return [{ name, members: inner.has(name) ? members : members.filter(isRelated) }];
  });
  return { ...kept, groups };
}

function keepSubjects(view: View, isKept: (pattern: SubjectPattern) => boolean): View {
  const claims = view.claims.flatMap((claim): Claim[] => {
    const subjects = claim.subjects.filter(isKept);
    return subjects.length === 0 ? [] : [{ ...claim, subjects }];
  });
  return { ...view, claims };
}

function keepMembers(
  view: View,
  names: ReadonlySet<string>,
  isKept: (member: SubjectPattern) => boolean,
): View['groups'] {
  return view.groups
    .filter(({ name }) => names.has(name))
    .map(({ name, members }) => ({ name, members: members.filter(isKept) }));
}

// ---------------------------------------------------------------- resources

function selectResource(view: View, model: Model, resource: ResourcePattern): readonly Claim[] {
  const schema = new Schema(model);
  const wanted = new PatternTrie();
  wanted.add(elementsOf(resource), 0);
  const superusers = model.namespaces.flatMap((each) =>
    each.superuser !== undefined && meetsNamespace(wanted, each) ? [each.superuser] : [],
  );
  const meets = new Map<string, boolean>();
  const isMeant = (each: ResourcePattern): boolean => {
    const key = each.kind === 'literal' ? each.id : `pattern ${each.text}`;
    let isMet = meets.get(key);
    if (isMet === undefined) {
      isMet =
        meetsAny(wanted, schema.coverageOf(each).patterns) ||
        superusers.some((id) => isMatched(schema.coverageOf(each).patterns, id));
      meets.set(key, isMet);
    }
    return isMet;
  };
  return view.claims.flatMap((claim): Claim[] => {
    const resources = claim.resources.filter(isMeant);
    return resources.length === 0 ? [] : [{ ...claim, resources }];
  });
}

/** Groups that rules name, and those within them. */
function groupsNamed(view: View, claims: readonly Claim[]): View['groups'] {
  const byName = new Map(view.groups.map((group) => [group.name, group]));
  const named = new Set(claims.flatMap(({ subjects }) => subjects.flatMap(groupNames)));
  for (const name of named) {
    for (const inner of byName.get(name)?.members.flatMap(groupNames) ?? []) named.add(inner);
  }
  return view.groups.filter(({ name }) => named.has(name));
}

function groupNames(pattern: SubjectPattern): readonly string[] {
  return pattern.kind === 'group' ? [pattern.name] : [];
}

/** Whoever is allowed something on a superuser's id reaches all of its namespace (S33). */
function meetsNamespace(wanted: PatternTrie, { roots }: Namespace): boolean {
  return roots.some((root) => {
    const first: PatternElement =
      root.kind === 'path'
        ? { kind: 'root', separator: 'start' }
        : { kind: 'literal', separator: 'start', text: root.text };
    const separators = ['colon', 'slash'] as const;
    return meetsAny(
      wanted,
      separators.map((separator) => [first, { kind: 'many', separator }]),
    );
  });
}

function isMatched(patterns: readonly (readonly PatternElement[])[], id: string): boolean {
  return ownersOf(trieOf(patterns), lettersOfId(id)).length > 0;
}

/** Whether an id matches both. Shared variables are taken as free: a rule too many is shown rather than one too few. */
function meetsAny(wanted: PatternTrie, patterns: readonly (readonly PatternElement[])[]): boolean {
  let isFound = false;
  explore(wanted, [trieOf(patterns)], ({ inOthers }) => {
    isFound = inOthers[0]!.length > 0;
    return isFound;
  });
  return isFound;
}

function trieOf(patterns: readonly (readonly PatternElement[])[]): PatternTrie {
  const trie = new PatternTrie();
  for (const elements of patterns) trie.add(elements, 0);
  return trie;
}
