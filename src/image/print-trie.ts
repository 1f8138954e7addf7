import { COLON_ROOT, COLON_SEGMENT, SLASH_SEGMENT, START_ROOT } from '../id/elements.ts';
import { GLOB_END, GLOB_RUN, GLOB_TEXT } from './glob.ts';
import { type Image, readImage, textAt } from './image.ts';
import {
  CODE_PIECES,
  GLOB_CHILD,
  GLOB_PROGRAM,
  GLOB_SEPARATOR,
  GLOB_SIZE,
  NODE_EXACT_COUNT,
  NODE_PARENT,
  NODE_SHAPE,
  NODE_SIZE,
  NODE_TAIL_COUNT,
  NODE_TEXT,
  NODE_WILD,
  NONE,
  RESOURCE_ROOT,
  SHAPE_CODE_MASK,
  SHAPE_LENGTH_SHIFT,
  WILD_FIRST_GLOB,
  WILD_GLOB_COUNT,
  WILD_MANY,
  WILD_ONE,
  WILD_SIZE,
} from './layout.ts';

/**
 * The trie of resources as indented text: a line for each node, with the number of entries that hold there and of those
 * that hold there and beneath. Siblings stand in the order in which the compiler made them.
 *
 * @throws {ImageError} if the bytes are no sound image
 */
export function printTrie(bytes: Uint8Array | ArrayBufferLike): string {
  const image = readImage(bytes);
  const children = childrenOf(image);
  const labels = labelsOf(image);
  const lines: string[] = [];
  const open = [{ node: RESOURCE_ROOT, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    if (node !== RESOURCE_ROOT)
      lines.push(
        `${'  '.repeat(depth - 1)}${labels.get(node) ?? literalLabel(image, node)}${countsOf(image, node)}\n`,
      );
    for (const child of (children.get(node) ?? []).toReversed()) open.push({ node: child, depth: depth + 1 });
  }
  return lines.join('');
}

function childrenOf({ nodes }: Image): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (let node = 0; node < nodes.length / NODE_SIZE; node++) {
    const parent = nodes[node * NODE_SIZE + NODE_PARENT]!;
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
  for (let base = 0; base < nodes.length; base += NODE_SIZE) {
    const wild = nodes[base + NODE_WILD]! * WILD_SIZE;
    if (wild < 0) continue;
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

function literalLabel(image: Image, node: number): string {
  const base = node * NODE_SIZE;
  const shape = image.nodes[base + NODE_SHAPE]!;
  const code = shape & SHAPE_CODE_MASK;
  if (code === START_ROOT) return '/';
  if (code === COLON_ROOT) return ':/';
  if (code === CODE_PIECES) return '(pieces beneath)';
  return (
    separatorText(code) +
    JSON.stringify(textAt(image, image.nodes[base + NODE_TEXT]!, shape >>> SHAPE_LENGTH_SHIFT)).slice(1, -1)
  );
}

function separatorText(code: number): string {
  return code === COLON_SEGMENT ? ':' : code === SLASH_SEGMENT ? '/' : '';
}

function countsOf({ nodes }: Image, node: number): string {
  const exact = nodes[node * NODE_SIZE + NODE_EXACT_COUNT]!;
  const tail = nodes[node * NODE_SIZE + NODE_TAIL_COUNT]!;
  const parts = [exact > 0 ? `${exact} here` : '', tail > 0 ? `${tail} here and beneath` : ''].filter(
    (part) => part !== '',
  );
  return parts.length === 0 ? '' : `  (${parts.join(', ')})`;
}
