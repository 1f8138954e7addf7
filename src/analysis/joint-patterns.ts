import type { PathPattern, PatternElement } from '../model/model.ts';
import { namesIn, sharedNames } from '../model/pattern-elements.ts';
import { type Binding, bindingsOf } from './bind-variables.ts';
import { lettersOfId } from './letters.ts';
import { instantiate } from './substitute-variables.ts';
import { TooComplexError } from './too-complex.ts';
import { isResourceId } from './well-formed.ts';

/** So many choices of variables are tried for each pattern in the search for an example. */
const MAX_TRIED_BINDINGS = 50;

export interface Pair {
  readonly subject?: string;
  readonly resource?: string;
}

/** What of a rule has to match a pair together; undefined for what matches it anyway. */
export interface JointPatterns {
  readonly subject?: PathPattern;
  readonly resource?: PathPattern;
}

/**
 * Ids for which the variables of some rule agree, near the pair, and the pair itself.
 *
 * @throws {TooComplexError} if there are too many choices
 */
export function* candidatePairs(patterns: readonly JointPatterns[], own: Pair): Iterable<Pair> {
  yield own;
  const { subject, resource } = own;
  if (resource === undefined) return;
  for (const longer of longerIds(resource)) {
    for (const other of subject === undefined ? [] : longerIds(subject))
      yield { subject: other, resource: longer };
  }
  for (const joint of patterns) {
    for (const text of ['x', 'y1']) {
      for (const binding of bindingsIn(joint, joint.resource, resource).slice(0, MAX_TRIED_BINDINGS)) {
        const other = made(joint.subject, subject, binding, text);
        if (other !== undefined) yield { subject: other, resource };
      }
      for (const binding of bindingsIn(joint, joint.subject, subject).slice(0, MAX_TRIED_BINDINGS)) {
        const other = made(joint.resource, resource, binding, text);
        if (other !== undefined) yield { ...own, resource: other };
      }
      const binding = new Map([...namesIn(elementsIn(joint).flat())].map((name) => [name, 'v0'] as const));
      const one = made(joint.subject, subject, binding, text);
      const two = made(joint.resource, resource, binding, text);
      if (two !== undefined) yield { ...(one === undefined ? {} : { subject: one }), resource: two };
    }
  }
}

/** The id, and some beneath it: they are of its class where that is one of a whole tree. */
function longerIds(id: string): readonly string[] {
  const slash = id.endsWith('/') ? '' : '/';
  return [id, `${id}${slash}x`, `${id}${slash}x/x`, `${id}:x`].filter(isResourceId);
}

function made(
  pattern: PathPattern | undefined,
  id: string | undefined,
  binding: Binding,
  text: string,
): string | undefined {
  return pattern === undefined ? id : instantiate(pattern.elements, binding, text);
}

/**
 * Whether the pair matches some of the patterns, each with one choice of variables.
 *
 * @throws {TooComplexError} if there are too many choices
 */
export function agrees(patterns: readonly JointPatterns[], { subject, resource }: Pair): boolean {
  if (resource === undefined) return false;
  return patterns.some((joint) => {
    if (joint.subject === undefined) return bindingsIn(joint, joint.resource, resource).length > 0;
    if (subject === undefined) return false;
    if (joint.resource === undefined) return bindingsIn(joint, joint.subject, subject).length > 0;
    return (
      isResourceId(subject) &&
      bindingsIn(joint, joint.subject, subject).some(
        (binding) => bindingsIn(joint, joint.resource, resource, binding).length > 0,
      )
    );
  });
}

/** Choices of the variables that have to agree, by which one of the patterns matches; each found once. */
function bindingsIn(
  joint: JointPatterns,
  pattern: PathPattern | undefined,
  id: string | undefined,
  chosen?: Binding,
): readonly Binding[] {
  if (pattern === undefined || id === undefined) return [];
  const bindings = bindingsOf(pattern.elements, lettersOfId(id), sharedNames(elementsIn(joint)), chosen);
  if (bindings === undefined) throw new TooComplexError('too many choices of variables');
  return bindings.choices;
}

function elementsIn({ subject, resource }: JointPatterns): readonly (readonly PatternElement[])[] {
  return [subject, resource].flatMap((pattern) => (pattern === undefined ? [] : [pattern.elements]));
}
