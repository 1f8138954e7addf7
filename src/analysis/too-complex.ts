/** The answer would take more time than anybody waits: callers say `unknown`. */
export class TooComplexError extends Error {
  override readonly name = 'TooComplexError';
}
