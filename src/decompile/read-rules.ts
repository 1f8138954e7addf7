import { type Image, namedText } from '../image/image.ts';
import { checkSection } from '../image/image-error.ts';
import {
  DETAIL_CONDITION,
  DETAIL_RESOURCE_PATTERN,
  DETAIL_RULE,
  DETAIL_RULESET,
  DETAIL_SIZE,
  DETAIL_SUBJECT_PATTERN,
  ENTRY_CLASS,
  ENTRY_DENY,
  ENTRY_DETAIL,
  ENTRY_FLAGS,
  ENTRY_TARGET,
  NONE,
  ROLE_FILE,
  ROLE_LINE,
  ROLE_SIZE,
  ROLE_TEXT,
  RULE_FILE,
  RULE_LINE,
  RULE_ROLE,
  RULE_SIZE,
  RULE_TEXT,
  SCALAR_CLASS_COUNT,
} from '../image/layout.ts';
import type { Expression, Rule, SubjectPattern } from '../model/model.ts';
import { printElements } from '../printing/print-pattern.ts';
import type { Location } from '../source/span.ts';
import type { ActionRelations } from './action-relations.ts';
import { joinEntries } from './join-entries.ts';
import { readCondition } from './read-condition.ts';
import { readPatterns } from './read-patterns.ts';
import { inOrder } from './read-subjects.ts';
import type { RuleSpreader } from './spread-rule.ts';
import { rulesOfAdded, type StoreChanges } from './store-changes.ts';
import { getOrMake, locationIn, namesOf } from './tables.ts';
import type { Place } from './trie-lists.ts';

/** Entries of rules in no order: where each is, and the place that its list holds for. */
export interface RuleEntries {
  readonly offsets: readonly number[];
  /** Indexes into `places`. */
  readonly placeOf: readonly number[];
  readonly places: readonly Place[];
}

export interface RuleParts {
  readonly entries: RuleEntries;
  readonly classes: readonly (SubjectPattern | undefined)[];
  readonly relations: ActionRelations;
  readonly spreader: RuleSpreader;
  readonly changes: StoreChanges | undefined;
}

/** The rules of an image in source order: of each row as many as its entries need, all of the same name and place. */
export function readRules(image: Image, parts: RuleParts): readonly Rule[] {
  return new RuleReader(image, parts).read();
}

/** The row of the rule to which an entry belongs. */
export function ruleOfEntry({ nodes, details, rules }: Image, entry: number): number {
  const target = nodes[entry + ENTRY_TARGET]!;
  const isDetail = (nodes[entry + ENTRY_FLAGS]! & ENTRY_DETAIL) !== 0;
  const rule = isDetail ? details[target * DETAIL_SIZE + DETAIL_RULE]! : target;
  checkSection('nodes', rule * RULE_SIZE < rules.length);
  return rule;
}

class RuleReader {
  readonly #image: Image;
  readonly #parts: RuleParts;
  /** By file. */
  readonly #locations: readonly Location[];
  readonly #conditions = new Map<number, Expression>();

  constructor(image: Image, parts: RuleParts) {
    this.#image = image;
    this.#parts = parts;
    this.#locations = namesOf(image, image.files).map(locationIn);
  }

  read(): readonly Rule[] {
    const { changes, relations, spreader } = this.#parts;
    const { starts, order } = this.#sort();
    const added = changes?.rules ?? [];
    let next = 0;
    const rules: Rule[] = [];
    const addUpTo = (row: number): void => {
      for (; next < added.length && added[next]!.place <= row; next++)
        rules.push(...rulesOfAdded(added[next]!, relations, spreader));
    };
    for (let row = 0; row + 1 < starts.length; row++) {
      addUpTo(row);
      const own = order.subarray(starts[row]!, starts[row + 1]!);
      if (own.length > 0 && !changes?.hides(row)) this.#readRow(row, own, rules);
    }
    addUpTo(Number.POSITIVE_INFINITY);
    return rules;
  }

