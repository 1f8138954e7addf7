import { isSubject } from '../id/scan.ts';
import type { Expression, Model, PatternElement, Rule, SubjectPattern } from '../model/model.ts';
import { constantValueOf } from './condition-values.ts';
import { exampleIds } from './example-ids.ts';
import { explore, type IdClass } from './explore.ts';
import { lettersOfId } from './letters.ts';
import { ownersOf, PatternTrie } from './pattern-trie.ts';
import { allItems, keyOfCondition, keyOfSubject, type RuleItem } from './rule-items.ts';
import { Schema } from './schema.ts';
import { hasVariable, includesElements, Subjects } from './subjects.ts';
import { TooComplexError } from './too-complex.ts';

/** A request as data; also what `decide` takes. `subject` and `resource` may be absent (S8, S9). */
export interface Witness {
  readonly subject?: string;
  readonly action: string;
  readonly resource?: string;
  readonly groups?: readonly string[];
}

/** A rule whose requests are all decided by others: whatever it would do, they do. */
export interface Covered {
  /** Of one effect, in source order; one alone where one is enough. */
  readonly by: readonly Rule[];
}

/** What a deny denies. */
export interface Meeting {
  /** The allow that it overrides; absent where a ruleset's default, a superuser or an unenforced mode may allow. */
  readonly with?: Rule;
  /** A request that both speak of, conditions and variables left aside. */
  readonly witness?: Witness;
}

/**
 * Exact questions about one policy set. What depends on conditions or shared variables is answered only where it holds
 * whatever they are, and what would take too long not at all: a missing answer is possible, a wrong one is not.
 */
export class PolicyAnalysis {
  readonly #model: Model;
  readonly #schema: Schema;
  readonly #subjects: Subjects;
  readonly #items: readonly RuleItem[];
  readonly #itemsOfRule = new Map<Rule, RuleItem[]>();
  #coverIndex: CoverIndex | undefined;
  #allows: PatternTrie | undefined;

  constructor(model: Model) {
    this.#model = model;
    this.#schema = new Schema(model);
    this.#subjects = new Subjects(model);
    this.#items = allItems(model, this.#schema);
    for (const item of this.#items) {
      const items = this.#itemsOfRule.get(item.rule);
      if (items === undefined) this.#itemsOfRule.set(item.rule, [item]);
      else items.push(item);
    }
  }

  /**
   * Other rules of the same effect and ruleset, or both outside of any, that apply wherever `rule` does, so that deleting it
   * changes no decision. Of rules that cover each other the first in source order stays. Never in first-applicable rulesets.
   */
  findCover(rule: Rule): Covered | undefined {
    if (this.#isFirstApplicable(rule)) return undefined;
    return this.#findCovering(
      rule,
      (item, subject, inner, innerSubject) =>
        item.rule.effect === rule.effect &&
        item.rule.ruleset === rule.ruleset &&
        hasConditionOf(item.rule, rule) &&
        (item.index < inner.index || !this.#isWithin(item, subject, inner, innerSubject)),
    );
  }

  /** Rules before `rule` in its first-applicable ruleset that together apply wherever it does: it never decides. */
  findShadow(rule: Rule): Covered | undefined {
    if (!this.#isFirstApplicable(rule)) return undefined;
    return this.#findCovering(
      rule,
      (item, _, inner) =>
        item.rule.ruleset === rule.ruleset &&
        item.index < inner.index &&
        hasConditionOf(item.rule, rule) &&
        // Where the condition errs a deny applies, and an allow before it does not (S41).
        !(item.rule.condition !== undefined && item.rule.effect === 'allow' && rule.effect === 'deny'),
    );
  }

  /** Denies outside of rulesets that override an allow wholly: no request is allowed by it. */
  findOverride(allow: Rule): Covered | undefined {
    return this.#findCovering(
      allow,
      ({ rule }) => rule.effect === 'deny' && rule.ruleset === undefined && hasConditionOf(rule, allow),
    );
  }

