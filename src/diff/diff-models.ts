import { uncompared } from '../analysis/compare-models.ts';
import { type Cell, ModelComparison } from '../analysis/model-comparison.ts';
import { TooComplexError } from '../analysis/too-complex.ts';
import type { Model, ResourcePattern } from '../model/model.ts';
import { elementsOf } from '../model/template-variants.ts';
import { DifferenceRows } from './difference-rows.ts';
import { limitTo } from './limit-to.ts';
import type { PolicyDifference, UndecidedPart } from './policy-difference.ts';

export interface DiffOptions {
  /** Only resources that it matches: what it says nothing of is not compared. Has no shared variables. */
  readonly within?: ResourcePattern;
}

/**
 * Everything that two policy sets decide otherwise, as sets of requests with a witness each. Exact where neither a condition
 * nor a shared variable is involved; where one is, equal ones are equal, what is decidable is decided, and the rest is
 * said to be undecided. Sets of one direction may overlap; together they are all there is.
 */
export function diffModels(before: Model, after: Model, { within }: DiffOptions = {}): PolicyDifference {
  const comparison = new ModelComparison(before, after, {
    withTerms: true,
    ...(within === undefined ? {} : { within: elementsOf(within) }),
  });
  const rows = new DifferenceRows(comparison);
  try {
    comparison.forEachCell((cell: Cell) => {
      rows.addCell(cell);
      return undefined;
    });
  } catch (error) {
    if (!(error instanceof TooComplexError)) throw error;
    // What has been found holds, but its sets may say too much of what was not looked at.
    return differenceOf(
      { gained: [], lost: [], undecided: [undecidedWhole(error.message, comparison)] },
      comparison,
    );
  }
  const { gained, lost, undecided } = rows.finish();
  const all = [...undecided, ...undecidedOthers(comparison)];
  const found = differenceOf({ gained, lost, undecided: all }, comparison);
  return within === undefined ? found : limitTo(within, found);
}

/** What differs beside rules: routes decide what HTTP requests ask for, and nothing about those that name an action. */
function undecidedOthers(comparison: ModelComparison): readonly UndecidedPart[] {
  return comparison.changes.others.map((other) => {
    const whole = undecidedWhole(uncompared[other], comparison);
    if (other !== 'routes') return whole;
    return { ...whole, actions: [], isAnyOtherAction: false, resources: [], isWithoutResource: false };
  });
}

/** Every request there is. */
function undecidedWhole(reason: string, { schemas }: ModelComparison): UndecidedPart {
  const actions = new Set(schemas.flatMap((schema) => [...schema.allActions()]));
  return {
    subjects: [{ all: [{ kind: 'anyone' }], except: [] }],
    actions: [...actions].sort(),
    isAnyOtherAction: true,
    resources: [{ all: [{ text: '**', elements: [{ kind: 'many', separator: 'start' }] }], except: [] }],
    isWithoutResource: true,
    reason,
  };
}

function differenceOf(
  found: Pick<PolicyDifference, 'gained' | 'lost' | 'undecided'>,
  { modes }: ModelComparison,
): PolicyDifference {
  const isDifferent = found.gained.length + found.lost.length > 0;
  const kind = isDifferent ? 'different' : found.undecided.length > 0 ? 'unknown' : 'equal';
  return { kind, ...found, modes: modes.filter((mode) => mode !== undefined) };
}
