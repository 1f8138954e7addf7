import type { RuleReference } from '../decision/decision.ts';
import type { Rule } from '../model/model.ts';

/** A rule as answers name it (S61). */
export function referenceToRule({ id, location, line, role }: Rule): RuleReference {
  const reference = { id: id ?? `${location.file}:${line}`, file: location.file, line };
  if (role === undefined) return reference;
  return { ...reference, role: { name: role.name, file: role.location.file, line: role.line } };
}