  /** Something that a deny keeps from being allowed; undefined for a deny that changes no decision, whatever is asked. */
  findMeeting(deny: Rule): Meeting | undefined {
    const unclear: Meeting = {};
    try {
      for (const item of this.#itemsOfRule.get(deny) ?? []) {
        if (this.#meetsMoreThanRules(item)) return unclear;
        const meeting = this.#meetingOf(item);
        if (meeting !== undefined) return meeting;
      }
    } catch (error) {
      if (error instanceof TooComplexError) return unclear;
      throw error;
    }
    return undefined;
  }

  /** A request that the rule applies to, its condition left aside. Undefined where none is found. */
  witnessOf(rule: Rule): Witness | undefined {
    const [action] = rule.actions;
    for (const item of this.#itemsOfRule.get(rule) ?? []) {
      const resource = item.patterns.flatMap((elements) => exampleIds(elements, 'x'))[0];
      if (resource === undefined) continue;
      for (const subject of rule.subjects) {
        const asker = this.#askerOf(subject);
        if (asker !== undefined) return { ...asker, action: action!, resource };
      }
    }
    return undefined;
  }

  /**
   * Whether an expression is the same whatever is asked: `true` only if it can neither be false nor err, `false` if it is
   * never true. Undefined where it varies, or where that is not decided.
   */
  constantValueOf(condition: Expression): boolean | undefined {
    return constantValueOf(condition);
  }

  #isFirstApplicable({ ruleset }: Rule): boolean {
    return ruleset !== undefined && this.#model.rulesets[ruleset]!.combining === 'first-applicable';
  }

  // -------------------------------------------------------------- covering

