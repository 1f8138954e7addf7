import type { Model, ResourcePattern, Rule, Ruleset, Scope, SubjectPattern } from '../../model/model.ts';
import { elementsOfId } from '../../model/template-variants.ts';
import { type AclEntity, type AclEntry, type Acls, belowSuffix, entryName, overridingValue } from './acls.ts';
import { type AclList, aclListByName, aclLists, resourceKinds } from './lists.ts';
import type { MesosNames } from './names.ts';

/**
 * ACLs as a policy set. Every list with entries is a first-applicable ruleset, whose default is the `permissive` flag;
 * where that is true, one more ruleset allows what all other lists are asked.
 *
 * @param file  what locations name
 */
export function buildModel(acls: Acls, names: MesosNames, file: string): Model {
  const location = { file, span: { start: 0, end: 0 } };
  const rules: Rule[] = [];
  const rulesets: Ruleset[] = [];
  for (const [name, entries] of acls.lists) {
    const list = aclListByName.get(name)!;
    for (const entry of entries) {
      const meaning = meaningOf(entry, list, names);
      if (meaning === undefined) continue;
      rules.push({
        id: entryName(entry),
        ...meaning,
        actions: [name],
        location,
        line: 1,
        ruleset: rulesets.length,
      });
    }
    rulesets.push({
      name,
      location,
      combining: 'first-applicable',
      scopes: [{ actions: [name], resources: [everyObject(list)] }],
      default: acls.permissive ? 'allow' : 'deny',
    });
  }
  const absent = aclLists.filter(({ name }) => !acls.lists.has(name));
  if (acls.permissive && absent.length > 0) {
    const scopes: Scope[] = absent.map((list) => ({ actions: [list.name], resources: [everyObject(list)] }));
    rulesets.push({
      name: permissiveRuleset,
      location,
      combining: 'first-applicable',
      scopes,
      default: 'allow',
    });
  }
  return {
    modes: [],
    groups: [],
    rules,
    rulesets,
    namespaces: [],
    implications: [],
    routes: [],
    entities: [],
    tests: [],
  };
}

/** What allows where there is no list. */
export const permissiveRuleset = 'permissive';

/** An entry as a rule of its list's ruleset. */
export type EntryMeaning = Pick<Rule, 'effect' | 'subjects' | 'resources'>;

/**
 * What an entry does (SEMANTICS of Mesos, 4 and 5): it applies where both entities do, and denies there if one of them is
 * NONE.
 *
 * @returns undefined for an entry that can never apply
 */
export function meaningOf(entry: AclEntry, list: AclList, names: MesosNames): EntryMeaning | undefined {
  const subjects = subjectsOf(entry.principals, names);
  const resources = resourcesOf(entry.object, list, names);
  if (subjects.length === 0 || resources.length === 0) return undefined;
  return { effect: isDenial(entry, list) ? 'deny' : 'allow', subjects, resources };
}

/** The object side allows where its type is overridden (5.3). */
function isDenial({ principals, object }: AclEntry, { match }: AclList): boolean {
  if (principals.type === 'NONE') return true;
  return object.type === 'NONE' && !(match === 'role' && overridingValue(object) !== undefined);
}

function subjectsOf({ type, values }: AclEntity, names: MesosNames): SubjectPattern[] {
  if (type !== 'SOME') return [{ kind: 'anyone' }];
  return [...new Set(values)].map((value) => ({ kind: 'subject', id: names.principal(value) }));
}

function resourcesOf(object: AclEntity, list: AclList, names: MesosNames): ResourcePattern[] {
  const override = list.match === 'role' ? overridingValue(object) : undefined;
  if (override !== undefined) return [rolesBelow(override, names)];
  if (object.type !== 'SOME') return [everyObject(list)];
  // Only ANY is ever asked of such a list, and no value is ANY.
  if (list.match === 'any') return [];
  return [...new Set(object.values)].map((value) =>
    list.match === 'role' && value.endsWith(belowSuffix)
      ? rolesBelow(value, names)
      : { kind: 'literal', id: names.resource(list.objectField, value) },
  );
}

/** `mesos:user:**`: every user, and the question that is about no user in particular. */
export function everyObject({ objectField }: AclList): ResourcePattern {
  const kind = `mesos:${resourceKinds[objectField]}`;
  return {
    kind: 'pattern',
    text: `${kind}:**`,
    elements: [...elementsOfId(kind), { kind: 'many', separator: 'colon' }],
  };
}

/** Everything that begins with what stands before the `%`, slash included: at least one piece more. */
function rolesBelow(value: string, names: MesosNames): ResourcePattern {
  const above = names.roleAbove(value.slice(0, -1));
  return {
    kind: 'pattern',
    text: `${above}${above.endsWith('/') ? '' : '/'}*/**`,
    elements: [
      ...elementsOfId(above),
      { kind: 'one', separator: 'slash' },
      { kind: 'many', separator: 'slash' },
    ],
  };
}
