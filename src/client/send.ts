import { ClientError } from './failure.ts';

export interface SendOptions {
  /** Where the service is: `http://127.0.0.1:8181`. A path stays in front of those of the service. */
  readonly url: string;
  /** What goes behind `Authorization: Bearer`, or how it is had; asked for each attempt, so that it may be renewed. */
  readonly token?: string | (() => string | Promise<string>);
  /** For a whole question, with all its attempts. Default: 2,000. */
  readonly deadlineMs?: number;
  /** How often it is asked again where that may help. Default: 2. */
  readonly retries?: number;
  /** Default: that of the runtime. */
  readonly fetch?: typeof fetch;
}

export interface Question {
  /** `v1/check` */
  readonly path: string;
  /** Goes as JSON. */
  readonly body: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly consistency?: string | undefined;
}

/** Of a proxy or a service that has no answer at present; all else does not change by asking again. */
const temporary = new Set([408, 429, 502, 503, 504]);
const firstPauseMs = 50;
const longestPauseMs = 1000;

/**
 * Asks the service; a question changes nothing, so it may be asked again. The answer is JSON, and not looked at yet.
 *
 * @throws {ClientError}
 * @throws {TypeError} if the question cannot be said in JSON
 */
export async function send(options: SendOptions, question: Question): Promise<unknown> {
  const { deadlineMs = 2000, retries = 2 } = options;
  const deadline = AbortSignal.timeout(deadlineMs);
  const body = JSON.stringify(question.body);
  const signal = question.signal === undefined ? deadline : AbortSignal.any([deadline, question.signal]);
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask(options, { ...question, body }, signal);
    } catch (error) {
      const failure = describe(error, question.signal, deadline);
      if (failure.code !== 'unavailable' || deadline.aborted || attempt >= retries) throw failure;
      await pause(attempt, signal);
    }
  }
}

async function ask(
  { url, token, fetch: fetchOf = fetch }: SendOptions,
  { path, body, consistency }: Omit<Question, 'body'> & { readonly body: string },
  signal: AbortSignal,
): Promise<unknown> {
  signal.throwIfAborted();
  const secret = typeof token === 'function' ? await token() : token;
  const response = await fetchOf(new URL(path, url.endsWith('/') ? url : `${url}/`), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
      ...(consistency === undefined ? {} : { 'postern-consistency': consistency }),
    },
    body,
    signal,
    // The question and its token are for nobody else, and the answer is for now.
    redirect: 'error',
    credentials: 'omit',
    cache: 'no-store',
  });
  const { status } = response;
  if (status === 200) return await response.json();
  const text = await response.text();
  const code = temporary.has(status) ? 'unavailable' : 'refused';
  throw new ClientError(code, `the service answers with status ${status}${messageOf(text)}`, { status });
}

/** What the service says of an error, if it was the service. */
function messageOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly message?: unknown } };
    return typeof error?.message === 'string' ? `: ${error.message}` : '';
  } catch {
    return '';
  }
}

function describe(error: unknown, caller: AbortSignal | undefined, deadline: AbortSignal): ClientError {
  if (caller?.aborted) return new ClientError('aborted', 'the question was given up', { cause: error });
  if (error instanceof ClientError) return error;
  const message = deadline.aborted
    ? 'no answer in time'
    : 'the service cannot be reached, or answers no JSON';
  return new ClientError('unavailable', message, { cause: error });
}

/** Longer each time, and by chance: clients that failed together do not come back together. Ends early with the signal. */
function pause(attempt: number, signal: AbortSignal): Promise<void> {
  const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** attempt);
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.random() * longest);
    signal.addEventListener('abort', end, { once: true });
  });
}
