import type { Model, PathPattern, ResourcePattern, Rule, SubjectPattern } from '../model-types.ts';
import { ActionClosure } from './actions.ts';
import { type Loss, Losses } from './losses.ts';

/** Of whom a grant speaks; a group means its members. */
export type Grantee = Exclude<SubjectPattern, PathPattern>;

/** One rule in words that other engines have: nothing in it needs more than names, an id or a pattern, and an effect. */
export interface Grant {
  readonly effect: 'allow' | 'deny';
  readonly grantee: Grantee;
  /** With all that they imply. */
  readonly actions: readonly string[];
  readonly resource: ResourcePattern;
  /** `file:line` */
  readonly place: string;
}

export interface Translation {
  readonly grants: readonly Grant[];
  /** Names of all groups of a subject, those of groups in groups too. */
  readonly groupsOf: (subject: string) => readonly string[];
  readonly losses: readonly Loss[];
}

export interface TranslateOptions {
  /** The mode in which requests are decided. */
  readonly mode: string | undefined;
  readonly textOf: (file: string) => string | undefined;
}

/**
 * Says a policy in words that other engines have, and counts what cannot be said. A rule that is only partly lost, such as one with
 * two subjects of which one is a pattern, is translated for the rest.
 */
export function translate(model: Model, { mode, textOf }: TranslateOptions): Translation {
  const losses = new Losses();
  const placeOf = createPlaceOf(textOf);
  const closure = new ActionClosure(model);
  const grants = model.rules.flatMap((rule) => translateRule(rule, closure, losses));
  noteNamespaces(model, mode, losses, placeOf);
  return { grants, groupsOf: createGroupsOf(model, losses, placeOf), losses: losses.list };
}

function translateRule(rule: Rule, closure: ActionClosure, losses: Losses): Grant[] {
  const place = `${rule.location.file}:${rule.line}`;
  const obstacle = obstacleOf(rule);
  if (obstacle !== undefined) {
    losses.add(obstacle, place);
    return [];
  }
  const grants: Grant[] = [];
  for (const grantee of rule.subjects) {
    if (grantee.kind === 'pattern') {
      losses.add('subjects by pattern', place);
      continue;
    }
    for (const resource of rule.resources) {
      noteResource(resource, closure, losses, place);
      const actions = closure.expand(rule.effect, rule.actions, resource);
      grants.push({ effect: rule.effect, grantee, actions, resource, place });
    }
  }
  return grants;
}

function obstacleOf({ condition, ruleset, resources, subjects }: Rule): string | undefined {
  if (ruleset !== undefined) return 'rules in rulesets';
  if (condition !== undefined) return 'rules with conditions';
  const hasVariable = [...resources, ...subjects].some(
    (pattern) => pattern.kind === 'pattern' && pattern.elements.some(({ kind }) => kind === 'variable'),
  );
  return hasVariable ? 'rules with variables' : undefined;
}

function noteResource(
  resource: ResourcePattern,
  closure: ActionClosure,
  losses: Losses,
  place: string,
): void {
  const templates = closure.namespaceOf(resource)?.templates ?? [];
  const isWidened = templates.some(({ parts }) =>
    parts.some(({ kind }) => kind === 'path' || kind === 'optional'),
  );
  if (resource.kind === 'literal' && isWidened)
    losses.add('ids whose template may add others (translated as the id alone)', place);
  if (closure.spansNamespaces(resource))
    losses.add('implications of namespaces under a pattern that begins with a wildcard', place);
}

type PlaceOf = (location: Rule['location']) => string;

function noteNamespaces(model: Model, mode: string | undefined, losses: Losses, placeOf: PlaceOf): void {
  const activeMode = mode ?? model.mode;
  for (const { superuser, location, templates } of model.namespaces) {
    if (superuser !== undefined) losses.add('superusers', placeOf(location));
    for (const { enforcedIn, location: place } of templates) {
      if (enforcedIn !== undefined && activeMode !== undefined)
        losses.add('templates enforced by mode', placeOf(place));
    }
  }
}

function createGroupsOf({ groups }: Model, losses: Losses, placeOf: PlaceOf): Translation['groupsOf'] {
  const ofSubject = new Map<string, string[]>();
  const ofGroup = new Map<string, string[]>();
  for (const { name, members, location } of groups) {
    for (const member of members) {
      if (member.kind === 'subject') append(ofSubject, member.id, name);
      else if (member.kind === 'group') append(ofGroup, member.name, name);
      else losses.add('members of groups by pattern', placeOf(location));
    }
  }
  return (subject) => {
    const found = new Set(ofSubject.get(subject));
    for (const name of found) for (const outer of ofGroup.get(name) ?? []) found.add(outer);
    return [...found];
  };
}

function append(lists: Map<string, string[]>, key: string, value: string): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [value]);
  else known.push(value);
}

/** Declarations know their offset, and people want the line. */
function createPlaceOf(textOf: TranslateOptions['textOf']): PlaceOf {
  return ({ file, span }) => {
    const before = textOf(file)?.slice(0, span.start) ?? '';
    return `${file}:${before.split(/\r\n|\r|\n/).length}`;
  };
}
