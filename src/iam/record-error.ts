/** A record that does not go on from the state, or is none. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}
