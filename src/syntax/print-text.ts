import { assertNever } from '../source/invariant.ts';
import type { NameNode, PatternNode, PatternPart, SubjectNode, TemplateNode, TemplatePart } from './ast.ts';

const bareName = /^[A-Za-z0-9_.\-@+=~$!]+$/;
/** What would be read as something else: an annotation, an operator after a condition, a reserved word. */
const misreadName = /^(?:[@=.!]|(?:on|to)$|(?:when|unless)(?:!|$)|(?:in|has|like)(?![A-Za-z0-9_-]))/;

/** A name, in quotes only if it needs them. */
export function printName({ text }: NameNode): string {
  return bareName.test(text) && !misreadName.test(text) ? text : printString(text);
}

const bareKey = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** The name of an attribute, in a condition or an object. */
export function printKey({ text }: NameNode): string {
  return bareKey.test(text) ? text : printString(text);
}

const unprintable = /["\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A quoted string; whatever does not print, or looks like something else, is written as an escape. */
export function printString(value: string): string {
  return `"${value.replace(unprintable, printEscape)}"`;
}

function printEscape(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

const bareText = /^[A-Za-z0-9_.\-@+=~$!:/]+$/;
/** In braces an id may hold more than outside of them. */
const bareTextInBraces = /^[!$-)+-;=@-Z\\^-z|~]+$/;

/** An id or pattern as the parser reads it; parts that were quoted stay so. */
export function printPattern({ parts }: PatternNode): string {
  const text = parts.map((part) => printPart(part, bareText)).join('');
  // At the start of an id `@` would begin an annotation, and some words are reserved.
  const first = parts[0];
  if (first?.kind !== 'text' || first.isQuoted) return text;
  const isMisread = first.text.startsWith('@') || (parts.length === 1 && misreadName.test(first.text));
  return isMisread
    ? printString(first.text) +
        parts
          .slice(1)
          .map((part) => printPart(part, bareText))
          .join('')
    : text;
}

/** Recursion follows braces, which the parser lets nest 256 deep and no deeper. */
function printPart(part: PatternPart, bare: RegExp): string {
  switch (part.kind) {
    case 'text':
      return part.isQuoted || !bare.test(part.text) ? printString(part.text) : part.text;
    case 'stars':
      return '*'.repeat(part.count);
    case 'question':
      return '?';
    case 'variable':
      return `{${part.name}${part.isMany ? '**' : ''}}`;
    case 'range':
      return `{${part.text}}`;
    case 'alternatives':
      return `{${part.options.map((option) => printOption(option)).join(',')}}`;
    default:
      return assertNever(part);
  }
}

function printOption(parts: readonly PatternPart[]): string {
  return parts.map((part) => printPart(part, bareTextInBraces)).join('');
}

export function printSubject(subject: SubjectNode): string {
  return subject.kind === 'pattern' ? printPattern(subject) : subject.kind;
}

/** A resource template. In it quoted and unquoted text mean the same, so only what needs quotes gets them. */
export function printTemplate({ parts }: TemplateNode): string {
  return parts.map(printTemplatePart).join('');
}

function printTemplatePart(part: TemplatePart): string {
  switch (part.kind) {
    case 'text':
      return part.text
        .split(/([:/])/)
        .map((piece) => (piece === '' || bareText.test(piece) ? piece : printString(piece)))
        .join('');
    case 'value':
      return `<${part.name}>`;
    case 'path':
      return part.separator === '/'
        ? `<${part.name}...>`
        : `<${part.name}... by ${printString(part.separator)}>`;
    case 'optional':
      return `[${part.parts.map(printTemplatePart).join('')}]`;
    default:
      return assertNever(part);
  }
}
