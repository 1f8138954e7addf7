import type { Image } from '../image/image.ts';
import { checkSection } from '../image/image-error.ts';
import { ENFORCED, ENFORCED_IF_AUTHENTICATED, ENTRY_SIZE, ENTRY_TARGET, NAME_SIZE } from '../image/layout.ts';
import type { PatternElement, Template, TemplateElement } from '../model/model.ts';
import type { SubjectList } from './read-subjects.ts';
import { keyOf } from './read-subjects.ts';
import { getOrMake, locationIn, namesOf } from './tables.ts';
import { elementsOfPlace } from './trie-lists.ts';

/** One row of the section `templates`: a template without choices. */
export interface TemplateRow {
  readonly namespace: number;
  /** Without actions, which the image does not have by template. */
  readonly template: Template;
  /** Whether a rule on a literal id that it describes covers more than that id (S32). */
  readonly widens: boolean;
  /** Whether rows before it describe all that it does. */
  readonly isIdle: boolean;
}

/** A row as a pattern of ids. */
interface Shape {
  /** Its elements, without the `**` behind a last placeholder. */
  readonly elements: readonly PatternElement[];
  /**
   * What the last element stands for: text; one segment; a value or a path, which a pattern does not tell apart; a value
   * that may begin with a slash.
   */
  readonly end: 'text' | 'segment' | 'beneath' | 'rest';
  /** Whether rows before it describe all that it does. */
  readonly isIdle: boolean;
}

/**
 * The templates of an image, in the order of their rows, which is that of being specific (S32). Each row becomes a template of
 * its own: which of them once were one, with an optional part, the image does not say, nor where a path is a value. Both
 * are chosen so that the rows describe the same ids and rank as they did; what a rule covers has to be asked anew.
 */
export function readTemplates(image: Image, lists: readonly SubjectList[]): readonly TemplateRow[] {
  const modes = namesOf(image, image.modes);
  const size = 1 + image.modes.length / NAME_SIZE;
  const shapes = readShapes(image, lists, image.templates.length / size);
  const writer = new TemplateWriter(shapes);
  return shapes.map((_, row) => {
    const base = row * size;
    const parts = writer.partsOf(row);
    const enforced = modes.flatMap((mode, i) => {
      const enforcement = image.templates[base + 1 + i]!;
      if (enforcement !== ENFORCED && enforcement !== ENFORCED_IF_AUTHENTICATED) return [];
      return [{ mode, authenticatedOnly: enforcement === ENFORCED_IF_AUTHENTICATED }];
    });
    const isAlways = enforced.length === modes.length && !enforced.some((each) => each.authenticatedOnly);
    const template: Template = {
      text: textOf(parts),
      location: locationIn(''),
      parts,
      ...(isAlways ? {} : { enforcedIn: enforced }),
    };
    const { isIdle } = shapes[row]!;
    return { namespace: image.templates[base]!, template, widens: writer.widens(row), isIdle };
  });
}

function readShapes(image: Image, lists: readonly SubjectList[], count: number): readonly Shape[] {
  const patterns = Array.from({ length: count }, (): (readonly PatternElement[])[] => []);
  for (const { place, first, end } of lists) {
    const elements = elementsOfPlace(place);
    for (let entry = first; entry < end; entry += ENTRY_SIZE) {
      const row = image.nodes[entry + ENTRY_TARGET]!;
      checkSection('nodes', row < count);
      patterns[row]!.push(elements);
    }
  }
  const firstRows = new Map<string, number>();
  return patterns.map((own, row) => {
    const isIdle =
      own.filter((elements) => getOrMake(firstRows, keyOf(elements), () => row) === row).length === 0;
    return { ...shapeOf(own), isIdle };
  });
}

function shapeOf(patterns: readonly (readonly PatternElement[])[]): Omit<Shape, 'isIdle'> {
  // A value behind a colon at the end may be a path with a root, which is a second pattern.
  const main = patterns.find((elements) => elements.at(-2)?.kind === 'one') ?? patterns[0];
  checkSection('templates', main !== undefined);
  const elements = main!;
  if (elements.at(-1)!.kind === 'one') return { elements, end: 'segment' };
  if (elements.at(-1)!.kind !== 'many') return { elements, end: 'text' };
  return { elements: elements.slice(0, -1), end: patterns.length > 1 ? 'rest' : 'beneath' };
}

