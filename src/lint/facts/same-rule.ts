import type { Rule } from '../../model/model.ts';

/**
 * What a rule says, as text: two rules of a policy set are written twice if it is equal. Order and repetition within its
 * lists do not matter (S12). Keep one for many rules: what they share is written out once.
 */
export class RuleMeanings {
  readonly #lists = new WeakMap<object, string>();

  of({ effect, subjects, actions, resources, condition, ruleset }: Rule): string {
    const lists = `${this.#list(subjects)} ${this.#list(actions)} ${this.#list(resources)}`;
    return `${effect} ${ruleset ?? ''} ${lists} ${condition === undefined ? '' : JSON.stringify(condition)}`;
  }

  #list(items: readonly unknown[]): string {
    const known = this.#lists.get(items);
    if (known !== undefined) return known;
    const texts = items.map((item) => JSON.stringify(item));
    const text = texts.length === 1 ? texts[0]! : [...new Set(texts)].sort().join(',');
    this.#lists.set(items, text);
    return text;
  }
}
