import type { DecisionLogEntry } from '../service.ts';
import { isKept } from './sampling.ts';

/** How entries are written. */
export interface EntryOptions {
  /** Shares that are kept, 0 to 1. */
  readonly sampleAllows: number;
  readonly sampleDenials: number;
  /** Replaces what the operator does not want in the log, in place. */
  readonly mask: (members: EntryMembers) => void;
}

/** The members of a line, in the order in which they are written; of the request all that it had. */
export type EntryMembers = Record<string, unknown>;

/**
 * One line, or undefined if it is not in the sample. Denials and allows of one request id are kept or left out together
 * where their shares are the same, and each time alike.
 */
export function renderEntry(entry: DecisionLogEntry, options: EntryOptions): string | undefined {
  const { sampleAllows, sampleDenials, mask } = options;
  const share = entry.decision.decision === 'allow' ? sampleAllows : sampleDenials;
  if (share < 1 && !isKept(entry.requestId, share)) return undefined;
  const members = membersOf(entry, share);
  mask(members);
  return lineOf(members);
}

/** What readers of lines other than ours take for the end of one, what moves the cursor of a terminal, and what turns text around. */
const misleading = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** One line whatever is in it: escaped, those characters are the same JSON. */
function lineOf(members: EntryMembers): string {
  const text = JSON.stringify(members).replace(
    misleading,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${text}\n`;
}

/** An undefined member is not written: so an anonymous request has no `subject`. */
function membersOf(
  { timeMs, requestId, api, revision, caller, request, mode, decision }: DecisionLogEntry,
  share: number,
): EntryMembers {
  const { subject, action, resource, groups, attributes, context } = request;
  return {
    time: new Date(timeMs).toISOString(),
    requestId,
    api,
    caller: caller?.subject,
    subject,
    action,
    resource,
    groups,
    attributes,
    context,
    mode,
    decision: decision.decision,
    reason: decision.reason,
    rule: decision.rule,
    ruleset: decision.ruleset,
    detail: decision.detail,
    revision,
    sample: share < 1 ? share : undefined,
  };
}

/** What is written of an entry that cannot be: no value of the request, so that nothing unmasked gets in. */
export function renderUnwritable({ timeMs, requestId, api, revision, decision }: DecisionLogEntry): string {
  const members = {
    time: new Date(timeMs).toISOString(),
    requestId,
    api,
    decision: decision.decision,
    reason: decision.reason,
    rule: decision.rule,
    revision,
    unwritable: true,
  };
  return `${JSON.stringify(members)}\n`;
}
