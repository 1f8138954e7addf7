/** An answer that is an error. The message goes to the client: it names no file of ours and no stack. */
export class ServiceError extends Error {
  override readonly name: string = 'ServiceError';
  readonly statusCode: number;
  /** Headers that the answer needs beside the usual ones. */
  readonly headers: Readonly<Record<string, string>>;
  /** `code` of the body: for programs, where the status does not say it all, such as `stale`. The framework has a `code` of its own. */
  readonly bodyCode: string | undefined;

  constructor(
    statusCode: number,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    code?: string,
  ) {
    super(message);
    this.statusCode = statusCode;
    this.headers = headers;
    this.bodyCode = code;
  }
}

/** Why a token does not count: the label of a metric. */
export type TokenRefusal =
  | 'missing'
  | 'duplicate'
  | 'scheme'
  | 'malformed'
  | 'algorithm'
  | 'unknown-key'
  | 'signature'
  | 'expired'
  | 'not-yet-valid'
  | 'issuer'
  | 'audience'
  | 'claims'
  | 'keys-unavailable';

/** The caller is not known: 401, or 503 if the keys to verify its token with cannot be had. */
export class AuthenticationError extends ServiceError {
  override readonly name = 'AuthenticationError';
  readonly reason: TokenRefusal;

  constructor(reason: TokenRefusal, message: string) {
    super(...statusOf(reason, message));
    this.reason = reason;
  }
}

function statusOf(
  reason: TokenRefusal,
  message: string,
): [status: number, message: string, headers: Readonly<Record<string, string>>] {
  if (reason === 'keys-unavailable') return [503, message, { 'retry-after': '5' }];
  // RFC 6750, section 3: no error code for who has sent no token.
  const challenge =
    reason === 'missing' ? 'Bearer realm="postern"' : 'Bearer realm="postern", error="invalid_token"';
  return [401, message, { 'www-authenticate': challenge }];
}

/** The body of every answer that is an error. */
export interface ErrorBody {
  readonly error: { readonly status: number; readonly code?: string; readonly message: string };
}

export function errorBody(status: number, message: string, code?: string): ErrorBody {
  return { error: { status, ...(code === undefined ? {} : { code }), message } };
}
