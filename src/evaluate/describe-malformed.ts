import { checkAction, checkGroupName, checkSubject, isGroupSubject, scanId } from '../id/check-id.ts';
import { IdElements } from '../id/elements.ts';
import { describeFault, FAULT_GROUP_SUBJECT, FAULT_NONE, type IdFault } from '../id/faults.ts';
import { isObject } from './attributes.ts';

/** What is wrong with a request that was denied as malformed (S3), for people. The evaluator itself has no words. */
export function describeMalformed(request: unknown): string {
  if (!isObject(request)) return 'the request is no object';
  const { subject, action, resource, groups, context } = request as Record<string, unknown>;
  return (
    (subject === undefined ? '' : describe('subject', subject, checkAsker)) ||
    (groups === undefined ? '' : describeGroups(groups)) ||
    describe('action', action, checkAction) ||
    (resource === undefined ? '' : describe('resource', resource, checkResource)) ||
    (context === undefined || isObject(context) ? '' : '`context` is no object') ||
    '`attributes` is no object of objects'
  );
}

function describe(part: string, value: unknown, check: (text: string) => IdFault): string {
  if (typeof value !== 'string') return `the ${part} is no string`;
  const fault = check(value);
  return fault === FAULT_NONE ? '' : `the ${part} ${describeFault(fault)}`;
}

function describeGroups(groups: unknown): string {
  if (!Array.isArray(groups)) return '`groups` is no array';
  for (let i = 0; i < groups.length; i++) {
    const words = describe('name of a group', groups[i], checkGroupName);
    if (words !== '') return words;
  }
  return '';
}

function checkAsker(subject: string): IdFault {
  return isGroupSubject(subject) ? FAULT_GROUP_SUBJECT : checkSubject(subject);
}

function checkResource(resource: string): IdFault {
  return scanId(resource, new IdElements());
}
