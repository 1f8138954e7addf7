import { isSubject } from '../id/scan.ts';
import type {
  Model,
  PathPattern,
  PatternElement,
  ResourcePattern,
  Rule,
  SubjectPattern,
} from '../model/model.ts';
import { freeVariables, namesIn, sharedNames, takesMany } from '../model/pattern-elements.ts';
import { elementsOfId } from '../model/template-variants.ts';
import { bindingsOf, MAX_PARTIAL_MATCHES, MOST_PLACES, mostPartialMatches } from './bind-variables.ts';
import { namingLost } from './for-subject.ts';
import { idOfLetters, type Letter, lettersOfId } from './letters.ts';
import { matchesElements } from './match-elements.ts';
import { Schema } from './schema.ts';
import { patternOfElements, substitute } from './substitute-variables.ts';
import { isResourceId } from './well-formed.ts';

/**
 * The policy set as it is for one resource, or for requests without one (S8): only rules that cover it, and those that cover
 * the superuser's id of its namespace (S33), with the texts of shared variables in place on the side of subjects (S25).
 * Requests about that resource are decided as by the whole, and name the same rules.
 *
 * A rule that may err for its variables stays as it is written.
 */
export function forResource(model: Model, id: string | undefined): Model {
  const schema = new Schema(model);
  const places = id === undefined ? [] : placesFor(schema, id);
  const rules = model.rules.flatMap((rule) =>
    rule.resources.flatMap((resource) =>
      id === undefined ? rulesForNothing(rule, resource) : rulesAt(rule, resource, places, schema),
    ),
  );
  return { ...model, rules: [...rules, ...namingLost(model, rules)] };
}

/** The resource and, in a namespace with a superuser, the superuser's id. */
function placesFor(schema: Schema, id: string): readonly (readonly Letter[])[] {
  const letters = lettersOfId(id);
  const superuser = schema.namespaceAt(schema.namespaceOf(letters[0]!))?.superuser;
  return superuser === undefined || superuser === id ? [letters] : [letters, lettersOfId(superuser)];
}

function rulesForNothing(rule: Rule, resource: ResourcePattern): readonly Rule[] {
  if (resource.kind === 'literal' || !resource.elements.every(({ kind }) => kind === 'many')) return [];
  return [{ ...rule, subjects: rule.subjects.map(withFreeVariables), resources: [resource] }];
}

function rulesAt(
  rule: Rule,
  resource: ResourcePattern,
  places: readonly (readonly Letter[])[],
  schema: Schema,
): readonly Rule[] {
  if (resource.kind === 'literal') {
    // Whatever its template adds begins with it.
    if (!places.some((letters) => idOfLetters(letters).startsWith(resource.id))) return [];
    const { patterns } = schema.coverageOf(resource);
    const isCovering = patterns.some((elements) =>
      places.some((letters) => matchesElements(elements, letters)),
    );
    if (!isCovering) return [];
    return [{ ...rule, subjects: rule.subjects.map(withFreeVariables), resources: [resource] }];
  }
  return places
    .filter((letters) => matchesElements(resource.elements, letters))
    .flatMap((letters) => ruleAt(rule, resource, letters));
}

/** Covers the one id alone; what may err stays beside it as it is written. */
function ruleAt(rule: Rule, resource: PathPattern, letters: readonly Letter[]): readonly Rule[] {
  const bound: SubjectPattern[] = [];
  const asWritten: SubjectPattern[] = [];
  for (const subject of rule.subjects) {
    const found = subjectsFor(subject, resource, letters);
    if (found === undefined) asWritten.push(subject);
    else bound.push(...found);
  }
  const here = patternOfElements(elementsOfId(idOfLetters(letters)));
  return [
    ...(asWritten.length === 0 ? [] : [{ ...rule, subjects: asWritten, resources: [resource] }]),
    ...(bound.length === 0 ? [] : [{ ...rule, subjects: bound, resources: [here] }]),
  ];
}

/** Whom a rule means on one id that its resource matches; undefined if the match may err. */
function subjectsFor(
  subject: SubjectPattern,
  resource: PathPattern,
  letters: readonly Letter[],
): readonly SubjectPattern[] | undefined {
  const ofSubject = subject.kind === 'pattern' ? subject.elements : [];
  const shared = sharedNames([ofSubject, resource.elements]);
  if (shared.size === 0) return [withFreeVariables(subject)];
  const found = bindingsOf(resource.elements, letters, shared);
  if (
    found === undefined ||
    mostTogether(ofSubject, resource.elements, letters, shared) > MAX_PARTIAL_MATCHES
  )
    return undefined;
  if (subject.kind !== 'pattern') return found.choices.length === 0 ? [] : [subject];
  return found.choices.flatMap((choice) => substitute(ofSubject, choice).flatMap(asSubject));
}

/** More partial matches than there can be, whoever asks: the subject's pattern is matched first (S25). */
function mostTogether(
  ofSubject: readonly PatternElement[],
  ofResource: readonly PatternElement[],
  letters: readonly Letter[],
  shared: ReadonlySet<string>,
): number {
  const none: ReadonlySet<string> = new Set();
  const first = mostPartialMatches(ofSubject, { shared, bound: none, choices: 1, places: MOST_PLACES });
  const last = ofSubject.findLastIndex((element) => element.kind === 'variable' && shared.has(element.name));
  const choices = MOST_PLACES ** ofSubject.slice(0, last + 1).filter(takesMany).length;
  const bound = namesIn(ofSubject);
  const second = mostPartialMatches(ofResource, { shared, bound, choices, places: letters.length + 1 });
  return first + second;
}

/** One subject where nothing is wild: it is compared as a whole, and its name is well formed (S26). */
function asSubject(elements: readonly PatternElement[]): readonly SubjectPattern[] {
  const free = freeVariables(elements, sharedNames([elements]));
  if (!free.every(({ kind }) => kind === 'literal' || kind === 'root')) return [patternOfElements(free)];
  const letters = free.map(({ separator, ...rest }) => ({
    separator,
    text: 'text' in rest ? rest.text : '',
  }));
  const id = idOfLetters(letters);
  return isResourceId(id) && isSubject(id) ? [{ kind: 'subject', id }] : [];
}

function withFreeVariables(subject: SubjectPattern): SubjectPattern {
  if (subject.kind !== 'pattern') return subject;
  const elements = freeVariables(subject.elements, sharedNames([subject.elements]));
  return elements.every((element, i) => element === subject.elements[i])
    ? subject
    : patternOfElements(elements);
}
