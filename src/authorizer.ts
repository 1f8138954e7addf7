import { type BuildFilesOptions, type BuildOptions, type BuildResult, build, buildFiles } from './build.ts';
import type { Decision } from './decision/decision.ts';
import type { HttpDecision, HttpRequest } from './decision/http.ts';
import type { Request } from './decision/request.ts';
import { decompile } from './decompile/decompile.ts';
import { PolicyError } from './diagnostics/policy-error.ts';
import { isObject } from './evaluate/attributes.ts';
import {
  type Active,
  type Approver,
  type AuthorizerOptions,
  modesOf,
  RuntimeAuthorizer,
} from './evaluate/authorizer.ts';
import { describeMalformed } from './evaluate/describe-malformed.ts';
import { Evaluator } from './evaluate/evaluator.ts';
import { type Explanation, explain } from './evaluate/explain.ts';
import { isAllowedByHandles, ResourceHandle, SubjectHandle } from './evaluate/handles.ts';
import { ReadAhead, STAGE_SIZE } from './evaluate/read-ahead.ts';
import { RouteTable } from './evaluate/routes.ts';
import type { Image, ImageSource } from './image/image.ts';
import { type WhatCan, type WhatCanQuestion, whatCan } from './listing/what-can.ts';
import { type WhoCan, type WhoCanQuestion, whoCan } from './listing/who-can.ts';
import { LiveActive } from './live/live-active.ts';
import type { Overlay } from './live/overlay.ts';
import type { Model } from './model/model.ts';
import { InvariantError } from './source/invariant.ts';
import type { Source } from './source/source.ts';
import { type FilterSqlOptions, filterSql, type SqlFilter } from './sql/filter-sql.ts';
import type { Why } from './why/answer.ts';
import { explainWhy, type WhyOptions } from './why/explain-why.ts';

/** The authorizer of the library: that of the runtime, and ways to make one from policy text. */
export class Authorizer extends RuntimeAuthorizer {
  /** Those of the image that was in use when they were last asked for. */
  #routes: RouteTable | undefined;
  #readAhead: { readonly image: Image; readonly ahead: ReadAhead } | undefined;
  #model: { readonly active: Active; readonly model: Model } | undefined;
  /** What decides with overlays, which share it. */
  #live: Evaluator | undefined;
  readonly #options: AuthorizerOptions;

  private constructor(source: ImageSource | Active, options: AuthorizerOptions) {
    super(source, options);
    this.#options = options;
  }

  /**
   * Reads, compiles and loads policy files, folders and globs.
   *
   * @throws {PolicyError} with every diagnostic, if the policy has an error
   * @throws {FileError} if a pattern leads to no file
   * @throws {ConfigurationError} if the policy does not know the mode
   */
  static async fromFiles(
    patterns: readonly string[],
    options: AuthorizerOptions & BuildFilesOptions = {},
  ): Promise<Authorizer> {
    return Authorizer.#fromBuild(await buildFiles(patterns, options), options);
  }

  /**
   * The same from texts in memory; imports other than those of shipped policies need an importer.
   *
   * @throws {PolicyError | ConfigurationError}
   */
  static fromSources(sources: readonly Source[], options: AuthorizerOptions & BuildOptions = {}): Authorizer {
    return Authorizer.#fromBuild(build(sources, options), options);
  }

  /**
   * Loads the bytes of an image, as `build` or `postern compile` made them.
   *
   * @throws {ImageError | ConfigurationError}
   */
  static fromImage(bytes: ImageSource, options: AuthorizerOptions = {}): Authorizer {
    return new Authorizer(bytes, options);
  }

