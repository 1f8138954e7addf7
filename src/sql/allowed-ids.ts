import type { DescribedSet } from '../analysis/described-set.ts';
import type { Truth } from '../analysis/evaluate-expression.ts';
import { foldCondition, type Known } from '../analysis/fold-condition.ts';
import { forSubject } from '../analysis/for-subject.ts';
import { matchesGlob, textClasses } from '../analysis/glob-classes.ts';
import { Schema } from '../analysis/schema.ts';
import { TooComplexError } from '../analysis/too-complex.ts';
import { isResourceId } from '../analysis/well-formed.ts';
import type { Glob, Model, Rule } from '../model/model.ts';
import { allowedClasses, type Elements, MAX_GLOBS } from './allowed-classes.ts';
import { shapeOf } from './id-shape.ts';
import { type IdUses, idUsesIn } from './id-uses.ts';
import { withoutIdleRulesets } from './idle-rulesets.ts';
import { type Asking, knownOf, withResource } from './known-request.ts';
import { plainSet } from './plain-set.ts';
import { PolicyView, type ViewOptions } from './policy-view.ts';
import { foldRules, type ResidualModel, resolveRules } from './residual-rules.ts';
import { withoutSuperusers } from './superusers.ts';

/** Which of some globs match the whole text of an id. */
export interface LikeCase {
  readonly matching: readonly Glob[];
  readonly others: readonly Glob[];
}

/** Of each case the ids in its set are allowed, but for single ones. No id is in two cases. */
export interface AllowedIds {
  readonly cases: readonly { readonly like: LikeCase; readonly set: DescribedSet<Elements> }[];
  /** Allowed, and in no set. */
  readonly added: readonly string[];
  /** Not allowed, though in a set. */
  readonly removed: readonly string[];
}

/**
 * Ids that a policy names as a whole, compares with `resource.id`, or knows attributes of are decided one by one; the others
 * in classes that no pattern tells apart, once for every combination of globs that conditions hold against the id.
 *
 * @throws {TooComplexError | FilterError}
 */
export function allowedIds(model: Model, asking: Asking, mode: string | undefined): AllowedIds {
  const { subject, groups, action } = asking;
  const asker = { ...(subject === undefined ? {} : { subject }), groups };
  const own = withoutSuperusers(forSubject(model, asker), asking);
  const schema = new Schema(own);
  const rules = own.rules.filter((rule) => mayAsk(rule, action, schema));
  const known = knownOf(model, asking);
  const residual = foldRules({ ...own, rules }, known);
  const uses = idUsesIn(residual.conditions, known);
  if (uses.globs.length > MAX_GLOBS) throw new TooComplexError('too many conditions on `resource.id`');
  const literals = rules.flatMap((rule) => literalsOf(rule, schema));
  const views = new Views(residual, schema, { asker, action, mode: mode ?? model.mode });

  const plain: Model = { ...model, entities: [] };
  const cases = sameTogether(
    textClasses(uses.globs, uses.texts).map(({ matched, text }) => {
      const view = views.general(truthsAt(text, residual, plain, known));
      return { like: likeOf(uses.globs, matched), view, set: plainSet(view, action) ?? allowedClasses(view) };
    }),
  );
  const generally = (id: string): boolean =>
    cases.find(({ like }) => isCase(like, id))?.view.allows(id) ?? false;
  const single = [...new Set([...literals, ...singleIds(model, uses)])].sort();
  const decided = single.map((id) => ({
    id,
    isAllowed: views.whole(truthsAt(id, residual, model, known)).allows(id),
    isGeneral: generally(id),
  }));
  return {
    cases,
    added: decided.flatMap(({ id, isAllowed, isGeneral }) => (isAllowed && !isGeneral ? [id] : [])),
    removed: decided.flatMap(({ id, isAllowed, isGeneral }) => (!isAllowed && isGeneral ? [id] : [])),
  };
}

/** The policy set with what its conditions come to, and the same without rules on single ids; each made once. */
class Views {
  readonly #made = new Map<string, PolicyView>();
  readonly #residual: ResidualModel;
  readonly #schema: Schema;
  readonly #options: ViewOptions;

  constructor(residual: ResidualModel, schema: Schema, options: ViewOptions) {
    this.#residual = residual;
    this.#schema = schema;
    this.#options = options;
  }

  whole(truths: readonly Truth[]): PolicyView {
    return this.#view(`whole ${truths.join()}`, () => this.#resolve(truths));
  }

  general(truths: readonly Truth[]): PolicyView {
    return this.#view(`general ${truths.join()}`, () => {
      const resolved = this.#resolve(truths);
      const rules = resolved.rules.flatMap((rule) => withoutLiterals(rule, this.#schema));
      return withoutIdleRulesets({ ...resolved, rules }, this.#options.action);
    });
  }

  #resolve(truths: readonly Truth[]): Model {
    return resolveRules(this.#residual, truths);
  }

  #view(key: string, make: () => Model): PolicyView {
    let view = this.#made.get(key);
    if (view === undefined) {
      view = new PolicyView(make(), this.#options);
      this.#made.set(key, view);
    }
    return view;
  }
}

/** Whether a rule can have a part in deciding an action, in some namespace or outside any. */
function mayAsk(rule: Rule, action: string, schema: Schema): boolean {
  const places = [undefined, ...schema.model.namespaces.keys()];
  return places.some((place) => schema.askedBy(rule, {}, place).has(action));
}

/** The one id that each of a rule's resources speaks of, where it speaks of one. */
function literalsOf({ resources }: Rule, schema: Schema): readonly string[] {
  return resources.flatMap((resource) => {
    const { patterns } = schema.coverageOf(resource);
    const shape = patterns.length === 1 ? shapeOf(patterns[0]!) : undefined;
    return shape?.kind === 'literal' ? [shape.id] : [];
  });
}

function withoutLiterals(rule: Rule, schema: Schema): readonly Rule[] {
  const resources = rule.resources.filter(
    (each) => literalsOf({ ...rule, resources: [each] }, schema).length === 0,
  );
  return resources.length === 0 ? [] : [{ ...rule, resources }];
}

function singleIds({ entities }: Model, { texts, readsAttributes }: IdUses): readonly string[] {
  return [...texts, ...(readsAttributes ? entities.map(({ id }) => id) : [])].filter(isResourceId);
}

/** What the conditions that are left come to on a resource, with the attributes of its entity. */
function truthsAt(id: string, { conditions }: ResidualModel, model: Model, known: Known): readonly Truth[] {
  const there = withResource(known, model, id);
  return conditions.map((condition) => foldCondition(condition, there) as Truth);
}

function likeOf(globs: readonly Glob[], matched: readonly number[]): LikeCase {
  return {
    matching: globs.filter((_, i) => matched.includes(i)),
    others: globs.filter((_, i) => !matched.includes(i)),
  };
}

function isCase({ matching, others }: LikeCase, id: string): boolean {
  return matching.every((glob) => matchesGlob(glob, id)) && !others.some((glob) => matchesGlob(glob, id));
}

/** One case for all if all allow the same. */
function sameTogether<Case extends AllowedIds['cases'][number]>(cases: readonly Case[]): readonly Case[] {
  const sets = new Set(cases.map(({ set }) => JSON.stringify(set)));
  if (sets.size > 1) return cases;
  return cases.slice(0, 1).map((each) => ({ ...each, like: { matching: [], others: [] } }));
}
