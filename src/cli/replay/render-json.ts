import { type Answer, type Flip, isHttpRequest } from '../../replay/flip.ts';
import type { FlipGroup } from '../../replay/flip-groups.ts';
import type { ReplayReport } from './report.ts';

/** One flip as a line without its end. */
export function renderFlipJson({ direction, place, timeMs, requestId, weight, ...flip }: Flip): string {
  return JSON.stringify({
    direction,
    file: place.file,
    line: place.line,
    time: renderTime(timeMs),
    requestId,
    ...(weight === 1 ? {} : { weight }),
    [isHttpRequest(flip.request) ? 'http' : 'request']: flip.request,
    before: answerJson(flip.before),
    after: answerJson(flip.after),
  });
}

/** The whole report as one object. */
export function renderReportJson({
  revision,
  tally,
  groups,
  directions,
  faults,
  limit,
}: ReplayReport): string {
  const ranked = directions.map((direction) => groups.ranked(direction));
  const shown = ranked.map((ofDirection) => ofDirection.slice(0, limit));
  const countAll = (lists: readonly (readonly FlipGroup[])[]): number =>
    lists.reduce((sum, { length }) => sum + length, 0);
  return JSON.stringify({
    against: { revision },
    lines: tally.lines,
    replayed: tally.replayed,
    sampled: tally.sampled,
    first: renderTime(tally.firstMs),
    last: renderTime(tally.lastMs),
    flips: {
      'allow-to-deny': rounded(tally.flips['allow-to-deny']),
      'deny-to-allow': rounded(tally.flips['deny-to-allow']),
    },
    notReplayed: { ...tally.obstacles, notUnderstood: tally.faults },
    revisions: [...tally.revisions]
      .sort(([, a], [, b]) => b - a)
      .map(([name, lines]) => ({ revision: name, lines })),
    linesOfOtherRevisions: tally.linesOfOtherRevisions,
    groups: shown.flat().map(groupJson),
    groupsLeftOff: countAll(ranked) - countAll(shown),
    flipsBeyondGroups: directions.reduce((sum, direction) => sum + groups.ungrouped[direction], 0),
    faults: faults.map(({ place, message }) => ({ ...place, message })),
    faultsLeftOff: tally.faults - faults.length,
  });
}

function groupJson({ direction, common, count, estimated, firstMs, lastMs, example }: FlipGroup): object {
  const { before, after, ...asked } = common;
  return {
    direction,
    ...rounded({ lines: count, estimated }),
    ...asked,
    before: before && answerJson(before),
    after: after && answerJson(after),
    first: renderTime(firstMs),
    last: renderTime(lastMs),
    example,
  };
}

function rounded({ lines, estimated }: { readonly lines: number; readonly estimated: number }): {
  readonly lines: number;
  readonly estimated: number;
} {
  return { lines, estimated: Math.round(estimated) };
}

/** Its members in a fixed order, whoever made it. */
function answerJson({ decision, reason, rule, ruleset, detail }: Answer): Answer {
  return { decision, reason, rule, ruleset, detail } as Answer;
}

function renderTime(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : new Date(timeMs).toISOString();
}
