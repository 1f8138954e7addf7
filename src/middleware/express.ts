import { ConfigurationError } from '../decision/errors.ts';
import { type AuthorizationOptions, findDenial, type Protection, renderRefusal } from './authorize.ts';

/** What is needed of a request: one of Express, of Connect, or of Node itself. */
export interface MiddlewareRequest {
  readonly method?: string | undefined;
  /** The target as it was sent. */
  readonly originalUrl?: string;
  readonly url?: string | undefined;
  readonly app?: { readonly enabled?: (setting: string) => boolean };
}

/** What is needed of a response. */
export interface MiddlewareResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

export type Middleware<HttpRequest extends MiddlewareRequest> = (
  request: HttpRequest,
  response: MiddlewareResponse,
  next: (error?: unknown) => void,
) => void;

export interface ExpressAuthorization<HttpRequest extends MiddlewareRequest> {
  /** Guards all that comes behind it by the routes of the policy, which deny what they do not know. */
  readonly routes: () => Middleware<HttpRequest>;
  /** Guards one handler: all of these permissions are needed. */
  readonly requires: (
    ...requirements: readonly Exclude<Protection<HttpRequest>, 'open' | readonly unknown[]>[]
  ) => Middleware<HttpRequest>;
}

/** Middleware for Express, and for whatever calls `(request, response, next)`. Errors go to `next`, and no handler runs. */
export function posternExpress<HttpRequest extends MiddlewareRequest>(
  options: AuthorizationOptions<HttpRequest>,
): ExpressAuthorization<HttpRequest> {
  const guard =
    (
      check: (request: HttpRequest) => void,
      protection: Protection<HttpRequest> | undefined,
    ): Middleware<HttpRequest> =>
    (request, response, next) => {
      isRefused(options, { request, response, check, protection })
        .then((refused) => {
          if (!refused) next();
        })
        .catch((error: unknown) => next(asError(error)));
    };
  return {
    routes: () => guard(checkRouter, undefined),
    requires: (...requirements) => guard(() => {}, requirements),
  };
}

/** Nothing else ends a request for certain: `next(undefined)` goes on, and `next('route')` goes around. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('the request could not be authorized', { cause: error });
}

interface Exchange<HttpRequest> {
  readonly request: HttpRequest;
  readonly response: MiddlewareResponse;
  readonly check: (request: HttpRequest) => void;
  readonly protection: Protection<HttpRequest> | undefined;
}

/** Whether it is; the response has been sent then. */
async function isRefused<HttpRequest extends MiddlewareRequest>(
  options: AuthorizationOptions<HttpRequest>,
  { request, response, check, protection }: Exchange<HttpRequest>,
): Promise<boolean> {
  check(request);
  const target = request.originalUrl ?? request.url ?? '';
  const denial = await findDenial(options, request, { method: request.method ?? '', target }, protection);
  if (denial === undefined) return false;
  const { status, headers, body } = renderRefusal(options, denial, request);
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body);
  return true;
}

/** Express takes `/Admin` for `/admin` unless it is told not to: it would answer what the policy decided of another path. */
function checkRouter({ app }: MiddlewareRequest): void {
  if (app?.enabled === undefined || app.enabled('case sensitive routing')) return;
  throw new ConfigurationError(
    "paths of a policy are case-sensitive: call `app.enable('case sensitive routing')`",
  );
}
