import { compile } from '../../src/compile/compile.ts';
import { contentHash } from '../../src/image/content-hash.ts';
import { type ImageSections, readImage, writeImage } from '../../src/image/image.ts';
import { ImageError } from '../../src/image/image-error.ts';
import {
  ENTRY_SIZE,
  FIRST_HASH_WORD,
  FIRST_HASHED_WORD,
  NODE_HEAD,
  NODE_PARENT,
  SECTIONS,
  type SectionName,
} from '../../src/image/layout.ts';
import { endAt, entriesAt, exactCountAt, extrasOf, tailCountAt } from '../../src/image/nodes.ts';
import { buildModel } from '../../src/index.ts';

/** The sections of an image as copies, to be written to or put in place of another. */
export type OpenSections = { -readonly [name in keyof ImageSections]: ImageSections[name] };

/** The image with other sections, and a hash that fits: as a compiler with a mistake, or somebody with intent, would make it. */
export function damage(image: Uint8Array, change: (sections: OpenSections) => void): Uint8Array {
  const sections = Object.fromEntries(
    SECTIONS.map((name) => [name, readImage(image)[name].slice()]),
  ) as unknown as OpenSections;
  change(sections);
  return writeImage(sections);
}

/** The image with other words in the header or the table of sections, and a hash that fits. */
export function damageWords(image: Uint8Array, change: (words: Int32Array) => void): Uint8Array {
  const bytes = image.slice();
  const words = new Int32Array(bytes.buffer);
  change(words);
  words.set(contentHash(words, FIRST_HASHED_WORD), FIRST_HASH_WORD);
  return bytes;
}

/** Something in every section, every kind of node, and rows of a store. */
const policy = `
mode soft
group empty { }
group team { user:ada, group:inner, svc:/bots/** }
group inner { user:eve }
${['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `group many-${name} { user:everywhere }`).join('\n')}
action full implies read
namespace box {
  action write implies read
  superuser box:root
  resource box:root { actions full, read }
  resource box:items[:<item>] { actions read, write  enforced in soft, hard(authenticated) }
  resource box:tree:/<path...> { actions read }
  resource box:queue:<name... by "."> { actions read }
}
entity user:ada { level: 3, tags: ["a", "b"] }
entity box:items:one { open: true }
route GET "/items/{id}" requires read on box:items:{id}
role keeper(id) {
  read, write on box:items:{id}
}
grant keeper(one) to group:team
ruleset guarded first-applicable {
  scope read on vault:**
  @id("no-thieves") deny user:eve to read on vault:gold
  allow group:team to read on vault:**
  default deny
}
allow user:root to full on box:root
allow user:ada to read on box:queue:mail.in
allow user:ada to read on **
deny user:ada to read on doc:*
deny user:ada to read on doc:*/secret
deny user:ada to read on doc:*:**
deny user:ada to read on doc:part-?*/b
deny user:ada to read on wild:**/end
deny user:ada to read on **/end
allow user:ada to read on tree:/x/**
allow user:ada to read on tree:/x/*
allow user:ada to read on tree:**
allow user:{name} to read on home:{name}/**
allow svc:/jobs/* to read on job:one
deny anyone to read on doc:one when context.ip in cidr("10.0.0.0/8") && context.n > 2.5
${Array.from({ length: 40 }, (_, i) => `allow user:u${i} to read on crowd:room`).join('\n')}
allow user:ada to ${Array.from({ length: 40 }, (_, i) => `verb${i}`).join(', ')} on doc:verbs
allow user:ada to read on stored:one
`;

/** The image of `policy`; its last rule is that of a store. */
export const wholeImage: Uint8Array = compileWhole();

export function compileWhole(): Uint8Array {
  const built = buildModel([{ file: 'whole.acl', text: policy }]);
  if (!built.ok) throw new Error(`the policy does not build: ${built.diagnostics[0]?.message}`);
  const { model } = built;
  const firstStoredRule = model.rules.length - 1;
  return compile(model, { firstStoredRule, fileGroups: model.groups, revision: 7, actions: ['grant'] });
}

/** Where the parts of a node are, for damage. */
export interface OpenNode {
  readonly node: number;
  readonly head: number;
  readonly parent: number;
  readonly extras: number;
  readonly entries: number;
  readonly entryCount: number;
  readonly exact: number;
  readonly tail: number;
}

export function nodesOf({ nodes }: Pick<ImageSections, 'nodes'>): OpenNode[] {
  const found: OpenNode[] = [];
  for (let node = 0; node < nodes.length; ) {
    const head = nodes[node + NODE_HEAD]!;
    const extras = extrasOf(nodes, node, head);
    const entries = entriesAt(extras, head);
    const end = endAt(nodes, extras, head);
    found.push({
      node,
      head,
      parent: nodes[node + NODE_PARENT]!,
      extras,
      entries,
      entryCount: (end - entries) / ENTRY_SIZE,
      exact: exactCountAt(nodes, extras, head),
      tail: tailCountAt(nodes, extras, head),
    });
    node = end;
  }
  return found;
}

/** The first node for which `isWanted` holds. @throws {Error} where there is none: the policy above lacks a kind */
export function nodeWhere(sections: ImageSections, isWanted: (node: OpenNode) => boolean): OpenNode {
  const found = nodesOf(sections).find(isWanted);
  if (found === undefined) throw new Error('the whole image has no such node');
  return found;
}

/** How an image is refused: the code, and the section for one that is inconsistent; undefined where it is taken. */
export function refusalOf(bytes: Uint8Array): string | undefined {
  try {
    readImage(bytes);
    return undefined;
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    if (error.code !== 'inconsistent') return error.code;
    return /^section `(\w+)` of the image is out of bounds$/.exec(error.message)?.[1] ?? error.message;
  }
}

/** How the whole image with a change is refused. */
export function refusal(change: (sections: OpenSections) => void): string | undefined {
  return refusalOf(damage(wholeImage, change));
}

/** Those of 32-bit words. */
export type WordSection = Exclude<SectionName, 'text' | 'numbers'>;

/** Sets one word of a section. */
export function put(section: WordSection, at: number, word: number) {
  return (sections: OpenSections): void => {
    sections[section][at] = word;
  };
}