/** Writes shapes as templates. A placeholder at the end ranks as a value unless it can only have been a path. */
class TemplateWriter {
  readonly #shapes: readonly Shape[];
  /** For what some shape goes on behind, the first such shape. */
  readonly #extensions = new Map<string, number>();
  /** The first shape that ends so. */
  readonly #rows = new Map<string, number>();

  constructor(shapes: readonly Shape[]) {
    this.#shapes = shapes;
    for (const [row, { elements, end, isIdle }] of shapes.entries()) {
      if (isIdle) continue;
      const key = `${end} ${keyOf(elements)}`;
      if (!this.#rows.has(key)) this.#rows.set(key, row);
      for (let length = 1; length < elements.length; length++) {
        const prefix = keyOf(elements.slice(0, length));
        if (!this.#extensions.has(prefix)) this.#extensions.set(prefix, row);
      }
    }
  }

  widens(row: number): boolean {
    return this.#shapes[row]!.end === 'segment' || this.#isPath(row);
  }

  partsOf(row: number): readonly TemplateElement[] {
    return this.#partsFrom(row, 0);
  }

  /** The parts of a row behind its first elements. */
  #partsFrom(row: number, start: number): TemplateElement[] {
    const { elements, end } = this.#shapes[row]!;
    const isPlaceholder = end !== 'text';
    const parts: TemplateElement[] = [];
    let text = '';
    for (let i = start; i < elements.length; i++) {
      const element = elements[i]!;
      text += separatorText(element, elements[i - 1]);
      if (element.kind === 'literal') text += element.text;
      else if (element.kind === 'root') text += '/';
      else {
        if (text !== '') parts.push({ kind: 'text', text });
        text = '';
        const isLast = isPlaceholder && i === elements.length - 1;
        if (isLast && this.#isPath(row))
          parts.push({ kind: 'path', separator: end === 'segment' ? '.' : '/' });
        else parts.push({ kind: 'value' });
      }
    }
    if (text !== '') parts.push({ kind: 'text', text });
    // At the end a value takes what follows, before something optional one segment: that is another row, which ranks higher.
    if (end === 'segment' && !this.#isPath(row)) {
      const longer = this.#extensions.get(keyOf(elements))!;
      parts.push({ kind: 'optional', parts: this.#partsFrom(longer, elements.length) });
    }
    return parts;
  }

  /** Whether the last placeholder ranks as a path, behind values: where it was one for certain. */
  #isPath(row: number): boolean {
    const { elements, end } = this.#shapes[row]!;
    const isBehindColon = elements.at(-1)!.separator === 'colon';
    if (end === 'segment') {
      if (!this.#extensions.has(keyOf(elements))) return true;
      const beneath = isBehindColon ? this.#rows.get(`beneath ${keyOf(elements)}`) : undefined;
      return beneath !== undefined && beneath < row;
    }
    if (end !== 'beneath') return false;
    if (isBehindColon) return true;
    const segment = this.#rows.get(`segment ${keyOf(elements)}`);
    return segment !== undefined && segment < row && this.#isPath(segment);
  }
}

function separatorText({ separator }: PatternElement, before: PatternElement | undefined): string {
  if (separator === 'colon') return ':';
  return separator === 'slash' && before?.kind !== 'root' ? '/' : '';
}

/** The template as it could have been written. */
function textOf(parts: readonly TemplateElement[]): string {
  const names = new Map<TemplateElement, string>();
  const write = (each: readonly TemplateElement[]): string =>
    each
      .map((part) => {
        if (part.kind === 'text') return part.text;
        if (part.kind === 'optional') return `[${write(part.parts)}]`;
        const name = getOrMake(names, part, () => `v${names.size + 1}`);
        if (part.kind === 'value') return `<${name}>`;
        return part.separator === '/' ? `<${name}...>` : `<${name}... by ${JSON.stringify(part.separator)}>`;
      })
      .join('');
  return write(parts);
}
