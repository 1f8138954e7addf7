import { RequestError } from '../../../decision/errors.ts';
import { escapeUnprintable } from '../../../diagnostics/visible-text.ts';
import { PathReader, pathOfJob, type SpaceIdKind } from './path-reader.ts';

/** What is wrong with an id. */
export interface SpaceIdFault {
  /** The rest of a sentence whose subject is the id: `begins with a slash`. */
  readonly message: string;
  /** The id as it was probably meant, where that can be told from its separators. */
  readonly suggestion?: string;
}

/** One for this file: each call reads an id and takes what it needs before it returns. */
const reader = new PathReader();

/** What keeps the id from being one of its kind, or undefined. */
export function findSpaceIdFault(kind: SpaceIdKind, id: unknown): SpaceIdFault | undefined {
  const message = reader.read(kind, id);
  if (message === undefined) return undefined;
  const suggestion = typeof id === 'string' ? respell(kind, id) : undefined;
  return suggestion === undefined ? { message } : { message, suggestion };
}

/**
 * Whether a service may have a secret injected: the secret lies in the root, in the service's own directory, or in one
 * above it, by whole segments. What people are granted plays no part, and letter case counts. It is what the policy
 * `postern:dcos/spaces` decides. A malformed id (`findSpaceIdFault`) may nothing.
 *
 * @param service  with a leading slash: `/group/hdfs/service`; `/` alone stands at the root
 * @param secret  without one: `group/secret`
 */
export function mayRead(service: string, secret: string): boolean {
  if (reader.read('service', service) !== undefined) return false;
  if (reader.read('secret', secret) !== undefined) return false;
  const directoryLength = secret.lastIndexOf('/');
  if (directoryLength < 0) return true;
  if (!service.startsWith(secret.slice(0, directoryLength), 1)) return false;
  // The directory must end where a segment of the service does.
  return service.length === directoryLength + 1 || service[directoryLength + 1] === '/';
}

/**
 * The path at which a job stands among the services: `dev.batch` is `/dev/batch`. Not reversible: the service `/dev.batch`
 * is another.
 *
 * @throws {RequestError} for what is no job id: with slashes, or dots that stand for nothing
 */
export function serviceOfJob(job: string): string {
  checkSpaceId('job', job);
  return pathOfJob(job);
}

/** @throws {RequestError} that says what is wrong with the id, and how it is probably meant */
export function checkSpaceId(kind: SpaceIdKind, id: unknown): void {
  const fault = findSpaceIdFault(kind, id);
  if (fault !== undefined) throw new RequestError(renderSpaceIdFault(kind, id, fault));
}

/** `secret id \`/a/b\` begins with a slash: write \`a/b\``, on one line. */
export function renderSpaceIdFault(
  kind: SpaceIdKind,
  id: unknown,
  { message, suggestion }: SpaceIdFault,
): string {
  const name = typeof id === 'string' ? ` \`${shorten(id)}\`` : '';
  const help = suggestion === undefined ? '' : `: write \`${shorten(suggestion)}\``;
  return `${kind} id${name} ${message}${help}`;
}

const longestShown = 200;

function shorten(text: string): string {
  return escapeUnprintable(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text);
}

/** The same segments with the separators that the kind has, if that makes an id. */
function respell(kind: SpaceIdKind, id: string): string | undefined {
  const segments = id.split(kind === 'job' ? /[./]/ : '/').filter((segment) => segment !== '');
  if (segments.length === 0) return undefined;
  const spelt = kind === 'job' ? segments.join('.') : `${kind === 'service' ? '/' : ''}${segments.join('/')}`;
  return reader.read(kind, spelt) === undefined ? spelt : undefined;
}
