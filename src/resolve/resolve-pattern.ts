import { checkSubject, scanId } from '../id/check-id.ts';
import { IdElements, MAX_ID_LENGTH } from '../id/elements.ts';
import {
  describeFault,
  FAULT_BACKSLASH,
  FAULT_COLON_AFTER_SLASH,
  FAULT_DOT_SEGMENT,
  FAULT_EMPTY,
  FAULT_EMPTY_SEGMENT,
  FAULT_FORBIDDEN_CHARACTER,
  FAULT_NO_TYPE,
  FAULT_NONE,
  FAULT_PERCENT_ENCODING,
  FAULT_TOO_LONG,
  FAULT_TOO_MANY_SEGMENTS,
  type IdFault,
} from '../id/faults.ts';
import { MAX_SUBJECT_LENGTH } from '../id/scan.ts';
import type { PathPattern, PatternElement, ResourcePattern, SubjectPattern } from '../model/model.ts';
import type { Span } from '../source/span.ts';
import type { PatternNode, PatternPart, SubjectNode } from '../syntax/ast.ts';
import { buildElements } from './build-elements.ts';
import { type Atom, type Expansion, expandBraces, MAX_EXPANSIONS } from './expand-braces.ts';
import { type ExpansionBudget, MAX_EXPANSIONS_OF_SET } from './expansion-budget.ts';
import type { Finding } from './reporter.ts';

/** A role's parameters with the text of the arguments that replace them (S62). */
export type Bindings = ReadonlyMap<string, string>;

export type Resolved<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly finding: Finding };

const scratch = new IdElements();

/** The patterns that a resource as written stands for: one for each expansion of its braces (S28). */
export function resolveResource(
  node: PatternNode,
  budget: ExpansionBudget,
  bindings?: Bindings,
): Resolved<readonly ResourcePattern[]> {
  const plain = plainText(node);
  if (plain !== undefined) {
    const fault = scanId(plain, scratch);
    if (fault !== FAULT_NONE)
      return { ok: false, finding: malformed(plain, fault, [node.parts[0] as Atom], node.span) };
    return { ok: true, value: [{ kind: 'literal', id: plain }] };
  }
  return resolveEach(node, bindings, budget, (atoms) => resolveResourceAtoms(atoms, node.span));
}

/** The subjects that a subject as written stands for. Groups are named, not looked up. */
export function resolveSubject(
  node: SubjectNode,
  budget: ExpansionBudget,
): Resolved<readonly SubjectPattern[]> {
  if (node.kind !== 'pattern') return { ok: true, value: [{ kind: node.kind }] };
  const plain = plainText(node);
  if (plain !== undefined) return asList(resolveLiteralSubject(plain, [node.parts[0] as Atom], node.span));
  return resolveEach(node, undefined, budget, (atoms) => resolveSubjectAtoms(atoms, node.span));
}

/** The one id that `node` names, where the language allows no pattern: entities, tests, the superuser. */
export function resolveLiteral(node: PatternNode, kind: 'resource' | 'subject'): Resolved<string> {
  if (node.parts.some((part) => part.kind !== 'text')) {
    const wild = node.parts.find((part) => part.kind !== 'text')!;
    return failure(
      'P1006',
      wild.span,
      'a single id is needed here, not a pattern',
      'write the id, or put `"` round it if it holds the character',
    );
  }
  const text = node.parts.map((part) => (part as { text: string }).text).join('');
  const fault = kind === 'subject' ? checkSubject(text) : scanId(text, scratch);
  if (fault === FAULT_NONE) return { ok: true, value: text };
  return { ok: false, finding: malformed(text, fault, node.parts as readonly Atom[], node.span) };
}

/** The literal text of a fragment of an id, such as a role's argument. */
export function literalText(node: PatternNode): string | undefined {
  if (node.parts.some((part) => part.kind !== 'text')) return undefined;
  return node.parts.map((part) => (part as { text: string }).text).join('');
}

/** The text of an id that is written without quotes, wildcards and braces. */
export function plainText({ parts }: PatternNode): string | undefined {
  const only = parts[0];
  return parts.length === 1 && only?.kind === 'text' ? only.text : undefined;
}

