import { isSubject } from '../id/scan.ts';
import type { Expression, Model, PatternElement, Rule, SubjectPattern } from '../model/model.ts';
import { constantValueOf } from './condition-values.ts';
import { type CovererKind, CoverIndex, unusualText } from './cover-index.ts';
import { Effort } from './effort.ts';
import { exampleIds } from './example-ids.ts';
import { explore, type IdClass } from './explore.ts';
import { type Letter, lettersOfId } from './letters.ts';
import { OwnersByAction } from './owners-by-action.ts';
import { type NodeSet, nodesOf, ownersOf, PatternTrie } from './pattern-trie.ts';
import { allItems, type RuleItem } from './rule-items.ts';
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
  readonly #effort: Effort;
  readonly #schema: Schema;
  readonly #subjects: Subjects;
  readonly #items: readonly RuleItem[];
  readonly #itemsOfRule = new Map<Rule, RuleItem[]>();
  readonly #owners: OwnersByAction;
  readonly #answers = new Map<string, Map<Rule, Covered | undefined>>();
  #coverIndex: CoverIndex | undefined;
  #allows: PatternTrie | undefined;
  #special: ReadonlySet<number> | 'all' | undefined;

  /** @param effort  what all questions together may cost: those that come too late have no answer */
  constructor(model: Model, effort: Effort = new Effort()) {
    this.#model = model;
    this.#effort = effort;
    this.#schema = new Schema(model);
    this.#subjects = new Subjects(model);
    this.#items = allItems(model, this.#schema);
    this.#owners = new OwnersByAction(this.#items, this.#schema);
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
    const first = this.#firstOf(rule);
    if (first !== rule) return this.#coverOfRepeated(first, this.#coverOf(first));
    return this.#coverOf(rule);
  }

  #coverOf(rule: Rule): Covered | undefined {
    return this.#remember(
      'cover',
      rule,
      { ruleset: rule.ruleset, effects: [rule.effect] },
      (item, subject, inner, innerSubject) =>
        item.index < inner.index || !this.#isWithin(item, subject, inner, innerSubject),
    );
  }

  /** Rules before `rule` in its first-applicable ruleset that together apply wherever it does: it never decides. */
  findShadow(rule: Rule): Covered | undefined {
    if (!this.#isFirstApplicable(rule)) return undefined;
    const first = this.#firstOf(rule);
    if (first !== rule) return this.#coverOfRepeated(first, this.#shadowOf(first));
    return this.#shadowOf(rule);
  }

  #shadowOf(rule: Rule): Covered | undefined {
    return this.#remember(
      'shadow',
      rule,
      { ruleset: rule.ruleset, effects: ['allow', 'deny'] },
      (item, _, inner) =>
        item.index < inner.index &&
        // Where the condition errs a deny applies, and an allow before it does not (S41).
        !(item.rule.condition !== undefined && item.rule.effect === 'allow' && rule.effect === 'deny'),
    );
  }

  /** Denies outside of rulesets that override an allow wholly: no request is allowed by it. */
  findOverride(allow: Rule): Covered | undefined {
    const first = this.#firstOf(allow);
    return this.#remember('override', first, { ruleset: undefined, effects: ['deny'] }, () => true);
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

  /** Rules that are written again and again are asked about once. With shared variables nothing covers anything. */
  #firstOf(rule: Rule): Rule {
    const items = this.#itemsOfRule.get(rule) ?? [];
    const hasShared = items.some((item) => item.hasVariable) || rule.subjects.some(isShared);
    return items.length === 0 || hasShared ? rule : this.#covers.firstOf(rule);
  }

  /** What covers a rule that is written twice: the first of them, or what covers that one by itself and stands before it. */
  #coverOfRepeated(first: Rule, ofFirst: Covered | undefined): Covered {
    const [by, ...others] = ofFirst?.by ?? [];
    const isBefore = by !== undefined && others.length === 0 && this.#indexOf(by) < this.#indexOf(first);
    return { by: [isBefore ? by : first] };
  }

  #indexOf(rule: Rule): number {
    return this.#itemsOfRule.get(rule)![0]!.index;
  }

  get #covers(): CoverIndex {
    this.#coverIndex ??= new CoverIndex(this.#items, this.#subjects);
    return this.#coverIndex;
  }

  #remember(what: string, rule: Rule, wanted: CovererKind, isEligible: Eligible): Covered | undefined {
    const known = this.#answers.get(what) ?? new Map<Rule, Covered | undefined>();
    this.#answers.set(what, known);
    if (!known.has(rule)) known.set(rule, this.#findCovering(rule, wanted, isEligible));
    return known.get(rule);
  }

  #findCovering(rule: Rule, wanted: CovererKind, isEligible: Eligible): Covered | undefined {
    const found = new Set<number>();
    let alone: Set<number> | undefined;
    try {
      for (const question of this.#questionsAbout(rule, wanted, isEligible)) {
        const covering = this.#coveringItem(question);
        if (covering === undefined) return undefined;
        for (const index of covering.some) found.add(index);
        alone = alone === undefined ? covering.alone : alone.intersection(covering.alone!);
      }
    } catch (error) {
      if (error instanceof TooComplexError) return undefined;
      throw error;
    }
    if (alone === undefined) return undefined;
    const indices = alone.size > 0 ? [Math.min(...alone)] : [...found].sort((a, b) => a - b);
    return { by: indices.map((index) => this.#model.rules[index]!) };
  }

  /** What has to be covered for the rule to be, item by item and subject by subject; none if some of it is plainly not. */
  #questionsAbout(rule: Rule, wanted: CovererKind, isEligible: Eligible): readonly Question[] {
    const items = this.#itemsOfRule.get(rule) ?? [];
    const probes = items.map(probesOf);
    const questions: Question[] = [];
    for (const subject of rule.subjects) {
      const tries = this.#covers.triesFor(rule, subject, wanted, this.#effort);
      for (const [i, inner] of items.entries()) {
        const coverers = tries.map((outer): Coverers => {
          return { ...outer, isEligible: (item) => isEligible(item, outer.subject, inner, subject) };
        });
        const question: Question = { inner, coverers, probes: probes[i]! };
        if (!this.#coversProbes(question)) return [];
        questions.push(question);
      }
    }
    return questions;
  }

  /** Rules that together apply wherever an item does for one of its subjects. */
  #coveringItem(question: Question): Covering | undefined {
    // Who covers all of it covers the probes: mostly those few are enough.
    const likely = question.inner.patterns.every(isSingleId) ? question : this.#onlyAtProbes(question);
    return this.#coveringWith(likely) ?? (likely === question ? undefined : this.#coveringWith(question));
  }

  #onlyAtProbes({ inner, coverers, probes }: Question): Question {
    const few = coverers.map(({ trie, ...others }): Coverers => {
      const owners = new Set(probes.flatMap((id) => ownersOf(trie, lettersOfId(id))));
      this.#effort.spend(owners.size);
      const part = new PatternTrie();
      for (const owner of owners)
        for (const elements of this.#items[owner]!.patterns) part.add(elements, owner);
      return { trie: part, ...others };
    });
    return { inner, coverers: few, probes };
  }

  #coveringWith({ inner, coverers }: Question): Covering | undefined {
    const covering: Covering = { some: new Set(), alone: undefined };
    let isCovered = inner.isForNothing ? this.#coversNothing(inner, coverers, covering) : true;
    if (!isCovered) return undefined;
    const visit = ({ first, others }: IdClass): boolean => {
      const places = others.slice(0, coverers.length).map(({ nodes }) => nodes);
      isCovered = this.#coversActions(inner, coverers, places, this.#schema.namespaceOf(first), covering);
      return !isCovered;
    };
    const tries = [...coverers.map(({ trie }) => trie), this.#schema.rootTrie];
    explore(regionOf(inner), tries, visit, { effort: this.#effort });
    return isCovered && covering.alone !== undefined ? covering : undefined;
  }

  /** A quick no for most rules: whether somebody covers ids that nobody names. */
  #coversProbes({ inner, coverers, probes }: Question): boolean {
    return probes.every((id) => {
      const letters = lettersOfId(id);
      const missing = new Set(this.#askedOn(inner, letters[0]!));
      const namespace = this.#schema.namespaceOf(letters[0]!);
      return coverers.some(({ trie, isEligible }) => {
        for (const item of this.#speaking(nodesOf(trie, letters), missing, namespace)) {
          const asked = this.#schema.askedBy(item.rule, item, namespace);
          if (missing.isDisjointFrom(asked) || !isEligible(item)) continue;
          for (const action of asked) missing.delete(action);
          if (missing.size === 0) return true;
        }
        return false;
      });
    });
  }

  #askedOn(inner: RuleItem, first: Letter): ReadonlySet<string> {
    return this.#schema.askedBy(inner.rule, inner, this.#schema.namespaceOf(first));
  }

  /** Items at some nodes that speak of one of the actions, in source order. */
  #speaking(
    nodes: NodeSet,
    actions: ReadonlySet<string>,
    namespace: number | undefined | 'nothing',
  ): readonly RuleItem[] {
    const owners = this.#owners.at(nodes, actions, namespace);
    this.#effort.spend(1 + owners.length);
    return owners.map((owner) => this.#items[owner]!);
  }

  /** Requests without a resource (S8). */
  #coversNothing(inner: RuleItem, coverers: readonly Coverers[], covering: Covering): boolean {
    const forNothing = coverers.map(({ isEligible, ...others }): Coverers => {
      return { ...others, isEligible: (item) => item.isForNothing && isEligible(item) };
    });
    const places = coverers.map(({ trie }) => trie.start());
    return this.#coversActions(inner, forNothing, places, 'nothing', covering);
  }

  /** @param places  of each of the coverers */
  #coversActions(
    inner: RuleItem,
    coverers: readonly Coverers[],
    places: readonly NodeSet[],
    namespace: number | undefined | 'nothing',
    covering: Covering,
  ): boolean {
    const needed = this.#schema.askedBy(inner.rule, inner, namespace);
    const alone = new Set<number>();
    const missing = new Set(needed);
    const speaking = coverers.flatMap(({ isEligible }, i) =>
      this.#speaking(places[i]!, needed, namespace).map((item) => ({ item, isEligible })),
    );
    for (const { item, isEligible } of speaking.sort((a, b) => a.item.index - b.item.index)) {
      const asked = this.#schema.askedBy(item.rule, item, namespace);
      const isAlone = (covering.alone?.has(item.index) ?? true) && needed.isSubsetOf(asked);
      const isNeeded = !missing.isDisjointFrom(asked);
      if (!(isAlone || isNeeded) || !isEligible(item)) continue;
      if (isAlone) alone.add(item.index);
      if (!isNeeded) continue;
      for (const action of asked) missing.delete(action);
      covering.some.add(item.index);
    }
    covering.alone = alone;
    return missing.size === 0;
  }

  /** Whether all that `item` says of `subject` is also said by `outer` of `outerSubject`. */
  #isWithin(item: RuleItem, subject: SubjectPattern, outer: RuleItem, outerSubject: SubjectPattern): boolean {
    if (!this.#subjects.includes(outerSubject, subject)) return false;
    if (item.isForNothing && !outer.isForNothing) return false;
    if (outer.hasVariable) return false;
    // Thousands of rules on one id are told apart by their actions.
    return (
      this.#hasActionsOf(outer, item) &&
      item.patterns.every(
        (elements) =>
          outer.patterns.includes(elements) || includesElements(outer.patterns, elements, this.#effort),
      )
    );
  }

  /** Whether an item asks for all actions that another does, wherever that one speaks. */
  #hasActionsOf(outer: RuleItem, item: RuleItem): boolean {
    if (outer.rule.actions === item.rule.actions && outer.listed === item.listed) return true;
    const namespaces = new Set(item.patterns.flatMap((elements) => this.#placesOf(elements)));
    this.#effort.spend(namespaces.size);
    return [...namespaces].every((namespace) =>
      this.#schema
        .askedBy(item.rule, item, namespace)
        .isSubsetOf(this.#schema.askedBy(outer.rule, outer, namespace)),
    );
  }

  // -------------------------------------------------------------- meeting

  /** Whether something else than a rule may allow what the item denies. */
  #meetsMoreThanRules({ patterns }: RuleItem): boolean {
    this.#special ??= specialNamespaces(this.#model);
    const special = this.#special;
    if (special === 'all') return true;
    return (
      special.size > 0 &&
      patterns.some((elements) =>
        this.#placesOf(elements).some((place) => place !== undefined && special.has(place)),
      )
    );
  }

  /** The namespaces of ids that a pattern matches; undefined among them where they may be of none (S31). */
  #placesOf([first]: readonly PatternElement[]): readonly (number | undefined)[] {
    if (first?.kind === 'literal' || first?.kind === 'root') {
      const text = first.kind === 'literal' ? first.text : '';
      return [this.#schema.namespaceOf({ separator: 'start', text })];
    }
    return [undefined, ...this.#model.namespaces.keys()];
  }

  #meetingOf(deny: RuleItem): Meeting | undefined {
    this.#allows ??= this.#buildAllows();
    const allows = this.#allows;
    for (const id of deny.patterns.flatMap((elements) => exampleIds(elements, 'x'))) {
      const letters = lettersOfId(id);
      const meeting = this.#meetingAt(deny, nodesOf(allows, letters), letters[0]!, () => id);
      if (meeting !== undefined) return meeting;
    }
    let meeting: Meeting | undefined;
    const visit = ({ others, first, id }: IdClass): boolean => {
      meeting = this.#meetingAt(deny, others[0]!.nodes, first, id);
      return meeting !== undefined;
    };
    explore(regionOf(deny), [allows, this.#schema.rootTrie], visit, { effort: this.#effort });
    return meeting;
  }

  #meetingAt(deny: RuleItem, nodes: NodeSet, first: Letter, id: () => string): Meeting | undefined {
    const namespace = this.#schema.namespaceOf(first);
    const denied = this.#schema.askedBy(deny.rule, deny, namespace);
    for (const item of this.#speaking(nodes, denied, namespace)) {
      const allowed = this.#schema.askedBy(item.rule, item, namespace);
      const action = [...allowed].find((each) => denied.has(each));
      if (action === undefined || !this.#overlapSubjects(deny.rule, item.rule)) continue;
      const asker = this.#commonAsker(deny.rule, item.rule);
      return {
        with: item.rule,
        ...(asker === undefined ? {} : { witness: { ...asker, action, resource: id() } }),
      };
    }
    return undefined;
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

/** Whether an item may take part in covering another for some subject of it. */
type Eligible = (
  item: RuleItem,
  subject: SubjectPattern,
  inner: RuleItem,
  innerSubject: SubjectPattern,
) => boolean;

/** Rules that may take part: outside of rulesets, or those of one. */
interface Coverers {
  readonly trie: PatternTrie;
  readonly subject: SubjectPattern;
  readonly isEligible: (item: RuleItem) => boolean;
}

/** Whether an item is covered for one of its subjects. */
interface Question {
  readonly inner: RuleItem;
  readonly coverers: readonly Coverers[];
  /** Ids of the item that nobody names. */
  readonly probes: readonly string[];
}

/** Places of rules: those that take part, and those that cover by themselves. */
interface Covering {
  readonly some: Set<number>;
  /** Undefined before anything has been looked at. */
  alone: Set<number> | undefined;
}

function isShared(subject: SubjectPattern): boolean {
  return subject.kind === 'pattern' && hasVariable(subject);
}

function probesOf({ patterns }: RuleItem): readonly string[] {
  return patterns.flatMap((elements) => exampleIds(elements, unusualText));
}

function isSingleId(elements: readonly PatternElement[]): boolean {
  return elements.every(({ kind }) => kind === 'literal' || kind === 'root');
}

function regionOf({ patterns }: RuleItem): PatternTrie {
  const region = new PatternTrie();
  for (const elements of patterns) region.add(elements, 0);
  return region;
}

/** Namespaces where something else than a rule may allow: a superuser (S33), or a mode that does not enforce (S36). */
function specialNamespaces({ rulesets, namespaces }: Model): ReadonlySet<number> | 'all' {
  if (rulesets.some((ruleset) => ruleset.default === 'allow')) return 'all';
  const isSpecial = ({ superuser, templates }: Model['namespaces'][number]): boolean =>
    superuser !== undefined || templates.some(({ enforcedIn }) => enforcedIn !== undefined);
  return new Set(namespaces.flatMap((namespace, i) => (isSpecial(namespace) ? [i] : [])));
}
