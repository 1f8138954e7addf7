import { nearestName } from '../../diagnostics/nearest.ts';
import type { Template } from '../../model/model.ts';
import { type TemplateToken, type TemplateVariant, variantsOf } from '../../model/template-variants.ts';

/** A piece of an id with the separator before it. */
interface Word {
  readonly separator: '' | ':' | '/';
  readonly text: string;
}

export interface NearId {
  /** An id that some template describes. */
  readonly id: string;
  readonly template: Template;
  /** Words that differ; none if it is only joined in another way. */
  readonly slips: number;
}

const maxSlips = 2;

/** The id of some template that a slip would have turned into this one: a misspelt, swapped or missing word, a separator. */
export function nearestId(id: string, templates: readonly Template[]): NearId | undefined {
  const words = wordsOf(id);
  let best: NearId | undefined;
  for (const template of templates) {
    for (const variant of variantsOf(template.parts)) {
      const near = nearTo(words, variant);
      if (near !== undefined && near.id !== id && near.slips < (best?.slips ?? maxSlips + 1))
        best = { ...near, template };
    }
  }
  return best;
}

/** What may follow an id that stops before the end of templates; empty if it is no beginning of one. */
export function continuationsOf(id: string, templates: readonly Template[]): readonly string[] {
  const words = wordsOf(id);
  const next = templates.flatMap(({ parts }) => {
    const tokens = variantsOf(parts)
      .at(-1)!
      .filter(({ kind }) => kind !== 'root');
    const token = tokens[words.length];
    if (token === undefined || !words.every(({ text }, i) => isSame(tokens[i]!, text))) return [];
    return token.kind === 'literal' ? [`:${token.text}`] : [];
  });
  return [...new Set(next)];
}

/** The template that has the most words of an id at its beginning, if there are two. */
export function closestTemplate(id: string, templates: readonly Template[]): Template | undefined {
  const words = wordsOf(id);
  let best: { readonly template: Template; readonly common: number } | undefined;
  for (const template of templates) {
    const tokens = variantsOf(template.parts).at(-1)!;
    const differs = words.findIndex(({ text }, i) => tokens[i] === undefined || !isSame(tokens[i], text));
    const common = differs < 0 ? words.length : differs;
    if (common > (best?.common ?? 1)) best = { template, common };
  }
  return best?.template;
}

function isSame(token: TemplateToken, text: string): boolean {
  return token.kind === 'literal' ? token.text === text : token.kind === 'value';
}

function wordsOf(id: string): readonly Word[] {
  const words: Word[] = [];
  for (const [, separator, text] of id.matchAll(/([:/]*)([^:/]+)/g)) {
    const first = separator![0];
    words.push({ separator: first === ':' || first === '/' ? first : '', text: text! });
  }
  return words;
}

function nearTo(words: readonly Word[], variant: TemplateVariant): Omit<NearId, 'template'> | undefined {
  const tokens = variant.filter(({ kind }) => kind !== 'root');
  const head = tokens.findIndex(
    ({ kind }, i) => kind === 'path' || (kind === 'value' && i === tokens.length - 1),
  );
  const length = head < 0 ? tokens.length : head;
  const [first] = words;
  if (first === undefined || length < 2) return undefined;
  const root = tokens[0]!;
  const isPrefixed = root.kind === 'literal' && nearestName(first.text, [root.text]) === undefined;
  const whole: readonly Word[] = isPrefixed ? [{ separator: '', text: root.text }, ...words] : words;
  const slips = isPrefixed ? 1 : 0;
  return (
    withSlips(whole, variant, tokens.slice(0, length), slips) ??
    withoutKind(whole, variant, tokens.slice(0, length), slips)
  );
}

/** Word beside token, in the order written or another. */
function withSlips(
  words: readonly Word[],
  variant: TemplateVariant,
  head: readonly TemplateToken[],
  before: number,
): Omit<NearId, 'template'> | undefined {
  if (words.length < head.length) return undefined;
  const own = words.slice(0, head.length);
  let slips = before;
  for (const [i, token] of head.entries()) {
    if (token.kind !== 'literal' || token.text === own[i]!.text) continue;
    if (nearestName(own[i]!.text, [token.text]) === undefined) {
      slips = isReordered(own, head) ? before + maxSlips : maxSlips + 1;
      break;
    }
    slips++;
  }
  return slips > maxSlips ? undefined : finished(own, words.slice(head.length), variant, slips);
}

function isReordered(words: readonly Word[], head: readonly TemplateToken[]): boolean {
  if (head.length < 3 || head.some(({ kind }) => kind !== 'literal')) return false;
  const texts = head.map((token) => (token.kind === 'literal' ? token.text : ''));
  const sorted = words.map(({ text }) => text).sort();
  return texts.sort().every((text, i) => text === sorted[i]);
}

/** What follows the last word of the template's head stands where the word itself belongs. */
function withoutKind(
  words: readonly Word[],
  variant: TemplateVariant,
  head: readonly TemplateToken[],
  before: number,
): Omit<NearId, 'template'> | undefined {
  const last = head.at(-1)!;
  const isShort = head.length >= 4 && words.length === head.length && last.kind === 'literal';
  if (!isShort || variant.at(-1)!.kind !== 'path') return undefined;
  if (!head.slice(0, -1).every((token, i) => isSame(token, words[i]!.text))) return undefined;
  const own = [...words.slice(0, -1), { separator: ':', text: last.text } as const];
  return finished(own, words.slice(-1), variant, before + 1);
}

/** The id that the variant makes of the words: literal words are its own, and so are all separators. */
function finished(
  head: readonly Word[],
  rest: readonly Word[],
  variant: TemplateVariant,
  slips: number,
): Omit<NearId, 'template'> | undefined {
  let id = '';
  let next = 0;
  for (const token of variant) {
    const isAfterRoot = id.endsWith('/');
    if (token.separator === 'colon') id += ':';
    else if (token.separator === 'slash' && !isAfterRoot) id += '/';
    if (token.kind === 'root') id += '/';
    else if (token.kind === 'literal') {
      id += token.text;
      next++;
    } else if (next < head.length) id += head[next++]!.text;
    else {
      // A colon never follows a value: what stands behind one is not of it.
      const colon = rest.findIndex(({ separator }, i) => i > 0 && separator === ':');
      const pieces = (colon < 0 ? rest : rest.slice(0, colon)).map(({ text }) => text);
      if (pieces.length === 0) return undefined;
      return { id: id + pieces.join(token.kind === 'path' ? token.joinedBy : '/'), slips };
    }
  }
  // Words behind a template that ends here are left out.
  return { id, slips: rest.length === 0 ? slips : slips + 1 };
}
