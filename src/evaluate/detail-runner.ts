import type { Request } from '../decision/request.ts';
import type { IdElements } from '../id/elements.ts';
import type { Image } from '../image/image.ts';
import * as layout from '../image/layout.ts';
import { ConditionRunner, ERRED, IS_FALSE, IS_TRUE } from './condition.ts';
import type { SubjectClasses } from './subject-classes.ts';
import { VariableMatcher } from './variables.ts';

// The platform folds constants of a module's own into the code, imported ones it does not (bench/constants.ts).
const DETAIL_CONDITION = layout.DETAIL_CONDITION;
const DETAIL_RESOURCE_PATTERN = layout.DETAIL_RESOURCE_PATTERN;
const DETAIL_SIZE = layout.DETAIL_SIZE;
const DETAIL_SUBJECT_PATTERN = layout.DETAIL_SUBJECT_PATTERN;
const NONE = layout.NONE;

export type Extras = Pick<Request, 'attributes' | 'context'>;

/** Looks at what a rule asks beside class, action and resource: shared variables and a condition (S25, S41). */
export class DetailRunner {
  readonly #image: Image;
  readonly #classes: SubjectClasses;
  readonly #variables: VariableMatcher;
  readonly #conditions: ConditionRunner;
  #resource: string | undefined;
  #action = '';
  #extras: Extras = {};
  /** Whether the conditions know of the request in hand: they are told when the first of them is asked. */
  #isSourceKnown = false;

  constructor(image: Image, classes: SubjectClasses) {
    this.#image = image;
    this.#classes = classes;
    this.#variables = new VariableMatcher(image);
    this.#conditions = new ConditionRunner(image, classes.has);
  }

  /** Takes the request in hand; `elements` are those of the resource. */
  begin(action: string, resource: string | undefined, elements: IdElements, extras: Extras): void {
    this.#resource = resource;
    this.#action = action;
    this.#extras = extras;
    this.#isSourceKnown = false;
    this.#variables.begin(this.#classes.subject, resource, elements);
  }

  /** IS_TRUE, IS_FALSE or ERRED. */
  run(detail: number): number {
    const { details } = this.#image;
    const base = detail * DETAIL_SIZE;
    // NONE has every bit: most rules have neither pattern.
    if ((details[base + DETAIL_SUBJECT_PATTERN]! & details[base + DETAIL_RESOURCE_PATTERN]!) !== NONE) {
      const match = this.matches(detail);
      if (match !== true) return match === undefined ? ERRED : IS_FALSE;
    }
    const condition = details[base + DETAIL_CONDITION]!;
    if (condition === NONE) return IS_TRUE;
    if (!this.#isSourceKnown) {
      const { attributes, context } = this.#extras;
      this.#conditions.begin(
        [this.#classes.subject, this.#action, this.#resource],
        [attributes?.subject, attributes?.action, attributes?.resource, context],
      );
      this.#isSourceKnown = true;
    }
    return this.#conditions.run(condition);
  }

  /** Whether one choice of variables fits subject and resource; undefined if that is too hard to say. */
  matches(detail: number): boolean | undefined {
    const { details } = this.#image;
    const subjectPattern = details[detail * DETAIL_SIZE + DETAIL_SUBJECT_PATTERN]!;
    const resourcePattern = details[detail * DETAIL_SIZE + DETAIL_RESOURCE_PATTERN]!;
    // Without a resource only `**` itself matches (S8), and that has no variable; the subject's may yet have to agree.
    if (this.#resource === undefined && resourcePattern !== NONE) return false;
    return this.#variables.match(subjectPattern, resourcePattern);
  }
}
