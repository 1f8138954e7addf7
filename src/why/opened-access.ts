import type { DescribedSet, SetPart } from '../analysis/described-set.ts';
import { type Letter, lettersOfId } from '../analysis/letters.ts';
import { matchesElements } from '../analysis/match-elements.ts';
import { keyOfCondition } from '../analysis/rule-items.ts';
import type { Schema } from '../analysis/schema.ts';
import { hasVariable, Subjects } from '../analysis/subjects.ts';
import type { Request } from '../decision/request.ts';
import { diffModels } from '../diff/diff-models.ts';
import type {
  AccessChange,
  ChangeCondition,
  Requests,
  ResourceTerm,
  SubjectTerm,
  UndecidedPart,
} from '../diff/policy-difference.ts';
import type { Model, PatternElement } from '../model/model.ts';
import { elementsOfId } from '../model/template-variants.ts';
import { printId } from '../printing/print-rule.ts';
import { accessBound } from './access-bound.ts';
import { affectedRegion } from './affected-region.ts';
import type { Alias, Change } from './change.ts';
import { isEmptyPart } from './is-empty-part.ts';
import { needsAddedGroups, simplifySubjects, withoutDoubleNegation } from './simplify-subjects.ts';
import { smallSliceOf } from './slice.ts';

/** What is allowed once changes are made, and was not before: beside the one request that they are made for. */
export interface Opened {
  /**
   * Sets of requests; together with the request, whatever its context and attributes are, they are all that is allowed anew.
   * Some may hold the request too: see `hasRequest`.
   */
  readonly parts: readonly OpenedPart[];
  /** Where it is not known what is opened. */
  readonly undecided: readonly (Requests & { readonly reason: string })[];
  /** Why nothing is known at all; then both lists are empty. */
  readonly unknown?: string;
}

export interface OpenedPart extends Requests {
  /** Absent: always. */
  readonly condition?: ChangeCondition;
  /** Whether the request itself is among these, which would take more words to leave out. */
  readonly hasRequest: boolean;
  /** Whether all of these are requests that add groups by themselves, as from a token. */
  readonly needsAddedGroups: boolean;
}

/** With more rules about the same ids, or rules of more resources, comparing takes longer than somebody waits for an answer. */
const MAX_COMPARED = { rules: 100, resources: 2_000 };
const tooMany = 'many rules, resources or conditions meet there, and some of it may be allowed already';

export const nothingOpened: Opened = { parts: [], undecided: [] };

/**
 * What changes open in the mode at hand.
 *
 * @param schema  of the whole policy set
 * @param mode    in which decisions are made; undefined where everything is enforced
 */
export function openedBy(
  schema: Schema,
  changes: readonly Change[],
  request: Request,
  mode: string | undefined,
): Opened {
  const region = affectedRegion(schema, changes);
  if (region === undefined) return { ...nothingOpened, unknown: tooMany };
  const aliases = changes.flatMap(({ alias }) => (alias === undefined ? [] : [alias]));
  if (region.length > MAX_COMPARED.resources) return openedAtMost(schema, changes, request);
  const slice = smallSliceOf(schema, region, MAX_COMPARED);
  if (slice === undefined || takesLong(slice, changes)) return openedAtMost(schema, changes, request);
  const before = withAliases(inMode(slice, mode), aliases);
  const after = changes.reduce(
    (model, { apply, applyForComparison = apply }) => applyForComparison(model),
    before,
  );
  const { gained, undecided } = diffModels(before, after);
  const sides = { before: new Subjects(before), after: new Subjects(after) };
  const isOtherAction = !schema.allActions().has(request.action);
  const plain = <Part extends Requests>(part: Part): Part => {
    const named = withoutAliases(part, aliases);
    return {
      ...named,
      subjects: simplifySubjects(named.subjects, sides),
      resources: named.resources.map((each) => withoutDoubleNegation(each)),
    };
  };
  return {
    parts: gained
      .flatMap((change) => partsBeside(plain(change), request, isOtherAction))
      .map((part) => ({ ...part, needsAddedGroups: needsAddedGroups(part.subjects, sides) }))
      .sort((a, b) => Number(a.needsAddedGroups) - Number(b.needsAddedGroups)),
    undecided: undecided
      .flatMap((part) => (isEverything(part) ? bounded(schema, changes, part) : [part]))
      .flatMap((part) =>
        partsBeside(plain(part), request, isOtherAction).map((rest) => ({
          ...requestsOf(rest),
          reason: part.reason,
        })),
      ),
  };
}

