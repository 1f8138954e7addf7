import { compareModels } from '../analysis/compare-models.ts';
import { referenceToRule } from '../analysis/rule-reference.ts';
import type { Authorizer } from '../authorizer.ts';
import { compile } from '../compile/compile.ts';
import type { Effect } from '../decision/decision.ts';
import type { Request } from '../decision/request.ts';
import type { TextOf } from '../diagnostics/locate.ts';
import type { Model, Rule } from '../model/model.ts';
import { findDifference } from './find-difference.ts';
import type { Mutant } from './mutant.ts';
import { mutantsOf } from './mutants.ts';
import { keyOfRule } from './rule-names.ts';
import { type TestResult, TestRunner } from './run-tests.ts';
import type { TestCase } from './test-case.ts';

/**
 * A mutant is killed when a test fails on it. One that no test notices survives, unless it is proved to answer every
 * request as the original does: then it is no fault.
 */
export type MutantOutcome =
  | { readonly status: 'killed'; readonly mutant: Mutant; readonly by: TestCase }
  | {
      readonly status: 'survived';
      readonly mutant: Mutant;
      /** A test that passes on the original and fails on the mutant, if one was found. */
      readonly missing?: MissingTest;
    }
  | { readonly status: 'equivalent'; readonly mutant: Mutant };

export type MissingTest = Pick<TestCase, 'request' | 'mode' | 'expected'>;

export interface MutationReport {
  readonly outcomes: readonly MutantOutcome[];
  readonly killed: number;
  readonly survived: number;
  readonly equivalent: number;
  /** Killed ones among those that are not equivalent, 0 to 1; 1 if there are none. */
  readonly score: number;
}

export interface MutateOptions {
  /** In which cases are decided that name none. */
  readonly mode?: string | undefined;
  /** Gives the text of the policy files, for the lines of rulesets. */
  readonly textOf?: TextOf;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/**
 * Puts one fault after the other into a policy set and looks whether the tests notice. Cases that fail as it is are left out:
 * they would notice anything.
 */
export function mutate(
  model: Model,
  image: Uint8Array,
  cases: readonly TestCase[],
  options: MutateOptions = {},
): MutationReport {
  const mutants = mutantsOf(model, options.textOf);
  const run = new MutationRun(model, image, cases, options);
  const outcomes = mutants.map((mutant, done) => {
    options.onProgress?.({ done, total: mutants.length });
    return run.outcomeOf(mutant);
  });
  const count = (status: MutantOutcome['status']): number =>
    outcomes.filter((outcome) => outcome.status === status).length;
  const [killed, survived, equivalent] = [count('killed'), count('survived'), count('equivalent')];
  const score = killed + survived === 0 ? 1 : killed / (killed + survived);
  return { outcomes, killed, survived, equivalent, score };
}

/** A missing test is in no file yet. */
const nowhere = { title: '', file: '', line: 0 };

/** A request with the mode in which it is asked. */
type Witness = Request & { readonly mode?: string };

/** Requests tried for one mutant from each starting point: nine differences in ten show within the first few hundred. */
const quickTries = 400;
const thoroughTries = 1500;

class MutationRun {
  readonly #model: Model;
  readonly #options: MutateOptions;
  readonly #original: TestRunner;
  readonly #results: readonly TestResult[];
  /** Missing tests so far: one may kill many mutants. */
  readonly #found: MissingTest[] = [];
  readonly #rulesByKey: ReadonlyMap<string, readonly Rule[]>;

  constructor(model: Model, image: Uint8Array, cases: readonly TestCase[], options: MutateOptions) {
    this.#model = model;
    this.#options = options;
    this.#original = new TestRunner(image, options.mode);
    this.#rulesByKey = Map.groupBy(model.rules, (rule) => keyOfRule(referenceToRule(rule)));
    this.#results = cases.map((each) => this.#original.run(each)).filter(({ passed }) => passed);
  }

