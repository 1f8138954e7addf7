import type { TemplateRanking } from '../compile/templates.ts';
import type {
  Implication,
  Model,
  PatternElement,
  ResourcePattern,
  Rule,
  SubjectPattern,
} from '../model/model.ts';
import { elementsOf, elementsOfId } from '../model/template-variants.ts';
import { patternOf } from '../printing/print-pattern.ts';
import { printAction, printSubject } from '../printing/print-rule.ts';
import { conditionVariants } from './condition-variants.ts';
import type { MutantKind } from './mutant.ts';

/** What of its policy set decides how a rule can be changed. */
export interface Surroundings {
  readonly implications: Implications;
  readonly templates: TemplateRanking;
}

/** A rule with one thing in it changed. */
export interface RuleChange {
  readonly kind: MutantKind;
  readonly words: string;
  readonly rule: Rule;
}

/** Every change of the rule; some may say the same. */
export function changesOf(rule: Rule, { implications, templates }: Surroundings): RuleChange[] {
  return [
    flipped(rule),
    ...otherSubjects(rule),
    ...otherActions(rule, implications),
    ...otherResources(rule, templates),
    ...otherConditions(rule),
  ];
}

function flipped(rule: Rule): RuleChange {
  const effect = rule.effect === 'allow' ? 'deny' : 'allow';
  return { kind: 'flip', words: `\`${rule.effect}\` turned into \`${effect}\``, rule: { ...rule, effect } };
}

// ---------------------------------------------------------------- subjects

function otherSubjects(rule: Rule): RuleChange[] {
  const { subjects } = rule;
  const kinds = new Set(subjects.map(({ kind }) => kind));
  const changes: RuleChange[] = [];
  const change = (kind: MutantKind, words: string, changed: readonly SubjectPattern[]): void => {
    changes.push({ kind, words, rule: { ...rule, subjects: changed } });
  };
  if (!kinds.has('anyone')) change('widen', 'subject widened to `anyone`', [{ kind: 'anyone' }]);
  if (!kinds.has('anyone') && !kinds.has('authenticated'))
    change('widen', 'subject widened to `authenticated`', [{ kind: 'authenticated' }]);
  if (kinds.has('anyone'))
    change('narrow', 'subject narrowed to `authenticated`', [{ kind: 'authenticated' }]);
  if (subjects.length > 1) {
    for (const left of subjects) {
      change(
        'narrow',
        `subject \`${printSubject(left)}\` left out`,
        subjects.filter((subject) => subject !== left),
      );
    }
  }
  return changes;
}

// ---------------------------------------------------------------- actions

/** Which actions stand for others, wherever in the policy set that was said (S14). */
export class Implications {
  readonly #all: readonly Implication[];

  constructor({ implications, namespaces }: Model) {
    this.#all = [...implications, ...namespaces.flatMap((namespace) => namespace.implications)];
  }

