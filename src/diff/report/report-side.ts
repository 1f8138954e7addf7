/** One of the two policy sets, as the page names it. */
export interface ReportSide {
  /** As the user named it: a revision, a folder, an image. */
  readonly name: string;
  /** What tells it from any other: the hash of its content, or of a commit. */
  readonly revision?: string;
  /** Words that name it behind `-p`, for commands to copy; none if it lies nowhere. */
  readonly policies: readonly string[];
}
