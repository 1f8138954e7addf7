import type { SubjectPattern } from '../model/model.ts';
import type { Asker, Subjects } from './subjects.ts';

/** Subjects of rules, each with the number of the bundle that it is in: found by those who ask. */
export class BundleTable {
  readonly #subjects = new Map<string, number>();
  readonly #groups = new Map<string, number>();
  readonly #others: { readonly pattern: SubjectPattern; readonly bundle: number }[] = [];

  add(pattern: SubjectPattern, bundle: number): void {
    if (pattern.kind === 'subject') this.#subjects.set(pattern.id, bundle);
    else if (pattern.kind === 'group') this.#groups.set(pattern.name, bundle);
    else this.#others.push({ pattern, bundle });
  }

  /** How many patterns every asker is held against, one after the other. */
  get unindexed(): number {
    return this.#others.length;
  }

  hasSubject(id: string): boolean {
    return this.#subjects.has(id);
  }

  get groups(): readonly string[] {
    return [...this.#groups.keys()];
  }

  bundleOfGroup(name: string): number | undefined {
    return this.#groups.get(name);
  }

  /**
   * The bundles that an asker is in, ascending.
   *
   * @param groups  every group of the asker, as `subjects` knows them
   */
  bundlesOf(asker: Asker, groups: ReadonlySet<string>, subjects: Subjects): readonly number[] {
    const found = new Set<number>();
    const literal = asker.subject === undefined ? undefined : this.#subjects.get(asker.subject);
    if (literal !== undefined) found.add(literal);
    for (const group of groups) {
      const bundle = this.#groups.get(group);
      if (bundle !== undefined) found.add(bundle);
    }
    for (const { pattern, bundle } of this.#others)
      if (!found.has(bundle) && subjects.matches(pattern, asker, groups)) found.add(bundle);
    return [...found].sort((a, b) => a - b);
  }
}
