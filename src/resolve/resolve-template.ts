import { scanId } from '../id/check-id.ts';
import { IdElements } from '../id/elements.ts';
import { describeFault, FAULT_NONE } from '../id/faults.ts';
import type { TemplateElement } from '../model/model.ts';
import type { TemplateNode, TemplatePart } from '../syntax/ast.ts';
import type { Finding } from './reporter.ts';

const scratch = new IdElements();

/** The parts of a template, checked: it begins with text, values are whole segments, paths and optional parts end it. */
export function resolveTemplate(
  node: TemplateNode,
  report: (finding: Finding) => void,
): readonly TemplateElement[] | undefined {
  const mistake = findMistake(node.parts, undefined) ?? findSampleFault(node);
  if (mistake !== undefined) {
    report({ code: 'P1012', ...mistake });
    return undefined;
  }
  return lowerParts(node.parts);
}

/** The template without the names of its values: two of the same form describe the same ids. */
export function formOf(parts: readonly TemplateElement[]): string {
  return parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      if (part.kind === 'value') return '<>';
      return part.kind === 'path' ? `<...${part.separator}>` : `[${formOf(part.parts)}]`;
    })
    .join('');
}

type Mistake = Pick<Finding, 'span' | 'message' | 'help'>;

/** @param unitBefore  the unit before these parts: undefined at the start of the template */
function findMistake(parts: readonly TemplatePart[], unitBefore: string | undefined): Mistake | undefined {
  let before = unitBefore;
  for (const [i, part] of parts.entries()) {
    const isLast = i === parts.length - 1;
    const mistake =
      part.kind === 'text'
        ? undefined
        : part.kind === 'optional'
          ? findOptionalMistake(part, before, isLast)
          : findValueMistake(part, before, parts[i + 1]);
    if (mistake !== undefined) return mistake;
    before = part.kind === 'text' ? part.text.at(-1) : 'x';
  }
  return undefined;
}

function findOptionalMistake(
  part: Extract<TemplatePart, { kind: 'optional' }>,
  before: string | undefined,
  isLast: boolean,
): Mistake | undefined {
  if (before === undefined) return startsWithText(part.span);
  if (!isLast)
    return { span: part.span, message: 'an optional part ends its template', help: 'move it to the end' };
  const first = part.parts[0];
  if (!isSeparator(before) && !(first?.kind === 'text' && isSeparator(first.text[0]))) {
    return {
      span: part.span,
      message: 'an optional part is whole segments',
      help: 'put the separator into the brackets',
    };
  }
  return findMistake(part.parts, before);
}

function findValueMistake(
  part: Extract<TemplatePart, { kind: 'value' | 'path' }>,
  before: string | undefined,
  after: TemplatePart | undefined,
): Mistake | undefined {
  if (before === undefined) return startsWithText(part.span);
  if (part.kind === 'path' && after !== undefined) {
    return {
      span: part.span,
      message: 'a path ends its template',
      help: 'write `<name>` for one value, or move it to the end',
    };
  }
  if (part.kind === 'path' && (part.separator.length !== 1 || part.separator === ':')) {
    return {
      span: part.span,
      message: 'a path is joined by one character, not a colon',
      help: 'write such as `by "."`',
    };
  }
  const endsFree =
    after === undefined || after.kind === 'optional' || (after.kind === 'text' && isSeparator(after.text[0]));
  if (isSeparator(before) && endsFree) return undefined;
  return {
    span: part.span,
    message: 'a value is a whole segment of a template',
    help: 'put separators round it',
  };
}

function startsWithText(span: Mistake['span']): Mistake {
  return { span, message: 'a template begins with text', help: 'write the first segment as it is' };
}

function isSeparator(unit: string | undefined): boolean {
  return unit === ':' || unit === '/';
}

/** Every form of the template, optional parts in and out, must be a well-formed id when its values are harmless. */
function findSampleFault(node: TemplateNode): Mistake | undefined {
  for (const sample of samplesOf(node.parts)) {
    const fault = scanId(sample, scratch);
    if (fault === FAULT_NONE) continue;
    return {
      span: node.span,
      message: `invalid template: \`${sample}\` ${describeFault(fault)}`,
      help: 'put the separator that a part needs into its brackets',
    };
  }
  return undefined;
}

function samplesOf(parts: readonly TemplatePart[]): string[] {
  let text = '';
  for (const part of parts) {
    if (part.kind === 'text') text += part.text;
    else if (part.kind === 'optional') return [text, ...samplesOf(part.parts).map((rest) => text + rest)];
    else text += 'x';
  }
  return [text];
}

function lowerParts(parts: readonly TemplatePart[]): TemplateElement[] {
  return parts.map((part) => {
    if (part.kind === 'text') return { kind: 'text', text: part.text };
    if (part.kind === 'value') return { kind: 'value' };
    if (part.kind === 'path') return { kind: 'path', separator: part.separator };
    return { kind: 'optional', parts: lowerParts(part.parts) };
  });
}
