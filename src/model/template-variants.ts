import type { PatternElement, ResourcePattern, Separator, TemplateElement } from './model.ts';

/** One segment of a template, or the root of its path. */
export type TemplateToken =
  | { readonly kind: 'root'; readonly separator: 'start' | 'colon' }
  | { readonly kind: 'literal'; readonly separator: Separator; readonly text: string }
  /** `takesRest`: at the end of the whole template it takes slashes too (S32). */
  | { readonly kind: 'value'; readonly separator: Separator; readonly takesRest: boolean }
  | { readonly kind: 'path'; readonly separator: Separator; readonly joinedBy: string };

/** A template with so many of its nested optional parts present. */
export type TemplateVariant = readonly TemplateToken[];

/** The variants of a template, the shortest first; each begins with the one before it. */
export function variantsOf(parts: readonly TemplateElement[]): readonly TemplateVariant[] {
  const variants: TemplateToken[][] = [];
  let tokens: TemplateToken[] = [];
  let before: Separator | undefined = 'start';
  let rest: readonly TemplateElement[] | undefined = parts;
  while (rest !== undefined) {
    let optional: readonly TemplateElement[] | undefined;
    tokens = [...tokens];
    for (const [i, part] of rest.entries()) {
      if (part.kind === 'optional') optional = part.parts;
      else if (part.kind === 'text') before = appendText(tokens, part.text, before);
      else {
        // A value is a whole segment: something separates it from what is before it.
        const separator = before!;
        if (part.kind === 'path') tokens.push({ kind: 'path', separator, joinedBy: part.separator });
        else tokens.push({ kind: 'value', separator, takesRest: i === rest.length - 1 });
        before = undefined;
      }
    }
    variants.push(tokens);
    rest = optional;
  }
  return variants;
}

/** Cuts an id into elements, as a pattern without wildcards would be. The id is well formed. */
export function elementsOfId(id: string): PatternElement[] {
  const elements: (PatternElement & TemplateToken)[] = [];
  appendText(elements, id, 'start');
  return elements;
}

export function elementsOf(pattern: ResourcePattern): readonly PatternElement[] {
  return pattern.kind === 'literal' ? elementsOfId(pattern.id) : pattern.elements;
}

/** The ids that a variant describes, as patterns. */
export function patternsOfVariant(variant: TemplateVariant): readonly (readonly PatternElement[])[] {
  return appendTokens([], variant);
}

/** What a rule on a literal id covers (S32). */
export interface Coverage {
  readonly patterns: readonly (readonly PatternElement[])[];
  /** Set if it covers what is beneath by this separator, which is no slash. */
  readonly pieceSeparator?: string;
}

/** What an id covers that variant `index` of the template describes. `elements` are those of the id. */
export function coverageOf(
  elements: readonly PatternElement[],
  variants: readonly TemplateVariant[],
  index: number,
): Coverage {
  const variant = variants[index]!;
  const last = variant[variant.length - 1]!;
  if (last.kind === 'path') {
    if (last.joinedBy === '/') return { patterns: [[...elements, { kind: 'many', separator: 'slash' }]] };
    return { patterns: [elements], pieceSeparator: last.joinedBy };
  }
  const patterns: (readonly PatternElement[])[] = [elements];
  for (const deeper of variants.slice(index + 1)) {
    for (const pattern of appendTokens(elements, deeper.slice(variant.length))) addPattern(patterns, pattern);
  }
  return { patterns };
}

/** S32: from the left, literal text beats a value, a value a path; then the longer one. Negative if `a` is more specific. */
export function compareSpecificity(a: TemplateVariant, b: TemplateVariant): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = weightOf(a[i]!) - weightOf(b[i]!);
    if (difference !== 0) return difference;
  }
  return b.length - a.length;
}

function weightOf({ kind }: TemplateToken): number {
  return kind === 'path' ? 2 : kind === 'value' ? 1 : 0;
}

/** `P` and `P/*` with all that is beneath are together `P/**`: one list in the trie instead of two nodes. */
function addPattern(patterns: (readonly PatternElement[])[], pattern: readonly PatternElement[]): void {
  const many = pattern[pattern.length - 1]!;
  const one = pattern[pattern.length - 2];
  const isBeneath = many.kind === 'many' && one?.kind === 'one' && one.separator === 'slash';
  const parent = isBeneath ? patterns.findIndex((other) => isPrefix(other, pattern, pattern.length - 2)) : -1;
  if (parent >= 0) patterns[parent] = [...patterns[parent]!, many];
  else patterns.push(pattern);
}

function isPrefix(
  shorter: readonly PatternElement[],
  longer: readonly PatternElement[],
  length: number,
): boolean {
  return shorter.length === length && shorter.every((element, i) => element === longer[i]);
}

function appendTokens(
  elements: readonly PatternElement[],
  tokens: readonly TemplateToken[],
): readonly (readonly PatternElement[])[] {
  const pattern = [...elements];
  for (const token of tokens) {
    if (token.kind === 'root' || token.kind === 'literal') {
      pattern.push(token);
    } else if (token.kind === 'path') {
      pattern.push({ kind: 'one', separator: token.separator });
      if (token.joinedBy === '/') pattern.push({ kind: 'many', separator: 'slash' });
    } else if (!token.takesRest) {
      pattern.push({ kind: 'one', separator: token.separator });
    } else {
      const beneath: PatternElement = { kind: 'many', separator: 'slash' };
      const whole: PatternElement[] = [...pattern, { kind: 'one', separator: token.separator }, beneath];
      if (token.separator !== 'colon') return [whole];
      return [whole, [...pattern, { kind: 'root', separator: 'colon' }, beneath]];
    }
  }
  return [pattern];
}

/**
 * Cuts `text` into literal tokens after what `tokens` hold.
 *
 * @param before  the separator that stands before the text, or undefined if a segment does
 * @returns the same for what comes after the text
 */
function appendText(
  tokens: TemplateToken[],
  text: string,
  before: Separator | undefined,
): Separator | undefined {
  let separator = before;
  let from = 0;
  for (let i = 0; i <= text.length; i++) {
    const unit = text[i];
    if (unit !== ':' && unit !== '/' && unit !== undefined) continue;
    if (i > from) {
      tokens.push({ kind: 'literal', separator: separator!, text: text.slice(from, i) });
      separator = undefined;
    } else if (unit === '/' && (separator === 'colon' || separator === 'start')) {
      tokens.push({ kind: 'root', separator });
    }
    if (unit !== undefined) separator = unit === ':' ? 'colon' : 'slash';
    from = i + 1;
  }
  return separator;
}
