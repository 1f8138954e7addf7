import type { Random } from './generators-random.ts';

/** One segment of a pattern that is being written. */
export type Part =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'one' }
  | { readonly kind: 'many' }
  /** Wildcards are the elements `*` and `?`; every other element is literal text. */
  | { readonly kind: 'glob'; readonly pieces: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly isMany: boolean }
  /** A brace group as it is written, and what it stands for. */
  | { readonly kind: 'braces'; readonly written: string; readonly options: readonly string[] };

/** Segments joined by colons, then, behind a root or not, segments joined by slashes. */
export interface Shape<P = Part> {
  readonly colons: readonly P[];
  readonly hasRoot: boolean;
  readonly slashes: readonly P[];
}

export type IdShape = Shape<string>;

/** Names that look like wildcards, or like something that every object has. */
export const ODD_SEGMENTS = [
  '*',
  'constructor',
  '__proto__',
  'toString',
  'two words',
  '#',
  'ANY',
  'é',
  'e\u0301',
  '{x}',
];
/** They begin alike, or sort around the separators. */
export const SEGMENTS = [
  'a',
  'b',
  'c',
  'dev',
  'dev-1',
  'development',
  'prod',
  'x1',
  'a-b',
  'a.b',
  'a0',
  'x2',
  'x3',
];

export function joinShape(shape: Shape<string>): string {
  const root = shape.colons.length > 0 ? ':/' : '/';
  const between = shape.hasRoot ? root : shape.slashes.length > 0 && shape.colons.length > 0 ? '/' : '';
  return shape.colons.join(':') + between + shape.slashes.join('/');
}

/** Cuts a well-formed id; the opposite of `joinShape`. */
export function readShape(id: string): IdShape {
  const slash = id.indexOf('/');
  const front = slash < 0 ? id : id.slice(0, slash);
  const hasRoot = slash === 0 || front.endsWith(':');
  const back = slash < 0 ? '' : id.slice(slash + 1);
  const colons = front === '' ? [] : front.replace(/:$/, '').split(':');
  return { colons, hasRoot, slashes: back === '' ? [] : back.split('/') };
}

export function mapShape<P, Q>(shape: Shape<P>, change: (part: P) => Q): Shape<Q> {
  return { colons: shape.colons.map(change), hasRoot: shape.hasRoot, slashes: shape.slashes.map(change) };
}

export function literalShape(id: IdShape): Shape {
  return mapShape(id, (text): Part => ({ kind: 'literal', text }));
}

// ---------------------------------------------------------------- writing

export function writeShape(shape: Shape, random: Random): string {
  return joinShape(mapShape(shape, (part) => writePart(part, random)));
}

function writePart(part: Part, random: Random): string {
  switch (part.kind) {
    case 'literal':
      return writeText(part.text, random);
    case 'one':
      return '*';
    case 'many':
      return '**';
    case 'glob':
      return part.pieces.map((piece) => (isWildcard(piece) ? piece : writeText(piece, random))).join('');
    case 'variable':
      return part.isMany ? `{${part.name}**}` : `{${part.name}}`;
    case 'braces':
      return part.written;
  }
}

/** Text that is meant literally, in quotes where they are needed and sometimes where they are not. */
export function writeText(text: string, random: Random): string {
  const needsQuotes = !/^[A-Za-z0-9_\-.@+=~$!:/]+$/.test(text);
  return needsQuotes || random.chance(0.05) ? quoteSomehow(text, random) : text;
}

/** In quotes, sometimes with a character written as its number. */
export function quoteSomehow(text: string, random: Random): string {
  if (!random.chance(0.3)) return quote(text);
  const characters = [...text];
  const at = random.below(characters.length);
  const number = characters[at]!.codePointAt(0)!.toString(16);
  const [before, after] = [characters.slice(0, at), characters.slice(at + 1)].map((part) =>
    quote(part.join('')).slice(1, -1),
  );
  return `"${before}\\u{${number}}${after}"`;
}

export function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

function isWildcard(piece: string): boolean {
  return piece === '*' || piece === '?';
}

// ---------------------------------------------------------------- ids that a pattern matches

