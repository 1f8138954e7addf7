import type { Rule, SubjectPattern } from '../model/model.ts';
import type { Effort } from './effort.ts';
import { exampleIds } from './example-ids.ts';
import { lettersOfId } from './letters.ts';
import { ownersOf, PatternTrie } from './pattern-trie.ts';
import { keyOfCondition, keyOfSubject, type RuleItem } from './rule-items.ts';
import { hasVariable, type Subjects } from './subjects.ts';

/** A text that stands in no policy that anybody writes: ids with it are covered by wildcards alone. */
export const unusualText = '\ue000';

/** Which rules may cover another: those of a ruleset or outside of any, of some effects. */
export interface CovererKind {
  readonly ruleset: number | undefined;
  readonly effects: readonly Rule['effect'][];
}

/** What the rules of one kind, condition and subject speak of; owners are places of items. */
export interface SubjectTrie {
  readonly trie: PatternTrie;
  readonly subject: SubjectPattern;
}

/** The items of a model by what their subjects are, so that those that can cover another are found without reading all. */
export class CoverIndex {
  readonly #tries = new Map<string, PatternTrie>();
  /** Long lists of subjects that a subject is in, by their numbers: what such a list is given is kept once for all of them. */
  readonly #listsOf = new Map<string, number[]>();
  readonly #lists = new Map<readonly SubjectPattern[], number>();
  readonly #firstOf: ReadonlyMap<Rule, Rule>;
  readonly #learnt = new Set<string>();
  readonly #conditions = new Map<string, number>();
  /** Subject patterns of rules; owners are places in `#patterns`. */
  readonly #patternTrie = new PatternTrie();
  readonly #patterns: SubjectPattern[] = [];
  readonly #groups: readonly string[];
  readonly #subjects: Subjects;

  constructor(items: readonly RuleItem[], subjects: Subjects) {
    this.#subjects = subjects;
    this.#firstOf = firstsOf(items);
    for (const [owner, item] of items.entries()) {
      const { subjects } = item.rule;
      if (item.hasVariable || this.firstOf(item.rule) !== item.rule) continue;
      if (subjects.length > MAX_APART) this.#add(`list ${this.#numberOf(subjects)}`, item, owner);
      else
        for (const subject of subjects)
          if (this.#learn(subject)) this.#add(keyOfSubject(subject), item, owner);
    }
    const named = this.#patterns.flatMap((pattern) => (pattern.kind === 'group' ? [pattern.name] : []));
    this.#groups = [...new Set(named)];
  }

  /**
   * The first rule that says what this one does, word for word, itself in most cases. Only the first is in the index:
   * whatever one of them covers, it does.
   */
  firstOf(rule: Rule): Rule {
    return this.#firstOf.get(rule) ?? rule;
  }

  #numberOf(subjects: readonly SubjectPattern[]): number {
    let number = this.#lists.get(subjects);
    if (number === undefined) {
      number = this.#lists.size;
      this.#lists.set(subjects, number);
      for (const subject of subjects) {
        if (!this.#learn(subject)) continue;
        const key = keyOfSubject(subject);
        const lists = this.#listsOf.get(key) ?? [];
        this.#listsOf.set(key, lists);
        lists.push(number);
      }
    }
    return number;
  }

  #add(subjects: string, { rule, patterns }: RuleItem, owner: number): void {
    const key = this.#keyOf(rule.ruleset, rule.effect, this.#conditionOf(rule), subjects);
    const trie = this.#tries.get(key) ?? new PatternTrie();
    this.#tries.set(key, trie);
    for (const elements of patterns) trie.add(elements, owner);
  }

