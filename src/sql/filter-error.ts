/** What `filterSql` cannot do: `column` and `option` are the caller's to mend, `inexpressible` and `too-complex` the policy's. */
export type FilterErrorCode = 'column' | 'option' | 'inexpressible' | 'too-complex';

/** No condition can be had; nothing was left out in silence. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
  readonly code: FilterErrorCode;

  constructor(code: FilterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
