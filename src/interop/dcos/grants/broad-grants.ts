import type { Catalogue } from './catalogue.ts';
import type { Examination } from './examine-resource.ts';
import { type Finding, type Grant, isGrantAction } from './grant.ts';

/**
 * What a grant gives beyond what its writer may have thought of (SEMANTICS of DC/OS, 3, 6 and 7). A warning is what
 * somebody probably did not mean; an info is what is usual, and worth knowing.
 */
export function findBroadness(grant: Grant, examination: Examination, catalogue: Catalogue): Finding[] {
  const { row, value, findings } = examination;
  const { action } = grant;
  // What nothing matches is not broad.
  if (row === undefined || !isGrantAction(action) || findings.some(({ code }) => code !== 'P4310')) return [];
  if (row.template === 'dcos:superuser') return superuserFindings(grant, catalogue);
  if (row.template === 'dcos:adminrouter:acs') return [info('its holder can grant itself anything')];
  if (value === '/*')
    return [warning('it covers every secret in the root of the store', 'name the directory or the secret')];
  if (action === 'read') return [];
  const isWhole = value === undefined && row.tail.kind !== 'none';
  const isMesos = row.template.startsWith('dcos:mesos:');
  if (isWhole && isMesos)
    return [
      warning(
        `without its last part the resource is every ${nameOf(row.template)}`,
        `name the ${nameOf(row.template)}`,
      ),
    ];
  if (isWhole)
    return [
      info(`without its last part the resource is all ${row.tail.kind === 'pieces' ? 'jobs' : 'services'}`),
    ];
  if (value !== '/' || row.tail.kind !== 'path') return [];
  if (isMesos) return [info('the root path covers all services and jobs')];
  return [info('the root path covers all services, and who can create services reaches every secret')];
}

function superuserFindings(
  { principal, principalType, action }: Grant,
  { anyActionIsSuperuser, version }: Catalogue,
): Finding[] {
  if (action !== 'full') {
    if (!anyActionIsSuperuser) return [];
    const message = `\`${action}\` opens everything, as any action on \`dcos:superuser\` does from DC/OS 1.10 on (${version} here)`;
    return [{ ...warning('', 'grant what is needed instead'), message }];
  }
  if (principalType === 'group' && principal === 'superusers') return [];
  // Who it is decides: a group is how superusers are meant to be made.
  if (principalType === 'user' || principalType === 'service-account') {
    const help =
      principalType === 'user'
        ? 'grant what is needed, or make the user a member of the group `superusers`'
        : 'grant what the service is documented to need';
    return [warning(`\`${principal}\` may do everything`, help)];
  }
  return [info('its holder may do everything')];
}

/** `role`, `principal`, `user`, `path`: the last literal segment of a row says what is left out. */
function nameOf(template: string): string {
  const segment = template.slice(0, template.indexOf('[')).split(':').at(-1)!;
  return segment === 'app_id' ? 'path of services and jobs' : segment;
}

function warning(what: string, help: string): Finding {
  return { code: 'P4327', severity: 'warning', message: `broad grant: ${what}`, help };
}

function info(what: string): Finding {
  return { ...warning(what, 'narrow it, unless this is meant'), severity: 'info' };
}
