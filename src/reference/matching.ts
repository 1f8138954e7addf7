import type * as policy from '../model/model.ts';

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
    const separator: policy.Separator = start === 0 ? 'start' : piece.startsWith(':') ? 'colon' : 'slash';
    return { isRoot: piece.length === 1, separator, start, end: start + piece.length - 1 };
  });
  // After the slash of a root at the end nothing follows.
  return { text, elements: elements.filter(({ isRoot, separator }) => !isRoot || separator !== 'slash') };
}

/** Whether the pattern matches the id if its variables are free. */
export function matchesFreely({ elements }: policy.PathPattern, id: Id): boolean {
  return viablePlaces(elements, id)[0]!.has(0);
}

/** For each element, and for the end, where it may begin for the rest of the id to match if variables are free. */
export function viablePlaces(elements: readonly policy.PatternElement[], id: Id): Set<number>[] {
  const all = [new Set([id.elements.length])];
  for (const element of elements.toReversed()) {
    const places = [...id.elements.keys(), id.elements.length];
    all.unshift(new Set(places.filter((at) => endsOf(element, id, at).some((end) => all[0]!.has(end)))));
  }
  return all;
}

/** Where a match of `element` that begins at element `at` of the id can end. */
export function endsOf(element: policy.PatternElement, id: Id, at: number): number[] {
  const isMany = element.kind === 'many' || (element.kind === 'variable' && element.isMany);
  const first = id.elements[at];
  // Only a `**` that takes nothing leaves `at` at 0, and then this element becomes the first one (S24).
  if (first?.separator !== (at === 0 ? 'start' : element.separator)) return isMany ? [at] : [];
  if (isMany) return [...id.elements.keys(), id.elements.length].slice(at);
  return matchesOne(element, id.text.slice(first.start, first.end)) ? [at + 1] : [];
}

function matchesOne(element: policy.PatternElement, text: string): boolean {
  if (element.kind === 'literal') return text === element.text;
  if (element.kind === 'glob') return matchesGlob(element.glob, text);
  return (element.kind === 'root') === (text === '');
}

/** S23, S49: keeps the offsets that the parts so far can have reached. */
export function matchesGlob(glob: policy.Glob, text: string): boolean {
  let reached = [0];
  for (const part of glob) {
    const [first = Infinity] = reached;
    if (part.kind === 'run') reached = [...Array(text.length + 1).keys()].filter((at) => at >= first);
    else if (part.kind === 'unit') reached = reached.map((at) => at + 1).filter((at) => at <= text.length);
    else reached = reached.filter((at) => text.startsWith(part.text, at)).map((at) => at + part.text.length);
  }
  return reached.includes(text.length);
}

/** As a regular expression that matches this text alone. */
export function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** S31 */
export function namespaceOf({ namespaces }: policy.Model, id: string): policy.Namespace | undefined {
  const [first] = id.split(/[:/]/);
  const isFirst = (root: policy.NamespaceRoot) => (root.kind === 'path' ? '' : root.text) === first;
  return namespaces.find(({ roots }) => roots.some(isFirst));
}

/** The parts of a template with the text that each takes of an id; undefined if it does not describe the id (S32). */
function describe(parts: readonly policy.TemplateElement[], id: string): Piece[] | undefined {
  const [part, ...others] = parts;
  if (part === undefined) return id === '' ? [] : undefined;
  if (part.kind === 'optional') return id === '' ? [] : describe(part.parts, id);
  const text = textTaken(part, id, others.length === 0);
  const rest = text === undefined ? undefined : describe(others, id.slice(text.length));
  return rest && [{ part, text: text! }, ...rest];
}

type Piece = { part: Exclude<policy.TemplateElement, { kind: 'optional' }>; text: string };

function textTaken(part: Piece['part'], id: string, isLast: boolean): string | undefined {
  if (part.kind === 'text') return id.startsWith(part.text) ? part.text : undefined;
  if (part.kind === 'value') return (isLast ? /^[^:]+$/ : /^[^:/]+/).exec(id)?.[0];
  return (part.separator === '/' ? /^[^:/][^:]*$/ : /^[^:/]+$/).exec(id)?.[0];
}

/** The most specific template that describes the id: text beats a value, a value a path, from the left (S32). */
export function templateOf(model: policy.Model, id: string): policy.Template | undefined {
  const ranks = { text: '0', value: '1', path: '2' };
  const described = namespaceOf(model, id)?.templates.flatMap((template) => {
    const rank = describe(template.parts, id)?.map(({ part, text }) => ranks[part.kind].repeat(text.length));
    return rank ? [{ template, rank: rank.join('') }] : [];
  });
  return described?.sort((a, b) => (a.rank < b.rank ? -1 : Number(a.rank > b.rank)))[0]?.template;
}

/** Whether a literal id in a policy covers `id` (S30, S32). */
export function literalCovers(model: policy.Model, literal: string, id: string): boolean {
  const parts = templateOf(model, literal)?.parts ?? [];
  const whole = describe(parts, id);
  const isKept = ({ part, text }: Piece, i: number) => {
    const beneath = part.kind === 'path' ? text + part.separator : undefined;
    const other = whole?.[i]?.text;
    return other === text || (beneath && other !== beneath && other?.startsWith(beneath));
  };
  return id === literal || (whole !== undefined && describe(parts, literal)!.every(isKept));
}
