import { maxLineLength } from './print-pieces.ts';

/** One line of the result, before its columns are set. */
export interface PrintedLine {
  readonly indent: string;
  /** Stand a blank apart, or as far as the columns of the lines around need. None in a blank line. */
  readonly cells: readonly string[];
  /** Lines of one sort next to each other are set in columns; absent where the line is in none. */
  readonly sort?: string;
  /** Behind the cells, or by itself. */
  comment?: string;
}

/** How much wider than the narrowest cell a column may be: a cell wider than that sticks out instead. */
const maxPadding = 20;
/** A column out of which more of its cells than this stick is no column. */
const mostThatStickOut = 1 / 4;
/** A longer run was written by a machine or is no table: there a change of one line shall stay a change of one line. */
const maxRun = 100;

/** The text of lines, those of one sort aligned as far as no blank line and no line of another sort stands between. */
export function joinLines(lines: readonly PrintedLine[]): string {
  const texts = lines.map(({ indent, cells }) => (cells.length === 0 ? '' : indent + cells.join(' ')));
  for (const run of runsOf(lines)) alignRun(run, lines, texts);
  alignComments(lines, texts);
  return texts.map((text) => `${text}\n`).join('');
}

/** Numbers of the lines of each run; a comment on a line of its own is passed over. */
function runsOf(lines: readonly PrintedLine[]): number[][] {
  const runs: number[][] = [];
  let run: number[] = [];
  for (const [i, line] of lines.entries()) {
    if (line.cells.length === 0 && line.comment !== undefined) continue;
    const above = lines[run.at(-1) ?? -1];
    const isSame = line.sort !== undefined && above?.sort === line.sort && above.indent === line.indent;
    if (isSame) run.push(i);
    else {
      runs.push(run);
      run = line.sort === undefined ? [] : [i];
    }
  }
  runs.push(run);
  return runs.filter(({ length }) => length > 1 && length <= maxRun);
}

/** Column by column, from the left; a line out of which a cell sticks is in no column behind that. */
function alignRun(run: readonly number[], lines: readonly PrintedLine[], texts: string[]): void {
  let rows = run.map((i) => ({ i, text: lines[i]!.indent, rest: lines[i]!.cells }));
  while (rows.length > 0) {
    const width = columnWidth(rows.filter(({ rest }) => rest.length > 1).map(({ rest }) => rest[0]!.length));
    const isInColumn = ({ rest }: (typeof rows)[number]): boolean =>
      rest.length > 1 && rest[0]!.length <= width;
    for (const row of rows.filter((candidate) => !isInColumn(candidate))) {
      const text = row.text + row.rest.join(' ');
      if (text.length <= maxLineLength) texts[row.i] = text;
    }
    rows = rows.filter(isInColumn).map(({ i, text, rest }) => {
      return { i, text: `${text}${rest[0]!.padEnd(width)} `, rest: rest.slice(1) };
    });
  }
}

/** 0 if there is no column. */
function columnWidth(widths: readonly number[]): number {
  const limit = Math.min(...widths) + maxPadding;
  const within = widths.filter((width) => width <= limit);
  return within.length < widths.length * (1 - mostThatStickOut) ? 0 : Math.max(0, ...within);
}

/** Comments behind lines that follow each other, as far in, stand beneath each other. */
function alignComments(lines: readonly PrintedLine[], texts: string[]): void {
  for (let i = 0; i < lines.length; i++) {
    const start = i;
    while (isCommented(lines[i]) && lines[i]!.indent === lines[start]!.indent) i++;
    if (i > start) placeComments(start, i--, lines, texts);
    else if (lines[i]!.comment !== undefined) texts[i] = lines[i]!.indent + lines[i]!.comment;
  }
}

function isCommented(line: PrintedLine | undefined): boolean {
  return line?.comment !== undefined && line.cells.length > 0;
}

function placeComments(start: number, end: number, lines: readonly PrintedLine[], texts: string[]): void {
  const widths = texts.slice(start, end).map(({ length }) => length);
  const column = end - start <= maxRun ? columnWidth(widths) : 0;
  for (let i = start; i < end; i++) {
    const comment = lines[i]!.comment!;
    const text = `${texts[i]!.padEnd(column)} ${comment}`;
    texts[i] = text.length <= maxLineLength ? text : `${texts[i]!} ${comment}`;
  }
}