  /** A number for each condition; zero for none. */
  #conditionOf(rule: Rule): number {
    if (rule.condition === undefined) return NO_CONDITION;
    const key = keyOfCondition(rule);
    const number = this.#conditions.get(key) ?? this.#conditions.size + 1;
    this.#conditions.set(key, number);
    return number;
  }

  /** @param subjects  the key of one, which may have blanks and comes last, or the number of a list */
  #keyOf(ruleset: number | undefined, effect: Rule['effect'], condition: number, subjects: string): string {
    return `${ruleset ?? ''} ${effect} ${condition} ${subjects}`;
  }

  /** Whether what a subject is given covers anything: not where its pattern has shared variables. */
  #learn(subject: SubjectPattern): boolean {
    if (subject.kind === 'pattern' && hasVariable(subject)) return false;
    const key = keyOfSubject(subject);
    if (this.#learnt.has(key)) return true;
    this.#learnt.add(key);
    if (subject.kind === 'pattern') this.#patternTrie.add(subject.elements, this.#patterns.length);
    if (subject.kind === 'pattern' || subject.kind === 'group') this.#patterns.push(subject);
    return true;
  }

  /**
   * The tries of rules whose subjects include `subject` and that apply wherever the condition of `rule` holds: without a
   * condition, or with the same.
   */
  triesFor(
    rule: Rule,
    subject: SubjectPattern,
    { ruleset, effects }: CovererKind,
    effort: Effort,
  ): readonly SubjectTrie[] {
    const conditions = new Set([NO_CONDITION, this.#conditionOf(rule)]);
    const found: SubjectTrie[] = [];
    for (const outer of this.#subjectsIncluding(subject, effort)) {
      const own = keyOfSubject(outer);
      const lists = this.#listsOf.get(own) ?? [];
      effort.spend(1 + lists.length);
      for (const subjects of [own, ...lists.map((number) => `list ${number}`)]) {
        for (const effect of effects) {
          for (const condition of conditions) {
            const trie = this.#tries.get(this.#keyOf(ruleset, effect, condition, subjects));
            if (trie !== undefined) found.push({ trie, subject: outer });
          }
        }
      }
    }
    return found;
  }

  #subjectsIncluding(subject: SubjectPattern, effort: Effort): readonly SubjectPattern[] {
    const including = new Map<string, SubjectPattern>();
    const add = (outer: SubjectPattern): unknown => including.set(keyOfSubject(outer), outer);
    add({ kind: 'anyone' });
    if (subject.kind === 'anyone') return [...including.values()];
    add({ kind: 'authenticated' });
    if (subject.kind === 'authenticated') return [...including.values()];
    if (subject.kind === 'subject') {
      add(subject);
      for (const name of this.#subjects.groupsOf({ subject: subject.id, groups: [] }))
        add({ kind: 'group', name });
    } else if (subject.kind === 'group') {
      for (const name of this.#subjects.groupsAbove(subject.name)) add({ kind: 'group', name });
    } else {
      effort.spend(this.#groups.length);
      for (const name of this.#groups) {
        if (this.#subjects.includes({ kind: 'group', name }, subject)) add({ kind: 'group', name });
      }
    }
    const alike = this.#patternsLike(subject);
    effort.spend(including.size + alike.length);
    for (const pattern of alike) if (this.#subjects.includes(pattern, subject)) add(pattern);
    return [...including.values()];
  }

  /** Patterns that may include a subject: all that match one example of it. */
  #patternsLike(subject: SubjectPattern): readonly SubjectPattern[] {
    const examples =
      subject.kind === 'subject'
        ? [subject.id]
        : subject.kind === 'pattern'
          ? exampleIds(subject.elements, unusualText)
          : [];
    const [example] = examples;
    if (example === undefined) return [];
    return [...new Set(ownersOf(this.#patternTrie, lettersOfId(example)))].map(
      (owner) => this.#patterns[owner]!,
    );
  }
}

const NO_CONDITION = 0;

/** Longer lists of subjects have what they are given in common. */
const MAX_APART = 8;

/** Of rules that are written twice the first, by the later ones. */
function firstsOf(items: readonly RuleItem[]): ReadonlyMap<Rule, Rule> {
  const numbers = new ListNumbers();
  const seen = new Map<string, Rule>();
  const firsts = new Map<Rule, Rule>();
  for (const rule of new Set(items.map((item) => item.rule))) {
    const lists = [rule.subjects, rule.actions, rule.resources].map((list) => numbers.of(list));
    const key = `${rule.ruleset ?? ''} ${rule.effect} ${lists.join(' ')} ${keyOfCondition(rule)}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, rule);
    else firsts.set(rule, first);
  }
  return firsts;
}

/** A number for each list, equal for those that are written alike. Rules share lists: each is written out once. */
class ListNumbers {
  readonly #known = new WeakMap<readonly unknown[], number>();
  readonly #numbers = new Map<string, number>();

  of(list: readonly unknown[]): number {
    let number = this.#known.get(list);
    if (number === undefined) {
      const key = JSON.stringify(list);
      number = this.#numbers.get(key) ?? this.#numbers.size;
      this.#numbers.set(key, number);
      this.#known.set(list, number);
    }
    return number;
  }
}
