/**
 * No answer that counts: whoever gets this denies.
 *
 * `unavailable`: the service was not reached, or answered nonsense, in time. `refused`: it does not answer this question or
 * this caller, and asking again is of no use. `aborted`: the caller no longer wants to know.
 */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: 'unavailable' | 'refused' | 'aborted';
  /** Of the last answer, if there was one. */
  readonly status: number | undefined;

  constructor(
    code: ClientError['code'],
    message: string,
    { status, cause }: { readonly status?: number; readonly cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.status = status;
  }
}
