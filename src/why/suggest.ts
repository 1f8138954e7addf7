import type { Rule } from '../model/model.ts';
import type { Edit, Suggestion } from './answer.ts';
import type { Change } from './change.ts';
import { completions, fromDifference, MAX_MISSES } from './completions.ts';
import { Engine } from './engine.ts';
import { liftings } from './lift-denies.ts';
import type { PlaceOf } from './match-account.ts';
import type { MissedRule } from './near-misses.ts';
import { nothingOpened, openedBy } from './opened-access.ts';
import type { Question } from './question.ts';
import { rankSuggestions } from './rank-suggestions.ts';
import { type Sending, sendingFor } from './send-values.ts';
import { denialsIn, type Situation } from './situation.ts';

/** What a denial is seen from. */
export interface Denial {
  /** On the whole policy set. */
  readonly question: Question;
  /** On a part of it that decides the request alike, and holds the near misses. */
  readonly situation: Situation;
  readonly misses: readonly MissedRule[];
  readonly mode: string | undefined;
  readonly placeOf: PlaceOf;
}

/** Where denies have to be lifted first, only the nearest ways to an allow are looked at behind that. */
const MAX_COMPLETIONS_OF_LIFTED = 4;

/** Changes, of the policies or of what the request carries, to be made together. */
interface Proposal {
  readonly changes: readonly Change[];
  readonly sending?: Sending;
}

/** Changes that have a denied request allowed: each was tried, and what else it opens computed. */
export function suggest(denial: Denial): readonly Suggestion[] {
  const { situation, question, mode } = denial;
  const { model } = situation.question;
  const { request } = question;
  const doesAllow = ({ changes, sending }: Proposal): boolean =>
    new Engine(
      changes.reduce((changed, { apply }) => apply(changed), model),
      mode,
    ).isAllowed(sending?.request ?? request);
  const proposals = [
    ...proposedSendings(denial).map((sending) => ({ changes: [], sending })),
    ...proposedChanges(denial).map((changes) => ({ changes })),
    ...proposedPairs(denial),
  ];
  const suggestions = distinct(proposals)
    .filter(doesAllow)
    .map((proposal) => ({
      edits: editsOf(proposal),
      opens:
        proposal.changes.length === 0
          ? nothingOpened
          : openedBy(question.schema, proposal.changes, request, mode),
    }));
  return rankSuggestions(suggestions);
}

function editsOf({ changes, sending }: Proposal): readonly Edit[] {
  const edits = changes.map(({ edit }) => edit);
  return sending === undefined ? edits : [...edits, sending.edit];
}

function proposedChanges({ situation, misses, mode, placeOf }: Denial): readonly (readonly Change[])[] {
  return liftings(situation, mode, placeOf).flatMap((lifting) => {
    const { changes, situation: lifted } = lifting;
    if (lifted.ruled.decision.decision === 'allow') return [changes];
    const found = completions(lifted.question, misses, placeOf);
    const few = changes.length === 0 ? found : found.slice(0, MAX_COMPLETIONS_OF_LIFTED);
    return few.map((each) => [...changes, each]);
  });
}

function proposedSendings(denial: Denial): readonly Sending[] {
  const allows: readonly (readonly Rule[])[] = [
    [],
    ...denial.misses
      .filter(({ miss }) => miss.differences.every(({ kind }) => kind === 'condition'))
      .map(({ rule }) => [rule]),
  ];
  return allows.flatMap((each) => sendingFor(denial.question, each, conditionedDenies(denial)) ?? []);
}

/** For rules of which the condition does not hold and one thing more is missing. */
function proposedPairs(denial: Denial): readonly Proposal[] {
  const { misses, question, situation, placeOf } = denial;
  return misses.slice(0, MAX_MISSES).flatMap(({ rule, miss }) => {
    const [first, ...others] = miss.differences.filter(({ kind }) => kind !== 'condition');
    if (first === undefined || others.length > 0 || miss.differences.length !== 2) return [];
    const sending = sendingFor(question, [rule], conditionedDenies(denial));
    if (sending === undefined) return [];
    const changes = fromDifference(situation.question, rule, first, placeOf);
    return changes.map((change) => ({ changes: [change], sending }));
  });
}

function conditionedDenies({ situation }: Denial): readonly Rule[] {
  return denialsIn(situation).flatMap(({ verdict }) =>
    verdict.applying.filter(({ effect }) => effect === 'deny'),
  );
}

function distinct(proposals: readonly Proposal[]): readonly Proposal[] {
  return [...new Map(proposals.map((each) => [JSON.stringify(editsOf(each)), each])).values()];
}
