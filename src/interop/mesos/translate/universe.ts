import { prefixOf } from '../entity-meaning.ts';
import type { ListProgram, ListStep, Side } from '../list-program.ts';
import type { ListMatch } from '../lists.ts';

/**
 * One representative of every kind of question that some programs of a list can tell apart: exhaustive, since a program
 * looks at nothing but which of its values are asked for. `undefined` is ANY.
 */
export interface Universe {
  readonly principals: readonly (string | undefined)[];
  readonly objects: readonly (string | undefined)[];
}

/** @param programs  of the same list */
export function universeOf(programs: readonly ListProgram[]): Universe {
  const { match } = programs[0]!.list;
  const steps = programs.flatMap((program) => program.steps);
  const principals = valuesOf(steps.map((step) => step.principals));
  const objects = valuesOf(steps.map((step) => step.objects));
  const literal = [...objects].filter((value) => prefixOf(value, match) === undefined);
  const prefixes = [...objects]
    .map((value) => prefixOf(value, match))
    .filter((prefix) => prefix !== undefined);
  // A role below `a` and below nothing deeper; no entry lists it, since its last piece is new.
  const children = prefixes.map((prefix) => prefix + newName(objects));
  return {
    principals: [undefined, ...principals, newName(principals)],
    objects: match === 'any' ? [undefined] : [undefined, ...literal, ...children, newName(objects)],
  };
}

/** So many questions on one list are asked to prove something of it, and no more. */
export const maxQuestions = 400_000;

export function sizeOf({ principals, objects }: Universe): number {
  return principals.length * objects.length;
}

/** What a program says to one question (SEMANTICS of Mesos, 4 and 5). */
export function verdictOf(
  { list, steps, fallback }: ListProgram,
  principal: string | undefined,
  object: string | undefined,
): 'allow' | 'deny' {
  const applies = (step: ListStep): boolean =>
    isListed(step.principals, principal) && isCovered(step.objects, object, list.match);
  return steps.find(applies)?.effect ?? fallback;
}

function isListed(side: Side, value: string | undefined): boolean {
  return side === 'any' || (value !== undefined && side.includes(value));
}

function isCovered(side: Side, value: string | undefined, match: ListMatch): boolean {
  if (side === 'any' || value === undefined) return side === 'any';
  return side.some((listed) => covers(listed, value, match));
}

/** Whether a listed value stands for an asked one. */
export function covers(listed: string, value: string, match: ListMatch): boolean {
  const prefix = prefixOf(listed, match);
  return prefix === undefined ? listed === value : value.startsWith(prefix);
}

function valuesOf(sides: readonly Side[]): Set<string> {
  return new Set(sides.flatMap((side) => (side === 'any' ? [] : side)));
}

/** A text that is no part of any of the values. */
function newName(values: Iterable<string>): string {
  const taken = [...values].join('\n');
  let name = 'other';
  for (let i = 2; taken.includes(name); i++) name = `other${i}`;
  return name;
}
