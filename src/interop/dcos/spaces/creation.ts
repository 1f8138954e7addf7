import type { Model, PathPattern, PatternElement, ResourcePattern } from '../../../model/model.ts';
import { assertNever } from '../../../source/invariant.ts';
import { PathReader, pathOfJob, type SpaceIdKind } from './path-reader.ts';

/** What creating is asked for: services of the root Marathon, or jobs of Metronome. */
export type CreationKind = Exclude<SpaceIdKind, 'secret'>;

const services = 'dcos:service:marathon:marathon:services:/';
const jobs = 'dcos:service:metronome:metronome:jobs';

/** Stands in paths for a name that nobody has used yet. No service of Marathon can be called so. */
const ANY_NAME = '<new>';

/** What `create` is asked on for a path: `/a/b`, or empty for the root. A path with a dot in a segment is that of no job. */
export function resourceAt(kind: CreationKind, path: string): string {
  if (kind === 'service') return services + path.slice(1);
  return path === '' ? jobs : `${jobs}:${path.slice(1).replaceAll('/', '.')}`;
}

/** Where rules may allow creating, besides the directories that are known: a hint on what to ask the engine, no answer. */
export interface Places {
  /** Paths that rules name in full. */
  readonly paths: readonly string[];
  /** How patterns may go on beneath a directory, whichever it is: `web`, `<new>/web`. */
  readonly tails: readonly string[];
}

/** Without the model nothing is known of its rules: a pattern that ends in a wildcard is the likeliest. */
export const likelyPlaces: Places = { paths: [], tails: [ANY_NAME] };

/**
 * What the allowing rules of a policy set name, and the rulesets that allow by default. A pattern from any element of it to
 * its end is a tail: with a name for each wildcard, with none or one for `**`, with an unused one and the subject's own for
 * each variable. So whichever part of the pattern a directory matches, one of its tails is the rest.
 */
export function placesIn(model: Model, kind: CreationKind, subject: string | undefined): Places {
  const paths = new Set<string>();
  const tails = new Set<string>();
  const fillings = fillingsFor(subject);
  for (const resource of allowedResources(model)) {
    if (resource.kind === 'pattern') addTails(tails, kind, resource, fillings);
    else addPath(paths, kind, resource.id);
  }
  return { paths: [...paths], tails: [...tails].sort((a, b) => a.length - b.length) };
}

function* allowedResources({ rules, rulesets }: Model): Generator<ResourcePattern> {
  for (const rule of rules) if (rule.effect === 'allow') yield* rule.resources;
  for (const ruleset of rulesets)
    if (ruleset.default === 'allow') for (const scope of ruleset.scopes) yield* scope.resources;
}

// ---------------------------------------------------------------- literal ids

const reader = new PathReader();

/** The root is known anyway. */
function addPath(paths: Set<string>, kind: CreationKind, id: string): void {
  const head = kind === 'service' ? services : `${jobs}:`;
  if (!id.startsWith(head)) return;
  const rest = id.slice(head.length);
  const spaceId = kind === 'service' ? `/${rest}` : rest;
  if (reader.read(kind, spaceId) !== undefined || spaceId === '/') return;
  paths.add(kind === 'service' ? spaceId : pathOfJob(spaceId));
}

// ---------------------------------------------------------------- patterns

const heads: Readonly<Record<CreationKind, readonly string[]>> = {
  service: ['dcos', 'service', 'marathon', 'marathon', 'services'],
  job: ['dcos', 'service', 'metronome', 'metronome', 'jobs'],
};

/** What stands in for the parts of a pattern that match more than one text. */
interface Filling {
  readonly variable: readonly string[];
  readonly many: readonly string[];
}

function fillingsFor(subject: string | undefined): Filling[] {
  const name = subject?.slice(subject.indexOf(':') + 1) ?? '';
  // The name as segments is what a variable in the rule's subject would be.
  const names = [[ANY_NAME], name.split('/').filter((segment) => segment !== '')];
  return names.flatMap((variable) => [[], [ANY_NAME]].map((many) => ({ variable, many })));
}

function addTails(
  tails: Set<string>,
  kind: CreationKind,
  { elements }: PathPattern,
  fillings: readonly Filling[],
): void {
  if (!mayCover(elements, heads[kind])) return;
  for (const filling of fillings) {
    const segments = kind === 'service' ? segmentsOf(elements, filling) : piecesOfJob(elements, filling);
    for (const i of segments.keys()) tails.add(segments.slice(i).join('/'));
  }
}

/** Whether the pattern agrees with the head as far as it has one segment for one. */
function mayCover(elements: readonly PatternElement[], head: readonly string[]): boolean {
  for (const [i, text] of head.entries()) {
    const element = elements[i];
    if (element === undefined || element.kind === 'root') return false;
    if (element.kind === 'many' || (element.kind === 'variable' && element.isMany)) return true;
    if (element.kind === 'literal' && element.text !== text) return false;
  }
  return true;
}

/** What stands behind slashes. */
function segmentsOf(elements: readonly PatternElement[], filling: Filling): string[] {
  return elements
    .filter((element) => element.kind === 'many' || element.separator === 'slash')
    .flatMap((element) => textsOf(element, filling));
}

/** A job is one segment behind a colon, cut at its dots. */
function piecesOfJob(elements: readonly PatternElement[], filling: Filling): string[] {
  return textsOf(elements.at(-1)!, filling).flatMap((text) => text.split('.'));
}

function textsOf(element: PatternElement, { variable, many }: Filling): readonly string[] {
  switch (element.kind) {
    case 'root':
      return [];
    case 'many':
      return many;
    case 'literal':
      return [element.text];
    case 'one':
      return [ANY_NAME];
    case 'variable':
      return element.isMany ? variable : variable.slice(0, 1);
    case 'glob':
      return [element.glob.map((part) => (part.kind === 'text' ? part.text : 'x')).join('')];
    default:
      return assertNever(element);
  }
}
