import type { Rule, SubjectPattern } from '../../model/model.ts';
import type { RulePlace } from './rule-places.ts';

const maxShown = 3;

/** Subjects in a message: the first of them, and how many others. */
export function describeSubjects(subjects: readonly SubjectPattern[]): string {
  const texts = subjects.map(describeSubject);
  if (texts.length <= maxShown) return texts.join(', ');
  return `${texts.slice(0, maxShown).join(', ')} and ${texts.length - maxShown} others`;
}

export function describeSubject(subject: SubjectPattern): string {
  return subject.kind === 'anyone' || subject.kind === 'authenticated'
    ? subject.kind
    : `\`${keyOfSubject(subject)}\``;
}

/** The subject as a policy writes it; no two have the same. */
export function keyOfSubject(subject: SubjectPattern): string {
  switch (subject.kind) {
    case 'group':
      return `group:${subject.name}`;
    case 'subject':
      return subject.id;
    case 'pattern':
      return subject.text;
    default:
      return subject.kind;
  }
}

/** Who has what a rule gives: where a role gives it, whoever is granted the role, told once for all of them. */
export function describeHolders(
  rule: Rule,
  subjects: readonly SubjectPattern[],
  { isOfRole }: RulePlace,
): string {
  return isOfRole ? `whoever is granted \`${rule.role!.name}\`` : describeSubjects(subjects);
}
