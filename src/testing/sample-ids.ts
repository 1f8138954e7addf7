import type { Model, PatternElement, ResourcePattern, SubjectPattern } from '../model/model.ts';
import { elementsOf, elementsOfId } from '../model/template-variants.ts';
import { patternOf } from '../printing/print-pattern.ts';

/** Who asks: a subject, or nobody, with the groups that the request adds. */
export interface Asker {
  readonly subject?: string;
  readonly groups?: readonly string[];
}

/** Somebody whom policies do not name. */
export const stranger = 'user:somebody';

/** What stands for the wildcards of a pattern. */
interface Filling {
  readonly one: string;
  readonly many: readonly string[];
  readonly run: string;
  /** The same name gives the same text in every pattern that is filled so. */
  readonly variable: (name: string) => string;
  readonly manyVariable: (name: string) => readonly string[];
}

const fillings: readonly Filling[] = [
  filling(['some'], (name) => [name]),
  filling([], () => []),
  filling(['some', 'deeper'], (name) => [name, 'deeper']),
  filling(['other'], () => ['other']),
];

function filling(many: readonly string[], manyVariable: (name: string) => readonly string[]): Filling {
  const [one = 'some'] = many;
  return {
    one,
    many,
    run: one,
    variable: (name) => (one === 'other' ? one : name),
    manyVariable,
  };
}

/**
 * Ids at and about the edges of a pattern: some that it matches, what is above, beside and beneath them, with each separator.
 * Ids that no request can have are among them; the engine denies those whatever the policy says.
 */
export function sampleResources(pattern: ResourcePattern): string[] {
  const inside = unique(fillings.map((each) => fill(elementsOf(pattern), each)));
  const about = inside.flatMap((id) => [
    `${id}/beneath`,
    `${id}-beside`,
    parentOf(id),
    siblingOf(id),
    `${id}:beneath`,
    `${id}.beneath`,
    `${id}beneath`,
  ]);
  return unique([...inside, ...about]).filter((id) => id !== '');
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}

function parentOf(id: string): string {
  return idOf(elementsOfId(id).slice(0, -1));
}

function siblingOf(id: string): string {
  return `${parentOf(id)}${id[parentOf(id).length] ?? ''}sibling`;
}

/** The id that a pattern is with its wildcards filled in. */
function fill(elements: readonly PatternElement[], by: Filling): string {
  return idOf(elements.flatMap((element) => fillElement(element, by)));
}

function idOf(elements: readonly PatternElement[]): string {
  const pattern = patternOf(elements);
  return pattern?.kind === 'literal' ? pattern.id : '';
}

function fillElement(element: PatternElement, by: Filling): PatternElement[] {
  const { separator } = element;
  const segments = (texts: readonly string[]): PatternElement[] =>
    texts.map((text, i) => ({ kind: 'literal', separator: i === 0 ? separator : 'slash', text }));
  switch (element.kind) {
    case 'root':
    case 'literal':
      return [element];
    case 'glob':
      return segments([
        element.glob
          .map((part) => (part.kind === 'text' ? part.text : part.kind === 'run' ? by.run : 'x'))
          .join(''),
      ]);
    case 'one':
      return segments([by.one]);
    case 'many':
      return segments(by.many);
    case 'variable':
      return segments(element.isMany ? by.manyVariable(element.name) : [by.variable(element.name)]);
  }
}

const mostMembers = 12;

/** Those of whom a rule may speak, and some of whom it does not. */
export function sampleAskers(subjects: readonly SubjectPattern[], model: Model): Asker[] {
  const groups = new Map(model.groups.map((group) => [group.name, group.members]));
  const askers = subjects.flatMap((subject) => membersOf(subject, groups));
  const others: Asker[] = [{ subject: stranger }, {}, { subject: 'service:/some/service' }];
  const all = [...askers, ...others];
  const seen = new Set<string>();
  return all.filter((asker) => {
    const key = JSON.stringify(asker);
    return !seen.has(key) && seen.add(key);
  });
}

function membersOf(subject: SubjectPattern, groups: ReadonlyMap<string, readonly SubjectPattern[]>): Asker[] {
  switch (subject.kind) {
    case 'anyone':
      // Whom a wider rule lets in first is somebody: that shows of `authenticated` too.
      return [{ subject: stranger }, {}];
    case 'authenticated':
      return [{ subject: stranger }];
    case 'subject':
      return [{ subject: subject.id }];
    case 'pattern':
      return unique(fillings.map((each) => fill(subject.elements, each)))
        .filter((id) => id !== '')
        .map((id) => ({ subject: id }));
    case 'group': {
      const members = (groups.get(subject.name) ?? []).flatMap((member) => membersOf(member, groups));
      return [...members.slice(0, mostMembers), { subject: stranger, groups: [subject.name] }];
    }
  }
}
