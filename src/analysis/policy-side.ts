import type { Expression, Model, PatternElement, Rule, Template } from '../model/model.ts';
import type { Truth } from './evaluate-expression.ts';
import { itemsMeeting } from './items-meeting.ts';
import { type Letter, lettersOfId } from './letters.ts';
import { ownersOf, PatternTrie } from './pattern-trie.ts';
import { allItems, keyOfCondition, type RuleItem } from './rule-items.ts';
import type { Schema } from './schema.ts';
import { type Asker, hasVariable, Subjects } from './subjects.ts';

export type Answer = 'allow' | 'deny';

/** A condition as somebody meets it: the groups that it asks for are known. */
export interface KnownCondition {
  readonly condition: Expression;
  /** Those of its groups that the asker is in. */
  readonly groups: ReadonlySet<string>;
}

/** What conditions come to, and whether shared variables agree, by guard. */
export type Valuation = ReadonlyMap<string, Truth>;

/** Ids that a policy set does not tell apart. */
export interface SideCell {
  readonly items: readonly RuleItem[];
  /** Rulesets and actions for which they speak here (S17). */
  readonly scopes: readonly Scope[];
  readonly namespace?: number | undefined;
  /** The namespace, or that there is no resource at all (S8). */
  readonly place: number | undefined | 'nothing';
  readonly template?: Template | undefined;
}

interface Scope {
  readonly ruleset: number;
  readonly actions: ReadonlySet<string>;
}

/** A rule with its items that speak of an action somewhere. */
interface SpokenRule {
  readonly rule: Rule;
  readonly items: readonly RuleItem[];
}

/** `here`, or the actions on the superuser's id that the rule speaks of (S33). */
export interface RoledRule {
  readonly rule: Rule;
  readonly role: string;
}

/** One asker and one action on ids of a cell: what is decided, given what conditions come to. */
export interface Question {
  /** Equal for questions that are decided alike, as long as namespaces, rulesets and mode are the same. */
  readonly key: string;
  readonly guards: ReadonlySet<string>;
  /** What speaks of the asker here, and on the superuser's id. */
  readonly here: readonly GuardedRule[];
  readonly above: readonly GuardedRule[];
  /** Whether everything but what is denied is allowed in a mode (S36): that is all that `answer` asks of it. */
  readonly isFree: (mode: string | undefined) => boolean;
  readonly answer: (mode: string | undefined, values: Valuation) => Answer;
}

/** One policy set, ready to be asked about classes of ids instead of single ones. */
export class PolicySide {
  readonly model: Model;
  readonly schema: Schema;
  readonly subjects: Subjects;
  readonly items: readonly RuleItem[];
  /** Owners below the number of items are items, those above scopes. */
  readonly trie = new PatternTrie();
  /** What scopes of rulesets cover. */
  readonly scopePatterns: (readonly PatternElement[])[] = [];
  readonly entities: ReadonlySet<string>;
  /** Conditions by guard. */
  readonly conditions = new Map<string, KnownCondition>();
  /** Rules whose shared variables a guard asks about, by guard; not those about a superuser. */
  readonly variableRules = new Map<string, Rule>();
  readonly #scopes: { readonly scope: Scope; readonly isForNothing: boolean }[] = [];
  readonly #superuserCells = new Map<string, SideCell>();
  readonly #spoken = new WeakMap<SideCell, ReadonlyMap<string, readonly SpokenRule[]>>();

