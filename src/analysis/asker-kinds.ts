import { isSubject } from '../id/scan.ts';
import type { PathPattern, Rule, SubjectPattern } from '../model/model.ts';
import { BundleTable } from './bundle-table.ts';
import type { Effort } from './effort.ts';
import type { Both, Cell } from './model-comparison.ts';
import { otherSubjects } from './other-subjects.ts';
import { groupsIn, type PolicySide, type RoledRule } from './policy-side.ts';
import { keyOfCondition, keyOfSubject } from './rule-items.ts';
import { type Asker, hasVariable } from './subjects.ts';
import { TooComplexError } from './too-complex.ts';

/** Subjects that the same kinds of rules speak of: whoever is one of them is decided alike, whichever it is. */
export type Bundle = readonly SubjectPattern[];

/** One asker for everybody who is in the same bundles, as both policy sets know groups. */
export interface AskerKind extends Asker {
  /** Those who are in other bundles before than after, by their ids: nobody else is of the kind. */
  readonly moved?: readonly string[];
}

export interface AskerKinds {
  readonly bundles: readonly Bundle[];
  readonly askers: readonly AskerKind[];
}

const MAX_NAMED = 20_000;
const MAX_KINDS = 5_000;

/** Finds who is told apart where two policy sets are compared: one asker of every kind, with the groups that requests can add. */
export class AskerKindFinder {
  readonly #sides: Both<PolicySide>;
  readonly #changed: Both<ReadonlySet<Rule>>;
  readonly #known = new Map<string, AskerKinds>();
  readonly #numbers = new Map<Rule, number>();
  readonly #memberships: Memberships;
  readonly #effort: Effort;

  constructor(sides: Both<PolicySide>, changed: Both<ReadonlySet<Rule>>, effort: Effort) {
    this.#effort = effort;
    this.#sides = sides;
    this.#changed = changed;
    this.#memberships = new Memberships(sides);
  }

  /** @throws {TooComplexError} */
  find(cell: Cell, action: string): AskerKinds {
    const bundles = this.#bundlesOf(cell, action);
    const key = JSON.stringify(bundles.map((bundle) => bundle.map(keyOfSubject)));
    let kinds = this.#known.get(key);
    if (kinds === undefined) {
      kinds = {
        bundles,
        askers: new BundledAskers(this.#sides, this.#memberships, bundles, this.#effort).find(),
      };
      this.#known.set(key, kinds);
    }
    return kinds;
  }

  /** Twenty groups that unchanged rules of one kind allow are one thing to try, not twenty. */
  #bundlesOf(cell: Cell, action: string): readonly Bundle[] {
    const kinds = new Map<string, { readonly pattern: SubjectPattern; readonly kinds: Set<string> }>();
    const add = (pattern: SubjectPattern, kind: string): void => {
      const key = keyOfSubject(pattern);
      const known = kinds.get(key);
      if (known === undefined) kinds.set(key, { pattern, kinds: new Set([kind]) });
      else known.kinds.add(kind);
    };
    // Whether somebody asks at all matters by itself (S33, S36).
    add({ kind: 'anyone' }, 'anyone');
    add({ kind: 'authenticated' }, 'authenticated');
    for (const [i, side] of this.#sides.entries()) {
      for (const roled of side.roledRules(cell.sides[i]!, action)) {
        const kind = `${i} ${this.#kindOf(roled, side, this.#changed[i]!)}`;
        const { subjects, condition } = roled.rule;
        this.#effort.spend(1 + subjects.length);
        for (const pattern of subjects) add(pattern, kind);
        for (const name of condition === undefined ? [] : groupsIn(condition))
          add({ kind: 'group', name }, `in group ${name}`);
      }
    }
    const bundles = Map.groupBy(kinds.values(), (each) => [...each.kinds].sort().join('\n'));
    return [...bundles.values()].map((each) => each.map(({ pattern }) => pattern));
  }

  /** Equal for rules of which one is as good as the other. */
  #kindOf({ rule, role }: RoledRule, { model }: PolicySide, changed: ReadonlySet<Rule>): string {
    const { effect, ruleset, subjects, resources } = rule;
    const isOrdered = ruleset !== undefined && model.rulesets[ruleset]!.combining === 'first-applicable';
    const hasShared = [...subjects, ...resources].some(
      (each) => each.kind === 'pattern' && hasVariable(each),
    );
    if (isOrdered || hasShared || changed.has(rule)) return `rule ${this.#numberOf(rule)} ${role}`;
    return JSON.stringify([effect, ruleset, keyOfCondition(rule), role]);
  }

  #numberOf(rule: Rule): number {
    let number = this.#numbers.get(rule);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(rule, number);
    }
    return number;
  }
}

/** The groups of a subject on both sides, and a number that is equal for subjects in the same ones. */
interface Membership {
  readonly groups: Both<ReadonlySet<string>>;
  readonly number: number;
}

/** Who is in which groups, kept: each member is looked at wherever a rule speaks of one of its groups. */
class Memberships {
  readonly #sides: Both<PolicySide>;
  readonly #known = new Map<string, Membership>();
  readonly #numbers = new Map<string, number>();

  constructor(sides: Both<PolicySide>) {
    this.#sides = sides;
  }

  of(subject: string): Membership {
    let membership = this.#known.get(subject);
    if (membership === undefined) {
      const [before, after] = this.#sides.map(({ subjects }) => subjects.groupsOf({ subject, groups: [] }));
      const key = JSON.stringify([[...before!].sort(), [...after!].sort()]);
      const number = this.#numbers.get(key) ?? this.#numbers.size;
      this.#numbers.set(key, number);
      membership = { groups: [before!, after!], number };
      this.#known.set(subject, membership);
    }
    return membership;
  }
}