  outcomeOf(mutant: Mutant): MutantOutcome {
    const changed = mutant.apply();
    const runner = new TestRunner(compile(changed), this.#options.mode);
    const killer = this.#results.find(({ case: each }) => !runner.run(each).passed);
    if (killer !== undefined) return { status: 'killed', mutant, by: killer.case };
    return this.#outcomeOfSurvivor(mutant, changed, runner);
  }

  /** Trying is quicker than proving where there is something to find, which is where mutants mostly survive. */
  #outcomeOfSurvivor(mutant: Mutant, changed: Model, mutated: TestRunner): MutantOutcome {
    const status = 'survived';
    const known = this.#found.find((test) => !mutated.run({ ...nowhere, ...test }).passed);
    if (known !== undefined) return { status, mutant, missing: known };
    const soon = this.#findMissing(mutant, mutated, quickTries);
    if (soon !== undefined) return { status, mutant, missing: soon };
    const comparison = compareModels(this.#model, changed);
    if (comparison.kind === 'equal') return { status: 'equivalent', mutant };
    if (comparison.kind === 'different') {
      const { before: _before, after: _after, ...witness } = comparison.witness;
      const test = this.#testFor(witness as Witness);
      if (!mutated.run({ ...nowhere, ...test }).passed) return { status, mutant, missing: this.#keep(test) };
    }
    const late = this.#findMissing(mutant, mutated, thoroughTries);
    return late === undefined ? { status, mutant } : { status, mutant, missing: late };
  }

  /** In the mode of the run first, then in others, as far as they may show more. */
  #findMissing(mutant: Mutant, mutated: TestRunner, mostTries: number): MissingTest | undefined {
    const seeds = this.#seedsFor(mutant);
    for (const mode of [undefined, ...this.#otherModes(mutant)]) {
      const asked = mode === undefined ? {} : { mode };
      const rulesOn = (resource: string): readonly Rule[] => this.#rulesOn(resource, asked);
      const [original, other] = [this.#original.authorizerFor(asked), mutated.authorizerFor(asked)];
      const tellsApart = (request: Request): boolean => decide(original, request) !== decide(other, request);
      const request = findDifference({ model: this.#model, rulesOn }, mutant, {
        seeds,
        mostTries,
        tellsApart,
      });
      if (request !== undefined) return this.#keep(this.#testFor({ ...request, ...asked }));
    }
    return undefined;
  }

  /**
   * With no mode everything is enforced, and what is allowed shows best. A deny may show only where nothing is enforced, since
   * there it is what keeps a request from being allowed.
   */
  #otherModes({ rules, changed }: Mutant): readonly string[] {
    const isEnforced = this.#options.mode === undefined && this.#model.mode === undefined;
    const hasDeny = [...rules, ...changed].some(({ effect }) => effect === 'deny');
    return isEnforced && !hasDeny ? [] : this.#model.modes;
  }

  #rulesOn(resource: string, asked: Pick<TestCase, 'mode'>): Rule[] {
    const { rules } = this.#original.authorizerFor(asked).explain({ action: 'any', resource });
    return rules.flatMap(({ rule }) => this.#rulesByKey.get(keyOfRule(rule)) ?? []);
  }

  #testFor({ mode, ...request }: Witness): MissingTest {
    const asked = mode === undefined ? {} : { mode };
    const expected = { decision: decide(this.#original.authorizerFor(asked), request) };
    return { request, ...asked, expected };
  }

  #keep(test: MissingTest): MissingTest {
    this.#found.push(test);
    return test;
  }

  /** Requests of tests that the rules decide, then of those that their ruleset does. */
  #seedsFor({ rules, ruleset = rules[0]?.ruleset }: Mutant): Request[] {
    const keys = new Set(rules.map((rule) => keyOfRule(referenceToRule(rule))));
    const name = ruleset === undefined ? undefined : this.#model.rulesets[ruleset]!.name;
    const decidedBy = (isMeant: (decision: TestResult['actual']) => boolean): TestResult[] =>
      this.#results.filter(({ actual }) => isMeant(actual));
    const own = decidedBy(({ rule }) => rule !== undefined && keys.has(keyOfRule(rule)));
    const near = name === undefined ? [] : decidedBy((decision) => decision.ruleset === name);
    return [...new Set([...own, ...near])].map(({ case: { request } }) => request);
  }
}

function decide(authorizer: Authorizer, request: Request): Effect {
  return authorizer.decide(request).decision;
}
