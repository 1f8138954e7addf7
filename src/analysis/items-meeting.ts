import type { PatternElement, ResourcePattern, Separator } from '../model/model.ts';
import { elementsOfId } from '../model/template-variants.ts';
import { mayMeet, PatternTrie, type TrieNode } from './pattern-trie.ts';
import { itemsOf, type RuleItem } from './rule-items.ts';
import type { Schema } from './schema.ts';

/**
 * The items that speak of ids of a region, or of superusers, who are asked about on the way to everything in their
 * namespace. Of a million rules few do, and nothing is made of the others.
 */
export function itemsMeeting(region: PatternTrie, schema: Schema): readonly RuleItem[] {
  const asked = new PatternTrie();
  for (const { superuser } of schema.model.namespaces) {
    if (superuser !== undefined) asked.add(elementsOfId(superuser), 0);
  }
  const tries = [region, asked];
  const mayCover = (resource: ResourcePattern): boolean =>
    tries.some(({ root }) =>
      resource.kind === 'literal'
        ? mayCoverFrom(root, resource.id, schema.hasPieces)
        : mayMatchFrom(root, resource.elements),
    );
  const items: RuleItem[] = [];
  for (const [index, rule] of schema.model.rules.entries()) {
    if (!rule.resources.some(mayCover)) continue;
    for (const item of itemsOf(rule, index, schema)) {
      const { patterns, isForNothing } = item;
      if (isForNothing || patterns.some((elements) => tries.some((trie) => mayMeet(trie, elements))))
        items.push(item);
    }
  }
  return items;
}

/** False only if an id of a rule covers none of the ids that match beneath a node: not itself, nor what its template adds. */
function mayCoverFrom(root: TrieNode, id: string, hasPieces: boolean): boolean {
  let node: TrieNode | undefined = root;
  let separator: Separator = 'start';
  for (let from = 0; from < id.length; ) {
    if (isOpen(node)) return true;
    const end = endOfSegment(id, from);
    if (end === from) {
      if (separator !== 'slash') node = node.roots?.get(separator);
    } else {
      const edges: ReadonlyMap<string, TrieNode> | undefined = node.literals?.get(separator);
      node = edges?.get(id.slice(from, end));
      if (node === undefined)
        return hasPieces && end === id.length && edges !== undefined && someBegins(edges, id.slice(from));
    }
    if (node === undefined) return false;
    separator = id.charCodeAt(end) === COLON ? 'colon' : 'slash';
    from = end + 1;
  }
  return true;
}

const sortedTexts = new WeakMap<ReadonlyMap<string, TrieNode>, readonly string[]>();

/** Whether a segment goes on where another one ends: a template may add `a.b` to `a` (S32). Binary search: siblings may be many. */
function someBegins(edges: ReadonlyMap<string, TrieNode>, text: string): boolean {
  let texts = sortedTexts.get(edges);
  if (texts === undefined) {
    texts = [...edges.keys()].sort();
    sortedTexts.set(edges, texts);
  }
  let [low, high] = [0, texts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (texts[middle]! < text) low = middle + 1;
    else high = middle;
  }
  return texts[low]?.startsWith(text) ?? false;
}

const COLON = 0x3a;
const SLASH = 0x2f;

function endOfSegment(id: string, from: number): number {
  let end = from;
  while (end < id.length && id.charCodeAt(end) !== COLON && id.charCodeAt(end) !== SLASH) end++;
  return end;
}

/** False only if a pattern matches none of the ids that match beneath a node. */
function mayMatchFrom(root: TrieNode, elements: readonly PatternElement[]): boolean {
  let node: TrieNode | undefined = root;
  for (const element of elements) {
    if (isOpen(node) || (element.kind !== 'literal' && element.kind !== 'root')) return true;
    node =
      element.kind === 'root'
        ? node.roots?.get(element.separator)
        : node.literals?.get(element.separator)?.get(element.text);
    if (node === undefined) return false;
  }
  return true;
}

/** Whether more than one text may come next in some pattern. */
function isOpen({ globs, ones, manies }: TrieNode): boolean {
  return globs !== undefined || ones !== undefined || manies !== undefined;
}
