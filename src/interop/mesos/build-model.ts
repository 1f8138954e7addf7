import type { Model, ResourcePattern, Rule, Ruleset, Scope, SubjectPattern } from '../../model/model.ts';
import { elementsOfId } from '../../model/template-variants.ts';
import { type Acls, entryName } from './acls.ts';
import { prefixOf } from './entity-meaning.ts';
import { type ListStep, stepOf } from './list-program.ts';
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
      const step = stepOf(entry, list);
      if (step === undefined) continue;
      rules.push({
        id: entryName(entry),
        effect: step.effect,
        subjects: subjectsOf(step, names),
        resources: resourcesOf(step, list, names),
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

function subjectsOf({ principals }: ListStep, names: MesosNames): SubjectPattern[] {
  if (principals === 'any') return [{ kind: 'anyone' }];
  return principals.map((value) => ({ kind: 'subject', id: names.principal(value) }));
}

function resourcesOf({ objects }: ListStep, list: AclList, names: MesosNames): ResourcePattern[] {
  if (objects === 'any') return [everyObject(list)];
  return objects.map((value) => {
    const prefix = prefixOf(value, list.match);
    return prefix === undefined
      ? { kind: 'literal', id: names.resource(list.objectField, value) }
      : rolesBelow(prefix, names);
  });
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

/** Everything that begins with `prefix`, which ends in a slash: at least one piece more. */
function rolesBelow(prefix: string, names: MesosNames): ResourcePattern {
  const above = names.roleAbove(prefix);
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
