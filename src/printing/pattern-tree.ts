import type { PatternElement } from '../model/model.ts';
import { printElements } from './print-pattern.ts';

interface TreeNode {
  readonly text: string;
  readonly children: Map<string, TreeNode>;
  /** Whether a permission is on this pattern itself. */
  isNamed: boolean;
}

/** The end of a pattern, beneath the beginning that it shares with others. */
export interface PatternRow {
  /** The whole pattern, as policy text. */
  readonly text: string;
  /** What it adds to its parent's text. */
  readonly label: string;
  /** 0 for the root of a tree. */
  readonly depth: number;
  /** Its parent's place among the rows. */
  readonly parent: number | undefined;
}

/** The rows of trees in preorder, a row behind its parent with all beneath it, and which of them stands for a pattern. */
export interface PatternTree {
  readonly rows: readonly PatternRow[];
  /** Of a pattern that the trees were built from. */
  readonly rowOf: (elements: readonly PatternElement[]) => number;
}

/**
 * Patterns as trees: what they begin with alike is one branch, and a chain on which nothing else hangs is one row. Rows are
 * sorted by their text, and walked without recursion: ids may be deep.
 */
export function buildPatternTree(patterns: Iterable<readonly PatternElement[]>): PatternTree {
  const top: TreeNode = newNode('');
  for (const elements of patterns) addPattern(top, elements);
  const rows: PatternRow[] = [];
  const places = new Map<string, number>();
  const waiting: { node: TreeNode; parent: number | undefined }[] = [];
  const push = (node: TreeNode, parent: number | undefined): void => {
    for (const child of sortedChildren(node).reverse()) waiting.push({ node: child, parent });
  };
  push(top, undefined);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const node = endOfChain(next.node);
    const above = next.parent === undefined ? undefined : rows[next.parent]!;
    places.set(node.text, rows.length);
    rows.push({
      text: node.text,
      label: above === undefined ? node.text : node.text.slice(above.text.length),
      depth: above === undefined ? 0 : above.depth + 1,
      parent: next.parent,
    });
    push(node, rows.length - 1);
  }
  return { rows, rowOf: (elements) => places.get(printElements(elements))! };
}

function newNode(text: string): TreeNode {
  return { text, children: new Map(), isNamed: false };
}

/** The text of a beginning of a pattern is a beginning of its text. */
function addPattern(top: TreeNode, elements: readonly PatternElement[]): void {
  let node = top;
  for (let i = 0; i < elements.length; i++) {
    const key = printElements(elements.slice(Math.max(0, i - 1), i + 1));
    let child = node.children.get(key);
    if (child === undefined) {
      child = newNode(printElements(elements.slice(0, i + 1)));
      node.children.set(key, child);
    }
    node = child;
  }
  node.isNamed = true;
}

function endOfChain(start: TreeNode): TreeNode {
  let node = start;
  while (!node.isNamed && node.children.size === 1) node = [...node.children.values()][0]!;
  return node;
}

function sortedChildren({ children }: TreeNode): TreeNode[] {
  return [...children.values()].sort((a, b) => (a.text < b.text ? -1 : 1));
}
