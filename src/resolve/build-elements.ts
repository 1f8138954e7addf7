import type { Glob, GlobPart, PatternElement, Separator } from '../model/model.ts';
import type { Span } from '../source/span.ts';
import type { Atom } from './expand-braces.ts';

/** QUALITY, "Limits". */
export const MAX_DOUBLE_STARS = 16;

export type ElementsResult =
  | { readonly ok: true; readonly elements: readonly PatternElement[] }
  | {
      readonly ok: false;
      readonly kind: 'pattern' | 'variable' | 'double-stars';
      readonly span: Span;
      readonly message: string;
      readonly help: string;
    };

type Piece =
  | Exclude<Atom, { kind: 'text' }>
  | { readonly kind: 'text'; readonly text: string; readonly span: Span };

/**
 * Cuts the atoms of a pattern into elements (S20), as `scanId` cuts an id. That the separators are well placed is for the
 * caller to check first, on the sample id of the pattern.
 */
export function buildElements(atoms: readonly Atom[]): ElementsResult {
  const elements: PatternElement[] = [];
  let pieces: Piece[] = [];
  let separator: Separator = 'start';
  let doubleStars = 0;
  let failure: ElementsResult | undefined;

  const endSegment = (): void => {
    if (pieces.length === 0 || failure !== undefined) return;
    const result = buildSegment(pieces, separator);
    if ('ok' in result) failure = result;
    else {
      elements.push(result);
      if (isMany(result) && ++doubleStars > MAX_DOUBLE_STARS) {
        failure = {
          ok: false,
          kind: 'double-stars',
          span: pieces[0]!.span,
          message: `a pattern has at most ${MAX_DOUBLE_STARS} \`**\``,
          help: 'write a shorter pattern; a few `**` match the same ids',
        };
      }
    }
    pieces = [];
  };

  for (const atom of atoms) {
    if (atom.kind !== 'text') {
      pieces.push(atom);
      continue;
    }
    let from = 0;
    for (let i = 0; i < atom.text.length; i++) {
      const unit = atom.text[i];
      if (unit !== ':' && unit !== '/') continue;
      if (i > from) pieces.push({ kind: 'text', text: atom.text.slice(from, i), span: atom.span });
      from = i + 1;
      const isRoot = unit === '/' && pieces.length === 0 && (elements.length === 0 || separator === 'colon');
      if (isRoot) elements.push({ kind: 'root', separator: elements.length === 0 ? 'start' : 'colon' });
      else endSegment();
      separator = unit === ':' ? 'colon' : 'slash';
    }
    if (from < atom.text.length) pieces.push({ kind: 'text', text: atom.text.slice(from), span: atom.span });
  }
  endSegment();
  return failure ?? { ok: true, elements };
}

function buildSegment(
  pieces: readonly Piece[],
  separator: Separator,
): PatternElement | Extract<ElementsResult, { ok: false }> {
  const only = pieces.length === 1 ? pieces[0]! : undefined;
  if (only?.kind === 'variable') return { kind: 'variable', separator, name: only.name, isMany: only.isMany };
  if (only?.kind === 'stars' && only.count === 1) return { kind: 'one', separator };
  if (only?.kind === 'stars' && only.count === 2) return { kind: 'many', separator };
  const variable = pieces.find((piece) => piece.kind === 'variable');
  if (variable !== undefined) {
    return {
      ok: false,
      kind: 'variable',
      span: variable.span,
      message: 'a variable stands for a whole segment',
      help: 'put separators round it, or use `*` for a part of a segment',
    };
  }
  const stars = pieces.find((piece) => piece.kind === 'stars' && piece.count > 1);
  if (stars !== undefined) {
    return {
      ok: false,
      kind: 'pattern',
      span: stars.span,
      message: '`**` stands for whole segments',
      help: 'write `*` for a run of characters within a segment',
    };
  }
  if (pieces.every((piece) => piece.kind === 'text')) {
    return {
      kind: 'literal',
      separator,
      text: pieces.map((piece) => (piece as { text: string }).text).join(''),
    };
  }
  return { kind: 'glob', separator, glob: buildGlob(pieces) };
}

function buildGlob(pieces: readonly Piece[]): Glob {
  const glob: GlobPart[] = [];
  for (const piece of pieces) {
    const last = glob[glob.length - 1];
    if (piece.kind === 'stars') glob.push({ kind: 'run' });
    else if (piece.kind === 'question') glob.push({ kind: 'unit' });
    else if (piece.kind === 'text') {
      if (last?.kind === 'text') glob[glob.length - 1] = { kind: 'text', text: last.text + piece.text };
      else glob.push({ kind: 'text', text: piece.text });
    }
  }
  return glob;
}

export function isMany(element: PatternElement): boolean {
  return element.kind === 'many' || (element.kind === 'variable' && element.isMany);
}