  /**
   * Decides as this one does, with what has changed since the image was made. Cheap: image and tables of the evaluator are
   * shared, with those of other overlays too. `replace` puts an image in place of both, image and overlay. Handles are right,
   * and take as long as strings.
   *
   * @throws {InvariantError} if the overlay is one on another image
   */
  withOverlay(overlay: Overlay): Authorizer {
    const { image, mode } = this.active;
    if (overlay.image.revision !== image.revision) throw new InvariantError('an overlay on another image');
    if (this.#live?.image !== image) this.#live = new Evaluator(image, mode);
    const authorizer = new Authorizer(new LiveActive(this.#live, mode, overlay), this.#options);
    authorizer.#live = this.#live;
    return authorizer;
  }

  /** The mode in which it decides, or undefined where everything is enforced. */
  get mode(): string | undefined {
    const { image, mode } = this.active;
    return modesOf(image)[mode];
  }

  /**
   * A subject to ask about again: then neither its id nor its groups have to be looked up. A handle belongs to the image in
   * use when it was made; after `replace` it is still right, but no longer quick: make a new one.
   */
  subject(id: string): SubjectHandle {
    return new SubjectHandle(id, this.active.evaluator);
  }

  /** The same for a resource: then it is not walked along again. */
  resource(id: string): ResourceHandle {
    return new ResourceHandle(id, this.active.evaluator);
  }

  /** As in the runtime; subject and resource may be handles. */
  override isAllowed(
    subject: string | SubjectHandle | undefined,
    action: string,
    resource: string | ResourceHandle | undefined,
  ): boolean {
    if (typeof subject !== 'object' && typeof resource !== 'object')
      return super.isAllowed(subject, action, resource);
    return isAllowedByHandles(this.active.evaluator, subject, action, resource);
  }

  /** As in the runtime, without an evaluator of its own: cheap enough for a handful of resources. */
  override approver(subject: string | undefined, action: string): Approver {
    const { active } = this;
    const handle = typeof subject === 'string' ? new SubjectHandle(subject, active.evaluator) : subject;
    return { allows: (resource) => isAllowedByHandles(active.evaluator, handle, action, resource) };
  }

  /**
   * What `isAllowed` says of each request, with its groups, attributes and context if it has some: in their order, from one
   * image. From some ten thousand rules on a request takes less time than by itself, since what they read from memory
   * is read for many at once.
   */
  areAllowed(requests: readonly Request[]): boolean[] {
    const { active } = this;
    const { image } = active;
    if (this.#readAhead?.image !== image) this.#readAhead = { image, ahead: new ReadAhead(image) };
    const { ahead } = this.#readAhead;
    const answers: boolean[] = [];
    for (let first = 0; first < requests.length; first += STAGE_SIZE) {
      const end = Math.min(requests.length, first + STAGE_SIZE);
      for (let i = first; i < end; i++) ahead.add(requests[i]?.subject, requests[i]?.resource);
      ahead.run();
      for (let i = first; i < end; i++) answers.push(isAllowedWhole(active, requests[i]!));
    }
    return answers;
  }

  /** As in the runtime, with words for what is malformed. */
  override decide(request: Request): Decision {
    return withDetail(super.decide(request), request);
  }

  /** Every answer of one batch comes from one image, even if `replace` is called meanwhile. */
  decideAll(requests: Iterable<Request>): Decision[] {
    const { active } = this;
    return Array.from(requests, (request) => withDetail(active.evaluator.decide(request), request));
  }

  /** The resources that the subject is allowed the action on, in their order. */
  filter(subject: string | undefined, action: string, resources: Iterable<string>): string[] {
    const approver = this.approver(subject, action);
    return [...resources].filter((resource) => approver.allows(resource));
  }

  /** The decision, and the rules that cover the resource with how each stands to the request. Slow; for people. */
  explain(request: Request): Explanation {
    const { active } = this;
    const decision = withDetail(active.evaluator.decide(request), request);
    return explain(active.image, request, decision, overlayOf(active));
  }

  /**
   * Why a request is decided as it is, with the paths of groups and roles; for a denial what nearly applied, and the smallest
   * grants that would have it allowed, each tried, with what else each opens. Slow; for people.
   */
  why(request: Request, options: Omit<WhyOptions, 'mode'> = {}): Why {
    return explainWhy(this.#wholeModel, request, { ...options, mode: this.mode });
  }

  /**
   * Everybody who may do an action on a resource, or on every resource at once: as sets, which are complete, and the known
   * subjects one by one, paged.
   *
   * @throws {RequestError} if the question is malformed, or its cursor of another question or revision
   */
  whoCan(
    action: string,
    resource: string | undefined,
    options: Pick<WhoCanQuestion, 'limit' | 'cursor'> = {},
  ): WhoCan {
    const { mode } = this;
    return whoCan(this.#wholeModel, { ...options, action, resource, mode, revision: this.#modelRevision });
  }

  /**
   * Everything that a subject may do, as trees of resources: complete where resources are endless. Paged.
   *
   * @throws {RequestError} as `whoCan` does
   */
  whatCan(
    subject: string | undefined,
    options: Pick<WhatCanQuestion, 'groups' | 'action' | 'limit' | 'cursor'> = {},
  ): WhatCan {
    const { mode } = this;
    return whatCan(this.#wholeModel, { ...options, subject, mode, revision: this.#modelRevision });
  }

  /**
   * A condition for the `WHERE` of a query that selects exactly the rows on whose resource the subject is allowed the action.
   * It belongs to the image in use: after `replace` another is needed.
   *
   * @throws {FilterError} where no condition says it, or the options are unusable
   */
  filterSql(
    subject: string | undefined,
    action: string,
    options: Omit<FilterSqlOptions, 'subject' | 'action' | 'mode'>,
  ): SqlFilter {
    return filterSql(this.#wholeModel, { ...options, subject, action, mode: this.mode });
  }

  /** What tells one model from another. */
  get #modelRevision(): string {
    const overlay = overlayOf(this.active);
    return overlay === undefined ? this.revision : `${this.revision}+${overlay.revision}`;
  }

  /** What the image in use means, with its overlay, for questions about it as a whole. Made when one is asked, and kept. */
  get #wholeModel(): Model {
    const { active } = this;
    if (this.#model?.active !== active) {
      this.#model = { active, model: decompile(active.image, overlayOf(active)?.storeChanges()) };
    }
    return this.#model.model;
  }

  /**
   * Authorizes an HTTP request by the routes of the policy set (S65, S66).
   *
   * @throws {ImageError} if the routes of the image are none: it was made wrong
   */
  authorizeHttp(request: HttpRequest): HttpDecision {
    const { active } = this;
    const { image } = active;
    if (this.#routes?.image !== image) this.#routes = new RouteTable(image);
    return this.#routes.authorize(request, (permission) => active.evaluator.decide(permission));
  }

  static #fromBuild(result: BuildResult, options: AuthorizerOptions): Authorizer {
    if (!result.ok) throw new PolicyError(result.diagnostics, result.textOf);
    return new Authorizer(result.image, options);
  }
}

/** What `decide` says, by the shorter way where there is nothing but three strings. */
function isAllowedWhole(active: Active, request: Request): boolean {
  if (!isObject(request)) return false;
  const { subject, action, resource, groups, attributes, context } = request;
  if (groups === undefined && attributes === undefined && context === undefined)
    return active.evaluator.isAllowed(subject, action, resource);
  return active.evaluator.decide(request).decision === 'allow';
}

function overlayOf(active: Active): Overlay | undefined {
  return active instanceof LiveActive ? active.overlay : undefined;
}

function withDetail(decision: Decision, request: Request): Decision {
  if (decision.reason !== 'malformed') return decision;
  return Object.freeze({ ...decision, detail: describeMalformed(request) });
}