/** An id that the pattern matches, nearly always. Variables not bound before are bound. */
export function instantiate(
  shape: Shape,
  {
    random,
    segments,
    bindings,
  }: { random: Random; segments: readonly string[]; bindings: Map<string, string> },
): string {
  const fill = (separator: ':' | '/') => (part: Part) => {
    const text = fillPart(part, separator);
    return text === '' ? [] : [text];
  };
  const colons = shape.colons.flatMap(fill(':'));
  const slashes = shape.slashes.flatMap(fill('/'));
  const text = joinShape({ colons, hasRoot: shape.hasRoot, slashes });
  return text === '' ? random.pick(segments) : text;

  function fillPart(part: Part, separator: ':' | '/'): string {
    if (part.kind === 'literal') return part.text;
    if (part.kind === 'braces') return random.pick(part.options);
    if (part.kind === 'glob') return part.pieces.map(fillPiece).join('') || 'x';
    if (part.kind === 'one') return random.pick(segments);
    if (part.kind === 'many') return fillMany(separator);
    const text = bindings.get(part.name) ?? (part.isMany ? fillMany(separator) : random.pick(segments));
    bindings.set(part.name, text);
    return text;
  }

  function fillMany(separator: ':' | '/'): string {
    return random.times(random.below(4), () => random.pick(segments)).join(separator);
  }

  function fillPiece(piece: string): string {
    if (piece === '?') return random.pick(['x', '1', 'v', '-']);
    return piece === '*' ? random.pick(['', 'x', '-1', 'elopment', 'e']) : piece;
  }
}

// ---------------------------------------------------------------- near misses

/** The id, or one that differs from it in one place. */
export function perturb(id: string, random: Random, segments: readonly string[]): string {
  const { colons, hasRoot, slashes } = readShape(id);
  const other = () => random.pick(segments);
  if (colons.length + slashes.length === 0) return `/${other()}`;
  const last = slashes.length > 0 ? slashes : colons;
  const withLast = (changed: readonly string[]): string =>
    joinShape(
      slashes.length > 0 ? { colons, hasRoot, slashes: changed } : { colons: changed, hasRoot, slashes },
    );
  switch (random.below(11)) {
    case 0:
      return withLast(last.with(-1, other()));
    case 1:
      return withLast([...last, other()]);
    case 2:
      return colons.length + slashes.length > 1 ? withLast(last.slice(0, -1)) : id;
    case 3:
      return joinShape({ colons, hasRoot, slashes: [...slashes, other()] });
    case 4:
      return joinShape({ colons, hasRoot: !hasRoot || colons.length === 0, slashes });
    case 5:
      return joinShape({ colons: [...colons, ...slashes.slice(0, 1)], hasRoot, slashes: slashes.slice(1) });
    case 6:
      return withLast(last.with(-1, `${last.at(-1)}${random.pick(['-1', 'elopment', '.b', '0', '*'])}`));
    case 7: {
      const all = [...colons, ...slashes];
      const at = random.below(all.length);
      const changed = all.with(at, other());
      return joinShape({
        colons: changed.slice(0, colons.length),
        hasRoot,
        slashes: changed.slice(colons.length),
      });
    }
    case 8:
      return colons.length > 1
        ? joinShape({ colons: colons.slice(0, -1), hasRoot: true, slashes: [colons.at(-1)!, ...slashes] })
        : id;
    case 9:
      return withLast(last.with(-1, otherSpelling(last.at(-1)!, random)));
    default:
      return withLast(last.with(-1, random.pick(CONTAINED)));
  }
}

/** They look like a wildcard, a variable, a range or a property of every object, and are plain names in a request. */
const CONTAINED = ['*', '**', '?', '#', 'ANY', '{x}', '{a,b}', 'x*', '__proto__', 'constructor', 'toString'];

/** A text that some system or other would take for the same: in another case or Unicode form, or with a space behind it. */
export function otherSpelling(text: string, random: Random): string {
  const spellings = [
    text.toUpperCase(),
    text.charAt(0).toUpperCase() + text.slice(1),
    text.toLowerCase(),
    text.normalize('NFC'),
    text.normalize('NFD'),
    text.normalize('NFKC'),
    `${text} `,
    ` ${text}`,
    // The long s and the Kelvin sign fold to `s` and `k`, the full-width letter is compatible with `a`.
    text.replace('s', '\u017f').replace('k', '\u212a'),
    text.replace('a', '\uff41').replace('.', '\uff0e'),
  ];
  return random.pick(spellings.filter((each) => each !== text));
}

/** A malformed id that some system or other would take for the id given (S2). */
export function malformedSpelling(id: string, random: Random): string {
  const slash = id.indexOf('/');
  const colon = id.indexOf(':');
  const spellings = [
    `${id}/`,
    `${id}:`,
    `/${id}`.replace(/^\/(?!\/)/, '//'),
    `${id}/.`,
    `${id}/x/..`,
    `${id}/..;a`,
    `${id}%00`,
    `%${id.charCodeAt(0).toString(16).padStart(2, '0').slice(0, 2)}${id.slice(1)}`,
    `${id}\u0000`,
    `${id}\u200d`,
    `\ufeff${id}`,
    ...(slash < 0
      ? []
      : ['//', '%2F', '%2f', '\\', '/./', '/../', '/%2e%2e/'].map(
          (text) => id.slice(0, slash) + text + id.slice(slash + 1),
        )),
    ...(colon < 0 ? [] : ['::', '%3A', '%3a'].map((text) => id.slice(0, colon) + text + id.slice(colon + 1))),
  ];
  return random.pick(spellings);
}
