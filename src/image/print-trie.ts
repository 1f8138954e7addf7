import { COLON_ROOT, COLON_SEGMENT, SLASH_SEGMENT, START_ROOT } from '../id/elements.ts';
import { GLOB_END, GLOB_RUN, GLOB_TEXT } from './glob.ts';
import { type Image, readImage, textAt } from './image.ts';
import {
  CODE_MASK,
  CODE_PIECES,
  CODE_SHIFT,
  END_MASK,
  GLOB_CHILD,
  GLOB_PROGRAM,
  GLOB_SEPARATOR,
  GLOB_SIZE,
  HAS_WILD,
  IS_LOOSE,
  LEAF_BITS,
  LEAF_MASK,
  NODE_FIXED_SIZE,
  NODE_HEAD,
  NODE_PARENT,
  NONE,
  RESOURCE_ROOT,
  SCALAR_ROOTS,
  WILD_FIRST_GLOB,
  WILD_GLOB_COUNT,
  WILD_MANY,
  WILD_ONE,
  WILD_SIZE,
} from './layout.ts';
import {
  endAt,
  exactCountAt,
  extrasOf,
  hasLeaves,
  leafCountsAt,
  startOf,
  tailCountAt,
  wildAt,
} from './nodes.ts';

/**
 * The trie of resources as indented text: a line for each node, with the number of entries that hold there and of those
 * that hold there and beneath. A text that says nothing has no node: its children stand beneath the one before it, with all
 * that is between. Siblings stand in the order in which the compiler made them.
 *
 * @throws {ImageError} if the bytes are no sound image
 */
export function printTrie(bytes: Uint8Array | ArrayBufferLike): string {
  const image = readImage(bytes);
  const root = image.scalars[SCALAR_ROOTS + RESOURCE_ROOT]!;
  const children = childrenOf(image);
  const labels = labelsOf(image);
  const lines: string[] = [];
  const open = [{ node: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    if (node !== root)
      lines.push(
        `${'  '.repeat(depth - 1)}${labels.get(node) ?? literalLabel(image, node)}${countsOf(image, node)}\n`,
      );
    lines.push(...leavesOf(image, node).map((line) => `${'  '.repeat(depth)}${line}\n`));
    for (const child of (children.get(node) ?? []).toReversed()) open.push({ node: child, depth: depth + 1 });
  }
  return lines.join('');
}

function* nodesOf({ nodes }: Image): Iterable<number> {
  for (let node = 0; node < nodes.length; ) {
    yield node;
    const head = nodes[node + NODE_HEAD]!;
    node = endAt(nodes, extrasOf(nodes, node, head), head);
  }
}

function childrenOf(image: Image): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const node of nodesOf(image)) {
    const parent = image.nodes[node + NODE_PARENT]!;
    if (parent === NONE) continue;
    const known = children.get(parent);
    if (known === undefined) children.set(parent, [node]);
    else known.push(node);
  }
  return children;
}

/** The labels of nodes along wildcards, which only their parent's record tells apart. */
function labelsOf(image: Image): Map<number, string> {
  const { nodes, wilds, globs } = image;
  const labels = new Map<number, string>();
  for (const node of nodesOf(image)) {
    const head = nodes[node + NODE_HEAD]!;
    if ((head & HAS_WILD) === 0) continue;
    const wild = wildAt(nodes, extrasOf(nodes, node, head), head) * WILD_SIZE;
    for (let separator = 0; separator < 3; separator++) {
      labels.set(wilds[wild + WILD_ONE + separator]!, `${separatorText(separator)}*`);
      labels.set(wilds[wild + WILD_MANY + separator]!, `${separatorText(separator)}**`);
    }
    const first = wilds[wild + WILD_FIRST_GLOB]!;
    for (
      let g = first * GLOB_SIZE;
      g < (first + wilds[wild + WILD_GLOB_COUNT]!) * GLOB_SIZE;
      g += GLOB_SIZE
    ) {
      labels.set(
        globs[g + GLOB_CHILD]!,
        separatorText(globs[g + GLOB_SEPARATOR]!) + globText(image, globs[g + GLOB_PROGRAM]!),
      );
    }
  }
  return labels;
}

function globText(image: Image, program: number): string {
  const { programs } = image;
  let text = '';
  for (let i = program; programs[i] !== GLOB_END; ) {
    if (programs[i] === GLOB_TEXT) {
      text += textAt(image, programs[i + 1]!, programs[i + 2]!);
      i += 3;
    } else text += programs[i++] === GLOB_RUN ? '*' : '?';
  }
  return text;
}

function literalLabel({ nodes }: Image, node: number): string {
  const head = nodes[node + NODE_HEAD]!;
  const code = (head & CODE_MASK) >> CODE_SHIFT;
  const end = head & END_MASK;
  const at = node + NODE_FIXED_SIZE;
  if ((head & IS_LOOSE) !== 0) {
    if (code === START_ROOT || code === COLON_ROOT) return code === COLON_ROOT ? ':/' : '/';
    return separatorText(code) + bytesLabel(nodes, at, 0, end);
  }
  // The first word begins in the parent's text.
  const start = startOf(nodes, node);
  return bytesLabel(nodes, at, start & 3, end - (start & ~3)) + (code === CODE_PIECES ? ' (pieces)' : '');
}

/** The bytes from `start` to `end` behind the word at `at`, as text. */
function bytesLabel(nodes: Int32Array, at: number, start: number, end: number): string {
  const bytes = new Uint8Array(nodes.buffer, nodes.byteOffset + at * 4 + start, end - start);
  return JSON.stringify(new TextDecoder().decode(new Uint8Array(bytes))).slice(1, -1);
}

function separatorText(code: number): string {
  return code === COLON_SEGMENT ? ':' : code === SLASH_SEGMENT ? '/' : '';
}

/** The lists of wildcards that have no node. */
function leavesOf({ nodes }: Image, node: number): string[] {
  const head = nodes[node + NODE_HEAD]!;
  if (!hasLeaves(head)) return [];
  const leaves = leafCountsAt(nodes, extrasOf(nodes, node, head), head);
  return [':**', '/*', ':*'].flatMap((label, leaf) => {
    const count = (leaves >>> (leaf * LEAF_BITS)) & LEAF_MASK;
    return count === 0 ? [] : [`${label}  (${count} here)`];
  });
}

function countsOf({ nodes }: Image, node: number): string {
  const head = nodes[node + NODE_HEAD]!;
  const extras = extrasOf(nodes, node, head);
  const exact = exactCountAt(nodes, extras, head);
  const tail = tailCountAt(nodes, extras, head);
  const parts = [exact > 0 ? `${exact} here` : '', tail > 0 ? `${tail} here and beneath` : ''].filter(
    (part) => part !== '',
  );
  return parts.length === 0 ? '' : `  (${parts.join(', ')})`;
}