  #findCovering(rule: Rule, isEligible: Eligible): Covered | undefined {
    const found = new Set<number>();
    let alone: Set<number> | undefined;
    try {
      for (const item of this.#itemsOfRule.get(rule) ?? []) {
        for (const subject of rule.subjects) {
          const covering = this.#coveringItem(item, subject, isEligible);
          if (covering === undefined) return undefined;
          for (const index of covering.some) found.add(index);
          alone = alone === undefined ? covering.alone : alone.intersection(covering.alone);
        }
      }
    } catch (error) {
      if (error instanceof TooComplexError) return undefined;
      throw error;
    }
    if (alone === undefined) return undefined;
    const indices = alone.size > 0 ? [Math.min(...alone)] : [...found].sort((a, b) => a - b);
    return { by: indices.map((index) => this.#model.rules[index]!) };
  }

  /** Rules that together apply wherever an item does for one of its subjects. */
  #coveringItem(inner: RuleItem, innerSubject: SubjectPattern, isEligible: Eligible): Covering | undefined {
    this.#coverIndex ??= new CoverIndex(this.#items, this.#subjects);
    const tries = this.#coverIndex.triesFor(inner.rule, innerSubject);
    const coverers = tries.map(({ trie, subject }): Coverers => {
      return { trie, subject, isEligible: (item) => isEligible(item, subject, inner, innerSubject) };
    });
    const covering: Covering = { some: new Set(), alone: undefined as unknown as Set<number> };
    if (!this.#coversProbes(inner, coverers)) return undefined;
    const region = regionOf(inner);
    let isCovered = inner.isForNothing ? this.#coversNothing(inner, coverers, covering) : true;
    if (!isCovered) return undefined;
    explore(region, [...coverers.map(({ trie }) => trie), this.#schema.rootTrie], (found) => {
      isCovered = this.#coversClass(inner, coverers, found, covering);
      return !isCovered;
    });
    return isCovered && covering.alone !== undefined ? covering : undefined;
  }

  /** A quick no for most rules: whether somebody covers ids that nobody names. */
  #coversProbes(inner: RuleItem, coverers: readonly Coverers[]): boolean {
    const probes = inner.patterns.flatMap((elements) => exampleIds(elements, unusualText));
    return probes.every((id) => {
      const letters = lettersOfId(id);
      return coverers.some(({ trie, isEligible }) =>
        ownersOf(trie, letters).some((owner) => isEligible(this.#items[owner]!)),
      );
    });
  }

  #coversClass(inner: RuleItem, coverers: readonly Coverers[], found: IdClass, covering: Covering): boolean {
    const namespace = this.#schema.namespaceOf(found.first);
    const items = coverers.flatMap(({ isEligible }, i) =>
      found.inOthers[i]!.map((owner) => this.#items[owner]!).filter(isEligible),
    );
    return this.#coversActions(inner, items, namespace, covering);
  }

  /** Requests without a resource (S8). */
  #coversNothing(inner: RuleItem, coverers: readonly Coverers[], covering: Covering): boolean {
    const items = coverers.flatMap(({ trie, isEligible }) =>
      trie
        .start()
        .flatMap(({ owners }) => owners)
        .map((owner) => this.#items[owner]!)
        .filter((item) => item.isForNothing && isEligible(item)),
    );
    return this.#coversActions(inner, items, 'nothing', covering);
  }

  #coversActions(
    inner: RuleItem,
    items: readonly RuleItem[],
    namespace: number | undefined | 'nothing',
    covering: Covering,
  ): boolean {
    const needed = this.#schema.askedBy(inner.rule, inner, namespace);
    const alone = new Set<number>();
    const missing = new Set(needed);
    for (const item of items.toSorted((a, b) => a.index - b.index)) {
      const asked = this.#schema.askedBy(item.rule, item, namespace);
      if (needed.isSubsetOf(asked)) alone.add(item.index);
      if (missing.isDisjointFrom(asked)) continue;
      for (const action of asked) missing.delete(action);
      covering.some.add(item.index);
    }
    covering.alone = covering.alone === undefined ? alone : covering.alone.intersection(alone);
    return missing.size === 0;
  }

  /** Whether all that `item` says of `subject` is also said by `outer` of `outerSubject`. */
  #isWithin(item: RuleItem, subject: SubjectPattern, outer: RuleItem, outerSubject: SubjectPattern): boolean {
    if (!this.#subjects.includes(outerSubject, subject)) return false;
    if (item.isForNothing && !outer.isForNothing) return false;
    if (outer.hasVariable) return false;
    const namespaces = [undefined, ...this.#model.namespaces.keys()];
    // Thousands of rules on one id are told apart by their actions.
    const hasActions = namespaces.every((namespace) =>
      this.#schema
        .askedBy(item.rule, item, namespace)
        .isSubsetOf(this.#schema.askedBy(outer.rule, outer, namespace)),
    );
    return hasActions && item.patterns.every((elements) => includesElements(outer.patterns, elements));
  }

  // -------------------------------------------------------------- meeting

  /** Whether something else than a rule may allow what the item denies. */
  #meetsMoreThanRules({ patterns }: RuleItem): boolean {
    const { rulesets, namespaces } = this.#model;
    if (rulesets.some((ruleset) => ruleset.default === 'allow')) return true;
    const isSpecial = ({ superuser, templates }: (typeof namespaces)[number]): boolean =>
      superuser !== undefined || templates.some(({ enforcedIn }) => enforcedIn !== undefined);
    return patterns.some((elements) => this.#namespacesOf(elements).some((i) => isSpecial(namespaces[i]!)));
  }

  #namespacesOf(elements: readonly PatternElement[]): readonly number[] {
    const [first] = elements;
    if (first?.kind === 'literal' || first?.kind === 'root') {
      const text = first.kind === 'literal' ? first.text : '';
      const namespace = this.#schema.namespaceOf({ separator: 'start', text });
      return namespace === undefined ? [] : [namespace];
    }
    return [...this.#model.namespaces.keys()];
  }

  #meetingOf(deny: RuleItem): Meeting | undefined {
    this.#allows ??= this.#buildAllows();
    let meeting: Meeting | undefined;
    explore(regionOf(deny), [this.#allows, this.#schema.rootTrie], ({ inOthers, first, id }) => {
      const namespace = this.#schema.namespaceOf(first);
      const denied = this.#schema.askedBy(deny.rule, deny, namespace);
      for (const owner of inOthers[0]!) {
        const item = this.#items[owner]!;
        const allowed = this.#schema.askedBy(item.rule, item, namespace);
        const action = [...allowed].find((each) => denied.has(each));
        if (action === undefined || !this.#overlapSubjects(deny.rule, item.rule)) continue;
        const asker = this.#commonAsker(deny.rule, item.rule);
        meeting = {
          with: item.rule,
          ...(asker === undefined ? {} : { witness: { ...asker, action, resource: id() } }),
        };
        return true;
      }
      return undefined;
    });
    return meeting;
  }

  #buildAllows(): PatternTrie {
    const trie = new PatternTrie();
    for (const [owner, { rule, patterns }] of this.#items.entries()) {
      if (rule.effect === 'allow') for (const elements of patterns) trie.add(elements, owner);
    }
    return trie;
  }

  #overlapSubjects(a: Rule, b: Rule): boolean {
    return a.subjects.some((one) => b.subjects.some((other) => this.#subjects.overlap(one, other)));
  }

  /** Somebody of whom both rules speak, of the kinds of subjects that are easily named. */
  #commonAsker(a: Rule, b: Rule): Pick<Witness, 'subject' | 'groups'> | undefined {
    for (const one of a.subjects) {
      for (const other of b.subjects) {
        for (const [named, rest] of [
          [one, other],
          [other, one],
        ] as const) {
          const asker = this.#askerOf(named);
          if (asker === undefined) continue;
          const groups =
            rest.kind === 'group' ? [...new Set([...(asker.groups ?? []), rest.name])] : asker.groups;
          const whole = { ...asker, ...(groups === undefined ? {} : { groups }) };
          const all = this.#subjects.groupsOf({ ...whole, groups: groups ?? [] });
          if (
            [one, other].every((each) =>
              this.#subjects.matches(each, { ...whole, groups: groups ?? [] }, all),
            )
          )
            return whole;
        }
      }
    }
    return undefined;
  }

  #askerOf(subject: SubjectPattern): Pick<Witness, 'subject' | 'groups'> | undefined {
    switch (subject.kind) {
      case 'anyone':
        return {};
      case 'authenticated':
        return { subject: 'user:x' };
      case 'subject':
        return isSubject(subject.id) ? { subject: subject.id } : undefined;
      case 'group': {
        const [member] = this.#subjects.membersOf(subject.name).subjects;
        return member === undefined ? { subject: 'user:x', groups: [subject.name] } : { subject: member };
      }
      case 'pattern': {
        const id = exampleIds(subject.elements, 'x').find(isSubject);
        return id === undefined ? undefined : { subject: id };
      }
    }
  }
}

/** A text that stands in no policy that anybody writes: ids with it are covered by wildcards alone. */
const unusualText = '\ue000';

/** Whether an item may take part in covering another for some subject of it. */
type Eligible = (
  item: RuleItem,
  subject: SubjectPattern,
  inner: RuleItem,
  innerSubject: SubjectPattern,
) => boolean;

interface Coverers {
  readonly trie: PatternTrie;
  readonly subject: SubjectPattern;
  readonly isEligible: (item: RuleItem) => boolean;
}

/** Places of rules: those that take part, and those that cover by themselves. */
interface Covering {
  readonly some: Set<number>;
  alone: Set<number>;
}

/** Whether `rule` applies wherever the condition of `other` holds. */
function hasConditionOf(rule: Rule, other: Rule): boolean {
  return rule.condition === undefined || keyOfCondition(rule) === keyOfCondition(other);
}

function regionOf({ patterns }: RuleItem): PatternTrie {
  const region = new PatternTrie();
  for (const elements of patterns) region.add(elements, 0);
  return region;
}

/** The items of a model by what their subjects are, so that those that can cover another are found without reading all. */
class CoverIndex {
  readonly #tries = new Map<string, { readonly trie: PatternTrie; readonly subject: SubjectPattern }>();
  /** Subject patterns of rules; owners are places in `#patterns`. */
  readonly #patternTrie = new PatternTrie();
  readonly #patterns: SubjectPattern[] = [];
  readonly #groups: readonly string[];
  readonly #subjects: Subjects;