  impliedBy(action: string): string[] {
    return unique(this.#all.flatMap((each) => (each.action === action ? each.implies : [])));
  }

  implying(action: string): string[] {
    return unique(this.#all.flatMap((each) => (each.implies.includes(action) ? [each.action] : [])));
  }
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}

function otherActions(rule: Rule, implications: Implications): RuleChange[] {
  const { actions } = rule;
  const changes: RuleChange[] = [];
  const change = (kind: MutantKind, words: string, changed: readonly string[]): void => {
    changes.push({ kind, words, rule: { ...rule, actions: changed } });
  };
  for (const wider of unique(actions.flatMap((action) => implications.implying(action)))) {
    if (!actions.includes(wider))
      change('widen', `action widened to \`${printAction(wider)}\``, [...actions, wider]);
  }
  for (const action of actions) {
    const rest = actions.filter((other) => other !== action);
    const narrower = implications.impliedBy(action).filter((implied) => !actions.includes(implied));
    if (narrower.length > 0)
      change('narrow', `action \`${printAction(action)}\` narrowed to what it implies`, [
        ...rest,
        ...narrower,
      ]);
    if (rest.length > 0) change('narrow', `action \`${printAction(action)}\` left out`, rest);
  }
  return changes;
}

// ---------------------------------------------------------------- resources

function otherResources(rule: Rule, templates: TemplateRanking): RuleChange[] {
  const { resources } = rule;
  const changes: RuleChange[] = [];
  /** A resource that cannot be changed so stays; if none can, there is nothing to try. */
  const change = (
    kind: MutantKind,
    words: string,
    replace: (resource: ResourcePattern) => ResourcePattern | undefined,
  ): void => {
    const changed = resources.map(replace);
    if (changed.every((resource) => resource === undefined)) return;
    const kept = changed.map((resource, i) => resource ?? resources[i]!);
    changes.push({ kind, words, rule: { ...rule, resources: uniquePatterns(kept) } });
  };
  change('widen', 'resource widened to its parent', parentOf);
  change('narrow', 'resource narrowed to one level', oneLevelOf);
  change('narrow', 'resource narrowed to the root of its tree', rootOf);
  change('narrow', 'resource narrowed to one beneath', (resource) => beneath(resource, templates));
  if (resources.length > 1) {
    for (const left of resources) {
      const rest = resources.filter((resource) => resource !== left);
      changes.push({
        kind: 'narrow',
        words: `resource \`${textOf(left)}\` left out`,
        rule: { ...rule, resources: rest },
      });
    }
  }
  return changes;
}

function textOf(resource: ResourcePattern): string {
  return resource.kind === 'literal' ? resource.id : resource.text;
}

function uniquePatterns(resources: readonly ResourcePattern[]): ResourcePattern[] {
  const seen = new Set<string>();
  return resources.filter((resource) => {
    const key = JSON.stringify(resource);
    return !seen.has(key) && seen.add(key);
  });
}

/** The tree that the last element stands in: `a/b` and `a/*` become `a/**`, and so does `a/b/**`. */
function parentOf(resource: ResourcePattern): ResourcePattern | undefined {
  const elements = elementsOf(resource);
  const kept = elements.slice(0, endsInMany(resource) ? -2 : -1);
  const separator = elements[kept.length]?.separator ?? 'start';
  return patternOf([...kept, { kind: 'many', separator }]);
}

function endsInMany(resource: ResourcePattern): boolean {
  return elementsOf(resource).at(-1)?.kind === 'many';
}

/** `a/**` becomes `a/*`. */
function oneLevelOf(resource: ResourcePattern): ResourcePattern | undefined {
  if (!endsInMany(resource)) return undefined;
  const elements = elementsOf(resource);
  return patternOf(elements.with(-1, { kind: 'one', separator: elements.at(-1)!.separator }));
}

/** `a/**` becomes `a`; `**` alone has no root. */
function rootOf(resource: ResourcePattern): ResourcePattern | undefined {
  return endsInMany(resource) ? patternOf(elementsOf(resource).slice(0, -1)) : undefined;
}

/** What nobody's policy is likely to name. */
const unlikelyName = 'somewhere';

/** One id of those that a pattern matches; one of those that an id covers beside itself (S32), if it does. */
function beneath(resource: ResourcePattern, templates: TemplateRanking): ResourcePattern | undefined {
  if (resource.kind === 'pattern') return patternOf(resource.elements.map(unlikelyElement));
  const { id } = resource;
  const coverage = templates.coverageOf(id);
  if (coverage === undefined) return undefined;
  if (coverage.pieceSeparator !== undefined)
    return { kind: 'literal', id: `${id}${coverage.pieceSeparator}${unlikelyName}` };
  const { length } = elementsOfId(id);
  const wider = coverage.patterns.find((pattern) => pattern.length > length);
  return wider && patternOf(wider.map(unlikelyElement));
}

function unlikelyElement(element: PatternElement): PatternElement {
  if (element.kind !== 'one' && element.kind !== 'many') return element;
  return { kind: 'literal', separator: element.separator, text: unlikelyName };
}

// ---------------------------------------------------------------- conditions

function otherConditions(rule: Rule): RuleChange[] {
  if (rule.condition === undefined) return [];
  const { condition, ...unconditional } = rule;
  return [
    { kind: 'widen', words: 'condition dropped', rule: unconditional },
    ...conditionVariants(condition).map(
      ({ condition: changed, words }): RuleChange => ({
        kind: 'condition',
        words: `condition with ${words}`,
        rule: { ...rule, condition: changed },
      }),
    ),
  ];
}
