import { assertNever } from '../source/invariant.ts';
import { type Answer, type Direction, type Flip, isHttpRequest, type Place } from './flip.ts';

/** What flips of one group have in common, beside their direction. */
export type GroupedBy = 'request' | 'subject' | 'resource' | 'rule';

export interface FlipGroup {
  readonly direction: Direction;
  /** What the flips have in common, as far as they were grouped by it. */
  readonly common: Common;
  /** Lines of the log. */
  readonly count: number;
  /** Decisions that they stand for; more where the log holds a sample. */
  readonly estimated: number;
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
  /** One of them, to look up. */
  readonly example: Place;
}

/** A member is absent if the flips were not grouped by it; undefined if their requests do not have it. */
export interface Common {
  readonly subject?: unknown;
  readonly action?: unknown;
  readonly resource?: unknown;
  readonly method?: unknown;
  readonly path?: unknown;
  readonly before?: Answer;
  readonly after?: Answer;
}

export interface FlipGroupsOptions {
  readonly by: GroupedBy;
  readonly maxGroups?: number;
  /** Bound of all texts that groups hold, in UTF-16 units. */
  readonly maxUnits?: number;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Flips counted by what they have in common, in bounded memory: what fits into no group any more is counted and no more. */
export class FlipGroups {
  /** Flips beyond the groups that were kept, by direction. */
  readonly ungrouped: Record<Direction, number> = { 'allow-to-deny': 0, 'deny-to-allow': 0 };
  readonly #by: GroupedBy;
  readonly #maxGroups: number;
  readonly #maxUnits: number;
  readonly #groups = new Map<string, Mutable<FlipGroup>>();
  #units = 0;

  constructor({ by, maxGroups = 100_000, maxUnits = 2 ** 25 }: FlipGroupsOptions) {
    this.#by = by;
    this.#maxGroups = maxGroups;
    this.#maxUnits = maxUnits;
  }

  add(flip: Flip): void {
    const common = commonOf(flip, this.#by);
    const key = keyOf(flip.direction, common);
    const known = this.#groups.get(key);
    if (known !== undefined) join(known, flip);
    else if (this.#groups.size < this.#maxGroups && this.#units + key.length <= this.#maxUnits) {
      this.#units += key.length;
      this.#groups.set(key, begin(flip, common));
    } else this.ungrouped[flip.direction]++;
  }

  /** Those of one direction, the largest first; of equals the one whose first example was met first. */
  ranked(direction: Direction): readonly FlipGroup[] {
    // A map goes through its entries as they came, and sorting is stable.
    return [...this.#groups.values()]
      .filter((group) => group.direction === direction)
      .sort((a, b) => b.estimated - a.estimated);
  }
}

function commonOf(flip: Flip, by: GroupedBy): Common {
  const { request, before, after } = flip;
  switch (by) {
    case 'subject':
      return { subject: request.subject };
    case 'resource':
      return isHttpRequest(request) ? { path: request.path } : { resource: request.resource };
    case 'rule':
      return { before, after };
    case 'request':
      return { ...askedBy(request), before, after };
    default:
      return assertNever(by);
  }
}

function askedBy(request: Flip['request']): Common {
  if (isHttpRequest(request)) return { subject: request.subject, method: request.method, path: request.path };
  return { subject: request.subject, action: request.action, resource: request.resource };
}

/** Different texts for different groups: the members stand in one order, and an absent one is a hole that JSON shows as `null`. */
function keyOf(direction: Direction, common: Common): string {
  const { before, after, ...asked } = common;
  return JSON.stringify([direction, asked, before && textOf(before), after && textOf(after)]);
}

/** A detail says what is wrong with one request: it keeps no two of them apart. */
function textOf({ reason, rule, ruleset }: Answer): readonly unknown[] {
  return [reason, rule?.id, rule?.file, rule?.line, rule?.role?.name, rule?.role?.line, ruleset];
}

function begin({ direction, timeMs, weight, place }: Flip, common: Common): Mutable<FlipGroup> {
  return { direction, common, count: 1, estimated: weight, firstMs: timeMs, lastMs: timeMs, example: place };
}

function join(group: Mutable<FlipGroup>, { timeMs, weight }: Flip): void {
  group.count++;
  group.estimated += weight;
  if (timeMs === undefined) return;
  if (group.firstMs === undefined || timeMs < group.firstMs) group.firstMs = timeMs;
  if (group.lastMs === undefined || timeMs > group.lastMs) group.lastMs = timeMs;
}
