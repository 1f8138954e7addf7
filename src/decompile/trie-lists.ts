import { COLON_ROOT, START_ROOT } from '../id/elements.ts';
import type { Image } from '../image/image.ts';
import { checkSection } from '../image/image-error.ts';
import {
  CODE_MASK,
  CODE_PIECES,
  CODE_SHIFT,
  END_MASK,
  ENTRY_SIZE,
  HAS_CHILDREN,
  HAS_NAMESPACE,
  HAS_WILD,
  IS_LOOSE,
  LEAF_BITS,
  LEAF_MASK,
  NODE_FIXED_SIZE,
  NODE_HEAD,
  NODE_PARENT,
  NONE,
} from '../image/layout.ts';
import {
  endAt,
  entriesAt,
  exactCountAt,
  extrasOf,
  hasLeaves,
  leafCountsAt,
  startOf,
  tailCountAt,
} from '../image/nodes.ts';
import { wildSteps } from '../image/wild-steps.ts';
import type { PatternElement } from '../model/model.ts';
import { elementsOfId } from '../model/template-variants.ts';
import { patternOf } from '../printing/print-pattern.ts';
import { readGlob } from './read-glob.ts';
import { getOrMake, SEPARATORS } from './tables.ts';

/** The ids that a list of entries holds for: a single one as its text, for there may be a million of them. */
export type Place =
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'pattern'; readonly elements: readonly PatternElement[] };

export function elementsOfPlace(place: Place): readonly PatternElement[] {
  return place.kind === 'id' ? elementsOfId(place.id) : place.elements;
}

export function placeOf(elements: readonly PatternElement[]): Place {
  const pattern = patternOf(elements)!;
  return pattern.kind === 'literal' ? { kind: 'id', id: pattern.id } : { kind: 'pattern', elements };
}

/** What is told of the tries, node after node. */
export interface TrieVisitor {
  /**
   * @param root  the node that is the root of the trie
   * @param first  offset of the list's first entry; `end` is that behind its last one
   */
  readonly list: (root: number, place: Place, first: number, end: number) => void;
  /** Ids that begin with `first`, a segment or the `/` of a path, belong to a namespace (S31). */
  readonly namespace: (namespace: number, first: string) => void;
}

/** The lists that a node holds behind its own two, in the order of leafCounts. */
const LEAVES: readonly PatternElement[] = [
  { kind: 'many', separator: 'colon' },
  { kind: 'one', separator: 'slash' },
  { kind: 'one', separator: 'colon' },
];

/** One pass over all nodes, in the order of the image: what was compiled first comes first. */
export function visitTries(image: Image, visitor: TrieVisitor): void {
  new TrieReader(image, visitor).read();
}

