import { referenceToRule } from '../analysis/rule-reference.ts';
import { Subjects } from '../analysis/subjects.ts';
import type { RuleReference } from '../decision/decision.ts';
import type { Model, Rule, SubjectPattern } from '../model/model.ts';
import { printElements } from '../printing/print-pattern.ts';
import { printSubject } from '../printing/print-rule.ts';

/** How a rule means a subject. */
export interface Grounds {
  readonly rule: RuleReference;
  /** As the rule writes it: `group:ops`, `user:*`, the id itself. */
  readonly as: string;
  /** From the group that has the subject as a member to the one that the rule names; empty if it names none. */
  readonly through: readonly string[];
}

/** Finds by which rules, and through which groups, subjects are allowed. */
export class GroundsFinder {
  readonly #subjects: Subjects;
  readonly #groups: ReadonlyMap<string, Model['groups'][number]>;

  constructor(model: Model) {
    this.#subjects = new Subjects(model);
    this.#groups = new Map(model.groups.map((group) => [group.name, group]));
  }

  /**
   * One for each rule that means the subject, in the order of the rules.
   *
   * @param rules  such that each of them allows it to whom it means
   */
  groundsOf(subject: string, rules: readonly Rule[]): readonly Grounds[] {
    const asker = { subject, groups: [] };
    const groups = this.#subjects.groupsOf(asker);
    const found = new Map<string, Grounds>();
    for (const rule of rules) {
      const pattern = rule.subjects.find((each) => this.#subjects.matches(each, asker, groups));
      if (pattern === undefined) continue;
      const reference = referenceToRule(rule);
      const key = JSON.stringify(reference);
      if (!found.has(key))
        found.set(key, { rule: reference, as: textOf(pattern), through: this.#pathTo(pattern, subject) });
    }
    return [...found.values()];
  }

  /** The shortest way down from the group to one that has the subject as a member. */
  #pathTo(pattern: SubjectPattern, subject: string): readonly string[] {
    if (pattern.kind !== 'group') return [];
    const above = new Map<string, string | undefined>([[pattern.name, undefined]]);
    for (const [name] of above) {
      const { members } = this.#groups.get(name)!;
      if (members.some((each) => each.kind !== 'group' && this.#isMember(each, subject)))
        return pathUp(name, above);
      for (const each of members)
        if (each.kind === 'group' && !above.has(each.name)) above.set(each.name, name);
    }
    return [];
  }

  #isMember(pattern: SubjectPattern, subject: string): boolean {
    return this.#subjects.matches(pattern, { subject, groups: [] }, new Set());
  }
}

function pathUp(from: string, above: ReadonlyMap<string, string | undefined>): readonly string[] {
  const path: string[] = [];
  for (let at: string | undefined = from; at !== undefined; at = above.get(at)) path.push(`group:${at}`);
  return path;
}

function textOf(subject: SubjectPattern): string {
  return subject.kind === 'pattern' ? printElements(subject.elements) : printSubject(subject);
}
