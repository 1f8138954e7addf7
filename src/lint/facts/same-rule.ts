import type { Rule } from '../../model/model.ts';

/**
 * What a rule says, as a short text: two rules of a policy set are written twice if it is equal. Order and repetition within
 * their lists do not matter (S12). Keep one for many rules: what they share is written out once, and stands in the texts as
 * a number.
 */
export class RuleMeanings {
  readonly #lists = new WeakMap<object, number>();
  readonly #numbers = new Map<string, number>();

  of({ effect, subjects, actions, resources, condition, ruleset }: Rule): string {
    const lists = `${this.#list(subjects)} ${this.#list(actions)} ${this.#list(resources)}`;
    return `${effect} ${ruleset ?? ''} ${lists} ${condition === undefined ? '' : this.#numberOf(JSON.stringify(condition))}`;
  }

  #list(items: readonly unknown[]): number {
    const known = this.#lists.get(items);
    if (known !== undefined) return known;
    const texts = items.map((item) => JSON.stringify(item));
    const text = texts.length === 1 ? texts[0]! : [...new Set(texts)].sort().join(',');
    const number = this.#numberOf(text);
    this.#lists.set(items, number);
    return number;
  }

  #numberOf(text: string): number {
    const number = this.#numbers.get(text) ?? this.#numbers.size;
    this.#numbers.set(text, number);
    return number;
  }
}
