import type { Decision, Effect, Reason } from './decision.ts';
import type { RequestAttributes } from './request.ts';

/** An HTTP request to authorize by the routes of the policy set (S65, S66). */
export interface HttpRequest {
  /** As in the request line: `GET`, `POST`, … */
  readonly method: string;
  /** The raw path, still percent-encoded, without the query. */
  readonly path: string;
  readonly subject?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly attributes?: RequestAttributes | undefined;
  readonly context?: unknown;
}

export interface HttpDecision {
  readonly decision: Effect;
  /** That of the first requirement that is denied, else of the last; `open` and `no-route` where there are none. */
  readonly reason: Reason | 'open' | 'no-route';
  /** Every permission that the route requires, in the order written, with its decision. */
  readonly requirements: readonly {
    readonly action: string;
    readonly resource: string;
    readonly decision: Decision;
  }[];
}
