/** A half-open stretch `[start, end)` of one source, in 0-based UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A span together with the file it lies in: `file` is the path as the user named it. */
export interface Location {
  readonly file: string;
  readonly span: Span;
}
