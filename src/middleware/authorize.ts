import type { Authorizer } from '../authorizer.ts';
import type { HttpDecision } from '../decision/http.ts';
import type { Request } from '../decision/request.ts';

/** Who asks, with all that conditions may look at. Without `subject` it is nobody in particular. */
export type Asker = Pick<Request, 'subject' | 'groups' | 'attributes' | 'context'>;

/** One permission that a request needs. */
export interface Requirement<HttpRequest> {
  readonly action: string;
  /** The id, or how it is made of the request; without it the question is about every resource at once. */
  readonly resource?: string | ((request: HttpRequest) => string);
}

/** What a handler needs in place of what the routes of the policy say: nothing, one permission, or all of several. */
export type Protection<HttpRequest> = 'open' | Requirement<HttpRequest> | readonly Requirement<HttpRequest>[];

/** Why a request is not answered: 401 where nobody in particular asks, else 403. */
export interface Denial extends Pick<HttpDecision, 'reason' | 'requirements'> {
  readonly status: 401 | 403;
}

export interface AuthorizationOptions<HttpRequest> {
  readonly authorizer: Pick<Authorizer, 'authorizeHttp' | 'decideAll'>;
  /**
   * Who sends the request, as whatever has verified it says: `user:cory`, or more than the name. What it throws
   * ends the request.
   */
  readonly subject: (request: HttpRequest) => Asked | Promise<Asked>;
  /** The body of a refusal, sent as JSON. Default: `{"error": {"status", "message"}}`. */
  readonly body?: (denial: Denial, request: HttpRequest) => unknown;
  /** `WWW-Authenticate` of a 401. Default: `Bearer`. */
  readonly challenge?: string;
}

type Asked = string | Asker | undefined;

export interface HttpTarget {
  readonly method: string;
  /** As it was sent: the raw path, and the query. */
  readonly target: string;
}

/**
 * Why the request is to be refused, or undefined. Nothing in here, nor in what the options bring, turns a failure into a
 * permission: it throws, and then nobody goes on.
 *
 * @param protection  without it the routes of the policy decide, which deny what they do not know (S66)
 */
export async function findDenial<HttpRequest>(
  { authorizer, subject }: AuthorizationOptions<HttpRequest>,
  request: HttpRequest,
  { method, target }: HttpTarget,
  protection: Protection<HttpRequest> | undefined,
): Promise<Denial | undefined> {
  if (protection === 'open') return undefined;
  const asker = readAsker(await subject(request));
  const { decision, reason, requirements } =
    asker === undefined
      ? malformed
      : protection === undefined
        ? authorizer.authorizeHttp({ ...asker, method, path: pathOf(target) })
        : decideAll(authorizer, asker, request, [protection].flat());
  if (decision === 'allow') return undefined;
  return { status: asker?.subject === undefined ? 401 : 403, reason, requirements };
}

const malformed: HttpDecision = Object.freeze({ decision: 'deny', reason: 'malformed', requirements: [] });

/** No more of it than speaks of who asks; undefined for what is no asker. */
function readAsker(asked: unknown): Asker | undefined {
  if (asked === undefined || typeof asked === 'string') return { subject: asked };
  if (typeof asked !== 'object' || asked === null) return undefined;
  const { subject, groups, attributes, context } = asked as Asker;
  return { subject, groups, attributes, context };
}

/** All of them by one policy. A list without any is a mistake, and so is an id that is none. */
function decideAll<HttpRequest>(
  authorizer: Pick<Authorizer, 'decideAll'>,
  asker: Asker,
  request: HttpRequest,
  requirements: readonly Requirement<HttpRequest>[],
): HttpDecision {
  const asked = requirements.map(({ action, resource }) => ({
    action,
    resource: typeof resource === 'function' ? resource(request) : resource,
    isMade: resource !== undefined,
  }));
  if (asked.length === 0 || asked.some(({ resource, isMade }) => isMade && typeof resource !== 'string'))
    return malformed;
  const decisions = authorizer.decideAll(
    asked.map(({ action, resource }) => ({ ...asker, action, resource })),
  );
  const denied = decisions.find(({ decision }) => decision !== 'allow');
  return {
    decision: denied === undefined ? 'allow' : 'deny',
    reason: (denied ?? decisions.at(-1)!).reason,
    requirements: decisions.map((decision, i) => ({
      action: asked[i]!.action,
      resource: asked[i]!.resource ?? '',
      decision,
    })),
  };
}

/** A request target is visible ASCII; of another one there is no path, which is malformed. */
function pathOf(target: string): string {
  return /^[\x21-\x7e]*$/.test(target) ? target.split('?', 1)[0]! : '';
}

/** What a refusal looks like. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

export function renderRefusal<HttpRequest>(
  { body = defaultBody, challenge = 'Bearer' }: AuthorizationOptions<HttpRequest>,
  denial: Denial,
  request: HttpRequest,
): Refusal {
  const type = { 'content-type': 'application/json; charset=utf-8' };
  return {
    status: denial.status,
    headers: denial.status === 401 ? { ...type, 'www-authenticate': challenge } : type,
    body: JSON.stringify(body(denial, request)) ?? 'null',
  };
}

function defaultBody({ status }: Denial): unknown {
  return { error: { status, message: status === 401 ? 'authentication is needed' : 'denied' } };
}
