/** What a page or a picture is made of: its elements in order, and its texts as a reader sees them. */
export interface Markup {
  readonly elements: readonly {
    readonly name: string;
    readonly attributes: ReadonlyMap<string, string>;
  }[];
  /** Outside of `style` and `script`. */
  readonly text: string;
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
};
const voidElements = new Set(['meta', 'input', 'br']);
const token =
  /<!doctype html>|<(style|script)>[\s\S]*?<\/\1>|<\/([a-z0-9]+)>|<([a-zA-Z0-9]+)((?: [a-zA-Z-]+(?:="[^"<]*")?)*)(\/?)>|([^<]+)/y;

/**
 * Reads strictly what our renderers write, well-formed XML or HTML: anything else is an error.
 *
 * @throws {Error} naming the first place that is not well formed
 */
export function readMarkup(source: string): Markup {
  const elements: { name: string; attributes: Map<string, string> }[] = [];
  const open: string[] = [];
  let text = '';
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const found = token.exec(source);
    if (found === null) throw new Error(`not well formed: ${source.slice(at, at + 80)}`);
    const [, raw, closed, opened, attributes = '', isEmpty, words] = found;
    if (raw !== undefined) elements.push({ name: raw, attributes: new Map() });
    else if (closed !== undefined) {
      if (open.pop() !== closed) throw new Error(`</${closed}> closes nothing: ${source.slice(at - 80, at)}`);
    } else if (opened !== undefined) {
      elements.push({ name: opened, attributes: readAttributes(attributes) });
      if (isEmpty === '' && !voidElements.has(opened)) open.push(opened);
    } else if (words !== undefined) text += decode(words);
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(', ')}`);
  return { elements, text };
}

function readAttributes(text: string): Map<string, string> {
  const found = [...text.matchAll(/ ([a-zA-Z-]+)(?:="([^"]*)")?/g)].map(
    ([, name, value = '']) => [name!, decode(value)] as const,
  );
  if (new Set(found.map(([name]) => name)).size < found.length) throw new Error(`twice in ${text}`);
  return new Map(found);
}

function decode(text: string): string {
  return text.replace(/&([^;]*);?/g, (all, name: string) => {
    const character = entities[name];
    if (character === undefined) throw new Error(`no entity: ${all}`);
    return character;
  });
}
