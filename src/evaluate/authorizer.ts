import type { Decision } from '../decision/decision.ts';
import { ConfigurationError } from '../decision/errors.ts';
import type { Request } from '../decision/request.ts';
import { type Image, type ImageSource, namedText, readImage } from '../image/image.ts';
import { NAME_SIZE, NAME_TEXT, NONE, SCALAR_MODE } from '../image/layout.ts';
import { Evaluator } from './evaluator.ts';

export interface AuthorizerOptions {
  /** Overrides the mode of the policy set (S35). */
  readonly mode?: string | undefined;
}

/** Subject and action, bound once; groups, attributes and context play no part. */
export interface Approver {
  /** What `isAllowed` says of this resource. */
  allows(resource: string | undefined): boolean;
}

/** What is exchanged by `replace`: all that depends on the image, behind one reference. */
export interface Active {
  readonly image: Image;
  readonly mode: number;
  readonly evaluator: Evaluator;
}

/**
 * Decides requests on a compiled policy set. Cheap to keep, safe to share within a thread; each worker makes its own on the
 * same bytes. Whatever it throws, the caller must deny.
 */
export class RuntimeAuthorizer {
  /** What is in use at this moment: whoever decides more than once reads it once. */
  protected active: Active;
  readonly #mode: string | undefined;

  /**
   * @throws {ImageError} if the bytes are no sound image
   * @throws {ConfigurationError} if no `enforced in` of the policy set names the mode
   */
  constructor(bytes: ImageSource, options?: AuthorizerOptions);
  /** @internal takes what another has in use */
  constructor(bytes: ImageSource | Active, options?: AuthorizerOptions);
  constructor(bytes: ImageSource | Active, { mode }: AuthorizerOptions = {}) {
    this.#mode = mode;
    this.active = 'evaluator' in bytes ? bytes : activate(bytes, mode);
  }

  /** The content hash of the image in use, as 32 hexadecimal digits. */
  get revision(): string {
    return this.active.image.revision;
  }

  /**
   * The bare answer to a request without groups, attributes and context; `undefined` stands for no subject or no
   * resource. A malformed request is not allowed.
   * Cost: the depth of the resource and the number of the subject's groups, not the number of rules; allocates nothing
   * unless a condition or a shared variable has to be looked at.
   */
  isAllowed(subject: string | undefined, action: string, resource: string | undefined): boolean {
    return this.active.evaluator.isAllowed(subject, action, resource);
  }

  /** The answer with its reason and the deciding rule. Never throws on account of the request: what is malformed is denied (S3). */
  decide(request: Request): Decision {
    return this.active.evaluator.decide(request);
  }

  /** Binds a subject and an action for many resources. It stays with the image of this moment. */
  approver(subject: string | undefined, action: string): Approver {
    const { image, mode } = this.active;
    const evaluator = new Evaluator(image, mode);
    const isBound = evaluator.bind(subject, action);
    return { allows: (resource) => isBound && evaluator.allows(resource) };
  }

  /**
   * Puts another image in place by one assignment: a decision in flight ends on the image that it began with.
   *
   * @throws {ImageError | ConfigurationError} and keeps the old image, if the new one is not sound or lacks the mode
   */
  replace(bytes: ImageSource): void {
    this.active = activate(bytes, this.#mode);
  }
}

function activate(bytes: ImageSource, mode: string | undefined): Active {
  const image = readImage(bytes);
  const known = modesOf(image);
  const index = mode === undefined ? image.scalars[SCALAR_MODE]! : known.indexOf(mode);
  if (mode !== undefined && index === NONE) {
    const names = known.map((name) => `\`${name}\``).join(', ');
    throw new ConfigurationError(`unknown mode \`${mode}\`; the policy names ${names || 'none'}`);
  }
  return { image, mode: index, evaluator: new Evaluator(image, index) };
}

/** The modes that the policy set knows, by their index. */
export function modesOf(image: Image): string[] {
  const { modes } = image;
  return Array.from({ length: modes.length / NAME_SIZE }, (_, row) =>
    namedText(image, modes, row * NAME_SIZE + NAME_TEXT),
  );
}
