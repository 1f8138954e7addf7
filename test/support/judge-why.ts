import type { DescribedSet } from '../../src/analysis/described-set.ts';
import { lettersOfId } from '../../src/analysis/letters.ts';
import { matchesElements } from '../../src/analysis/match-elements.ts';
import { Schema } from '../../src/analysis/schema.ts';
import { matchesSubject, Subjects } from '../../src/analysis/subjects.ts';
import type { Request } from '../../src/decision/request.ts';
import type { Requests, ResourceTerm, SubjectTerm } from '../../src/diff/policy-difference.ts';
import { Authorizer, build, renderText } from '../../src/index.ts';
import type { Model } from '../../src/model/model.ts';
import { createReference } from '../../src/reference/reference.ts';
import type { Edit, Suggestion, Why } from '../../src/why.ts';

/** A policy whose every rule and group stands on a line of its own, so that edits can be made on its text. */
export interface LinePolicy {
  readonly file: string;
  readonly text: string;
}

export function buildLines({ file, text }: LinePolicy): {
  readonly model: Model;
  readonly image: Uint8Array;
} {
  const result = build([{ file, text }]);
  if (!result.ok) throw new Error(`no policy:\n${renderText(result.diagnostics, result.textOf)}\n${text}`);
  return result;
}

/** The policy with the edits made on its text, as a person would: what is written is what is built. */
export function editText({ file, text }: LinePolicy, edits: readonly Edit[]): LinePolicy {
  const lines = text
    .split('\n')
    .map((line) => ({ before: [] as string[], line: line as string | undefined }));
  const appended: string[] = [];
  for (const edit of edits) {
    switch (edit.kind) {
      case 'add-rule':
        if (edit.ruleset === undefined) appended.push(edit.text);
        else if (edit.before !== undefined) lines[edit.before.line - 1]!.before.push(edit.text);
        else lines[endOfRuleset(text, edit.ruleset)]!.before.push(edit.text);
        break;
      case 'add-member': {
        const at = lines[edit.place.line! - 1]!;
        at.line = at.line!.replace(/\s*\}$/, (end) =>
          at.line!.endsWith('{}') || /\{\s*\}$/.test(at.line!)
            ? ` ${edit.member} }`
            : `, ${edit.member}${end}`,
        );
        break;
      }
      case 'change-rule':
        lines[edit.rule.line - 1]!.line = edit.text;
        break;
      case 'remove-rule':
        lines[edit.rule.line - 1]!.line = undefined;
        break;
      case 'send':
    }
  }
  const edited = lines.flatMap(({ before, line }) => [...before, ...(line === undefined ? [] : [line])]);
  return { file, text: `${[...edited, ...appended].join('\n')}\n` };
}

function endOfRuleset(text: string, name: string): number {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`ruleset ${name} `));
  return lines.findIndex((line, i) => i > start && line === '}');
}

/** The request with the values that a suggestion would have it carry. */
export function sendValues(request: Request, edits: readonly Edit[]): Request {
  let sent: JsonObject = { ...request };
  for (const edit of edits) {
    if (edit.kind !== 'send') continue;
    for (const { path, value } of edit.values) {
      const names = path.split('.');
      sent = withValue(sent, names[0] === 'context' ? names : ['attributes', ...names], value);
    }
  }
  return sent as unknown as Request;
}

type JsonObject = Readonly<Record<string, unknown>>;

function withValue(object: JsonObject, [name, ...rest]: readonly string[], value: unknown): JsonObject {
  const inner = rest.length === 0 ? value : withValue((object[name!] ?? {}) as JsonObject, rest, value);
  const { [name!]: _, ...others } = object;
  return inner === undefined ? others : { ...others, [name!]: inner };
}

/** What was found wrong with the suggestions of an answer; nothing if all of them do what they say. */
export function faultsOfSuggestions(
  policy: LinePolicy,
  request: Request,
  why: Why,
  world: readonly Request[],
): readonly string[] {
  const before = buildLines(policy);
  const allowedBefore = Authorizer.fromImage(before.image).areAllowed(world);
  return why.suggestions.flatMap((suggestion) => {
    const faults = faultsOf(policy, request, suggestion, world, before.model, allowedBefore);
    return faults.map((fault) => `${fault}\n${JSON.stringify(suggestion.edits)}`);
  });
}

function faultsOf(
  policy: LinePolicy,
  request: Request,
  { edits, opens }: Suggestion,
  world: readonly Request[],
  before: Model,
  allowedBefore: readonly boolean[],
): readonly string[] {
  const edited = buildLines(editText(policy, edits));
  const { decision } = createReference(edited.model).decide(sendValues(request, edits));
  if (decision !== 'allow') return ['the suggestion does not have the request allowed'];
  if (edits.every(({ kind }) => kind === 'send')) return [];
  const faults: string[] = [];
  const allowedAfter = Authorizer.fromImage(edited.image).areAllowed(world);
  const sets = new Sets(before, edited.model);
  for (const [i, each] of world.entries()) {
    const isGained = allowedAfter[i]! && !allowedBefore[i]!;
    const isItself =
      each.subject === request.subject &&
      each.action === request.action &&
      each.resource === request.resource;
    const isSaid =
      isItself ||
      opens.unknown !== undefined ||
      [...opens.parts, ...opens.undecided].some((part) => sets.holds(part, each));
    if (isGained && !isSaid) faults.push(`opens more than it says: ${JSON.stringify(each)}`);
    const isClaimed = opens.parts.some((part) => part.condition === undefined && sets.holds(part, each));
    if (isClaimed && !isGained) faults.push(`opens less than it says: ${JSON.stringify(each)}`);
    if (faults.length > 2) break;
  }
  return faults;
}

/** Sets of requests, as matching patterns and groups one by one says. */
class Sets {
  readonly #sides: { readonly before: Subjects; readonly after: Subjects };
  readonly #actions: ReadonlySet<string>;

  constructor(before: Model, after: Model) {
    this.#sides = { before: new Subjects(before), after: new Subjects(after) };
    this.#actions = new Set([...new Schema(before).allActions(), ...new Schema(after).allActions()]);
  }

  holds(part: Requests, { subject, action, resource, groups = [] }: Request): boolean {
    const isAction = part.actions.includes(action) || (part.isAnyOtherAction && !this.#actions.has(action));
    if (!isAction) return false;
    if (!isIn(part.subjects, (term) => this.#isMeant(term, subject, groups))) return false;
    if (resource === undefined) return part.isWithoutResource;
    const letters = lettersOfId(resource);
    return isIn(part.resources, ({ elements }: ResourceTerm) => matchesElements(elements, letters));
  }

  #isMeant(term: SubjectTerm, subject: string | undefined, groups: readonly string[]): boolean {
    if (term.kind === 'anyone') return true;
    if (subject === undefined) return false;
    if (term.kind === 'authenticated') return true;
    if (term.kind === 'subject') return term.id === subject;
    if (term.kind === 'pattern') return matchesSubject(term, subject);
    return this.#sides[term.side ?? 'after'].groupsOf({ subject, groups }).has(term.name);
  }
}

function isIn<Term>(set: DescribedSet<Term>, holds: (term: Term) => boolean): boolean {
  return set.some(({ all, except }) => all.every(holds) && !isIn(except, holds));
}
