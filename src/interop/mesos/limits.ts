import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source } from '../../source/source.ts';
import { belowSuffix } from './acls.ts';
import { aclListByName } from './lists.ts';
import { encodePath, isLongPath } from './names.ts';
import { type AclsReading, type PointedDiagnostic, placeDiagnostics } from './read-acls.ts';

/**
 * What Mesos takes and an image cannot hold: a `/%` value that is longer or deeper than an id may be. All other strings
 * have a name, however long they are.
 */
export function findBeyondLimits(source: Source, { acls, places }: AclsReading): Diagnostic[] {
  const found: PointedDiagnostic[] = [];
  for (const [list, entries] of acls?.lists ?? []) {
    if (aclListByName.get(list)!.match !== 'role') continue;
    for (const { object, pointer } of entries) {
      if (!object.values.some((value) => value.endsWith(belowSuffix) && isLongPath(encodePath(value))))
        continue;
      found.push({
        code: 'P4006',
        severity: 'error',
        pointer: `${pointer}/roles/values`,
        message: 'a role before `/%` is too long or too deep',
        help: 'keep it below 4,000 characters and 248 levels',
      });
    }
  }
  return placeDiagnostics(found, source.file, places);
}
