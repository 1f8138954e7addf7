/** The command line asks for something that cannot be: exit code 2, and the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