  /** @param region  ids that will be asked about; absent: any. What speaks of none of them is left out */
  constructor(schema: Schema, region?: PatternTrie) {
    const { model } = schema;
    this.model = model;
    this.schema = schema;
    this.subjects = new Subjects(model);
    this.items = region === undefined ? allItems(model, schema) : itemsMeeting(region, schema);
    this.entities = new Set(model.entities.map(({ id }) => id));
    for (const [owner, { patterns }] of this.items.entries()) {
      for (const elements of patterns) this.trie.add(elements, owner);
    }
    for (const [ruleset, { scopes }] of model.rulesets.entries()) {
      for (const { actions, resources } of scopes) {
        const scope: Scope = { ruleset, actions: new Set(actions) };
        for (const resource of resources) {
          const owner = this.items.length + this.#scopes.length;
          const isForNothing = resource.kind === 'pattern' && resource.elements.every(takesNothing);
          this.#scopes.push({ scope, isForNothing });
          for (const elements of this.schema.coverageOf(resource).patterns) {
            this.trie.add(elements, owner);
            this.scopePatterns.push(elements);
          }
        }
      }
    }
  }

  cellOf(first: Letter, owners: readonly number[], ranks: readonly number[]): SideCell {
    const distinct = [...new Set(owners)].sort((a, b) => a - b);
    const count = this.items.length;
    const namespace = this.schema.namespaceOf(first);
    return {
      items: distinct.flatMap((owner) => (owner < count ? [this.items[owner]!] : [])),
      scopes: distinct.flatMap((owner) => (owner < count ? [] : [this.#scopes[owner - count]!.scope])),
      namespace,
      place: namespace,
      template: this.schema.templateAt(ranks),
    };
  }

  cellOfNothing(): SideCell {
    return {
      items: this.items.filter(({ isForNothing }) => isForNothing),
      scopes: this.#scopes.flatMap(({ scope, isForNothing }) => (isForNothing ? [scope] : [])),
      place: 'nothing',
    };
  }

  /** Rules that can have a part in deciding an action on ids of a cell, by way of the superuser too. */
  rulesFor(cell: SideCell, action: string): readonly Rule[] {
    return this.roledRules(cell, action).map(({ rule }) => rule);
  }

  /** The same with their part: a rule may have both. */
  roledRules(cell: SideCell, action: string): readonly RoledRule[] {
    const here = this.#spokenRules(cell, action).map(({ rule }): RoledRule => ({ rule, role: 'here' }));
    const superuser = this.schema.namespaceAt(cell.namespace)?.superuser;
    if (superuser === undefined) return here;
    const above = this.#cellAt(superuser);
    const spoken = new Map<Rule, string>();
    for (const each of this.schema.superuserActions(superuser)) {
      for (const { rule } of this.#spokenRules(above, each))
        spoken.set(rule, `${spoken.get(rule) ?? 'above'} ${each}`);
    }
    return [...here, ...[...spoken].map(([rule, role]): RoledRule => ({ rule, role }))];
  }

  ask(cell: SideCell, action: string, asker: Asker): Question {
    const groups = this.subjects.groupsOf(asker);
    const guards = new Set<string>();
    const here = this.#verdictOn({ cell, action, asker, groups, guards, isAbove: false });
    const namespace = this.schema.namespaceAt(cell.namespace);
    const isKnown = namespace !== undefined && this.schema.isKnown(action, namespace);
    const superuser = isKnown && asker.subject !== undefined ? namespace.superuser : undefined;
    const above =
      superuser === undefined
        ? []
        : this.schema.superuserActions(superuser).map((each) =>
            this.#verdictOn({
              cell: this.#cellAt(superuser),
              action: each,
              asker,
              groups,
              guards,
              isAbove: true,
            }),
          );
    const isFree = (mode: string | undefined): boolean =>
      isKnown && isUnenforced(cell.template, mode ?? this.model.mode, asker);
    return {
      key: JSON.stringify([here.key, above.map(({ key }) => key)]),
      guards,
      here: here.guarded,
      above: above.flatMap(({ guarded }) => guarded),
      isFree,
      answer: (mode, values) => {
        const verdict = here.say(values);
        if (verdict === 'deny') return 'deny';
        if (verdict === 'allow' || isFree(mode)) return 'allow';
        return above.some((each) => each.say(values) === 'allow') ? 'allow' : 'deny';
      },
    };
  }

  #cellAt(id: string): SideCell {
    let cell = this.#superuserCells.get(id);
    if (cell === undefined) {
      const letters = lettersOfId(id);
      cell = this.cellOf(
        letters[0]!,
        ownersOf(this.trie, letters),
        ownersOf(this.schema.templateTrie, letters),
      );
      this.#superuserCells.set(id, cell);
    }
    return cell;
  }

  /** In order of the rules. Kept for each cell: one asker after the other is asked about. */
  #spokenRules(cell: SideCell, action: string): readonly SpokenRule[] {
    let spoken = this.#spoken.get(cell);
    if (spoken === undefined) {
      spoken = this.#spokenByAction(cell);
      this.#spoken.set(cell, spoken);
    }
    return spoken.get(action) ?? [];
  }

