import { StoreError } from '../errors.ts';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html, as far as there is something to say about them. */
const words: Readonly<Record<string, string>> = {
  '25006': 'takes no writes: it is a standby, or set to read only: name the primary server',
  '28000': 'refuses the user: check its name and what the server allows it (pg_hba.conf)',
  '28P01':
    'refuses the password: check the user and password of the URL, or PGPASSWORD, or the password file',
  '3D000': 'names a database that is not there: make it with `createdb`',
  '42501': 'refuses: the user may not read or write the tables of the store: grant it the right to',
  '42P01': 'holds no store: make one with `postern store init`',
  '53300': 'has no connection to spare: try again, or let it take more',
  '55P03': 'is locked by another transaction, which has not ended in time: try again',
  '57014': 'has taken too long: try again',
};

/** Classes of codes, and codes of the system, that go by themselves. */
const passing = /^(?:08...|25006|40...|53...|55P03|57...|E[A-Z_]+)$/;

/** An error of PostgreSQL or of the way to it, in our words. */
export function describePostgresqlError(
  error: unknown,
  name: string,
  { isUncertain = false }: { readonly isUncertain?: boolean } = {},
): unknown {
  if (error instanceof StoreError || !isOfDatabase(error)) return error;
  const { code } = error;
  const isUnavailable = code === undefined || passing.test(code);
  return new StoreError(`${name} ${wordsFor(error)}`, { isUncertain, isUnavailable, cause: error });
}

/** The connection is gone, or never came about: the statement may work on another. */
export function isConnectionLost(error: unknown): boolean {
  return isOfDatabase(error) && (error.code === undefined || /^(?:08...|57P0.|E[A-Z_]+)$/.test(error.code));
}

function wordsFor(error: Error & { readonly code?: string | undefined }): string {
  const known = error.code === undefined ? undefined : words[error.code];
  if (known !== undefined) return known;
  // Several addresses of one host were tried: each has its reason.
  const reasons = error instanceof AggregateError ? error.errors.map((each) => (each as Error).message) : [];
  const reason = reasons.join(', ') || error.message || error.code;
  return error.code === undefined || passing.test(error.code)
    ? `cannot be reached: ${reason}`
    : `failed: ${reason}`;
}

/** The driver gives everything that goes wrong on the way as an `Error`, mostly without a code; our own mistakes are of other classes. */
function isOfDatabase(error: unknown): error is Error & { readonly code?: string | undefined } {
  if (!(error instanceof Error)) return false;
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError)
    return false;
  return error instanceof AggregateError || error.name === 'Error' || error.name === 'error';
}