/**
 * With more conditions and shared variables than this beside one another, each of which may hold or not, only the rule for a
 * single request is compared: wider changes take many seconds.
 */
const MAX_COMPARED_GUARDS = 4;

function takesLong({ rules }: Model, changes: readonly Change[]): boolean {
  if (changes.every(({ edit }) => edit.kind === 'add-rule')) return false;
  const conditions = new Set(rules.flatMap((rule) => (rule.condition ? [keyOfCondition(rule)] : [])));
  const variables = rules.filter(({ subjects, resources }) =>
    [...subjects, ...resources].some((each) => each.kind === 'pattern' && hasVariable(each)),
  );
  return conditions.size + variables.length > MAX_COMPARED_GUARDS;
}

/** What changes open at most, where comparing would take too long. */
function openedAtMost(schema: Schema, changes: readonly Change[], request: Request): Opened {
  const bound = accessBound(schema, changes);
  if (bound === undefined) return { ...nothingOpened, unknown: tooMany };
  const undecided = bound
    .flatMap((part) => partsBeside(part, request, false))
    .map((part) => ({ ...requestsOf(part), reason: tooMany }));
  return { parts: [], undecided };
}

/** Where nothing was told apart, as that would have taken too long. */
function isEverything({ isAnyOtherAction, actions, resources }: Requests): boolean {
  const [first] = resources;
  return isAnyOtherAction && actions.length === 0 && resources.length === 1 && first!.all[0]!.text === '**';
}

function bounded(schema: Schema, changes: readonly Change[], part: UndecidedPart): readonly UndecidedPart[] {
  const bound = accessBound(schema, changes) ?? [{ ...part, actions: [...schema.allActions()].sort() }];
  return bound.map((each) => ({ ...each, reason: part.reason }));
}

/** The comparison has one mode to look at: the one that counts. */
function inMode({ mode: _, ...model }: Model, mode: string | undefined): Model {
  return { ...model, modes: [], ...(mode === undefined ? {} : { mode }) };
}

function withAliases(model: Model, aliases: readonly Alias[]): Model {
  const groups = new Map(aliases.map(({ group }) => [group.name, group]));
  return { ...model, groups: [...model.groups, ...groups.values()] };
}

// -------------------------------------------------------------- aliases

/** Says the subject where the comparison says the group that stands for it. */
function withoutAliases<Part extends Requests>(part: Part, aliases: readonly Alias[]): Part {
  if (aliases.length === 0) return part;
  const termOf = (term: SubjectTerm): SubjectTerm => {
    const alias = aliases.find(({ group }) => term.kind === 'group' && term.name === group.name);
    return alias?.subject ?? term;
  };
  const replaced = (set: DescribedSet<SubjectTerm>): DescribedSet<SubjectTerm> =>
    set.map(({ all, except }) => ({
      all: distinctTerms(all.map(termOf)),
      except: distinctParts(replaced(except)),
    }));
  return { ...part, subjects: distinctParts(replaced(part.subjects)) };
}

function distinctTerms(terms: readonly SubjectTerm[]): readonly SubjectTerm[] {
  return [...new Map(terms.map((term) => [JSON.stringify(term), term])).values()];
}

function distinctParts(parts: DescribedSet<SubjectTerm>): DescribedSet<SubjectTerm> {
  return [...new Map(parts.map((part) => [JSON.stringify(part), part])).values()];
}

