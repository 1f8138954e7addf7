import { valuationsOf } from '../analysis/asker-differences.ts';
import { lettersOfId } from '../analysis/letters.ts';
import { ownersOf } from '../analysis/pattern-trie.ts';
import { type Answer, PolicySide, type Valuation } from '../analysis/policy-side.ts';
import { Schema } from '../analysis/schema.ts';
import type { Asker } from '../analysis/subjects.ts';
import type { Model } from '../model/model.ts';
import { FilterError } from './filter-error.ts';

/** What one asker asks for, again and again. */
export interface ViewOptions {
  readonly asker: Asker;
  readonly action: string;
  /** The mode in force, that of the policy set included. */
  readonly mode: string | undefined;
}

/** A policy set without conditions, as one asker meets it: allows an id or does not. */
export class PolicyView {
  readonly side: PolicySide;
  /** Whether everything is enforced, as without a mode (S35). */
  readonly isEnforced: boolean;
  readonly #options: ViewOptions;

  constructor(model: Model, options: ViewOptions) {
    this.side = new PolicySide(new Schema(model));
    this.isEnforced = options.mode === undefined;
    this.#options = options;
  }

  /**
   * @param id  well formed
   * @throws {FilterError} where shared variables decide that stand in the resource alone
   */
  allows(id: string): boolean {
    const letters = lettersOfId(id);
    const { trie, schema } = this.side;
    const cell = this.side.cellOf(
      letters[0]!,
      ownersOf(trie, letters),
      ownersOf(schema.templateTrie, letters),
    );
    const { asker, action, mode } = this.#options;
    const { guards, answer } = this.side.ask(cell, action, asker);
    const answers = new Set(
      guards.size > MAX_GUARDS ? [] : answersTo([...guards], (values) => answer(mode, values)),
    );
    const [only] = answers;
    if (answers.size === 1) return only === 'allow';
    throw new FilterError(
      'inexpressible',
      'a rule with a variable that stands more than once in its resource is involved, which a condition in SQL cannot say',
    );
  }
}

/** More rules whose variables may agree or not are not tried in all combinations. */
const MAX_GUARDS = 5;

function* answersTo(guards: readonly string[], answer: (values: Valuation) => Answer): Iterable<Answer> {
  for (const values of valuationsOf(guards, ['true', 'false', 'error'])) yield answer(values);
}
