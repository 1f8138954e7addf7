import type { ResourcePattern, Rule, SubjectPattern } from '../model/model.ts';
import { assertNever } from '../source/invariant.ts';
import { printName, printString } from '../syntax/print-text.ts';
import { printCondition, printGroupName } from './print-condition.ts';

/** A resolved rule as one statement of policy text: groups by name, roles filled in, alternatives in braces. */
export function printRule({ effect, subjects, actions, resources, condition }: Rule): string {
  const head = `${effect} ${subjects.map(printSubject).join(', ')} to ${actions.map(printAction).join(', ')}`;
  const when = condition === undefined ? '' : ` when ${printCondition(condition)}`;
  return `${head} on ${printResources(resources)}${when}`;
}

export function printSubject(subject: SubjectPattern): string {
  switch (subject.kind) {
    case 'anyone':
    case 'authenticated':
      return subject.kind;
    case 'group':
      return `group:${printGroupName(subject.name)}`;
    case 'subject':
      return printId(subject.id);
    case 'pattern':
      return subject.text;
    default:
      return assertNever(subject);
  }
}

export function printAction(action: string): string {
  return printName({ text: action, span: { start: 0, end: 0 } });
}

const bareId = /^[A-Za-z0-9_.\-+=~$!:/][A-Za-z0-9_.\-@+=~$!:/]*$/;

/** Quotes may stand round a whole id: separators in them still separate. */
export function printId(id: string): string {
  return bareId.test(id) && /[:/]/.test(id) ? id : printString(id);
}

/** Several came from braces: what they have in common stands once, cut at separators. */
export function printResources(resources: readonly ResourcePattern[]): string {
  const texts = resources.map((resource) =>
    resource.kind === 'literal' ? printId(resource.id) : resource.text,
  );
  const [first, ...others] = texts;
  if (others.length === 0) return first ?? '';
  if (texts.some((text) => /["{,]/.test(text))) return `{${texts.join(',')}}`;
  let start = commonLength(texts, (text, i) => text[i]);
  while (start > 0 && !/[:/]/.test(first![start - 1]!)) start--;
  const rests = texts.map((text) => text.slice(start));
  let end = commonLength(rests, (text, i) => text[text.length - 1 - i]);
  while (end > 0 && !/[:/]/.test(first![first!.length - end]!)) end--;
  const options = rests.map((text) => text.slice(0, text.length - end));
  return `${first!.slice(0, start)}{${options.join(',')}}${first!.slice(first!.length - end)}`;
}

/** How many characters all the texts begin with, or end with, alike. */
function commonLength(
  texts: readonly string[],
  unitAt: (text: string, i: number) => string | undefined,
): number {
  const shortest = Math.min(...texts.map((text) => text.length));
  let length = 0;
  while (length < shortest && texts.every((text) => unitAt(text, length) === unitAt(texts[0]!, length)))
    length++;
  return length;
}