// -------------------------------------------------------------- the request left out

function requestsOf({
  subjects,
  actions,
  isAnyOtherAction,
  resources,
  isWithoutResource,
}: Requests): Requests {
  return { subjects, actions, isAnyOtherAction, resources, isWithoutResource };
}

/** A change without the request, where that is said in few words: where only one of who, what and on what is more than one. */
function partsBeside(
  change: Requests & Pick<AccessChange, 'condition'>,
  request: Request,
  isOtherAction: boolean,
): readonly Omit<OpenedPart, 'needsAddedGroups'>[] {
  const { condition } = change;
  const part: Requests = requestsOf(change);
  const rest = condition === undefined ? {} : { condition };
  if (part.subjects.length === 0) return [];
  const isOnly = {
    subject: isOnlySubject(part, request),
    action: !part.isAnyOtherAction && part.actions.length === 1 && part.actions[0] === request.action,
    resource: isOnlyResource(part, request),
  };
  if (isOnly.subject && isOnly.action && isOnly.resource) return [];
  if (isOnly.subject && isOnly.resource && part.actions.includes(request.action)) {
    const actions = part.actions.filter((each) => each !== request.action);
    return [{ ...part, actions, ...rest, hasRequest: false }];
  }
  if (isOnly.subject && isOnly.action && request.resource === undefined && part.isWithoutResource)
    return [{ ...part, isWithoutResource: false, ...rest, hasRequest: false }];
  if (isOnly.subject && isOnly.action && request.resource !== undefined) {
    const resources = resourcesBeside(part.resources, request.resource);
    if (resources.length === 0 && !part.isWithoutResource) return [];
    return [{ ...part, resources, ...rest, hasRequest: false }];
  }
  return [{ ...part, ...rest, hasRequest: mayHold(part, request, isOtherAction) }];
}

function isOnlySubject({ subjects }: Requests, { subject }: Request): boolean {
  const [part] = subjects;
  return subjects.length === 1 && part!.all.some((term) => term.kind === 'subject' && term.id === subject);
}

function isOnlyResource({ resources, isWithoutResource }: Requests, { resource }: Request): boolean {
  if (resource === undefined) return isWithoutResource && resources.length === 0;
  if (isWithoutResource || resources.length !== 1) return false;
  return resources[0]!.all.some(({ elements }) => isId(elements, resource));
}

function isId(elements: readonly PatternElement[], id: string): boolean {
  return JSON.stringify(elements) === JSON.stringify(elementsOfId(id));
}

/** Parts that are the id alone go; from the others it is taken. */
function resourcesBeside(parts: DescribedSet<ResourceTerm>, id: string): DescribedSet<ResourceTerm> {
  const elements = elementsOfId(id);
  const itself: SetPart<ResourceTerm> = { all: [{ text: printId(id), elements }], except: [] };
  return parts.flatMap(({ all, except }) => {
    if (all.some((term) => isId(term.elements, id))) return [];
    if (!isInSet([{ all, except }], lettersOfId(id))) return [{ all, except }];
    const rest = { all, except: [...except, itself] };
    return isEmptyPart(rest) ? [] : [rest];
  });
}

/** By action and resource: who is meant takes groups to tell, and nearly always the request's subject is among them. */
function mayHold(part: Requests, { action, resource }: Request, isOtherAction: boolean): boolean {
  if (!part.actions.includes(action) && !(part.isAnyOtherAction && isOtherAction)) return false;
  if (resource === undefined) return part.isWithoutResource;
  return isInSet(part.resources, lettersOfId(resource));
}

function isInSet(set: DescribedSet<ResourceTerm>, letters: readonly Letter[]): boolean {
  return set.some(
    ({ all, except }) =>
      all.every(({ elements }) => matchesElements(elements, letters)) && !isInSet(except, letters),
  );
}
