import type { PatternElement } from './model-types.ts';
import type { Random } from './random.ts';
import type { Vocabulary } from './vocabulary.ts';

type Glob = Extract<PatternElement, { readonly kind: 'glob' }>['glob'];

const letters = 'abcdefghijklmnopqrstuvwxyz';

/**
 * Ids that the patterns of one rule match. One object serves the subject and the resource of one request, because a
 * variable that stands in both must hold the same text (S25).
 */
export class Instantiation {
  private readonly random: Random;
  private readonly vocabulary: Vocabulary;
  private readonly variables = new Map<string, string>();

  constructor(random: Random, vocabulary: Vocabulary) {
    this.random = random;
    this.vocabulary = vocabulary;
  }

  idOf(elements: readonly PatternElement[]): string {
    let id = '';
    for (const [index, element] of elements.entries()) {
      const before = id === '' ? '' : separatorOf(element, id);
      if (element.kind === 'root') id += element.separator === 'colon' ? ':/' : '/';
      else if (element.kind !== 'many') id += before + this.textOf(element);
      else {
        const text = this.manySegments(id === '', mayHoldSlash(elements, index));
        if (text !== '') id += before + text;
      }
    }
    return id;
  }

  /** Some text that a glob matches. */
  globText(glob: Glob): string {
    const texts = glob.map((part) => {
      if (part.kind === 'text') return part.text;
      if (part.kind === 'unit') return letters[this.random.below(letters.length)]!;
      return this.random.happens(75) ? String(this.random.below(1_000)) : '';
    });
    const text = texts.join('');
    // A segment is never empty (S23): `*` beside `*` could have become that.
    return text === '' ? 'x' : text;
  }

  private textOf(element: Exclude<PatternElement, { readonly kind: 'root' | 'many' }>): string {
    if (element.kind === 'literal') return element.text;
    if (element.kind === 'glob') return this.globText(element.glob);
    if (element.kind === 'one') return this.vocabulary.segment(this.random);
    return this.variable(element.name);
  }

  /** One segment serves `{x}` and `{x**}` alike, wherever they stand. */
  private variable(name: string): string {
    const known = this.variables.get(name);
    if (known !== undefined) return known;
    const text = this.vocabulary.segment(this.random);
    this.variables.set(name, text);
    return text;
  }

  private manySegments(isStart: boolean, mayBeSeveral: boolean): string {
    const least = isStart ? 1 : 0;
    const count = least + this.random.below(mayBeSeveral ? 3 - least : 2 - least);
    return Array.from({ length: count }, () => this.vocabulary.segment(this.random)).join('/');
  }
}

/** The slash of a root is a separator, too: what comes after it needs none. */
function separatorOf({ separator }: PatternElement, id: string): string {
  if (separator === 'start') return '';
  if (separator === 'colon') return ':';
  return id.endsWith('/') ? '' : '/';
}

/** A colon never follows a slash (S1). */
function mayHoldSlash(elements: readonly PatternElement[], index: number): boolean {
  return elements.slice(index + 1).every(({ separator }) => separator !== 'colon');
}
