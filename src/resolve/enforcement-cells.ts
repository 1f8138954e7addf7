import type { Namespace } from '../model/model.ts';
import type { Finding } from './reporter.ts';

/** Whether a template is enforced is written down for every mode: so many pairs of them. */
export const MAX_ENFORCEMENT_CELLS = 8_000_000;

/** What is wrong if modes and templates multiply beyond the limit; undefined if they do not. */
export function findTooManyEnforcements(
  modes: readonly string[],
  namespaces: readonly Namespace[],
): Pick<Finding, 'code' | 'message' | 'help'> | undefined {
  const templates = namespaces.reduce((sum, namespace) => sum + namespace.templates.length, 0);
  if (modes.length * templates <= MAX_ENFORCEMENT_CELLS) return undefined;
  return {
    code: 'P3006',
    message: `modes and templates come to more than ${MAX_ENFORCEMENT_CELLS} pairs`,
    help: 'let templates name fewer modes in `enforced in`',
  };
}
