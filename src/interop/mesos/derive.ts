import { last, type Path, type Question, type Step } from './actions.ts';
import { isSet, type MesosObject } from './request.ts';

/**
 * What is asked on the object side: one value; several, each for itself, for a framework with MULTI_ROLE; or `undefined`
 * for ANY.
 */
export type Asked = string | undefined | readonly string[];

/** The object entity of a question (SEMANTICS of Mesos, 3, and `steps` of its table of actions). */
export function deriveAsked({ steps }: Question, object: MesosObject | undefined): Asked {
  if (object === undefined) return undefined;
  for (const step of steps) {
    if (step.kind === 'framework-roles') {
      if (isSet(object.framework_info)) return rolesOf(object.framework_info);
    } else if (isSet(fieldAt(object, step.when))) return textAt(object, step);
  }
  return undefined;
}

/** Whether the question is put at all. */
export function isAsked({ onlyWith }: Question, object: MesosObject | undefined): boolean {
  return onlyWith === undefined || (object !== undefined && isSet(object[onlyWith as keyof MesosObject]));
}

function textAt(object: MesosObject, { path, otherwise }: Extract<Step, { kind: 'text' }>): string {
  const text = fieldAt(object, path);
  return isSet(text) ? (text as string) : otherwise;
}

/** 5.4: without MULTI_ROLE the field `roles` plays no part, with it the field `role` does not. */
function rolesOf({ capabilities, roles, role }: NonNullable<MesosObject['framework_info']>): Asked {
  const isMultiRole = capabilities?.some((capability) => capability?.type === 'MULTI_ROLE');
  if (!isMultiRole) return role ?? '*';
  return [...new Set(roles?.filter(isSet))];
}

/** The field at the end of the path; undefined where something on the way is not set. */
function fieldAt(object: MesosObject, path: Path): unknown {
  let field: unknown = object;
  for (const name of path) {
    if (!isSet(field)) return undefined;
    field = name === last ? lastOf(field as readonly unknown[]) : (field as Record<string, unknown>)[name];
  }
  return field;
}

/** Protobuf has no null among repeated messages. */
function lastOf(items: readonly unknown[]): unknown {
  return items.findLast(isSet);
}
