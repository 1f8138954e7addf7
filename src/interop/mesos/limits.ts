import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { scanId } from '../../id/check-id.ts';
import { IdElements } from '../../id/elements.ts';
import { FAULT_NONE } from '../../id/faults.ts';
import type { Source } from '../../source/source.ts';
import { belowSuffix } from './acls.ts';
import { aclListByName } from './lists.ts';
import { MesosNames } from './names.ts';
import { type AclsReading, type PointedDiagnostic, placeDiagnostics } from './read-acls.ts';

/**
 * What Mesos takes and an image cannot hold: many `/%` values, each too long or too deep for an id and each below the one
 * before. Any other string has a name, however long it is.
 */
export function findBeyondLimits(source: Source, { acls, places }: AclsReading): Diagnostic[] {
  if (acls === undefined) return [];
  const names = new MesosNames(acls);
  if (names.areAllPlain) return [];
  const elements = new IdElements();
  const found: PointedDiagnostic[] = [];
  for (const [list, entries] of acls.lists) {
    if (aclListByName.get(list)!.match !== 'role') continue;
    for (const { object, pointer } of entries) {
      const isTooDeep = object.values.some((value) => {
        if (!value.endsWith(belowSuffix)) return false;
        const above = names.roleAbove(value.slice(0, -1));
        return scanId(`${above.replace(/\/$/, '')}/x/x`, elements) !== FAULT_NONE;
      });
      if (!isTooDeep) continue;
      found.push({
        code: 'P4006',
        severity: 'error',
        pointer: `${pointer}/roles/values`,
        message: 'a `/%` value is too long, and below too many others that are',
        help: 'keep roles below 4,000 characters and 248 levels',
      });
    }
  }
  return placeDiagnostics(found, source.file, places);
}
