import { nearestName } from '../../../diagnostics/nearest.ts';
import { checkSubject, scanId } from '../../../id/check-id.ts';
import { IdElements } from '../../../id/elements.ts';
import { describeFault, FAULT_NONE } from '../../../id/faults.ts';
import { findBroadness } from './broad-grants.ts';
import type { Catalogue, Row } from './catalogue.ts';
import { type Examination, examineResource } from './examine-resource.ts';
import { type Finding, type Grant, grantActions, isGrantAction, subjectOf } from './grant.ts';
import { MaskedText, placeholdersIn } from './placeholders.ts';
import { findPrincipalFault } from './principal.ts';

export interface CheckedGrant {
  readonly grant: Grant;
  readonly findings: readonly Finding[];
  readonly examination: Examination;
}

/** All that can be said of one grant by itself. With an error among it the grant cannot be imported. */
export function checkGrant(grant: Grant, catalogue: Catalogue): CheckedGrant {
  const examination = examineResource(grant.resource, catalogue);
  const { row } = examination;
  const told = [
    ...grant.faults,
    ...principalFindings(grant),
    ...placeholderFindings(grant),
    ...examination.findings.filter(({ code }) => !grant.faults.some((fault) => fault.code === code)),
    ...bracketFindings(grant),
    ...actionFindings(grant, row, catalogue),
    ...findBroadness(grant, examination, catalogue),
    ...mismatchFindings(grant, examination),
  ];
  const findings = [...told, ...malformedFindings(grant, told)];
  // What is worth knowing of a grant is not, if it is left out.
  const isLeftOut = findings.some(({ severity }) => severity === 'error');
  return {
    grant,
    findings: isLeftOut ? findings.filter(({ severity }) => severity !== 'info') : findings,
    examination,
  };
}

export function isRefused({ findings }: CheckedGrant): boolean {
  return findings.some(({ severity }) => severity === 'error');
}

/** That a grant names nobody is said once for a source. */
function principalFindings({ principal, principalType }: Grant): Finding[] {
  const fault = principal === '' ? undefined : findPrincipalFault(principal);
  if (fault === undefined) return [];
  const what = principalType === 'group' ? 'group' : 'user';
  return [
    {
      code: 'P4304',
      severity: 'error',
      message: `${what} \`${principal}\` ${fault}`,
      help: `write the id of the ${what} as DC/OS lists it`,
      at: 'principal',
    },
  ];
}

/** In data a name is what it is, and a grant to `<uid>` harms nobody; an action must be one of five in any case. */
function placeholderFindings(grant: Grant): Finding[] {
  const { principal, resource, action, isFilledIn } = grant;
  const inAction = placeholdersIn(action);
  const isRefused = isFilledIn || inAction.length > 0;
  const found = isFilledIn || !isRefused ? placeholdersIn(`${principal} ${resource} ${action}`) : inAction;
  if (found.length === 0) return [];
  const names = found.map((name) => `\`${name}\``).join(', ');
  const isOne = found.length === 1;
  const help = `put the ${isOne ? 'value' : 'values'} in ${isOne ? 'its' : 'their'} place`;
  const at = partWith(found[0]!, grant);
  if (isRefused) {
    const message = `${names} ${isOne ? 'stands' : 'stand'} for something that is not known here`;
    return [{ code: 'P4302', severity: 'error', message, help: `${help} and import again`, at }];
  }
  const message = isOne
    ? `${names} looks like a placeholder and is imported as a name`
    : `${names} look like placeholders and are imported as names`;
  return [{ code: 'P4302', severity: 'info', message, help, at }];
}

function partWith(text: string, { principal, resource }: Grant): keyof Grant['at'] {
  if (principal.includes(text)) return 'principal';
  return resource.includes(text) ? 'resource' : 'action';
}

/** A bracket of a manual's notation whose other half got lost. */
function bracketFindings({ resource }: Grant): Finding[] {
  const bracket = /[[\]<>{}]/.exec(new MaskedText(resource).text)?.[0];
  if (bracket === undefined) return [];
  return [
    {
      code: 'P4326',
      severity: 'warning',
      message: `\`${bracket}\` in \`${resource}\` has no other half`,
      help: 'delete it, or complete the placeholder',
      at: 'resource',
    },
  ];
}

