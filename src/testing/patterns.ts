import type { PathPattern, PatternElement, ResourcePattern, Rule, SubjectPattern } from '../model/model.ts';
import { assertNever } from '../source/invariant.ts';
import { printString } from '../syntax/print-text.ts';

/** The elements as a pattern, or as an id if nothing in them is a wildcard; undefined for none at all. */
export function patternOf(elements: readonly PatternElement[]): ResourcePattern | undefined {
  if (elements.length === 0) return undefined;
  if (elements.every(({ kind }) => kind === 'literal' || kind === 'root'))
    return { kind: 'literal', id: textOf(elements, rawText) };
  return { kind: 'pattern', text: textOf(elements, printElement), elements };
}

function textOf(elements: readonly PatternElement[], print: (element: PatternElement) => string): string {
  let text = '';
  let isAfterRoot = false;
  for (const element of elements) {
    text += separatorText(element, isAfterRoot) + print(element);
    isAfterRoot = element.kind === 'root';
  }
  return text;
}

function separatorText({ separator }: PatternElement, isAfterRoot: boolean): string {
  if (separator === 'colon') return ':';
  return separator === 'slash' && !isAfterRoot ? '/' : '';
}

function rawText(element: PatternElement): string {
  return element.kind === 'root' ? '/' : element.kind === 'literal' ? element.text : '';
}

const bareText = /^[A-Za-z0-9_.\-@+=~$!]+$/;

function printText(text: string): string {
  return bareText.test(text) ? text : printString(text);
}

function printElement(element: PatternElement): string {
  switch (element.kind) {
    case 'root':
      return '/';
    case 'literal':
      return printText(element.text);
    case 'glob':
      return element.glob
        .map((part) => (part.kind === 'text' ? printText(part.text) : part.kind === 'run' ? '*' : '?'))
        .join('');
    case 'one':
      return '*';
    case 'many':
      return '**';
    case 'variable':
      return `{${element.name}${element.isMany ? '**' : ''}}`;
    default:
      return assertNever(element);
  }
}

/**
 * The rule with plain wildcards for the variables that stand only once in it after a change: a name used once binds
 * nothing (S25).
 */
export function withoutFreeVariables(rule: Rule): Rule {
  const names = [...rule.subjects, ...rule.resources].map(variableNames);
  if (names.every((each) => each.length === 0)) return rule;
  const [ofSubjects, ofResources] = [
    names.slice(0, rule.subjects.length).flat(),
    names.slice(rule.subjects.length).flat(),
  ];
  const free = (others: readonly string[]) => (pattern: PathPattern) => withoutVariables(pattern, others);
  return {
    ...rule,
    subjects: rule.subjects.map(
      (subject): SubjectPattern => (subject.kind === 'pattern' ? free(ofResources)(subject) : subject),
    ),
    resources: rule.resources.map((resource) =>
      resource.kind === 'pattern' ? free(ofSubjects)(resource) : resource,
    ),
  };
}

function variableNames(pattern: SubjectPattern | ResourcePattern): string[] {
  if (pattern.kind !== 'pattern') return [];
  return pattern.elements.flatMap((element) => (element.kind === 'variable' ? [element.name] : []));
}

/** Variables stay that stand twice in the pattern, or among `others`. */
function withoutVariables(pattern: PathPattern, others: readonly string[]): PathPattern {
  const own = variableNames(pattern);
  const isBound = (name: string): boolean =>
    others.includes(name) || own.indexOf(name) !== own.lastIndexOf(name);
  if (own.every(isBound)) return pattern;
  const elements = pattern.elements.map((element): PatternElement => {
    if (element.kind !== 'variable' || isBound(element.name)) return element;
    return { kind: element.isMany ? 'many' : 'one', separator: element.separator };
  });
  return { kind: 'pattern', text: textOf(elements, printElement), elements };
}
