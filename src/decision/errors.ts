/** The caller asked for what the policy set does not have, such as a mode: fix the configuration. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly code = 'configuration';
}
