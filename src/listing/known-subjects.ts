import { isSubject } from '../id/scan.ts';
import type { Model, PatternElement, SubjectPattern } from '../model/model.ts';

/** Types of subjects that the language itself speaks of. */
const usualTypes = ['user', 'service'];

/**
 * Every subject that a policy set names, sorted: in rules, as a member of a group, and as an entity. Whether an entity is a
 * subject or a resource is not declared: those count whose type some rule or group has among its subjects, users and services.
 */
export function knownSubjects({ rules, groups, entities }: Model): readonly string[] {
  const patterns = [
    ...rules.flatMap(({ subjects }) => subjects),
    ...groups.flatMap(({ members }) => members),
  ];
  const known = new Set(patterns.flatMap((each) => (each.kind === 'subject' ? [each.id] : [])));
  const types = new Set([...usualTypes, ...patterns.flatMap(typesOf)]);
  for (const { id } of entities) if (isSubject(id) && types.has(typeOf(id))) known.add(id);
  return [...known].filter(isSubject).sort();
}

function typesOf(pattern: SubjectPattern): readonly string[] {
  if (pattern.kind === 'subject') return [typeOf(pattern.id)];
  const first: PatternElement | undefined = pattern.kind === 'pattern' ? pattern.elements[0] : undefined;
  return first?.kind === 'literal' ? [first.text] : [];
}

function typeOf(id: string): string {
  return id.slice(0, id.indexOf(':'));
}
