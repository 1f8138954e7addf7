import { idOfLetters } from '../analysis/letters.ts';
import { matchesLetter } from '../analysis/match-elements.ts';
import { nearestName } from '../diagnostics/nearest.ts';
import type { PatternElement } from '../model/model.ts';
import { takesMany } from '../model/pattern-elements.ts';
import { elementsOf, elementsOfId, patternsOfVariant, variantsOf } from '../model/template-variants.ts';
import type { UnknownName } from './answer.ts';
import type { KnownNames } from './known-names.ts';
import { nearestSubject } from './nearest-subject.ts';
import type { Question } from './question.ts';

/** Names in a request that the policies do not have, with the name next to each: what may be misspelt. */
export function unknownNames(question: Question, known: KnownNames): readonly UnknownName[] {
  return [
    ...unknownSubject(question, known),
    ...unknownGroups(question),
    ...unknownAction(question, known),
    ...unknownSegment(question, known),
  ];
}

function unknownSubject({ request }: Question, known: KnownNames): readonly UnknownName[] {
  const { subject } = request;
  if (subject === undefined || known.hasSubject) return [];
  return [{ part: 'subject', name: subject, ...insteadOf(nearestSubject(subject, known.subjects)) }];
}

function insteadOf(nearest: string | undefined): Pick<UnknownName, 'nearest' | 'instead'> {
  return nearest === undefined ? {} : { nearest, instead: nearest };
}

function nearestIn(name: string, known: Iterable<string>): Pick<UnknownName, 'nearest'> {
  const nearest = nearestName(name, known);
  return nearest === undefined ? {} : { nearest };
}

function unknownGroups({ model, request }: Question): readonly UnknownName[] {
  const known = new Set(model.groups.map(({ name }) => name));
  return (request.groups ?? [])
    .filter((name) => !known.has(name))
    .map((name) => ({ part: 'group', name, ...nearestIn(name, known) }));
}

function unknownAction({ request }: Question, { actions }: KnownNames): readonly UnknownName[] {
  if (actions.has(request.action)) return [];
  return [{ part: 'action', name: request.action, ...insteadOf(nearestName(request.action, actions)) }];
}

/** The first segment that stands in no rule and no template where it stands in the request, if one next to it does. */
function unknownSegment({ model, schema, letters }: Question, known: KnownNames): readonly UnknownName[] {
  if (letters === undefined) return [];
  if (letters.every(({ text }) => text === '' || known.hasSegment(text))) return [];
  let patterns: readonly (readonly PatternElement[])[] = [
    ...model.rules.flatMap(({ resources }) => resources.map(elementsOf)),
    ...schema.model.namespaces.flatMap(({ templates }) =>
      templates.flatMap(({ parts }) => variantsOf(parts).flatMap(patternsOfVariant)),
    ),
    ...model.entities.map(({ id }) => elementsOfId(id)),
  ];
  for (const [i, letter] of letters.entries()) {
    const here = patterns.filter((elements) => elements[i]?.separator === letter.separator);
    if (here.some((elements) => takesMany(elements[i]!))) return [];
    patterns = here.filter((elements) => matchesLetter(elements[i]!, letter));
    if (patterns.length > 0) continue;
    const siblings = here.flatMap((elements) => {
      const element = elements[i]!;
      return element.kind === 'literal' ? [element.text] : [];
    });
    const nearest = nearestName(letter.text, new Set(siblings));
    if (nearest === undefined) return [];
    return [
      {
        part: 'resource',
        name: letter.text,
        after: idOfLetters(letters.slice(0, i)),
        nearest,
        instead: idOfLetters(letters.with(i, { ...letter, text: nearest })),
      },
    ];
  }
  return [];
}
