import type { Random } from './generators-random.ts';

/** A template as a row of literal texts, placeholders and at last an optional row. */
export type TemplateRow = readonly (
  | string
  | { readonly placeholder: 'value' | 'path' | 'dotted' }
  | { readonly optional: TemplateRow }
)[];

const VALUE = { placeholder: 'value' } as const;
const PATH = { placeholder: 'path' } as const;
const DOTTED = { placeholder: 'dotted' } as const;

function optional(...row: TemplateRow): { readonly optional: TemplateRow } {
  return { optional: row };
}

/** Every form that a template may take, below a first segment `r` and other segments `a` and `b`. */
const FORMS: readonly ((r: string, a: string, b: string) => TemplateRow)[] = [
  (r) => [r],
  (r) => [`${r}:`, VALUE],
  (r) => [`${r}:/`, VALUE],
  (r, a) => [`${r}:${a}`],
  (r, a) => [`${r}:${a}:`, VALUE],
  (r, a) => [`${r}:${a}`, optional(':', VALUE)],
  (r, a) => [`${r}:${a}`, optional(':', VALUE, optional(':', VALUE))],
  (r, a, b) => [`${r}:`, VALUE, `:${a}`, optional(`:${b}`)],
  (r, a) => [`${r}:${a}:/`, PATH],
  (r, a) => [`${r}:${a}:/`, optional(PATH)],
  (r, a) => [`${r}:${a}`, optional(':/', optional(PATH))],
  (r, a) => [`${r}:${a}`, optional('/', PATH)],
  (r, a) => [`${r}:${a}:`, PATH],
  (r, a) => [`${r}:${a}`, optional(':', DOTTED)],
  (r, a) => [`${r}:${a}:`, DOTTED],
  (r, a) => [`${r}:${a}:/`, VALUE, '/', PATH],
  (r, a) => [`${r}:${a}:/`, VALUE, optional('/', VALUE)],
  (r) => [`${r}:`, VALUE, optional('/', PATH)],
  (r, a, b) => [`${r}:${a}:${b}:`, VALUE, ':/', optional(PATH)],
  (r, a) => [`/${r}/${a}`, optional('/', PATH)],
  (r) => [`/${r}/`, VALUE],
];

export function generateTemplate(random: Random, root: string, segments: readonly string[]): TemplateRow {
  return random.pick(FORMS)(root, random.pick(segments), random.pick(segments));
}

export function writeTemplate(row: TemplateRow): string {
  return row
    .map((part, index) => {
      if (typeof part === 'string') return part;
      if ('optional' in part) return `[${writeTemplate(part.optional)}]`;
      const name = `v${index}`;
      if (part.placeholder === 'value') return `<${name}>`;
      return part.placeholder === 'path' ? `<${name}...>` : `<${name}... by ".">`;
    })
    .join('');
}

/** An id that the template describes; `depth` is how many optional parts are present. */
export function fillTemplate(
  row: TemplateRow,
  depth: number,
  random: Random,
  segments: readonly string[],
): string {
  return row
    .map((part, index) => {
      if (typeof part === 'string') return part;
      if ('optional' in part)
        return depth > 0 ? fillTemplate(part.optional, depth - 1, random, segments) : '';
      const pieces = random.times(random.between(1, 3), () => random.pick(segments));
      if (part.placeholder === 'path') return pieces.join('/');
      if (part.placeholder === 'dotted') return pieces.join('.');
      return index === row.length - 1 && random.chance(0.3) ? pieces.join('/') : pieces[0];
    })
    .join('');
}
