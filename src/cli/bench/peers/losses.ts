/** One kind of thing that cannot be said in another engine. */
export interface Loss {
  /** In words, plural: `conditions`. */
  readonly what: string;
  readonly count: number;
  /** `file:line` of the first. */
  readonly first: string;
}

/** Counts what is lost in a translation, by kind, so that nothing is left out in silence. */
export class Losses {
  private readonly byKind = new Map<string, { count: number; readonly first: string }>();

  add(what: string, place: string): void {
    const known = this.byKind.get(what);
    if (known === undefined) this.byKind.set(what, { count: 1, first: place });
    else known.count++;
  }

  get list(): readonly Loss[] {
    return Array.from(this.byKind, ([what, { count, first }]) => ({ what, count, first }));
  }
}
