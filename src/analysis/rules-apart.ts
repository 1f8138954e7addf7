import type { ResourcePattern, Rule } from '../model/model.ts';
import { isSameRule } from './same-meaning.ts';

/** Beyond so many rules that were put in or taken out in one place, the walk along two lists finds partners no more. */
const MAX_SHIFT = 16;

/** The rules of each list that mean the same as none of the other. How often and in what order rules are written does not count. */
export function rulesApart(a: readonly Rule[], b: readonly Rule[]): [Rule[], Rule[]] {
  const [ours, theirs] = withoutPartners(a, b);
  return [missingFrom(b, ours), missingFrom(a, theirs)];
}

/**
 * Walks along both lists and leaves out what comes in both alike. What remains may still be somewhere in the other list, but
 * where most is as it was, little remains to be looked for.
 */
function withoutPartners(a: readonly Rule[], b: readonly Rule[]): [Rule[], Rule[]] {
  const [ours, theirs]: [Rule[], Rule[]] = [[], []];
  let [i, j] = [0, 0];
  for (; i < a.length && j < b.length; i++, j++) {
    if (isSameRule(a[i]!, b[j]!)) continue;
    const shift = shiftAt(a, i, b, j);
    for (const end = i + Math.max(shift, 0); i < end; i++) ours.push(a[i]!);
    for (const end = j + Math.max(-shift, 0); j < end; j++) theirs.push(b[j]!);
    if (shift !== 0) continue;
    ours.push(a[i]!);
    theirs.push(b[j]!);
  }
  for (; i < a.length; i++) ours.push(a[i]!);
  for (; j < b.length; j++) theirs.push(b[j]!);
  return [ours, theirs];
}

/** How many rules there are more in `a` (below zero: in `b`) before both go on alike; zero if they do not soon. */
function shiftAt(a: readonly Rule[], i: number, b: readonly Rule[], j: number): number {
  for (let shift = 1; shift <= MAX_SHIFT; shift++) {
    if (i + shift < a.length && isSameRule(a[i + shift]!, b[j]!)) return shift;
    if (j + shift < b.length && isSameRule(a[i]!, b[j + shift]!)) return -shift;
  }
  return 0;
}

/** Those of `wanted` that mean the same as none of `rules`. */
function missingFrom(rules: readonly Rule[], wanted: readonly Rule[]): Rule[] {
  if (wanted.length === 0) return [];
  const table = new RuleTable(wanted);
  for (const rule of rules) table.mark(rule);
  return table.unmarked();
}

const NONE = -1;

/** Rules by what they mean, each meaning once. Open hashing: `heads` has the first of each chain, `next` the one after. */
class RuleTable {
  readonly #rules: readonly Rule[];
  readonly #heads: Int32Array;
  readonly #next: Int32Array;
  /** Of each rule the first that means the same, itself in most cases. */
  readonly #firsts: Int32Array;
  readonly #marks: Uint8Array;
  readonly #numbers = new Map<string, number>();

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
    this.#heads = new Int32Array(2 ** Math.ceil(Math.log2(rules.length + 1))).fill(NONE);
    this.#next = new Int32Array(rules.length);
    this.#firsts = new Int32Array(rules.length);
    this.#marks = new Uint8Array(rules.length);
    for (const [i, rule] of rules.entries()) {
      const hash = this.#hashOf(rule, (text) => this.#numberFor(text));
      const known = this.#find(hash, rule);
      this.#firsts[i] = known === NONE ? i : known;
      if (known !== NONE) continue;
      const slot = this.#slotOf(hash);
      this.#next[i] = this.#heads[slot]!;
      this.#heads[slot] = i;
    }
  }

  /** Marks the rules that mean the same as this one. */
  mark(rule: Rule): void {
    const [resource] = rule.resources;
    // Most rules are told apart by this alone.
    if (resource !== undefined && !this.#numbers.has(textOf(resource))) return;
    const found = this.#find(
      this.#hashOf(rule, (text) => this.#numbers.get(text) ?? 0),
      rule,
    );
    if (found !== NONE) this.#marks[found] = 1;
  }

  unmarked(): Rule[] {
    return this.#rules.filter((_, i) => this.#marks[this.#firsts[i]!] === 0);
  }

  #find(hash: number, rule: Rule): number {
    let at = this.#heads[this.#slotOf(hash)]!;
    while (at !== NONE && !isSameRule(this.#rules[at]!, rule)) at = this.#next[at]!;
    return at;
  }

  #slotOf(hash: number): number {
    return (hash ^ (hash >>> 15)) & (this.#heads.length - 1);
  }

  #hashOf({ effect, subjects, actions, resources, condition }: Rule, numberOf: NumberOf): number {
    let hash = effect === 'allow' ? 1 : 2;
    for (const part of [resources, subjects, actions, condition]) hash = mix(hash, hashOf(part, numberOf));
    return hash;
  }

  #numberFor(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size + 1;
      this.#numbers.set(text, number);
    }
    return number;
  }
}

type NumberOf = (text: string) => number;

function textOf(resource: ResourcePattern): string {
  return resource.kind === 'literal' ? resource.id : resource.text;
}

/** Equal for what is made of the same values. */
function hashOf(value: unknown, numberOf: NumberOf): number {
  if (typeof value === 'string') return numberOf(value);
  if (typeof value === 'number') return value | 0;
  if (typeof value !== 'object' || value === null) return value === true ? 1 : 0;
  // Of a pattern: what else there is of it seldom tells more.
  if ('text' in value && typeof value.text === 'string') return numberOf(value.text);
  let hash = 0;
  if (Array.isArray(value)) for (const part of value) hash = mix(hash, hashOf(part, numberOf));
  // The names of an object stand in any order.
  else for (const part of Object.values(value)) hash += mix(0, hashOf(part, numberOf));
  return hash | 0;
}

function mix(hash: number, more: number): number {
  return Math.imul(hash ^ more, 0x9e3779b1) ^ (hash >>> 13);
}
