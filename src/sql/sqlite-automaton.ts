import type { PatternElement } from '../model/model.ts';
import { segmentGlob } from './sqlite-glob.ts';

/** From one state to another over an element whose text the glob matches; an empty separator is any. */
export type AutomatonEdge = readonly [from: number, separator: string, glob: string, to: number];

/** A pattern as an automaton over the elements of ids (S1): it starts in state 0 and accepts in `end`. */
export interface PatternAutomaton {
  readonly edges: readonly AutomatonEdge[];
  readonly end: number;
}

/**
 * State i: the elements before the i-th have matched. A `**` has one state more, in which it takes every element. Where a `**`
 * takes nothing more, the edges of what follows it are its own too.
 */
export function automatonOf(elements: readonly PatternElement[]): PatternAutomaton {
  const count = elements.length;
  const loopOf = (i: number): number => count + 1 + i;
  /** States that are reached with state i by taking nothing. */
  const closed = (i: number): number[] => {
    const reached = [i];
    for (let at = i; elements[at]?.kind === 'many'; at++) reached.push(at + 1);
    return reached;
  };
  const edges: AutomatonEdge[] = [];
  const add = (from: number, separator: string, glob: string, to: number): void => {
    for (const each of closed(to)) edges.push([from, separator, glob, each]);
  };
  for (const [i, element] of elements.entries()) {
    // What is written as the start stands nowhere else; there, no separator is looked at.
    const separator = { start: 'start', colon: ':', slash: '/' }[element.separator];
    if (element.kind !== 'many') {
      add(i, separator, segmentGlob(element), i + 1);
      continue;
    }
    const loop = loopOf(i);
    for (const from of [i, loop]) {
      edges.push([from, from === loop ? '' : separator, '*', loop]);
      add(from, from === loop ? '' : separator, '*', i + 1);
    }
  }
  // What is first may stand behind `**` that take nothing: there the automaton starts too.
  const starts = closed(0).slice(1);
  const fromStart = edges.flatMap(([from, ...rest]) =>
    starts.includes(from) ? [[0, ...rest] as AutomatonEdge] : [],
  );
  return { edges: [...edges, ...fromStart], end: count };
}
