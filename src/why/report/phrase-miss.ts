import type { Difference, SegmentStep, WhyRequest } from '../answer.ts';
import { type Row, rowsOfCondition } from './phrase-rule.ts';

/** What keeps a rule from applying, a line for each difference. */
export function rowsOfDifference(difference: Difference, request: WhyRequest): readonly Row[] {
  switch (difference.kind) {
    case 'subject':
      return [['subject', phraseNeed(difference, request)]];
    case 'action':
      return [['action', phraseAllowed(difference, request)]];
    case 'resource':
      return [['resource', phraseSteps(difference, request)]];
    case 'variables':
      return difference.conflicts.length === 0
        ? [['variables', 'subject and resource do not match with the same text']]
        : difference.conflicts.map(({ name, inSubject, inResource }) => [
            'variable',
            `{${name}} is ${inSubject || 'empty'} in the subject, ${inResource || 'empty'} in the resource`,
          ]);
    case 'condition':
      return rowsOfCondition(difference.account);
    case 'scope':
      return [['ruleset', `${difference.ruleset} does not speak for this request`]];
  }
}

function phraseNeed(
  { needs, nearest }: Extract<Difference, { kind: 'subject' }>,
  { subject }: WhyRequest,
): string {
  const list = needs.join(', ');
  if (subject === undefined) return `for ${list}; the request names nobody`;
  if (nearest !== undefined) return `for ${list}; ${subject} may be a slip for ${nearest}`;
  const groups = needs.filter((each) => each.startsWith('group:'));
  if (groups.length === needs.length)
    return groups.length === 1
      ? `for ${list}; ${subject} is not in it`
      : `for ${list}; ${subject} is in none of them`;
  return `for ${list}; not for ${subject}`;
}

function phraseAllowed(
  { allows, nearest, unlistedIn }: Extract<Difference, { kind: 'action' }>,
  { action }: WhyRequest,
): string {
  const list = allows.join(', ');
  if (nearest !== undefined) return `allows ${list}; ${action} may be a slip for ${nearest}`;
  if (unlistedIn !== undefined)
    return `allows ${list}, which implies ${action}, but the template ${unlistedIn} does not list it`;
  return `allows ${list}, not ${action}`;
}

function phraseSteps(
  { covers, steps }: Extract<Difference, { kind: 'resource' }>,
  { resource }: WhyRequest,
): string {
  if (resource === undefined) return `covers ${covers}; the request asks about every resource at once`;
  const kinds = new Set(steps.map(({ kind }) => kind));
  const [first] = steps;
  if (kinds.size === 1 && first!.kind === 'extra')
    return `covers ${covers}; the request goes ${countSegments(steps)} further`;
  if (kinds.size === 1 && first!.kind === 'missing')
    return `covers ${covers}; the request is ${countSegments(steps)} short`;
  return `covers ${covers}; ${steps.map(phraseStep).join(', ')}`;
}

function countSegments({ length }: readonly SegmentStep[]): string {
  return length === 1 ? 'one segment' : `${length} segments`;
}

function phraseStep({ kind, ofRule, ofRequest }: SegmentStep): string {
  switch (kind) {
    case 'misspelt':
      return `${ofRequest} may be a slip for ${ofRule}`;
    case 'other':
      return `the request has ${ofRequest}, not ${ofRule}`;
    case 'missing':
      return `${ofRule} is missing in the request`;
    case 'extra':
      return `the request has ${ofRequest} besides`;
    case 'separator':
      return `another separator stands before ${ofRequest}`;
  }
}
