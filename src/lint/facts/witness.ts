import type { PatternElement, ResourcePattern, Rule, SubjectPattern } from '../../model/model.ts';
import type { Proof, WitnessRequest } from '../rule.ts';

/** What stands for any text in an example. */
const example = 'x';

/** A request that a rule speaks of, as a proof. */
export function witness(
  subject: SubjectPattern,
  action: string,
  resource: string,
  text: string,
): Proof & { readonly kind: 'witness' } {
  return { kind: 'witness', request: { ...askerOf(subject), action, resource }, text };
}

/** The first request of a rule, with its condition left aside. */
export function witnessOfRule(rule: Rule, text: string): Proof & { readonly kind: 'witness' } {
  return witness(rule.subjects[0]!, rule.actions[0]!, exampleOf(rule.resources[0]!), text);
}

function askerOf(subject: SubjectPattern): Pick<WitnessRequest, 'subject' | 'groups'> {
  switch (subject.kind) {
    case 'anyone':
      return {};
    case 'authenticated':
      return { subject: `user:${example}` };
    case 'group':
      return { subject: `user:${example}`, groups: [subject.name] };
    case 'subject':
      return { subject: subject.id };
    case 'pattern':
      return { subject: textOf(subject.elements) };
  }
}

/** An id that the pattern matches; shared variables have the same text in a rule's subject. */
export function exampleOf(resource: ResourcePattern): string {
  return resource.kind === 'literal' ? resource.id : textOf(resource.elements);
}

function textOf(elements: readonly PatternElement[]): string {
  let text = '';
  for (const element of elements) {
    // `**` may be nothing, but at the start, where there must be something.
    if (element.kind === 'many' && text !== '') continue;
    if (element.separator === 'colon') text += ':';
    else if (element.separator === 'slash' && !text.endsWith('/')) text += '/';
    text += textOfElement(element);
  }
  return text;
}

function textOfElement(element: PatternElement): string {
  if (element.kind === 'root') return '/';
  if (element.kind === 'literal') return element.text;
  if (element.kind !== 'glob') return example;
  const text = element.glob
    .map((part) => (part.kind === 'text' ? part.text : part.kind === 'unit' ? example : ''))
    .join('');
  return text === '' ? example : text;
}
