import type { PatternElement } from '../model/model.ts';

interface Branch<Item> {
  /** By separator and text. */
  readonly next: Map<string, Branch<Item>>;
  /** Those that end here or go on with something else than a literal. */
  readonly here: Item[];
}

/**
 * Finds which of very many patterns an id or a pattern may have anything in common with, by the literals that they begin with:
 * to compare each rule with each template of a catalogue takes the product of both.
 */
export class TemplateFinder<Item> {
  readonly #root: Branch<Item> = { next: new Map(), here: [] };

  add(pattern: readonly PatternElement[], item: Item): void {
    let branch = this.#root;
    for (const element of pattern) {
      if (element.kind !== 'literal') break;
      const key = keyOf(element);
      let next = branch.next.get(key);
      if (next === undefined) {
        next = { next: new Map(), here: [] };
        branch.next.set(key, next);
      }
      branch = next;
    }
    branch.here.push(item);
  }

  /** All that can meet the elements, and some that can not, once each. */
  find(elements: readonly PatternElement[]): Set<Item> {
    const found = new Set(this.#root.here);
    let branch: Branch<Item> | undefined = this.#root;
    for (const element of elements) {
      if (element.kind !== 'literal') break;
      branch = branch.next.get(keyOf(element));
      if (branch === undefined) return found;
      for (const item of branch.here) found.add(item);
    }
    const waiting = [...branch.next.values()];
    for (let below = waiting.pop(); below !== undefined; below = waiting.pop()) {
      for (const item of below.here) found.add(item);
      for (const next of below.next.values()) waiting.push(next);
    }
    return found;
  }
}

function keyOf({ separator, text }: Extract<PatternElement, { kind: 'literal' }>): string {
  return `${separator} ${text}`;
}