function resolveEach<T>(
  node: PatternNode,
  bindings: Bindings | undefined,
  budget: ExpansionBudget,
  resolveAtoms: (atoms: readonly Atom[]) => Resolved<T>,
): Resolved<readonly T[]> {
  const parts = bindings === undefined ? node.parts : bindParameters(node.parts, bindings);
  const expansion = expandBraces(parts, budget);
  if (!expansion.ok) return expansionFailure(expansion, node.span);
  const values: T[] = [];
  for (const atoms of expansion.variants) {
    const resolved = resolveAtoms(atoms);
    if (!resolved.ok) return resolved;
    values.push(resolved.value);
  }
  return { ok: true, value: values };
}

function expansionFailure(
  { reason, span }: Extract<Expansion, { ok: false }>,
  whole: Span,
): { ok: false; finding: Finding } {
  if (reason === 'bad-range') {
    const help = 'write a range of integers or of letters of one case, such as `{1..5}`';
    return failure('P1006', span, 'invalid range', help);
  }
  const message =
    reason === 'too-many'
      ? `this pattern expands to more than ${MAX_EXPANSIONS} patterns`
      : `the braces of this policy set expand to more than ${MAX_EXPANSIONS_OF_SET} patterns`;
  return failure('P3004', whole, message, 'use `*`, or write fewer alternatives');
}

function bindParameters(parts: readonly PatternPart[], bindings: Bindings): readonly PatternPart[] {
  return parts.map((part) => {
    if (part.kind === 'alternatives') {
      return { ...part, options: part.options.map((option) => bindParameters(option, bindings)) };
    }
    if (part.kind !== 'variable') return part;
    const text = bindings.get(part.name);
    return text === undefined ? part : { kind: 'text', text, isQuoted: true, span: part.span };
  });
}

function resolveResourceAtoms(atoms: readonly Atom[], span: Span): Resolved<ResourcePattern> {
  const sample = sampleOf(atoms);
  const fault = scanId(sample, scratch);
  if (fault !== FAULT_NONE) return { ok: false, finding: malformed(sample, fault, atoms, span) };
  if (atoms.every((atom) => atom.kind === 'text'))
    return { ok: true, value: { kind: 'literal', id: sample } };
  return buildPattern(atoms, span);
}

function resolveSubjectAtoms(atoms: readonly Atom[], span: Span): Resolved<SubjectPattern> {
  const sample = sampleOf(atoms);
  if (atoms.every((atom) => atom.kind === 'text')) return resolveLiteralSubject(sample, atoms, span);
  const fault = scanId(sample, scratch);
  if (fault !== FAULT_NONE) return { ok: false, finding: malformed(sample, fault, atoms, span) };
  const built = buildPattern(atoms, span);
  if (!built.ok) return built;
  const first = built.value.elements[0]!;
  if (first.kind === 'literal' && first.text === 'group') {
    return failure(
      'P1019',
      span,
      'a pattern cannot stand for groups',
      'name the group, or put the groups into one',
    );
  }
  if (built.value.elements.every((element) => element.separator === 'start' && !isManyElement(element))) {
    return failure('P1019', span, 'a subject is `type:name`', 'write the type too, such as `user:*`');
  }
  return built;
}

function isManyElement(element: PatternElement): boolean {
  return element.kind === 'many' || (element.kind === 'variable' && element.isMany);
}

function resolveLiteralSubject(text: string, atoms: readonly Atom[], span: Span): Resolved<SubjectPattern> {
  const fault = checkSubject(text);
  if (fault === FAULT_NO_TYPE) {
    return failure(
      'P1019',
      span,
      'a subject is `type:name`',
      text.endsWith(':')
        ? `write a name after the type, such as \`${text}alice\``
        : `write the type too, such as \`user:${text}\`, or \`group:${text}\` for a group`,
    );
  }
  if (fault !== FAULT_NONE)
    return { ok: false, finding: malformed(text, fault, atoms, span, MAX_SUBJECT_LENGTH) };
  if (text.startsWith('group:'))
    return { ok: true, value: { kind: 'group', name: text.slice('group:'.length) } };
  return { ok: true, value: { kind: 'subject', id: text } };
}

function buildPattern(atoms: readonly Atom[], span: Span): Resolved<PathPattern> {
  const built = buildElements(atoms);
  if (built.ok)
    return { ok: true, value: { kind: 'pattern', text: textOf(atoms), elements: built.elements } };
  const code = built.kind === 'variable' ? 'P1018' : built.kind === 'double-stars' ? 'P3005' : 'P1006';
  return failure(code, built.kind === 'double-stars' ? span : built.span, built.message, built.help);
}

