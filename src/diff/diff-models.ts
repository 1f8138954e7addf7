import { type Cell, ModelComparison } from '../analysis/model-comparison.ts';
import { TooComplexError } from '../analysis/too-complex.ts';
import type { Model } from '../model/model.ts';
import { DifferenceRows } from './difference-rows.ts';
import type { PolicyDifference, Requests, UndecidedPart } from './policy-difference.ts';

/**
 * Everything that two policy sets decide otherwise, as sets of requests with a witness each. Exact where neither a condition
 * nor a shared variable is involved; where one is, equal ones are equal, what is decidable is decided, and the rest is
 * said to be undecided. Sets of one direction may overlap; together they are all there is.
 */
export function diffModels(before: Model, after: Model): PolicyDifference {
  const comparison = new ModelComparison(before, after, { withTerms: true });
  const { reason } = comparison.changes;
  if (reason !== undefined)
    return differenceOf({ gained: [], lost: [], undecided: [undecidedWhole(reason)] });
  const rows = new DifferenceRows(comparison);
  try {
    comparison.forEachCell((cell: Cell) => {
      rows.addCell(cell);
      return undefined;
    });
  } catch (error) {
    if (!(error instanceof TooComplexError)) throw error;
    // What has been found holds, but its sets may say too much of what was not looked at.
    return differenceOf({ gained: [], lost: [], undecided: [undecidedWhole(error.message)] });
  }
  return differenceOf(rows.finish());
}

function undecidedWhole(reason: string): UndecidedPart {
  return { ...everything, reason };
}

const everything: Requests = {
  subjects: [{ all: [{ kind: 'anyone' }], except: [] }],
  actions: [],
  isAnyOtherAction: true,
  resources: [{ all: [{ text: '**', elements: [{ kind: 'many', separator: 'start' }] }], except: [] }],
  isWithoutResource: true,
};

function differenceOf(found: Omit<PolicyDifference, 'kind'>): PolicyDifference {
  const isDifferent = found.gained.length + found.lost.length > 0;
  const kind = isDifferent ? 'different' : found.undecided.length > 0 ? 'unknown' : 'equal';
  return { kind, ...found };
}
