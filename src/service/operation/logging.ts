import { type Logger, pino } from 'pino';

/** Takes lines of JSON. */
export interface LogDestination {
  write(line: string): void;
}

/**
 * The log of the service: JSON lines to standard error, so that standard output is free for decisions. No token and no body
 * is ever handed to it, and of an error it writes what is listed here and nothing else: errors of tokens carry their claims.
 *
 * Lines are written at once: those before a crash are there.
 */
export function createLogger(
  level: string,
  destination: LogDestination = pino.destination({ dest: 2, sync: true }),
): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
    },
    destination,
  );
}

function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  return {
    name,
    message,
    code: 'code' in error ? String(error.code) : undefined,
    cause: cause instanceof Error ? cause.message : undefined,
    stack,
  };
}