  #spokenByAction({ items, place }: SideCell): ReadonlyMap<string, readonly SpokenRule[]> {
    const byAction = new Map<string, Map<Rule, RuleItem[]>>();
    for (const item of items) {
      for (const action of this.schema.askedBy(item.rule, item, place)) {
        const byRule = byAction.get(action) ?? new Map<Rule, RuleItem[]>();
        byAction.set(action, byRule);
        const known = byRule.get(item.rule);
        if (known === undefined) byRule.set(item.rule, [item]);
        else known.push(item);
      }
    }
    return new Map(
      [...byAction].map(([action, byRule]) => [
        action,
        [...byRule].map(([rule, asked]): SpokenRule => ({ rule, items: asked })),
      ]),
    );
  }

  /** What the rulesets say (S17, S18): the verdict as a function of what conditions come to. */
  #verdictOn({ cell, action, asker, groups, guards, isAbove }: Asked): Verdict {
    const speaking = new Set(
      cell.scopes.flatMap(({ ruleset, actions }) => (actions.has(action) ? [ruleset] : [])),
    );
    const guarded = this.#spokenRules(cell, action)
      .filter(
        ({ rule: { ruleset } }) =>
          ruleset === undefined || speaking.has(ruleset) || this.model.rulesets[ruleset]!.scopes.length === 0,
      )
      .filter(({ rule }) => rule.subjects.some((each) => this.subjects.matches(each, asker, groups)))
      .map((spoken) => this.#guard(spoken, asker, groups, isAbove));
    for (const { variables, condition } of guarded) {
      if (variables !== undefined) guards.add(variables);
      if (condition !== undefined) guards.add(condition);
    }
    const say: Verdict['say'] = (values) => {
      const applying = guarded.filter((each) => applies(each, values)).map(({ rule }) => rule);
      const verdicts = [
        denyOverrides(applying.filter(({ ruleset }) => ruleset === undefined)),
        ...this.model.rulesets.map((ruleset, i) => {
          if (ruleset.scopes.length > 0 && !speaking.has(i)) return undefined;
          const rules = applying.filter((rule) => rule.ruleset === i);
          const said = ruleset.combining === 'first-applicable' ? rules[0]?.effect : denyOverrides(rules);
          return said ?? (ruleset.default === 'none' ? undefined : ruleset.default);
        }),
      ];
      if (verdicts.includes('deny')) return 'deny';
      return verdicts.includes('allow') ? 'allow' : undefined;
    };
    const parts = guarded.map(({ rule, ...others }) => [rule.ruleset, rule.effect, others]);
    return { key: JSON.stringify([[...speaking], parts]), guarded, say };
  }

  #guard(
    { rule, items }: SpokenRule,
    asker: Asker,
    groups: ReadonlySet<string>,
    isAbove: boolean,
  ): GuardedRule {
    const { condition } = rule;
    const subjects = rule.subjects.filter((each) => this.subjects.matches(each, asker, groups));
    const isPlain =
      items.some((item) => !item.hasVariable) &&
      subjects.some((subject) => subject.kind !== 'pattern' || !hasVariable(subject));
    const variables = isPlain ? {} : { variables: variablesGuard(rule, isAbove) };
    if (!isPlain && !isAbove) this.variableRules.set(variables.variables!, rule);
    if (condition === undefined) return { rule, ...variables };
    // What is asked about a superuser has other attributes of action and resource (S33).
    const isOther = isAbove && [...rootsIn(condition)].some((each) => /^(action|resource)/.test(each));
    const asks = groupsIn(condition).filter((name) => groups.has(name));
    const guard = `condition ${isOther ? 'above ' : ''}${keyOfCondition(rule)} in ${JSON.stringify(asks)}`;
    if (!isOther) this.conditions.set(guard, { condition, groups: new Set(asks) });
    return { rule, condition: guard, ...variables };
  }
}

