import { COLON_ROOT, COLON_SEGMENT, SLASH_SEGMENT } from '../id/elements.ts';
import { GLOB_END, GLOB_RUN, GLOB_TEXT } from './glob.ts';
import { type Image, readImage, textAt } from './image.ts';
import {
  CODE_MASK,
  CODE_PIECES,
  CODE_SHIFT,
  END_MASK,
  IS_LOOSE,
  LEAF_BITS,
  LEAF_MASK,
  NODE_FIXED_SIZE,
  NODE_HEAD,
  NODE_PARENT,
  NONE,
  RESOURCE_ROOT,
  SCALAR_ROOTS,
} from './layout.ts';
import { endAt, exactCountAt, extrasOf, hasLeaves, leafCountsAt, startOf, tailCountAt } from './nodes.ts';
import { wildSteps } from './wild-steps.ts';

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
  const { children, labels } = arrange(image);
  const lines: string[] = [];
  const open = [{ node: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    if (node !== root) lines.push(`${'  '.repeat(depth - 1)}${labels.get(node)}${countsOf(image, node)}\n`);
    lines.push(...leavesOf(image, node).map((line) => `${'  '.repeat(depth)}${line}\n`));
    for (const child of (children.get(node) ?? []).toReversed()) open.push({ node: child, depth: depth + 1 });
  }
  return lines.join('');
}

/** The children of each node, and what a node adds to the one above it. */
function arrange(image: Image): { children: Map<number, number[]>; labels: Map<number, string> } {
  const { nodes } = image;
  const children = new Map<number, number[]>();
  const labels = labelsOf(image);
  const texts = new Map<number, string>();
  const nodeOfText = new Map<string, number>();
  for (let node = 0; node < nodes.length; ) {
    const head = nodes[node + NODE_HEAD]!;
    let parent = nodes[node + NODE_PARENT]!;
    if ((head & IS_LOOSE) !== 0) {
      if (!labels.has(node)) labels.set(node, looseLabel(nodes, node, head));
    } else {
      const start = parent === NONE ? 0 : startOf(nodes, node);
      const own = textOf(nodes, node + NODE_FIXED_SIZE, start & 3, (head & END_MASK) - (start & ~3));
      const text = (texts.get(parent) ?? '') + own;
      texts.set(node, text);
      // The parent is but where the text goes on from: the node above may hold a longer beginning of it.
      const root = rootOf(nodes, node);
      for (let end = text.length; end > 0 && parent !== NONE; end--) {
        const above = /^$|[:/]/.test(text.slice(end, end + 1))
          ? nodeOfText.get(`${root} ${text.slice(0, end)}`)
          : undefined;
        if (above === undefined) continue;
        parent = above;
        break;
      }
      const isPieces = (head & CODE_MASK) === CODE_PIECES << CODE_SHIFT;
      if (!isPieces) nodeOfText.set(`${root} ${text}`, node);
      const label = JSON.stringify(text.slice(texts.get(parent)?.length ?? 0)).slice(1, -1);
      labels.set(node, isPieces ? `${label} (pieces beneath)` : label);
    }
    if (parent !== NONE) children.set(parent, [...(children.get(parent) ?? []), node]);
    node = endAt(nodes, extrasOf(nodes, node, head), head);
  }
  return { children, labels };
}

function rootOf(nodes: Int32Array, node: number): number {
  let root = node;
  while (nodes[root + NODE_PARENT] !== NONE) root = nodes[root + NODE_PARENT]!;
  return root;
}

/** The labels of nodes along wildcards, which only their parent's record tells apart. */
function labelsOf(image: Image): Map<number, string> {
  const labels = new Map<number, string>();
  for (const step of wildSteps(image)) {
    const text = step.kind === 'glob' ? globText(image, step.program) : step.kind === 'one' ? '*' : '**';
    labels.set(step.child, separatorText(step.code) + text);
  }
  return labels;
}

function globText(image: Image, program: number): string {
  const { programs } = image;
  let text = '';
  // What a program says is not verified: it may have no end.
  for (let i = program; i < programs.length && programs[i] !== GLOB_END; ) {
    if (programs[i] === GLOB_TEXT) {
      text += textAt(image, programs[i + 1]!, programs[i + 2]!);
      i += 3;
    } else text += programs[i++] === GLOB_RUN ? '*' : '?';
  }
  return text;
}

function looseLabel(nodes: Int32Array, node: number, head: number): string {
  const code = (head & CODE_MASK) >> CODE_SHIFT;
  if (code === COLON_ROOT) return ':/';
  const text = textOf(nodes, node + NODE_FIXED_SIZE, 0, head & END_MASK);
  return separatorText(code) + JSON.stringify(text).slice(1, -1);
}

/** The bytes from `start` to `end` behind the word at `at`, as text. */
function textOf(nodes: Int32Array, at: number, start: number, end: number): string {
  const bytes = new Uint8Array(nodes.buffer, nodes.byteOffset + at * 4 + start, end - start);
  // Shared memory is no argument of a decoder.
  return new TextDecoder().decode(new Uint8Array(bytes));
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
