/** Thrown where our own reasoning failed: a bug to report, never the fault of a policy or a request. */
export class InvariantError extends Error {
  readonly code = 'invariant';
  override readonly name = 'InvariantError';
}

/** Ends every `switch` over a union: fails to compile when a kind is missing, and throws if types lied. */
export function assertNever(value: never): never {
  throw new InvariantError(`unexpected ${JSON.stringify(value)}`);
}
