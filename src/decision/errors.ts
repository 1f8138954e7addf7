/** The caller asked for what the policy set does not have, such as a mode: fix the configuration. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly code = 'configuration';
}

/** The request cannot be answered: fix the request. Whoever catches it denies. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code = 'request';
}
