import { BundleTable } from '../analysis/bundle-table.ts';
import { groupsIn, type PolicySide } from '../analysis/policy-side.ts';
import { keyOfCondition, keyOfSubject } from '../analysis/rule-items.ts';
import { type Asker, hasVariable } from '../analysis/subjects.ts';
import type { Rule, SubjectPattern } from '../model/model.ts';

/** Subjects of rules that mean the same to a question: whoever is one of them is decided alike, whichever it is. */
export interface Bundle {
  readonly terms: readonly SubjectPattern[];
}

/** Cuts the subjects of some rules into bundles: twenty groups that one kind of rule allows are one thing to try, not twenty. */
export class SubjectBundles {
  readonly bundles: readonly Bundle[];
  /** Rules that decide alike, each of them for all. */
  readonly #alike = new Map<Rule, readonly Rule[]>();
  readonly #side: PolicySide;
  readonly #table = new BundleTable();

  /**
   * @param rules  that can have a part in the answer
   * @param areIdsApart  whether the answer depends on ids themselves: then each is a bundle of its own
   */
  constructor(side: PolicySide, rules: readonly Rule[], { areIdsApart }: { readonly areIdsApart: boolean }) {
    this.#side = side;
    const kinds = new Map<string, { readonly pattern: SubjectPattern; readonly rules: Set<string> }>();
    const add = (pattern: SubjectPattern, kind: string): void => {
      const known = kinds.get(keyOfSubject(pattern));
      if (known === undefined) kinds.set(keyOfSubject(pattern), { pattern, rules: new Set([kind]) });
      else known.rules.add(kind);
    };
    // Whether somebody asks at all matters by itself (S33, S36).
    add({ kind: 'anyone' }, 'anyone');
    add({ kind: 'authenticated' }, 'authenticated');
    const alike = new Map<string, Rule[]>();
    for (const [place, rule] of rules.entries()) {
      const kind = this.#kindOf(rule, place);
      for (const pattern of rule.subjects) {
        add(pattern, kind);
        if (areIdsApart && pattern.kind === 'subject') add(pattern, `id ${pattern.id}`);
      }
      for (const name of rule.condition === undefined ? [] : groupsIn(rule.condition))
        add({ kind: 'group', name }, `in group ${name}`);
      const others = alike.get(kind);
      if (others === undefined) alike.set(kind, [rule]);
      else others.push(rule);
    }
    for (const same of alike.values()) for (const rule of same) this.#alike.set(rule, same);
    this.bundles = this.#bundle([...kinds.values()]);
  }

  rulesLike(rule: Rule): readonly Rule[] {
    return this.#alike.get(rule) ?? [rule];
  }

  /** The bundles that an asker belongs to, as the side knows groups; ascending. */
  bundlesOf(asker: Asker): readonly number[] {
    const { subjects } = this.#side;
    return this.#table.bundlesOf(asker, subjects.groupsOf(asker), subjects);
  }

  /** Groups that requests can add with different consequences: one for each set of bundles that it brings. */
  addableGroups(): readonly string[] {
    const found = new Map<string, string>();
    for (const name of this.#table.groups) {
      const above = [...this.#side.subjects.groupsAbove(name)].flatMap((each) => {
        const bundle = this.#table.bundleOfGroup(each);
        return bundle === undefined ? [] : [bundle];
      });
      const key = [...new Set(above)].sort((a, b) => a - b).join();
      if (this.#side.subjects.has(name) && !found.has(key)) found.set(key, name);
    }
    return [...found.values()];
  }

  #bundle(
    kinds: readonly { readonly pattern: SubjectPattern; readonly rules: ReadonlySet<string> }[],
  ): readonly Bundle[] {
    const bundles = new Map<string, { readonly place: number; readonly terms: SubjectPattern[] }>();
    for (const { pattern, rules } of kinds) {
      const key = [...rules].sort().join('\n');
      const bundle = bundles.get(key) ?? { place: bundles.size, terms: [] };
      bundles.set(key, bundle);
      bundle.terms.push(pattern);
      this.#table.add(pattern, bundle.place);
    }
    return [...bundles.values()];
  }

  /** Equal for rules of which one is as good as the other, wherever somebody is meant by both. */
  #kindOf(rule: Rule, place: number): string {
    const { effect, ruleset, subjects, resources, actions } = rule;
    const isOrdered =
      ruleset !== undefined && this.#side.model.rulesets[ruleset]!.combining === 'first-applicable';
    const isBound = [...subjects, ...resources].every(
      (each) => each.kind !== 'pattern' || !hasVariable(each),
    );
    const hasSuperuser = this.#side.model.namespaces.some(({ superuser }) => superuser !== undefined);
    return JSON.stringify([
      effect,
      ruleset,
      keyOfCondition(rule),
      isOrdered || !isBound ? place : '',
      // Here, or on the superuser's id, or on both.
      hasSuperuser ? [actions, resources] : '',
    ]);
  }
}
