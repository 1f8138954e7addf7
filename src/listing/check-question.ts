import { ConfigurationError, RequestError } from '../decision/errors.ts';
import { checkAction, checkGroupName, checkSubject, isGroupSubject, scanId } from '../id/check-id.ts';
import { IdElements } from '../id/elements.ts';
import { describeFault, FAULT_GROUP_SUBJECT, FAULT_NONE, type IdFault } from '../id/faults.ts';
import type { Model } from '../model/model.ts';

/** What a listing is asked about; what is absent is not checked. */
export interface ListingQuestion {
  readonly subject?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly action?: string | undefined;
  readonly resource?: string | undefined;
  readonly mode?: string | undefined;
}

/**
 * A malformed id would be denied whatever the policy says (S3), which a list should not pass off as an answer.
 *
 * @throws {RequestError} for what is malformed
 * @throws {ConfigurationError} for a mode that no `enforced in` names (S35)
 */
export function checkQuestion({ modes }: Model, question: ListingQuestion): void {
  const { subject, groups = [], action, resource, mode } = question;
  check('subject', subject, checkAsker);
  for (const group of groups) check('name of a group', group, checkGroupName);
  check('action', action, checkAction);
  check('resource', resource, (text) => scanId(text, new IdElements()));
  if (mode === undefined || modes.includes(mode)) return;
  const names = modes.map((each) => `\`${each}\``).join(', ');
  throw new ConfigurationError(`unknown mode \`${mode}\`; the policy names ${names || 'none'}`);
}

function check(part: string, value: unknown, find: (text: string) => IdFault): void {
  if (value === undefined) return;
  if (typeof value !== 'string') throw new RequestError(`the ${part} is no string`);
  const fault = find(value);
  if (fault !== FAULT_NONE) throw new RequestError(`the ${part} ${describeFault(fault)}`);
}

function checkAsker(subject: string): IdFault {
  return isGroupSubject(subject) ? FAULT_GROUP_SUBJECT : checkSubject(subject);
}
