import { checkSubject, isGroupSubject, scanId } from '../id/check-id.ts';
import { IdElements } from '../id/elements.ts';
import { FAULT_NONE } from '../id/faults.ts';
import { type Image, type ImageSource, namedText, readImage } from './image.ts';
import {
  CODE_MASK,
  CODE_PIECES,
  CODE_SHIFT,
  END_MASK,
  IS_LOOSE,
  NAME_SIZE,
  NAME_TEXT,
  NODE_FIXED_SIZE,
  NODE_HEAD,
  NODE_PARENT,
  NONE,
  RESOURCE_ROOT,
  ROOT_COUNT,
  SCALAR_ROOTS,
  SCALAR_SUBJECT_BITS,
} from './layout.ts';
import { endAt, exactCountAt, extrasOf, startOf, tailCountAt } from './nodes.ts';

/** Ids that a policy set names, each list sorted by code units, each id once. */
export interface KnownIds {
  /** Subjects that rules and groups name, groups themselves left out, and entities that could be one. */
  readonly subjects: readonly string[];
  /** What rules name without a wildcard, or as the root of all that is beneath it; and entities. */
  readonly resources: readonly string[];
  readonly actions: readonly string[];
}

/**
 * Whom and what an image knows by name. What only a pattern covers is not among it: nobody can list that.
 *
 * @throws {ImageError} if the bytes are no sound image
 * Cost: one pass over the image, and the texts of all that is found.
 */
export function knownIds(bytes: ImageSource): KnownIds {
  const image = readImage(bytes);
  const entities = namesIn(image, image.entities);
  const isSubject = (id: string): boolean => checkSubject(id) === FAULT_NONE && !isGroupSubject(id);
  const elements = new IdElements();
  const isResource = (id: string): boolean => scanId(id, elements) === FAULT_NONE;
  return {
    subjects: sorted([...subjectsOf(image), ...entities].filter(isSubject)),
    resources: sorted([...resourcesOf(image), ...entities].filter(isResource)),
    actions: sorted(namesIn(image, image.actions)),
  };
}

function sorted(ids: readonly string[]): readonly string[] {
  return Object.freeze([...new Set(ids)].sort());
}

function namesIn(image: Image, rows: Int32Array): string[] {
  return Array.from({ length: rows.length / NAME_SIZE }, (_, row) =>
    namedText(image, rows, row * NAME_SIZE + NAME_TEXT),
  );
}

function subjectsOf({ subjects, subjectSlots, scalars }: Image): string[] {
  const offsetMask = 2 ** scalars[SCALAR_SUBJECT_BITS]! - 1;
  const found: string[] = [];
  for (const slot of subjectSlots) {
    if (slot === 0) continue;
    const at = slot & offsetMask;
    found.push(textOf(subjects, at + 1, 0, subjects[at]! & 0xffff));
  }
  return found;
}

/** Texts of the nodes in the trie of resources at which a rule holds. */
function resourcesOf({ nodes, scalars }: Image): string[] {
  const found: string[] = [];
  const texts = new Map<number, string>();
  const otherRoots = new Set<number>();
  for (let root = 0; root < ROOT_COUNT; root++)
    if (root !== RESOURCE_ROOT) otherRoots.add(scalars[SCALAR_ROOTS + root]!);
  for (let node = 0; node < nodes.length; ) {
    const head = nodes[node + NODE_HEAD]!;
    const parent = nodes[node + NODE_PARENT]!;
    const extras = extrasOf(nodes, node, head);
    // Beneath a wildcard, and in the other tries, nothing has a text: there a parent has none either.
    const before = parent === NONE ? '' : texts.get(parent);
    if ((head & IS_LOOSE) === 0 && before !== undefined && !otherRoots.has(node)) {
      const start = startOf(nodes, node);
      const text =
        before + textOf(nodes, node + NODE_FIXED_SIZE, start & 3, (head & END_MASK) - (start & ~3));
      texts.set(node, text);
      const isPieces = (head & CODE_MASK) === CODE_PIECES << CODE_SHIFT;
      const holds = exactCountAt(nodes, extras, head) + tailCountAt(nodes, extras, head) > 0;
      if (holds && !isPieces) found.push(text);
    }
    node = endAt(nodes, extras, head);
  }
  return found;
}

/** The bytes from `start` to `end` behind the word at `at`, as text. */
function textOf(words: Int32Array, at: number, start: number, end: number): string {
  const bytes = new Uint8Array(words.buffer, words.byteOffset + at * 4 + start, end - start);
  // Shared memory is no argument of a decoder.
  return new TextDecoder().decode(new Uint8Array(bytes));
}