class TrieReader {
  readonly #image: Image;
  readonly #visitor: TrieVisitor;
  /** The elements that only their parent's record tells, by the node to which they lead. */
  readonly #wildElements: ReadonlyMap<number, PatternElement>;
  /** The elements of nodes beneath which there are loose ones, and the root of their trie. */
  readonly #parents = new Map<number, Position>();
  readonly #words = new Int32Array((END_MASK + 4) >> 2);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(image: Image, visitor: TrieVisitor) {
    this.#image = image;
    this.#visitor = visitor;
    this.#wildElements = wildElementsOf(image);
  }

  read(): void {
    const { nodes } = this.#image;
    for (let node = 0; node < nodes.length; ) {
      const head = nodes[node + NODE_HEAD]!;
      const extras = extrasOf(nodes, node, head);
      const next = endAt(nodes, extras, head);
      if ((head & IS_LOOSE) !== 0) this.#visitLoose(node, head, extras);
      else if (nodes[node + NODE_PARENT] !== NONE) this.#visitFixed(node, head, extras, next);
      node = next;
    }
  }

  #visitFixed(node: number, head: number, extras: number, next: number): void {
    const { nodes } = this.#image;
    const isHolding = entriesAt(extras, head) < next;
    if (!isHolding && (head & HAS_NAMESPACE) === 0) return;
    const { root, id } = this.#textOf(node);
    if ((head & HAS_NAMESPACE) !== 0) this.#visitor.namespace(nodes[extras]!, id);
    if (!isHolding) return;
    const isPieces = codeOf(head) === CODE_PIECES;
    const place: Place = isPieces
      ? { kind: 'pattern', elements: piecesBeneath(elementsOfId(id)) }
      : { kind: 'id', id };
    this.#visitLists(root, place, head, extras);
  }

  #visitLoose(node: number, head: number, extras: number): void {
    const { nodes } = this.#image;
    const before = this.#positionOf(nodes[node + NODE_PARENT]!);
    const own = this.#wildElements.get(node) ?? this.#looseElement(node, head);
    const elements = [...before.elements, own];
    if ((head & (HAS_CHILDREN | HAS_WILD)) !== 0) this.#parents.set(node, { root: before.root, elements });
    this.#visitLists(before.root, { kind: 'pattern', elements }, head, extras);
  }

  #visitLists(root: number, place: Place, head: number, extras: number): void {
    const { nodes } = this.#image;
    let first = entriesAt(extras, head);
    const visit = (count: number, where: () => Place): void => {
      if (count === 0) return;
      this.#visitor.list(root, where(), first, first + count * ENTRY_SIZE);
      first += count * ENTRY_SIZE;
    };
    const beneath = (element: PatternElement): Place => ({
      kind: 'pattern',
      elements: [...elementsOfPlace(place), element],
    });
    visit(exactCountAt(nodes, extras, head), () => place);
    visit(tailCountAt(nodes, extras, head), () => beneath({ kind: 'many', separator: 'slash' }));
    if (!hasLeaves(head)) return;
    const leaves = leafCountsAt(nodes, extras, head);
    for (const [leaf, element] of LEAVES.entries())
      visit((leaves >>> (leaf * LEAF_BITS)) & LEAF_MASK, () => beneath(element));
  }

  #positionOf(node: number): Position {
    return getOrMake(this.#parents, node, () => {
      const { nodes } = this.#image;
      checkSection('nodes', (nodes[node + NODE_HEAD]! & IS_LOOSE) === 0);
      if (nodes[node + NODE_PARENT] === NONE) return { root: node, elements: [] };
      const { root, id } = this.#textOf(node);
      return { root, elements: elementsOfId(id) };
    });
  }

  #looseElement(node: number, head: number): PatternElement {
    const code = codeOf(head);
    if (code === START_ROOT || code === COLON_ROOT)
      return { kind: 'root', separator: code === COLON_ROOT ? 'colon' : 'start' };
    const separator = SEPARATORS[code];
    checkSection('nodes', separator !== undefined);
    const size = head & END_MASK;
    this.#copyWords(node, 0, (size + 3) >> 2);
    return { kind: 'literal', separator: separator!, text: this.#decode(size) };
  }

  /** The id that a fixed node stands for, from the start, and the root above it. */
  #textOf(node: number): { readonly root: number; readonly id: string } {
    const { nodes } = this.#image;
    const head = nodes[node + NODE_HEAD]!;
    const size = head & END_MASK;
    let root = node;
    let end = (size + 3) >> 2;
    while (nodes[root + NODE_PARENT] !== NONE) {
      const start = startOf(nodes, root) >> 2;
      this.#copyWords(root, start, end);
      // The word in which a parent's text ends is whole in the child.
      end = start;
      root = nodes[root + NODE_PARENT]!;
    }
    const code = codeOf(head);
    // The slash of a root counts as that of the segment behind it.
    return { root, id: this.#decode(size) + (code === START_ROOT || code === COLON_ROOT ? '/' : '') };
  }

  /** Words `from` to `end` of a text, of which the node's record has those from `from` on. */
  #copyWords(node: number, from: number, end: number): void {
    const { nodes } = this.#image;
    const at = node + NODE_FIXED_SIZE - from;
    for (let word = from; word < end; word++) this.#words[word] = nodes[at + word]!;
  }

  #decode(size: number): string {
    return this.#decoder.decode(this.#bytes.subarray(0, size));
  }
}

interface Position {
  readonly root: number;
  readonly elements: readonly PatternElement[];
}

function codeOf(head: number): number {
  return (head & CODE_MASK) >> CODE_SHIFT;
}

/** An id whose last segment ends with a separator of pieces stands for those that go on behind it (S32). */
export function piecesBeneath(elements: readonly PatternElement[]): readonly PatternElement[] {
  const last = elements.at(-1);
  if (last?.kind !== 'literal') return elements;
  const { separator, text } = last;
  const glob = [{ kind: 'text', text }, { kind: 'unit' }, { kind: 'run' }] as const;
  return [...elements.slice(0, -1), { kind: 'glob', separator, glob }];
}

function wildElementsOf(image: Image): ReadonlyMap<number, PatternElement> {
  const elements = new Map<number, PatternElement>();
  for (const step of wildSteps(image)) {
    const separator = SEPARATORS[step.code];
    checkSection('globs', separator !== undefined);
    const element: PatternElement =
      step.kind === 'glob'
        ? { kind: 'glob', separator: separator!, glob: readGlob(image, step.program) }
        : { kind: step.kind, separator: separator! };
    elements.set(step.child, element);
  }
  return elements;
}