  /** Entries by rule: a counting sort, which keeps their order. */
  #sort(): { readonly starts: Int32Array; readonly order: Int32Array } {
    const { offsets } = this.#parts.entries;
    const starts = new Int32Array(this.#image.rules.length / RULE_SIZE + 1);
    for (const entry of offsets) starts[ruleOfEntry(this.#image, entry) + 1]!++;
    for (let row = 1; row < starts.length; row++) starts[row]! += starts[row - 1]!;
    const next = starts.slice();
    const order = new Int32Array(offsets.length);
    for (const [i, entry] of offsets.entries()) order[next[ruleOfEntry(this.#image, entry)]!++] = i;
    return { starts, order };
  }

  #readRow(row: number, own: Int32Array, rules: Rule[]): void {
    const { nodes } = this.#image;
    const { offsets } = this.#parts.entries;
    const effect = (nodes[offsets[own[0]!]! + ENTRY_FLAGS]! & ENTRY_DENY) === 0 ? 'allow' : 'deny';
    const head = this.#headOf(row, effect);
    for (const entries of this.#byPatterns(own)) this.#readPart(head, entries, rules);
  }

  /** Entries of one rule, those of one pair of patterns with variables together. */
  #byPatterns(own: Int32Array): Iterable<readonly number[]> {
    const { nodes, details } = this.#image;
    const { offsets } = this.#parts.entries;
    if (own.length === 1) return [[own[0]!]];
    const groups = new Map<string, number[]>();
    for (const i of own) {
      const detail = this.#detailOf(offsets[i]!);
      const base = detail === undefined ? 0 : detail * DETAIL_SIZE;
      const key =
        detail === undefined
          ? `${nodes[offsets[i]! + ENTRY_FLAGS]! & ENTRY_DENY}`
          : `${details[base + DETAIL_SUBJECT_PATTERN]} ${details[base + DETAIL_RESOURCE_PATTERN]}`;
      getOrMake(groups, key, () => []).push(i);
    }
    return groups.values();
  }

  #readPart(head: Rule, entries: readonly number[], rules: Rule[]): void {
    const { details } = this.#image;
    const { entries: all, relations, spreader } = this.#parts;
    const detail = this.#detailOf(all.offsets[entries[0]!]!);
    const base = (detail ?? 0) * DETAIL_SIZE;
    const field = (at: number): number => (detail === undefined ? NONE : details[base + at]!);
    const condition = this.#conditionAt(field(DETAIL_CONDITION));
    const ruleset = field(DETAIL_RULESET);
    const patterns = readPatterns(this.#image, field(DETAIL_SUBJECT_PATTERN), field(DETAIL_RESOURCE_PATTERN));
    const said = entries.map((i) => ({
      who: this.#classOf(all.offsets[i]!),
      place: patterns.resource === undefined ? all.placeOf[i]! : NONE,
      actions: relations.actionsOf(this.#image, all.offsets[i]!),
    }));
    for (const { who, places, actions } of joinEntries(said)) {
      const subjects =
        patterns.subject === undefined ? inOrder(who.map((each) => this.#subjectOf(each))) : undefined;
      const where = places.map(
        (place): Place =>
          patterns.resource === undefined
            ? all.places[place]!
            : { kind: 'pattern', elements: patterns.resource },
      );
      for (const { guard, ...speech } of spreader.spread(head.effect, actions, where)) {
        const both = joinConditions(guard, condition);
        rules.push({
          ...head,
          subjects: subjects ?? [patternOfElements(patterns.subject!)],
          ...speech,
          ...(both === undefined ? {} : { condition: both }),
          ...(ruleset === NONE ? {} : { ruleset }),
        });
      }
    }
  }

  /** An entry that never decides has been moved to a class that nobody has; here it applies all the same. */
  #classOf(entry: number): number {
    const count = this.#image.scalars[SCALAR_CLASS_COUNT]!;
    return this.#image.nodes[entry + ENTRY_CLASS]! % count;
  }

  #subjectOf(subjectClass: number): SubjectPattern {
    const subject = this.#parts.classes[subjectClass];
    checkSection('subjects', subject !== undefined);
    return subject!;
  }

  #detailOf(entry: number): number | undefined {
    const { nodes } = this.#image;
    return (nodes[entry + ENTRY_FLAGS]! & ENTRY_DETAIL) === 0 ? undefined : nodes[entry + ENTRY_TARGET]!;
  }

  #conditionAt(program: number): Expression | undefined {
    if (program === NONE) return undefined;
    const groupOfClass = (each: number): string => {
      const group = this.#parts.classes[each];
      checkSection('programs', group?.kind === 'group');
      return (group as Extract<SubjectPattern, { kind: 'group' }>).name;
    };
    return getOrMake(this.#conditions, program, () =>
      readCondition({ image: this.#image, groupOfClass }, program),
    );
  }

  /** What the rules of a row have in common. */
  #headOf(row: number, effect: Rule['effect']): Rule {
    const { rules, roles } = this.#image;
    const base = row * RULE_SIZE;
    const id = namedText(this.#image, rules, base + RULE_TEXT);
    const role = rules[base + RULE_ROLE]!;
    const roleBase = role * ROLE_SIZE;
    return {
      ...(id === '' ? {} : { id }),
      effect,
      subjects: [],
      actions: [],
      resources: [],
      location: this.#locations[rules[base + RULE_FILE]!]!,
      line: rules[base + RULE_LINE]!,
      ...(role === NONE
        ? {}
        : {
            role: {
              name: namedText(this.#image, roles, roleBase + ROLE_TEXT),
              location: this.#locations[roles[roleBase + ROLE_FILE]!]!,
              line: roles[roleBase + ROLE_LINE]!,
            },
          }),
    };
  }
}

function patternOfElements(
  elements: Extract<SubjectPattern, { kind: 'pattern' }>['elements'],
): SubjectPattern {
  return { kind: 'pattern', text: printElements(elements), elements };
}

function joinConditions(
  guard: Expression | undefined,
  condition: Expression | undefined,
): Expression | undefined {
  if (guard === undefined || condition === undefined) return guard ?? condition;
  return { kind: 'and', left: guard, right: condition };
}
