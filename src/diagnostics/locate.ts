import { buildLineStarts, type LineColumn, lineColumnAt } from '../source/source.ts';

/** Gives the text of a file by the name that diagnostics use for it. */
export type TextOf = (file: string) => string | undefined;

/** One file as the renderers see it. */
export interface LocatedText {
  readonly text: string;
  readonly lineStarts: Int32Array;
}

const byteOrderMark = 0xfeff;

/** Looks up texts and builds the line table of each once, however many diagnostics it has. */
export class Locator {
  readonly #textOf: TextOf;
  readonly #files = new Map<string, LocatedText | undefined>();

  constructor(textOf: TextOf) {
    this.#textOf = textOf;
  }

  file(name: string): LocatedText | undefined {
    if (this.#files.has(name)) return this.#files.get(name);
    const text = this.#textOf(name);
    const located = text === undefined ? undefined : { text, lineStarts: buildLineStarts(text) };
    this.#files.set(name, located);
    return located;
  }

  /** Line and column of an offset, clamped to the text; 1:1 if there is no text. A byte order mark is no column. */
  place(name: string, offset: number): LineColumn {
    const file = this.file(name);
    if (file === undefined) return { line: 1, column: 1 };
    const { line, column } = lineColumnAt(file.lineStarts, Math.min(Math.max(offset, 0), file.text.length));
    const hasMark = line === 1 && column > 1 && file.text.charCodeAt(0) === byteOrderMark;
    return { line, column: hasMark ? column - 1 : column };
  }
}