/** One asker for each set of bundles that somebody can be in. */
class BundledAskers {
  readonly #sides: Both<PolicySide>;
  readonly #memberships: Memberships;
  readonly #table = new BundleTable();
  readonly #shapes = new Map<string, PathPattern>();
  readonly #named = new Set<string>();
  readonly #kinds = new Map<string, AskerKind>();
  readonly #effort: Effort;

  constructor(sides: Both<PolicySide>, memberships: Memberships, bundles: readonly Bundle[], effort: Effort) {
    this.#effort = effort;
    this.#sides = sides;
    this.#memberships = memberships;
    for (const [bundle, patterns] of bundles.entries()) {
      for (const pattern of patterns) this.#addPattern(pattern, bundle);
    }
    if (this.#named.size > MAX_NAMED) throw new TooComplexError('too many members of groups');
  }

  find(): readonly AskerKind[] {
    this.#add({ groups: [] }, undefined);
    const named = [...this.#named].filter(isSubject);
    const movers = new Map<string, string[]>();
    const known = new Map<number, Both<string>>();
    for (const subject of named) {
      const asker: Asker = { subject, groups: [] };
      const [before, after] = this.#signatureOfNamed(subject, known);
      if (before !== after) append(movers, `${before} ${after}`, subject);
      else this.#add(asker, undefined);
    }
    for (const subject of otherSubjects([...this.#shapes.values()], new Set(named), this.#effort))
      this.#add({ subject, groups: [] }, undefined);
    for (const moved of movers.values()) this.#add({ subject: moved[0]!, groups: [] }, moved);
    this.#addGroups();
    return [...this.#kinds.values()];
  }

  #addPattern(pattern: SubjectPattern, bundle: number): void {
    this.#table.add(pattern, bundle);
    if (pattern.kind === 'subject') this.#named.add(pattern.id);
    else if (pattern.kind === 'group') {
      for (const { subjects } of this.#sides) {
        const members = subjects.membersOf(pattern.name);
        for (const subject of members.subjects) this.#named.add(subject);
        for (const shape of members.patterns) this.#shapes.set(shape.text, shape);
      }
    } else if (pattern.kind === 'pattern') this.#shapes.set(pattern.text, pattern);
  }

  /** @param known  of those whom only their groups tell apart, by the number of their membership */
  #signatureOfNamed(subject: string, known: Map<number, Both<string>>): Both<string> {
    if (this.#table.hasSubject(subject) || this.#shapes.size > 0)
      return this.#signatureOf({ subject, groups: [] });
    const { number } = this.#memberships.of(subject);
    let signature = known.get(number);
    if (signature === undefined) {
      signature = this.#signatureOf({ subject, groups: [] });
      known.set(number, signature);
    }
    return signature;
  }

  /** The bundles that an asker is in, as each side knows groups. */
  #signatureOf(asker: Asker): Both<string> {
    this.#effort.spend(1 + this.#table.unindexed);
    const [before, after] = this.#sides.map(({ subjects }, i) =>
      this.#table.bundlesOf(asker, this.#groupsOf(asker, i as 0 | 1), subjects).join(),
    );
    return [before!, after!];
  }

  #groupsOf({ subject, groups }: Asker, side: 0 | 1): ReadonlySet<string> {
    if (subject === undefined) return noGroups;
    const own = this.#memberships.of(subject).groups[side];
    if (groups.length === 0) return own;
    const { subjects } = this.#sides[side];
    const all = new Set(own);
    for (const group of groups)
      if (subjects.has(group)) for (const each of subjects.groupsAbove(group)) all.add(each);
    return all;
  }

  /** @param moved  who moved alike: together they are of other kinds than all others */
  #add(asker: Asker, moved: readonly string[] | undefined): void {
    const key = JSON.stringify([this.#signatureOf(asker), moved?.[0] ?? '']);
    if (this.#kinds.has(key)) return;
    if (this.#kinds.size >= MAX_KINDS) throw new TooComplexError('too many subjects beside one another');
    this.#kinds.set(key, moved === undefined ? asker : { ...asker, moved });
  }

  /** One group more at a time, as long as that brings something new. */
  #addGroups(): void {
    const addable = this.#addableGroups();
    let latest = [...this.#kinds.values()].filter(({ subject }) => subject !== undefined);
    while (latest.length > 0) {
      const count = this.#kinds.size;
      for (const { moved, ...asker } of latest) {
        for (const name of addable) {
          if (!asker.groups.includes(name)) this.#add({ ...asker, groups: [...asker.groups, name] }, moved);
        }
      }
      latest = [...this.#kinds.values()].slice(count);
    }
  }

  /** One group for each set of bundles that adding one brings. */
  #addableGroups(): readonly string[] {
    const names = new Set(
      this.#sides.flatMap(({ subjects }) =>
        this.#table.groups.flatMap((name) => subjects.groupsWithin(name)),
      ),
    );
    const found = new Map<string, string>();
    for (const name of names) {
      const brought = this.#sides.map(({ subjects }) => {
        if (!subjects.has(name)) return '';
        const bundles = [...subjects.groupsAbove(name)].map((each) => this.#table.bundleOfGroup(each) ?? -1);
        return [...new Set(bundles)].sort((a, b) => a - b).join();
      });
      const key = JSON.stringify(brought);
      if (!found.has(key)) found.set(key, name);
    }
    return [...found.values()];
  }
}

const noGroups: ReadonlySet<string> = new Set();

function append(map: Map<string, string[]>, key: string, value: string): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}
