import type { RuleReference } from '../decision/decision.ts';
import type { RuleFinder } from './rule-finder.ts';
import type { SubjectClasses } from './subject-classes.ts';

/**
 * What has changed since an image was made, in the words of that image. `src/live` makes them; here is what decisions ask of
 * one. Rules that came are allows outside any ruleset, without a condition. Their numbers say where they stand in source order:
 * beside a rule of the image that bears the same name, or behind all of them.
 */
export interface Overlay {
  /**
   * Gives a subject that has been bound the classes that it has now, if its groups are others than in the image. Groups that
   * the image does not know have numbers from twice its count of classes on: those below are taken by entries that never decide.
   */
  bind(classes: SubjectClasses): void;

  /** Adds the class of a group that a request names, if the image does not know the group and the request has a subject. */
  add(classes: SubjectClasses, name: string): void;

  /** Whether a plain allow of the image is gone. */
  hides(rule: number): boolean;

  /**
   * Lets the rules that came contest for being the first allow, after `find`.
   *
   * @param action  row of the action, or NONE
   * @param resource  what was scanned last, or undefined
   */
  find(finder: RuleFinder, classes: SubjectClasses, action: number, resource: string | undefined): void;

  /** Whether a rule that came allows the subject anything on the superuser's id of a namespace. */
  matches(namespace: number, classes: SubjectClasses): boolean;

  /** A rule that came and stands behind those of the image, as answers name it. */
  name(rule: number): RuleReference;

  /** Every rule that came and covers a resource, which was scanned last: for explanations. */
  rulesOn(resource: string): Iterable<AddedRule>;
}

export interface AddedRule {
  /** Its place; rules that were written at once share one. */
  readonly rule: number;
  /** A subject, or the class of a group. */
  readonly principal: string | number;
  /** Page and mask of its actions, in pairs. */
  readonly actions: readonly number[];
}
