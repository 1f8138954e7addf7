import type { Effect } from '../decision/decision.ts';
import type { HttpRequest } from '../decision/http.ts';
import type { Request } from '../decision/request.ts';

/** The first loses access, the second gains it. */
export type Direction = 'allow-to-deny' | 'deny-to-allow';

/** An answer as far as it is known: a log may hold the effect and no more. */
export interface Answer {
  readonly decision: Effect;
  readonly reason?: string;
  readonly rule?: AnswerRule;
  readonly ruleset?: string;
  readonly detail?: string;
}

export interface AnswerRule {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly role?: { readonly name: string; readonly file: string; readonly line: number };
}

/** A recorded decision that another policy turns round. */
export interface Flip {
  readonly direction: Direction;
  readonly place: Place;
  readonly timeMs: number | undefined;
  readonly requestId: string | undefined;
  /** How many decisions the line stands for: 1, or more where the log holds a sample. */
  readonly weight: number;
  readonly request: Request | HttpRequest;
  readonly before: Answer;
  readonly after: Answer;
}

/** Where a line stands. */
export interface Place {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

export function isHttpRequest(request: Request | HttpRequest): request is HttpRequest {
  return !('action' in request);
}
