import type { Glob } from '../model/model.ts';
import { matchesGlob } from './glob-classes.ts';

/** Globs whose fixed beginnings are of one length, and their fixed ends of one. */
interface Shape<Edge> {
  readonly headLength: number;
  readonly tailLength: number;
  /** By beginning and end together: as their lengths are known, the joined text is read in one way only. */
  readonly edges: Map<string, Edge[]>;
}

/** Many globs by the text that they begin and end with, so that few of them are tried on a segment. */
export class GlobIndex<Edge extends { readonly glob: Glob }> {
  readonly #shapes = new Map<number, Map<number, Shape<Edge>>>();

  constructor(edges: Iterable<Edge>) {
    for (const edge of edges) this.#add(edge);
  }

  #add(edge: Edge): void {
    const [head, tail] = [headOf(edge.glob), tailOf(edge.glob)];
    const ofHead = this.#shapes.get(head.length) ?? new Map<number, Shape<Edge>>();
    this.#shapes.set(head.length, ofHead);
    const shape = ofHead.get(tail.length) ?? {
      headLength: head.length,
      tailLength: tail.length,
      edges: new Map<string, Edge[]>(),
    };
    ofHead.set(tail.length, shape);
    const known = shape.edges.get(head + tail);
    if (known === undefined) shape.edges.set(head + tail, [edge]);
    else known.push(edge);
  }

  /** Those that match a text. */
  *matching(text: string): Iterable<Edge> {
    for (const ofHead of this.#shapes.values()) {
      for (const { headLength, tailLength, edges } of ofHead.values()) {
        if (headLength + tailLength > text.length) continue;
        const key = text.slice(0, headLength) + text.slice(text.length - tailLength);
        for (const edge of edges.get(key) ?? []) if (matchesGlob(edge.glob, text)) yield edge;
      }
    }
  }
}

function headOf(glob: Glob): string {
  const [first] = glob;
  return first?.kind === 'text' ? first.text : '';
}

function tailOf(glob: Glob): string {
  const last = glob.length > 1 ? glob.at(-1) : undefined;
  return last?.kind === 'text' ? last.text : '';
}