  constructor(items: readonly RuleItem[], subjects: Subjects) {
    this.#subjects = subjects;
    for (const [owner, item] of items.entries()) {
      if (item.hasVariable) continue;
      for (const subject of item.rule.subjects) this.#add(subject, item, owner);
    }
    const named = this.#patterns.flatMap((pattern) => (pattern.kind === 'group' ? [pattern.name] : []));
    this.#groups = [...new Set(named)];
  }

  #add(subject: SubjectPattern, { rule, patterns }: RuleItem, owner: number): void {
    if (subject.kind === 'pattern' && hasVariable(subject)) return;
    for (const key of [keyIn(rule, subject)]) {
      let entry = this.#tries.get(key);
      if (entry === undefined) {
        entry = { trie: new PatternTrie(), subject };
        this.#tries.set(key, entry);
        this.#learn(subject);
      }
      for (const elements of patterns) entry.trie.add(elements, owner);
    }
  }

  #learn(subject: SubjectPattern): void {
    if (subject.kind === 'pattern') this.#patternTrie.add(subject.elements, this.#patterns.length);
    if (subject.kind === 'pattern' || subject.kind === 'group') this.#patterns.push(subject);
  }

  /** The tries of those outside of rulesets and in the rule's own whose subjects include `subject`. */
  triesFor(rule: Rule, subject: SubjectPattern): readonly { trie: PatternTrie; subject: SubjectPattern }[] {
    const rulesets = rule.ruleset === undefined ? [undefined] : [undefined, rule.ruleset];
    return this.#subjectsIncluding(subject).flatMap((outer) =>
      rulesets.flatMap((ruleset) => this.#tries.get(keyIn({ ruleset }, outer)) ?? []),
    );
  }

  #subjectsIncluding(subject: SubjectPattern): readonly SubjectPattern[] {
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
      for (const name of this.#groups) {
        if (this.#subjects.includes({ kind: 'group', name }, subject)) add({ kind: 'group', name });
      }
    }
    for (const pattern of this.#patternsLike(subject))
      if (this.#subjects.includes(pattern, subject)) add(pattern);
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

function keyIn({ ruleset }: { readonly ruleset?: number | undefined }, subject: SubjectPattern): string {
  return `${ruleset ?? ''} ${keyOfSubject(subject)}`;
}