interface Asked {
  readonly cell: SideCell;
  readonly action: string;
  readonly asker: Asker;
  readonly groups: ReadonlySet<string>;
  readonly guards: Set<string>;
  readonly isAbove: boolean;
}

interface Verdict {
  readonly key: string;
  readonly guarded: readonly GuardedRule[];
  readonly say: (values: Valuation) => Answer | undefined;
}

/** A rule that speaks of a question, if what its guards stand for is so. */
export interface GuardedRule {
  readonly rule: Rule;
  readonly variables?: string;
  readonly condition?: string;
}

/** Guards whose rule has shared variables begin so. */
export const VARIABLES_GUARD = 'variables ';

function variablesGuard({ subjects, resources }: Rule, isAbove: boolean): string {
  return `${VARIABLES_GUARD}${isAbove ? 'above ' : ''}${JSON.stringify([subjects, resources])}`;
}

/** S25, S41 */
function applies({ rule, variables, condition }: GuardedRule, values: Valuation): boolean {
  const agree = variables === undefined ? 'true' : values.get(variables)!;
  const holds = condition === undefined ? 'true' : values.get(condition)!;
  if (rule.effect === 'allow') return agree === 'true' && holds === 'true';
  return agree === 'error' || (agree === 'true' && holds !== 'false');
}

function denyOverrides(applying: readonly Rule[]): Answer | undefined {
  if (applying.some(({ effect }) => effect === 'deny')) return 'deny';
  return applying.length > 0 ? 'allow' : undefined;
}

/** S36, of actions that are known. */
export function isUnenforced(
  template: Template | undefined,
  mode: string | undefined,
  { subject }: Asker,
): boolean {
  if (mode === undefined || template?.enforcedIn === undefined) return false;
  const clause = template.enforcedIn.find((each) => each.mode === mode);
  return clause === undefined || (clause.authenticatedOnly && subject === undefined);
}

function takesNothing(element: PatternElement): boolean {
  return element.kind === 'many' || (element.kind === 'variable' && element.isMany);
}

// -------------------------------------------------------------- what conditions read

/** The groups of `subject in group:g`. */
export function groupsIn(condition: Expression): readonly string[] {
  return partsOf(condition).flatMap((part) => (part.kind === 'in-group' ? [part.group] : []));
}

/** The attributes that a condition reads, by root and first name: `resource.id`. */
export function rootsIn(condition: Expression): ReadonlySet<string> {
  return new Set(
    partsOf(condition).flatMap((part) => {
      if (part.kind === 'attribute') return [`${part.root}.${part.path[0]}`];
      return part.kind === 'has' ? [`${part.root}.${part.path[0] ?? part.name}`] : [];
    }),
  );
}

function partsOf(condition: Expression): Expression[] {
  const parts: Expression[] = [condition];
  for (const part of parts) {
    if (part.kind === 'not') parts.push(part.operand);
    else if (part.kind === 'and' || part.kind === 'or' || part.kind === 'compare')
      parts.push(part.left, part.right);
    else if (part.kind === 'in-list') parts.push(part.item, part.list);
    else if (part.kind === 'list') parts.push(...part.items);
    else if (part.kind === 'in-cidr' || part.kind === 'like') parts.push(part.item);
  }
  return parts;
}