// ---------------------------------------------------------------- actions (SEMANTICS of DC/OS, 2)

function actionFindings({ action, faults }: Grant, row: Row | undefined, catalogue: Catalogue): Finding[] {
  if (action === '') return faults.length > 0 ? [] : [noAction];
  if (placeholdersIn(action).length > 0) return [];
  if (!isGrantAction(action)) return [unknownAction(action)];
  // What was only ever seen in grants has no list of actions, and neither has an id that nobody knows.
  if (row === undefined || row.status === 'observed-only') return [];
  const { actions, unlistedActions, template } = row;
  const list = actions.map((name) => `\`${name}\``).join(', ');
  if (unlistedActions.includes(action)) {
    return [
      {
        code: 'P4314',
        severity: 'info',
        message: `no reference of DC/OS ${catalogue.version} lists \`${action}\` on \`${template}\`; recipes for looking on grant it`,
        help: 'leave it where somebody is meant to look on',
        at: 'action',
      },
    ];
  }
  if (actions.includes(action)) return [];
  if (action === 'full') {
    return [
      {
        code: 'P4314',
        severity: 'warning',
        message: `\`full\` is no action of \`${template}\`: here it holds for ${list} alone`,
        help: `write ${list}`,
        at: 'action',
      },
    ];
  }
  return [
    {
      code: 'P4315',
      severity: 'warning',
      message: `\`${action}\` is no action of \`${template}\`: no component asks for it`,
      help: `${actions.length === 1 ? 'write' : 'the actions are'} ${list}`,
      at: 'action',
    },
  ];
}

const noAction: Finding = {
  code: 'P4317',
  severity: 'error',
  message: 'the resource is named without an action, so nothing on it is granted to anybody',
  help: `add the actions that are meant: ${grantActions.map((name) => `\`${name}\``).join(', ')}`,
};

function unknownAction(action: string): Finding {
  const near = nearestName(action.toLowerCase(), grantActions);
  const isList = /^\w+(?:\s*,\s*\w+)+$/.test(action);
  return {
    code: 'P4316',
    severity: 'error',
    message: `unknown action \`${action}\``,
    help: isList
      ? 'write one command for each action'
      : near === undefined
        ? `the actions are ${grantActions.map((name) => `\`${name}\``).join(', ')}`
        : `write \`${near}\``,
    at: 'action',
  };
}

// ---------------------------------------------------------------- names

/** Entries for an account's own reservations and volumes match only if both names are one (SEMANTICS of DC/OS, 9). */
function mismatchFindings({ principal, principalType }: Grant, { row, value }: Examination): Finding[] {
  if (row?.tail.kind !== 'value' || row.tail.name !== 'account' || value === undefined) return [];
  if (principal === '' || principalType === 'group' || /[*:]/.test(value)) return [];
  if (plainVariable(value) === plainVariable(principal)) return [];
  return [
    {
      code: 'P4328',
      severity: 'warning',
      message: `the resource is about principal \`${value}\`, and the grant is to \`${principal}\``,
      help: `write \`${principal}\` for both, unless one account is meant to handle what another has made`,
      at: 'resource',
    },
  ];
}

function plainVariable(text: string): string {
  return text.replace(/\$\{(\w+)\}/g, '$$$1');
}

const scratch = new IdElements();

/** What a policy cannot name, if nothing else keeps the grant out. */
function malformedFindings(grant: Grant, findings: readonly Finding[]): Finding[] {
  if (findings.some(({ severity }) => severity === 'error')) return [];
  const fault = scanId(grant.resource, scratch);
  if (fault !== FAULT_NONE)
    return [malformed(`resource id \`${grant.resource}\` ${describeFault(fault)}`, 'resource')];
  if (grant.principal === '') return [];
  const subjectFault = checkSubject(subjectOf(grant));
  return subjectFault === FAULT_NONE
    ? []
    : [malformed(`\`${grant.principal}\` ${describeFault(subjectFault)}`, 'principal')];
}

function malformed(message: string, at: keyof Grant['at']): Finding {
  return { code: 'P4309', severity: 'error', message, help: 'write an id that DC/OS takes', at };
}
