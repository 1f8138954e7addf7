import type { Rule, SubjectPattern } from '../model/model.ts';
import { type Coverage, elementsOfId } from '../model/template-variants.ts';
import type { ActionRelations } from './action-relations.ts';
import type { RuleSpreader } from './spread-rule.ts';
import { locationIn } from './tables.ts';
import { type Place, piecesBeneath, placeOf } from './trie-lists.ts';

/** What has changed since a live image was made: an overlay in words that a model has. */
export interface StoreChanges {
  /** Whether a rule of the image is gone. */
  readonly hides: (rule: number) => boolean;
  /** Those that the image does not know. */
  readonly newGroups: readonly string[];
  /** Subjects whose groups are others now, with all of them and the groups that hold those. */
  readonly groupsOf: ReadonlyMap<string, readonly string[]>;
  /** Those that came, in source order. */
  readonly rules: readonly AddedStoreRule[];
}

export interface AddedStoreRule {
  /** The row of the image before which it stands; behind all rows if there is none of that number. */
  readonly place: number;
  readonly file: string;
  readonly line: number;
  readonly subject: SubjectPattern;
  readonly id: string;
  /** What it covers, if that is more than the id. */
  readonly coverage: Coverage | undefined;
  /** Page and mask, in pairs. */
  readonly actions: readonly number[];
}

/** A rule that came, as one or more of a model, which say as much in whatever words the model has. */
export function rulesOfAdded(
  { file, line, subject, id, coverage, actions }: AddedStoreRule,
  relations: ActionRelations,
  spreader: RuleSpreader,
): readonly Rule[] {
  const spoken = relations.spokenBy(actions);
  return spreader.spread('allow', spoken, placesOf(id, coverage)).map((speech) => ({
    effect: 'allow',
    subjects: [subject],
    ...speech,
    location: locationIn(file),
    line,
  }));
}

function placesOf(id: string, coverage: Coverage | undefined): readonly Place[] {
  if (coverage === undefined) return [{ kind: 'id', id }];
  const places = coverage.patterns.map(placeOf);
  if (coverage.pieceSeparator === undefined) return places;
  const beneath = piecesBeneath(elementsOfId(id + coverage.pieceSeparator));
  return [...places, { kind: 'pattern', elements: beneath }];
}
