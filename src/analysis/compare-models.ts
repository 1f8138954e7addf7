import type { AttributeObject, AttributeValue, Model } from '../model/model.ts';
import { AskerComparison, type AskerDifference, type Example } from './asker-differences.ts';
import type { Effort } from './effort.ts';
import type { Surroundings } from './evaluate-expression.ts';
import { type Cell, ModelComparison } from './model-comparison.ts';
import type { Witness } from './policy-analysis.ts';
import type { Answer } from './policy-side.ts';
import { TooComplexError } from './too-complex.ts';

/** Whether two policy sets decide alike, by default and in every mode: proved, disproved by a witness, or neither. */
export type Comparison =
  | { readonly kind: 'equal' }
  | { readonly kind: 'different'; readonly witness: DifferenceWitness }
  | { readonly kind: 'unknown'; readonly reason: string };

/** A request that is decided otherwise. */
export interface DifferenceWitness extends Witness {
  readonly mode?: string;
  readonly context?: unknown;
  readonly attributes?: unknown;
  readonly before: Answer;
  readonly after: Answer;
}

export interface CompareOptions {
  /** What is not known to be equal will do: nobody asks for a witness. */
  readonly endsAtUndecided?: boolean;
  /** What the comparison may cost, with all else that shares it: where more is needed, the result is unknown. */
  readonly effort?: Effort;
}

/**
 * Compares what two policy sets decide. Only ids that a changed rule speaks of are looked at, in classes that no rule tells
 * apart; for each the actions in question, and one asker of every kind. Conditions are first taken for anything (true, false
 * or failing), then, where that makes a difference, tried with every kind of value.
 *
 * Attributes are those of requests: where a difference depends on what an `entity` declares, it is unknown.
 */
export function compareModels(
  before: Model,
  after: Model,
  { endsAtUndecided = false, effort }: CompareOptions = {},
): Comparison {
  try {
    const options = effort === undefined ? {} : { effort };
    return findDifference(new ModelComparison(before, after, options), endsAtUndecided);
  } catch (error) {
    if (error instanceof TooComplexError) return { kind: 'unknown', reason: error.message };
    throw error;
  }
}

/** Why nothing is known where these differ. */
export const uncompared = {
  routes: 'routes differ: HTTP requests may need other permissions',
  entities: 'declared entities differ, and there are conditions on attributes',
} as const;

function findDifference(comparison: ModelComparison, endsAtUndecided: boolean): Comparison {
  const [other] = comparison.changes.others;
  if (other !== undefined) return { kind: 'unknown', reason: uncompared[other] };
  const askers = new AskerComparison(comparison);
  let witness: DifferenceWitness | undefined;
  let undecided: string | undefined;
  const findIn = (cell: Cell, action: string): DifferenceWitness | undefined => {
    for (const asker of comparison.askersOf(cell, action).askers) {
      for (const outcome of askers.compare(cell, action, asker)) {
        if ('after' in outcome) return witnessOf(action, outcome);
        undecided ??= outcome.reason;
      }
    }
    return undefined;
  };
  comparison.forEachCell((cell) => {
    const { named, other } = comparison.actionsOf(cell);
    for (const action of other === undefined ? named : [...named, other]) {
      try {
        witness = findIn(cell, action);
      } catch (error) {
        // Elsewhere there may be a difference that is easily found.
        if (!(error instanceof TooComplexError)) throw error;
        undecided ??= error.message;
      }
      if (witness !== undefined || (endsAtUndecided && undecided !== undefined)) return true;
    }
    return false;
  });
  if (witness !== undefined) return { kind: 'different', witness };
  return undecided === undefined ? { kind: 'equal' } : { kind: 'unknown', reason: undecided };
}

export function witnessOf(action: string, { mode, after, example }: AskerDifference): DifferenceWitness {
  const { subject, resource, groups, surroundings }: Example = example;
  return {
    ...(subject === undefined ? {} : { subject }),
    action,
    ...(resource === undefined ? {} : { resource }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(mode === undefined ? {} : { mode }),
    before: after === 'allow' ? 'deny' : 'allow',
    after,
    ...(surroundings === undefined ? {} : requestedValues(surroundings)),
  };
}

function requestedValues({ roots }: Surroundings): Pick<DifferenceWitness, 'context' | 'attributes'> {
  const context = toJson(roots.context) as object;
  const attributes = Object.fromEntries(
    (['subject', 'action', 'resource'] as const).flatMap((root) => {
      const { id: _, ...rest } = toJson(roots[root]) as Record<string, unknown>;
      return Object.keys(rest).length === 0 ? [] : [[root, rest]];
    }),
  );
  return {
    ...(Object.keys(context).length === 0 ? {} : { context }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
  };
}

function toJson(value: AttributeValue | AttributeObject): unknown {
  if (Array.isArray(value)) return value.map(toJson);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([name, each]) => [name, toJson(each)]));
}
