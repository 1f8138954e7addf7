import type { Request } from '../decision/request.ts';
import { IdElements } from '../id/elements.ts';
import { FAULT_NONE } from '../id/faults.ts';
import { scanId } from '../id/scan-id.ts';
import type { Image } from '../image/image.ts';
import {
  DETAIL_CONDITION,
  DETAIL_RESOURCE_PATTERN,
  DETAIL_SIZE,
  DETAIL_SUBJECT_PATTERN,
  NONE,
} from '../image/layout.ts';
import { type AttributeSource, EntityAttributes } from './attributes.ts';
import { ERRED, IS_FALSE, IS_TRUE, runCondition } from './condition.ts';
import type { SubjectClasses } from './subject-classes.ts';
import { matchVariables } from './variables.ts';

export type Extras = Pick<Request, 'attributes' | 'context'>;

/** Looks at what a rule asks beside class, action and resource: shared variables and a condition (S25, S41). */
export class DetailRunner {
  readonly #image: Image;
  readonly #classes: SubjectClasses;
  readonly #entities: EntityAttributes;
  readonly #subjectElements = new IdElements();
  #resource: string | undefined;
  #elements = this.#subjectElements;
  #action = '';
  #extras: Extras = {};
  /** The request as conditions see it, put together when the first of them asks. */
  #source: AttributeSource | undefined;

  constructor(image: Image, classes: SubjectClasses) {
    this.#image = image;
    this.#classes = classes;
    this.#entities = new EntityAttributes(image);
  }

  /** Takes the request in hand; `elements` are those of the resource. */
  begin(action: string, resource: string | undefined, elements: IdElements, extras: Extras): void {
    this.#resource = resource;
    this.#elements = elements;
    this.#action = action;
    this.#extras = extras;
    this.#source = undefined;
  }

  /** IS_TRUE, IS_FALSE or ERRED. */
  run(detail: number): number {
    const match = this.matches(detail);
    if (match !== true) return match === undefined ? ERRED : IS_FALSE;
    const condition = this.#image.details[detail * DETAIL_SIZE + DETAIL_CONDITION]!;
    if (condition === NONE) return IS_TRUE;
    this.#source ??= sourceOf(this.#classes.subject, this.#action, this.#resource, this.#extras);
    const { has } = this.#classes;
    return runCondition(condition, {
      image: this.#image,
      entities: this.#entities,
      source: this.#source,
      hasClass: has,
    });
  }

  /** Whether one choice of variables fits subject and resource; undefined if that is too hard to say. */
  matches(detail: number): boolean | undefined {
    const { details } = this.#image;
    const subjectPattern = details[detail * DETAIL_SIZE + DETAIL_SUBJECT_PATTERN]!;
    const resourcePattern = details[detail * DETAIL_SIZE + DETAIL_RESOURCE_PATTERN]!;
    if (subjectPattern === NONE && resourcePattern === NONE) return true;
    // Without a resource only `**` itself matches (S8), and that has no variable; the subject's may yet have to agree.
    if (this.#resource === undefined && resourcePattern !== NONE) return false;
    const subject = this.#classes.subject ?? '';
    if (subjectPattern !== NONE && scanId(subject, this.#subjectElements) !== FAULT_NONE) return false;
    return matchVariables(
      this.#image,
      subjectPattern,
      { text: subject, elements: this.#subjectElements },
      resourcePattern,
      { text: this.#resource ?? '', elements: this.#elements },
    );
  }
}

function sourceOf(
  subject: string | undefined,
  action: string,
  resource: string | undefined,
  { attributes, context }: Extras,
): AttributeSource {
  return {
    subject,
    action,
    resource,
    subjectAttributes: attributes?.subject,
    actionAttributes: attributes?.action,
    resourceAttributes: attributes?.resource,
    context,
  };
}
