import { separatorOf } from '../id/elements.ts';
import { type Image, textAt } from '../image/image.ts';
import { checkSection } from '../image/image-error.ts';
import { NONE } from '../image/layout.ts';
import {
  ELEMENT_GLOB,
  ELEMENT_MANY,
  ELEMENT_ONE,
  ELEMENT_ROOT,
  ELEMENT_SIZE,
  ELEMENT_TEXT,
  ELEMENT_VARIABLE,
  ELEMENT_VARIABLE_MANY,
  FIRST_ELEMENT,
  FIRST_PLACE,
} from '../image/variable-ops.ts';
import type { PatternElement } from '../model/model.ts';
import { readGlob } from './read-glob.ts';
import { SEPARATORS } from './tables.ts';

/** The patterns of one detail; undefined where the trie says all there is to say. */
export interface VariablePatterns {
  readonly subject: readonly PatternElement[] | undefined;
  readonly resource: readonly PatternElement[] | undefined;
}

/**
 * The patterns with variables of a detail (S25). The image has no names: variables are called `x`, `y`, `z`, `x2`, … in the
 * order of their first places, the subject's first.
 *
 * @param subject  its program, or NONE; `resource` likewise
 * @throws {ImageError} if a program is none that the compiler writes
 */
export function readPatterns(image: Image, subject: number, resource: number): VariablePatterns {
  const met: string[] = [];
  const subjectElements = subject === NONE ? undefined : readPattern(image, subject, met);
  const resourceElements = resource === NONE ? undefined : readPattern(image, resource, met);
  return {
    // Without a variable the subject's class says the same.
    subject: hasVariable(subjectElements) ? subjectElements : undefined,
    resource:
      resourceElements === undefined || hasVariable(resourceElements)
        ? resourceElements
        : withFreeVariable(resourceElements),
  };
}

function hasVariable(elements: readonly PatternElement[] | undefined): boolean {
  return elements?.some(({ kind }) => kind === 'variable') ?? false;
}

/**
 * A pattern of nothing but `**` has a program only if one of them was a variable that nothing else binds: then it is no
 * pattern for requests without a resource (S8).
 */
function withFreeVariable([first, ...rest]: readonly PatternElement[]): readonly PatternElement[] {
  checkSection('programs', first?.kind === 'many');
  const { separator } = first!;
  return [{ kind: 'variable', separator: separator as 'start', name: 'x', isMany: true }, ...rest];
}

function readPattern(image: Image, at: number, met: string[]): PatternElement[] {
  const { programs } = image;
  return Array.from({ length: programs[at]! }, (_, i) =>
    readElement(image, at + FIRST_ELEMENT + i * ELEMENT_SIZE, met),
  );
}

function readElement(image: Image, at: number, met: string[]): PatternElement {
  const { programs } = image;
  const [kind, code, a, b] = programs.subarray(at, at + ELEMENT_SIZE) as unknown as [
    number,
    number,
    number,
    number,
  ];
  const separator = SEPARATORS[separatorOf(code)];
  checkSection('programs', separator !== undefined);
  switch (kind) {
    case ELEMENT_ROOT:
      return { kind: 'root', separator: separator === 'start' ? 'start' : 'colon' };
    case ELEMENT_TEXT:
      return { kind: 'literal', separator: separator!, text: textAt(image, a, b) };
    case ELEMENT_GLOB:
      return { kind: 'glob', separator: separator!, glob: readGlob(image, a) };
    case ELEMENT_ONE:
      return { kind: 'one', separator: separator! };
    case ELEMENT_MANY:
      return { kind: 'many', separator: separator! };
    default: {
      checkSection('programs', kind === ELEMENT_VARIABLE || kind === ELEMENT_VARIABLE_MANY);
      if (a === FIRST_PLACE) met.push(variableName(met.length));
      const name = met[a === FIRST_PLACE ? met.length - 1 : met.length - 1 - a];
      checkSection('programs', name !== undefined);
      return { kind: 'variable', separator: separator!, name: name!, isMany: kind === ELEMENT_VARIABLE_MANY };
    }
  }
}

function variableName(index: number): string {
  const letter = 'xyz'[index % 3]!;
  return index < 3 ? letter : `${letter}${Math.floor(index / 3) + 1}`;
}
