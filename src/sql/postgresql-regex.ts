import type { Glob, PatternElement } from '../model/model.ts';
import { type Place, separatorText } from './id-shape.ts';

/**
 * A pattern as an advanced regular expression of PostgreSQL without anchors, good for well-formed ids only: of them it may
 * rely on that no segment is empty and that no colon follows a slash.
 */
export function regexOfElements(elements: readonly PatternElement[]): string {
  return regexFrom(elements, 0, 'start');
}

/** Calls itself for what stands behind a `**` at the start or behind a root: once or twice in a pattern. */
function regexFrom(elements: readonly PatternElement[], from: number, start: Place): string {
  let regex = '';
  let place = start;
  for (let i = from; i < elements.length; i++) {
    const element = elements[i]!;
    const separator = separatorText(element, place);
    if (element.kind !== 'many') {
      regex += separator + regexOfOne(element);
      place = element.kind === 'root' ? 'root' : 'segment';
    } else if (place === 'segment') {
      regex += `(?:${separator}.*)?`;
    } else if (separator === '') {
      // One `**` after another takes nothing more here.
      while (
        elements[i + 1]?.kind === 'many' &&
        (place === 'start' || elements[i + 1]!.separator === 'slash')
      )
        i++;
      return `${regex}(?:${regexFrom(elements, i + 1, place)}|.*${regexFrom(elements, i + 1, 'segment')})`;
    }
    // Behind a root no colon follows, so that `:**` takes nothing.
  }
  return regex;
}

function regexOfOne(element: Exclude<PatternElement, { kind: 'many' }>): string {
  switch (element.kind) {
    case 'root':
      return '/';
    case 'literal':
      return escapeRegex(element.text);
    case 'glob':
      return regexOfGlob(element.glob, '[^:/]');
    default:
      return '[^:/]+';
  }
}

/** @param unit  what a wildcard may stand for */
export function regexOfGlob(glob: Glob, unit: string): string {
  return glob
    .map((part) => {
      if (part.kind === 'text') return escapeRegex(part.text);
      return part.kind === 'run' ? `${unit}*` : unit;
    })
    .join('');
}

/** A backslash before what is no letter or digit makes it stand for itself. */
function escapeRegex(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, '\\$&');
}
