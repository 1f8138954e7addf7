import type { Request } from '../decision/request.ts';
import { describeMalformed } from '../evaluate/describe-malformed.ts';
import { checkAction, checkSubject, findFault } from '../id/check-id.ts';
import * as faults from '../id/faults.ts';
import { FORBIDDEN_UNICODE } from '../id/scan.ts';
import type { Malformation } from './answer.ts';

/** What is wrong with a malformed request, where, and what may have been meant. */
export function accountOfMalformation(request: Request): Malformation {
  const text = describeMalformed(request);
  const found = faultyPart(request, text);
  return found === undefined ? { text } : { text, ...found };
}

/** The part is told by the sentence: what is checked first is said first. */
function faultyPart(
  { subject, action, resource }: Request,
  text: string,
): Omit<Malformation, 'text'> | undefined {
  const [, part] = /^the (subject|action|resource) /.exec(text) ?? [];
  if (part === 'subject' && typeof subject === 'string') {
    if (subject.startsWith('group:')) return { part, offset: 0 };
    return locate(part, subject, checkSubject(subject));
  }
  if (part === 'action' && typeof action === 'string') return locate(part, action, checkAction(action));
  if (part === 'resource' && typeof resource === 'string') {
    const instead = repaired(resource);
    return { ...locate(part, resource, findFault(resource)), ...(instead === undefined ? {} : { instead }) };
  }
  return undefined;
}

function locate(
  part: 'subject' | 'action' | 'resource',
  text: string,
  fault: faults.IdFault,
): Omit<Malformation, 'text'> {
  const offset = offsetOf(text, fault);
  return offset < 0 ? { part } : { part, offset };
}

/** Negative where no place is to blame. */
function offsetOf(text: string, fault: faults.IdFault): number {
  switch (fault) {
    case faults.FAULT_EMPTY_SEGMENT:
      return text.search(/^:|(?<=[:/])[:/]|[:/]$/);
    case faults.FAULT_DOT_SEGMENT:
      return text.search(/(?<=^|[:/])\.\.?(?=[;:/]|$)/);
    case faults.FAULT_COLON_AFTER_SLASH:
      return text.indexOf(':', text.indexOf('/'));
    case faults.FAULT_BACKSLASH:
      return text.indexOf('\\');
    case faults.FAULT_PERCENT_ENCODING:
      return text.search(/%[\dA-Fa-f]{2}/);
    case faults.FAULT_FORBIDDEN_CHARACTER:
      return text.search(FORBIDDEN_UNICODE);
    default:
      return -1;
  }
}

/** A well-formed id that differs from the text only in what is malformed; undefined if it is not plain which. */
function repaired(text: string): string | undefined {
  const decoded = text.replace(/%([\dA-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  const tidy = decoded
    .replaceAll('\\', '/')
    .replace(/\/{2,}/g, '/')
    .replace(/:{2,}/g, ':')
    .replace(/^:/, '')
    .replace(/(?<=[^:/])[:/]$/, '');
  return tidy !== '' && findFault(tidy) === faults.FAULT_NONE ? tidy : undefined;
}
