import type {
  Glob,
  Namespace,
  PathPattern,
  PatternElement,
  Separator,
  Template,
  TemplateElement,
} from '../model/model.ts';

/** An id and its elements (S1), with offsets into the text. */
export interface Id {
  readonly text: string;
  readonly elements: readonly { isRoot: boolean; separator: Separator; start: number; end: number }[];
}

/** The text that each shared variable stands for. */
export type Bindings = ReadonlyMap<string, string>;

const FORBIDDEN =
  /[\p{Cc}\p{Cs}\u2028\u2029\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;
/** The rest of a segment, a value or an id: everything before the next separator. */
const NEXT_SEPARATOR = /[:/]|$/;

/** The rules of length and characters that all ids and names share (S2, S4, S5, S6). */
export function isCleanText(value: unknown, maximumLength: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maximumLength && !FORBIDDEN.test(value);
}

/** S2 */
export function isResourceId(value: unknown): value is string {
  if (!isCleanText(value, 4096) || /\\|%[0-9A-Fa-f]{2}|\/.*:/.test(value)) return false;
  const segments = splitId(value).elements.filter((element) => !element.isRoot);
  return segments.length <= 256 && segments.every(({ start, end }) => isSegment(value.slice(start, end)));
}

/** Neither empty nor `.` or `..`, alone or followed by `;` (S2, S65). */
export function isSegment(text: string): boolean {
  return text !== '' && !/^\.\.?(;|$)/.test(text);
}

/** S1. In a malformed id some segments are empty. */
export function splitId(text: string): Id {
  const elements: Id['elements'][number][] = [];
  let separator: Separator = 'start';
  for (let start = 0; start < text.length || !elements.at(-1)?.isRoot; ) {
    const isRoot: boolean = text[start] === '/' && separator !== 'slash';
    const end: number = isRoot ? start : start + text.slice(start).search(NEXT_SEPARATOR);
    elements.push({ isRoot, separator, start, end });
    if (end === text.length) break;
    separator = text[end] === ':' ? 'colon' : 'slash';
    start = end + 1;
  }
  return { text, elements };
}

// ---------------------------------------------------------------- patterns

/** Every choice of variables, beside those already made, with which `pattern` matches `id` (S20 to S25). */
export function matchPattern(pattern: PathPattern, id: Id, chosen: Bindings): Bindings[] {
  const results: Bindings[] = [];
  const visited = new Set<string>();
  const walk = (step: number, at: number, bindings: Bindings): void => {
    const state = `${step} ${at} ${bindings.size === 0 ? '' : JSON.stringify([...bindings])}`;
    if (visited.has(state)) return;
    visited.add(state);
    const element = pattern.elements[step];
    if (element === undefined && at === id.elements.length) results.push(bindings);
    for (const end of element === undefined ? [] : endsOf(element, id, at)) {
      const next =
        element?.kind === 'variable' ? bind(bindings, element.name, textOf(id, at, end)) : bindings;
      if (next !== undefined) walk(step + 1, end, next);
    }
  };
  walk(0, 0, chosen);
  return results;
}

/** Where a match of `element` that begins at element `at` of the id can end. */
function endsOf(element: PatternElement, id: Id, at: number): number[] {
  const isMany = element.kind === 'many' || (element.kind === 'variable' && element.isMany);
  const nothing = isMany ? [at] : [];
  const first = id.elements[at];
  // Only a `**` that takes nothing leaves `at` at 0, and then this element becomes the first one (S24).
  if (first?.separator !== (at === 0 ? 'start' : element.separator)) return nothing;
  if (isMany) return [...nothing, ...id.elements.slice(at).map((_, offset) => at + offset + 1)];
  return matchesOne(element, id.text.slice(first.start, first.end), first.isRoot) ? [at + 1] : [];
}

function matchesOne(element: PatternElement, text: string, isRoot: boolean): boolean {
  if (isRoot || element.kind === 'root') return isRoot && element.kind === 'root';
  if (element.kind === 'literal') return text === element.text;
  return element.kind === 'glob' ? matchesGlob(element.glob, text) : true;
}

/** From the first segment to the last; a root is none (S1, S25). */
function textOf(id: Id, from: number, end: number): string {
  const segments = id.elements.slice(from, end).filter((element) => !element.isRoot);
  return id.text.slice(segments[0]?.start ?? 0, segments.at(-1)?.end ?? 0);
}

function bind(bindings: Bindings, name: string, text: string): Bindings | undefined {
  if (!bindings.has(name)) return new Map(bindings).set(name, text);
  return bindings.get(name) === text ? bindings : undefined;
}

/** S23, S49. Keeps the offsets that the parts so far can have reached. */
export function matchesGlob(glob: Glob, text: string): boolean {
  const everyOffset = Array.from({ length: text.length + 1 }, (_, offset) => offset);
  let reached = [0];
  for (const part of glob) {
    if (part.kind === 'run') reached = everyOffset.filter((offset) => offset >= (reached[0] ?? Infinity));
    else if (part.kind === 'unit') reached = reached.map((offset) => offset + 1);
    else reached = reached.filter((at) => text.startsWith(part.text, at)).map((at) => at + part.text.length);
    reached = reached.filter((offset) => offset <= text.length);
  }
  return reached.includes(text.length);
}

// ---------------------------------------------------------------- namespaces and templates

/** S31 */
export function namespaceOf(namespaces: readonly Namespace[], id: string): Namespace | undefined {
  const first = id.slice(0, id.search(NEXT_SEPARATOR));
  return namespaces.find((each) =>
    each.roots.some((root) => (root.kind === 'path' ? '' : root.text) === first),
  );
}

/** How a template describes an id (S32). */
interface Description {
  /** What each unit of the id is: `0` literal text, `1` value, `2` path. */
  readonly kinds: string;
  /** Where the optional parts begin, outermost first; one that is absent begins at the end of the id. */
  readonly optionals: readonly number[];
  /** Of the path in which the id ends. */
  readonly separator?: string;
}

const UNIT_KINDS = { text: '0', value: '1', path: '2' };

/** Reads `id` from offset `at` on by the parts that are left of a template. */
function describe(parts: readonly TemplateElement[], id: string, at: number): Description | undefined {
  const [part, ...others] = parts;
  if (part === undefined) return at === id.length ? { kinds: '', optionals: [] } : undefined;
  if (part.kind === 'optional') {
    const inside = at === id.length ? describe([], id, at) : describe(part.parts, id, at);
    return inside && { ...inside, optionals: [at, ...inside.optionals] };
  }
  const length = lengthTaken(part, id.slice(at), others.length === 0);
  const rest = length === 0 ? undefined : describe(others, id, at + length);
  const separator = part.kind === 'path' ? { separator: part.separator } : {};
  return rest && { ...rest, ...separator, kinds: UNIT_KINDS[part.kind].repeat(length) + rest.kinds };
}

/** How many units of `rest` the part stands for; 0 if it cannot. */
function lengthTaken(part: TemplateElement, rest: string, isLast: boolean): number {
  if (part.kind === 'text') return rest.startsWith(part.text) ? part.text.length : 0;
  if (part.kind === 'value' && !isLast) return rest.search(NEXT_SEPARATOR);
  const isOneSegment = part.kind === 'path' && part.separator !== '/';
  const wanted = part.kind === 'value' ? /^[^:]+$/ : isOneSegment ? /^[^:/]+$/ : /^[^:/][^:]*$/;
  return wanted.test(rest) ? rest.length : 0;
}

/**
 * The template that counts for the id, the most specific of those that describe it, and how it does (S32). Of two that
 * read every unit of the id alike, the first declared.
 */
export function templateOf(namespaces: readonly Namespace[], id: string) {
  let best: { readonly template: Template; readonly how: Description } | undefined;
  for (const template of namespaceOf(namespaces, id)?.templates ?? []) {
    const how = describe(template.parts, id, 0);
    if (how !== undefined && (best === undefined || how.kinds < best.how.kinds)) best = { template, how };
  }
  return best;
}

/** Whether a literal id in a policy covers `id` (S30, S32). */
export function literalCovers(namespaces: readonly Namespace[], literal: string, id: string): boolean {
  if (id === literal || !id.startsWith(literal)) return id === literal;
  const described = templateOf(namespaces, literal);
  const extended = described && describe(described.template.parts, id, 0);
  if (described === undefined || extended === undefined) return false;
  const { optionals, separator } = described.how;
  if (separator !== undefined)
    return id.startsWith(separator, literal.length) && id.length > literal.length + separator.length;
  return optionals.at(-1) === literal.length && extended.optionals[optionals.length - 1] === literal.length;
}
