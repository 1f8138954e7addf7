import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { sortDiagnostics } from '../../diagnostics/sort.ts';
import type { Source } from '../../source/source.ts';
import { findBeyondLimits } from './limits.ts';
import { readAcls } from './read-acls.ts';
import { findTraps } from './traps/find-traps.ts';

/**
 * Everything there is to say of an `--acls` document: errors where Mesos would refuse it, or an image could not hold it;
 * warnings and notes where it loads and probably does not mean what it seems to. Sorted by place; never throws on account of
 * the text.
 */
export function validateMesosAcls(source: Source): readonly Diagnostic[] {
  const reading = readAcls(source);
  return sortDiagnostics([
    ...reading.diagnostics,
    ...findBeyondLimits(source, reading),
    ...findTraps(source, reading),
  ]);
}
