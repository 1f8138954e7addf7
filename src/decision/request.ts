/**
 * A question to the engine, as it comes from outside: nothing in it is trusted, a value of a wrong type is `malformed`
 * and denied (S3). Shapes: LANGUAGE, "A request and a decision".
 */
export interface Request {
  /** `type:name`; absent or undefined for an anonymous request. */
  readonly subject?: string | undefined;
  readonly action: string;
  /** Absent or undefined asks about every resource at once (S8). */
  readonly resource?: string | undefined;
  /** Names of groups to add for this request, without `group:`. They can never remove one. */
  readonly groups?: readonly string[] | undefined;
  /** Overlay the attributes that `entity` declarations give. Plain JSON data. */
  readonly attributes?: RequestAttributes | undefined;
  /** Plain JSON data. */
  readonly context?: unknown;
}

export interface RequestAttributes {
  readonly subject?: unknown;
  readonly action?: unknown;
  readonly resource?: unknown;
}
