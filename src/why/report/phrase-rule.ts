import type { RuleReference } from '../../decision/decision.ts';
import type {
  ActionMatch,
  AttributeRead,
  ConditionAccount,
  ConditionPart,
  GroupStep,
  Place,
  ResourceMatch,
  RuleAccount,
  SubjectMatch,
} from '../answer.ts';

/** A line with a word in front that says what it is about. */
export type Row = readonly [label: string, text: string];

/** `policy.acl:17 (id), by role tenant at roles.acl:4`. */
export function phraseRule({ id, file, line, role }: RuleReference): string {
  const name = id === `${file}:${line}` ? '' : ` (${id})`;
  const origin = role === undefined ? '' : `, by role ${role.name} at ${role.file}:${role.line}`;
  return `${file}:${line}${name}${origin}`;
}

export function phrasePlace({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}

/** How a rule that applies does so. */
export function rowsOfRule(account: RuleAccount): readonly Row[] {
  const { subject, action, resource, variables, condition, ruleset } = account;
  return [
    ...(ruleset === undefined ? [] : [['ruleset', ruleset] as const]),
    ['subject', phraseSubject(subject)],
    ['action', phraseAction(action)],
    ['resource', phraseResource(resource)],
    ...variables.map(
      ({ name, value }): Row => ['variable', `{${name}} is ${value === '' ? 'empty' : value}`],
    ),
    ...(condition === undefined ? [] : rowsOfCondition(condition)),
    ...(condition?.outcome === 'error' ? [['', 'and a deny applies where that is so'] as const] : []),
  ];
}

function phraseSubject(match: SubjectMatch): string {
  switch (match.kind) {
    case 'anyone':
      return 'anyone is meant, also who has not logged in';
    case 'authenticated':
      return 'everybody who has logged in is meant';
    case 'subject':
      return `${match.id} is named`;
    case 'pattern':
      return `matches ${match.pattern}`;
    case 'group':
      return match.path.map(phraseStep).join('; ');
  }
}

function phraseStep({ member, group, by, pattern, place }: GroupStep): string {
  if (by === 'request') return `${member} is in ${group}: the request says so`;
  const how = pattern === undefined ? '' : `, as it matches ${pattern}`;
  return `${member} is in ${group} (${phrasePlace(place)})${how}`;
}

function phraseAction(match: ActionMatch): string {
  if (match.kind === 'same') return `${match.action} is named`;
  if (match.kind === 'implies') return match.chain.join(' implies ');
  return `${match.chain.toReversed().join(' implies ')}: who is denied the one is denied the other`;
}

function phraseResource(match: ResourceMatch): string {
  switch (match.kind) {
    case 'same':
      return 'is named';
    case 'pattern':
      return `matches ${match.pattern}`;
    case 'beneath':
      return `lies beneath ${match.id}, as its template says: ${match.template} (${phrasePlace(match.place)})`;
    case 'every-value':
      return `${match.id} stands for every value, as its template says: ${match.template} (${phrasePlace(match.place)})`;
  }
}

/** What a condition rests on, a line for each part. */
export function rowsOfCondition({ outcome, parts }: ConditionAccount): readonly Row[] {
  // Of what does not hold, the parts that do hold are not to blame.
  const toBlame = parts.filter((part) => part.outcome === 'error' || outcome !== 'error');
  return toBlame.map((part) => ['condition', phrasePart(part)]);
}

const outcomeWords = { true: 'holds', false: 'does not hold', error: 'cannot be evaluated' } as const;

function phrasePart({ text, outcome, reads }: ConditionPart): string {
  const words = `${text} ${outcomeWords[outcome]}`;
  return reads.length === 0 ? words : `${words}: ${reads.map(phraseRead).join(', ')}`;
}

function phraseRead({ path, isMissing, value }: AttributeRead): string {
  return isMissing ? `${path} is missing` : `${path} is ${JSON.stringify(value)}`;
}