/** The pattern with a harmless segment in place of each wildcard: malformed exactly if the pattern is (S20). */
function sampleOf(atoms: readonly Atom[]): string {
  return atoms.map((atom) => (atom.kind === 'text' ? atom.text : 'x')).join('');
}

/** The pattern as one would write it, quotes only where they change the meaning. */
function textOf(atoms: readonly Atom[]): string {
  return atoms.map(atomText).join('');
}

function atomText(atom: Atom): string {
  switch (atom.kind) {
    case 'text':
      return /[^A-Za-z0-9_\-.@+=~$!:/]/.test(atom.text) ? JSON.stringify(atom.text) : atom.text;
    case 'stars':
      return '*'.repeat(atom.count);
    case 'question':
      return '?';
    case 'variable':
      return atom.isMany ? `{${atom.name}**}` : `{${atom.name}}`;
  }
}

function malformed(
  sample: string,
  fault: IdFault,
  atoms: readonly Atom[],
  span: Span,
  limit = MAX_ID_LENGTH,
): Finding {
  const place = locateFault(sample, fault);
  const where = place === undefined ? span : placeInSource(atoms, place.start, place.end, span);
  const help = helpFor(fault, limit);
  return {
    code: 'P1005',
    span: where,
    message: `malformed id: it ${describeFault(fault)}`,
    ...(help === undefined ? {} : { help }),
  };
}

function helpFor(fault: IdFault, limit: number): string | undefined {
  switch (fault) {
    case FAULT_EMPTY_SEGMENT:
      return 'write one separator between segments and none at the end';
    case FAULT_PERCENT_ENCODING:
      return 'write the decoded characters; only importers decode';
    case FAULT_COLON_AFTER_SLASH:
      return 'segments joined by `:` come first, then those joined by `/`';
    case FAULT_DOT_SEGMENT:
    case FAULT_BACKSLASH:
    case FAULT_FORBIDDEN_CHARACTER:
      return 'remove it; ids are compared exactly and never repaired';
    case FAULT_EMPTY:
      return 'write at least one segment';
    case FAULT_TOO_MANY_SEGMENTS:
      return 'write a shorter id';
    case FAULT_NO_TYPE:
      return 'write the type too, such as `user:alice`';
    case FAULT_TOO_LONG:
      return `an id has at most ${limit} characters`;
    default:
      return undefined;
  }
}

/** Where in the text a fault shows, as far as one place does. */
function locateFault(text: string, fault: IdFault): Span | undefined {
  const at = (expression: RegExp): Span | undefined => {
    const match = expression.exec(text);
    return match === null ? undefined : { start: match.index, end: match.index + match[0].length };
  };
  switch (fault) {
    case FAULT_EMPTY_SEGMENT:
      return at(/^:|\/\/+|::+|\/:|[:/]$/);
    case FAULT_DOT_SEGMENT:
      return at(/(?<=^|[:/])\.\.?(?=$|[:/;])/);
    case FAULT_COLON_AFTER_SLASH:
      return at(/(?<=\/[^:]*):/);
    case FAULT_BACKSLASH:
      return at(/\\/);
    case FAULT_PERCENT_ENCODING:
      return at(/%[0-9a-fA-F]{2}/);
    case FAULT_FORBIDDEN_CHARACTER:
      return at(
        /[\p{Cc}\p{Cs}\u2028\u2029\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u,
      );
    default:
      return undefined;
  }
}

/** The source span of `[start, end)` of the sample: exact in unquoted text, the whole part elsewhere. */
function placeInSource(atoms: readonly Atom[], start: number, end: number, whole: Span): Span {
  let offset = 0;
  let from: number | undefined;
  for (const atom of atoms) {
    const length = atom.kind === 'text' ? atom.text.length : 1;
    const isExact = atom.kind === 'text' && !atom.isQuoted && atom.span.end - atom.span.start === length;
    if (from === undefined && start < offset + length) {
      from = isExact ? atom.span.start + (start - offset) : atom.span.start;
    }
    if (from !== undefined && end <= offset + length) {
      return { start: from, end: isExact ? atom.span.start + (end - offset) : atom.span.end };
    }
    offset += length;
  }
  return whole;
}

function failure(
  code: Finding['code'],
  span: Span,
  message: string,
  help: string,
): { ok: false; finding: Finding } {
  return { ok: false, finding: { code, span, message, help } };
}

function asList<T>(resolved: Resolved<T>): Resolved<readonly T[]> {
  return resolved.ok ? { ok: true, value: [resolved.value] } : resolved;
}
