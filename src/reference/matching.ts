import type { Glob, Namespace, PathPattern, PatternElement, Separator } from '../model/model.ts';
import type { Template, TemplateElement } from '../model/model.ts';

/** The text that each shared variable stands for (S25). */
export type Bindings = ReadonlyMap<string, string>;
export type Id = ReturnType<typeof splitId>;

const FORBIDDEN =
  /[\p{Cc}\p{Cs}\u2028\u2029\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;
const EMPTY_SEGMENT = /^:|::|\/\/|:$|[^:]\/$/;
const DOT_SEGMENT = /(^|[:/])\.\.?([;:/]|$)/;

/** What all ids and names share (S2, S4, S5, S6). */
export function isCleanText(value: unknown, maximumLength: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maximumLength && !FORBIDDEN.test(value);
}

/** S2 */
export function isResourceId(value: unknown): value is string {
  if (!isCleanText(value, 4096) || /\\|%[0-9A-Fa-f]{2}|\/.*:/.test(value)) return false;
  const segments = value.split(/[:/]/).filter((segment) => segment !== '');
  return segments.length <= 256 && !EMPTY_SEGMENT.test(value) && !DOT_SEGMENT.test(value);
}

/** The elements of a well-formed id, with offsets into its text (S1). The text of a root is empty. */
export function splitId(text: string) {
  const elements = [...`:${text}`.matchAll(/[:/][^:/]*/g)].map(({ 0: piece, index: start }) => {
    const separator: Separator = start === 0 ? 'start' : piece.startsWith(':') ? 'colon' : 'slash';
    return { isRoot: piece.length === 1, separator, start, end: start + piece.length - 1 };
  });
  // After the slash of a root at the end nothing follows.
  return { text, elements: elements.filter(({ isRoot, separator }) => !isRoot || separator !== 'slash') };
}

/** Every choice of variables, beside those already made, with which the pattern matches the id (S20 to S25). */
export function matchPattern(pattern: PathPattern, id: Id, chosen: Bindings = new Map()): Bindings[] {
  let states = [{ at: 0, chosen }];
  for (const element of pattern.elements) {
    const next = states.flatMap((state) => statesAfter(element, id, state.at, state.chosen));
    states = [...new Map(next.map((state) => [JSON.stringify([state.at, ...state.chosen]), state])).values()];
  }
  return states.filter(({ at }) => at === id.elements.length).map((state) => state.chosen);
}

function statesAfter(element: PatternElement, id: Id, from: number, chosen: Bindings) {
  return endsOf(element, id, from).flatMap((at) => {
    if (element.kind !== 'variable') return [{ at, chosen }];
    const segments = id.elements.slice(from, at).filter(({ isRoot }) => !isRoot);
    const text = id.text.slice(segments[0]?.start ?? 0, segments.at(-1)?.end ?? 0);
    const isFree = (chosen.get(element.name) ?? text) === text;
    return isFree ? [{ at, chosen: new Map(chosen).set(element.name, text) }] : [];
  });
}

/** Where a match of `element` that begins at element `at` of the id can end. */
function endsOf(element: PatternElement, id: Id, at: number): number[] {
  const isMany = element.kind === 'many' || (element.kind === 'variable' && element.isMany);
  const first = id.elements[at];
  // Only a `**` that takes nothing leaves `at` at 0, and then this element becomes the first one (S24).
  const isBeside = first?.separator === (at === 0 ? 'start' : element.separator);
  if (isMany) return [at, ...id.elements.keys()].map((end, i) => end + Number(i > 0)).filter((end, i) => i === 0 || (isBeside && end > at));
  return isBeside && matchesOne(element, id.text.slice(first?.start, first?.end)) ? [at + 1] : [];
}

function matchesOne(element: PatternElement, text: string): boolean {
  if (element.kind === 'literal') return text === element.text;
  if (element.kind === 'glob') return matchesGlob(element.glob, text);
  return (element.kind === 'root') === (text === '');
}

/** S23, S49 */
export function matchesGlob(glob: Glob, text: string): boolean {
  const sources = glob.map((part) => (part.kind === 'text' ? escapeText(part.text) : part.kind === 'run' ? '[^]*' : '[^]'));
  return new RegExp(`^${sources.join('')}$`).test(text);
}

/** As a regular expression that matches this text alone. */
export function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** S31 */
export function namespaceOf(namespaces: readonly Namespace[], id: string): Namespace | undefined {
  const first = id.split(/[:/]/)[0];
  return namespaces.find(({ roots }) => roots.some((root) => (root.kind === 'path' ? '' : root.text) === first));
}

/** The parts of a template with the text that each takes of an id; undefined if it does not describe the id (S32). */
function describe(parts: readonly TemplateElement[], id: string): Piece[] | undefined {
  const [part, ...others] = parts;
  if (part === undefined) return id === '' ? [] : undefined;
  if (part.kind === 'optional') return id === '' ? [] : describe(part.parts, id);
  const text = textTaken(part, id, others.length === 0);
  const rest = text === undefined ? undefined : describe(others, id.slice(text.length));
  return rest && [{ part, text: text! }, ...rest];
}

type Piece = { part: Exclude<TemplateElement, { kind: 'optional' }>; text: string };

function textTaken(part: Piece['part'], id: string, isLast: boolean): string | undefined {
  if (part.kind === 'text') return id.startsWith(part.text) ? part.text : undefined;
  if (part.kind === 'value') return (isLast ? /^[^:]+$/ : /^[^:/]+/).exec(id)?.[0];
  return (part.separator === '/' ? /^[^:/][^:]*$/ : /^[^:/]+$/).exec(id)?.[0];
}

/** The most specific template that describes the id: text beats a value, a value a path, from the left (S32). */
export function templateOf(namespaces: readonly Namespace[], id: string): Template | undefined {
  const ranks = { text: '0', value: '1', path: '2' };
  const rankOf = (pieces: Piece[]) => pieces.map(({ part, text }) => ranks[part.kind].repeat(text.length)).join('');
  const described = namespaceOf(namespaces, id)?.templates.flatMap((template) => {
    const pieces = describe(template.parts, id);
    return pieces ? [{ template, rank: rankOf(pieces) }] : [];
  });
  return described?.sort((a, b) => (a.rank < b.rank ? -1 : Number(a.rank > b.rank)))[0]?.template;
}

/** Whether a literal id in a policy covers `id` (S30, S32). */
export function literalCovers(namespaces: readonly Namespace[], literal: string, id: string): boolean {
  const parts = templateOf(namespaces, literal)?.parts ?? [];
  const whole = describe(parts, id);
  const isKept = ({ part, text }: Piece, i: number) => {
    const other = whole?.[i]?.text ?? '';
    const isBeneath = part.kind === 'path' && other.startsWith(text + part.separator) && other.length > text.length + 1;
    return other === text || isBeneath;
  };
  return id === literal || (whole !== undefined && describe(parts, literal)!.every(isKept));
}
