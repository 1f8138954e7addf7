import { RuntimeAuthorizer } from '../../../evaluate/authorizer.ts';
import { areSamePrograms, type ListProgram } from '../list-program.ts';
import { aclListByName, resourceKinds } from '../lists.ts';
import type { MesosNames } from '../names.ts';
import { maxQuestions, sizeOf, universeOf } from './universe.ts';

/** What was compared, list by list, and what was found. */
export interface EqualityProof {
  /** 54: every list that an action asks. */
  readonly lists: number;
  /** Kinds of questions that were put to both sides: all that there are, in lists small enough. */
  readonly questions: number;
  /** Lists with too many kinds of questions, compared step by step; equal steps decide alike. */
  readonly listsByStep: readonly string[];
  /** A question to which the sides give different answers; absent if they are equal. */
  readonly difference?: Difference;
}

export interface Difference {
  readonly list: string;
  /** `undefined` is ANY. */
  readonly principal: string | undefined;
  readonly object: string | undefined;
}

/** One of the two things that are to be the same: what it means, and the image that decides by it. */
export interface Side {
  readonly programs: readonly ListProgram[];
  readonly image: Uint8Array;
  readonly names: MesosNames;
}

/**
 * Proves that two sides decide alike whatever Mesos asks, or finds a question where they do not. A list's verdict depends
 * on nothing but which of the values on either side are asked for, so one question of every kind is enough: they are put
 * to both images. Where they would be too many the programs are compared step by step.
 */
export function proveEqual(a: Side, b: Side): EqualityProof {
  const deciders = [a, b].map(deciderOf) as [Decider, Decider];
  const listsByStep: string[] = [];
  let questions = 0;
  for (const [i, program] of a.programs.entries()) {
    const other = b.programs[i]!;
    const universe = universeOf([program, other]);
    const { name } = program.list;
    if (sizeOf(universe) > maxQuestions) {
      listsByStep.push(name);
      if (!areSamePrograms(program, other)) throw new UnprovenError(name);
      continue;
    }
    for (const principal of universe.principals) {
      for (const object of universe.objects) {
        questions++;
        if (deciders[0](name, principal, object) === deciders[1](name, principal, object)) continue;
        return { lists: i + 1, questions, listsByStep, difference: { list: name, principal, object } };
      }
    }
  }
  return { lists: a.programs.length, questions, listsByStep };
}

/** Neither proved nor disproved: the list is too long to ask about everything, and is written differently. */
export class UnprovenError extends Error {
  override readonly name = 'UnprovenError';
  readonly list: string;

  constructor(list: string) {
    super(`\`${list}\` is too long to be proved equal`);
    this.list = list;
  }
}

type Decider = (list: string, principal: string | undefined, object: string | undefined) => boolean;

function deciderOf({ image, names }: Side): Decider {
  const authorizer = new RuntimeAuthorizer(image);
  return (list, principal, object) => {
    const { objectField } = aclListByName.get(list)!;
    return authorizer.isAllowed(
      principal === undefined ? undefined : names.principal(principal),
      list,
      object === undefined ? `mesos:${resourceKinds[objectField]}` : names.resource(objectField, object),
    );
  };
}
