import type { HttpRequest } from '../decision/http.ts';
import type { Request } from '../decision/request.ts';
import { isMask, watchMasks } from './masks.ts';
import { isMembers, type Members, type Recorded } from './read-recorded.ts';

/** What a recorded decision answered, to be asked again. */
export type Question =
  | { readonly kind: 'request'; readonly request: Request }
  /** Some values are masked; `isRead` tells, once it has been decided, whether the answer may hang on one of them. */
  | { readonly kind: 'masked-request'; readonly request: Request; readonly isRead: () => boolean }
  | { readonly kind: 'http'; readonly request: HttpRequest };

/** Why a decision cannot be made again, though nothing is wrong with its line. */
export type Obstacle = 'masked' | 'unwritable' | 'unknown-mode';

export type QuestionResult =
  | Question
  | { readonly kind: 'obstacle'; readonly obstacle: Obstacle }
  | { readonly kind: 'fault'; readonly message: string };

const requestNames = ['subject', 'action', 'resource', 'groups', 'attributes', 'context'] as const;
const httpNames = ['method', 'path', 'subject', 'groups', 'attributes', 'context'] as const;
/** What may stand beside the members of a request on one line. */
const lineNames = [
  ...['decision', 'expected', 'reason', 'rule', 'ruleset', 'detail', 'time', 'requestId', 'caller'],
  ...['revision', 'mode', 'sample', 'title'],
];

const knownInRequest: ReadonlySet<string> = new Set(requestNames);
const knownInHttpRequest: ReadonlySet<string> = new Set(httpNames);
const knownOnLine: ReadonlySet<string> = new Set([...requestNames, ...httpNames, ...lineNames]);

/**
 * The question behind a recorded decision: that of an entry of the service, known by its `api`, or one that stands under
 * `request`, or beside the decision. Keys that nobody knows are refused, so that a misspelt `contxt` is not lost in silence;
 * an entry of the service may have them, for those who ship logs add their own.
 *
 * @param mayBeMasked  false if it is known that no value is
 */
export function readQuestion({ members }: Recorded, mayBeMasked: boolean): QuestionResult {
  if (members.unwritable === true) return { kind: 'obstacle', obstacle: 'unwritable' };
  if (members.request !== undefined) {
    if (!isMembers(members.request)) return { kind: 'fault', message: '`request` is not a JSON object' };
    const known = members.request.method === undefined ? knownInRequest : knownInHttpRequest;
    return readWhole(members.request, known, mayBeMasked);
  }
  if (members.api === 'auth-request') return readProxied(members, mayBeMasked);
  if (typeof members.api === 'string') return readRequest(members, mayBeMasked);
  return readWhole(members, knownOnLine, mayBeMasked);
}

function readWhole(members: Members, known: ReadonlySet<string>, mayBeMasked: boolean): QuestionResult {
  for (const key in members) {
    if (!known.has(key)) return { kind: 'fault', message: `unknown key ${JSON.stringify(key)}` };
  }
  if (members.method === undefined) return readRequest(members, mayBeMasked);
  if (members.action !== undefined || members.resource !== undefined)
    return { kind: 'fault', message: '`method` and `path` exclude `action` and `resource`' };
  return readHttp(members, members, mayBeMasked);
}

function readRequest(members: Members, mayBeMasked: boolean): QuestionResult {
  if (members.action === undefined) return { kind: 'fault', message: '`action` is missing' };
  // Values of a wrong type are the engine's to judge, as they were when the decision was recorded.
  const { subject, action, resource, groups, attributes, context } = members as unknown as Request;
  const request: Request = { subject, action, resource, groups, attributes, context };
  if (!mayBeMasked) return { kind: 'request', request };
  if (isMask(action) || isMask(resource) || isAskerMasked(members)) return masked;
  let isRead = false;
  const onRead = (): void => {
    isRead = true;
  };
  const isFound = [watchMasks(attributes, onRead), watchMasks(context, onRead)].includes(true);
  return isFound ? { kind: 'masked-request', request, isRead: () => isRead } : { kind: 'request', request };
}

/**
 * A question of a proxy is decided by the routes of a policy, which are asked again: the permission on the line is the one
 * that decided then, and another policy may require others. Method and path stand in `context`, where the decision had none.
 */
function readProxied(members: Members, mayBeMasked: boolean): QuestionResult {
  const { subject, groups, context } = members;
  if (mayBeMasked && isMask(context)) return masked;
  return readHttp(isMembers(context) ? context : {}, { subject, groups }, mayBeMasked);
}

function readHttp(target: Members, asker: Members, mayBeMasked: boolean): QuestionResult {
  const { method, path } = target;
  const { subject, groups, attributes, context } = asker;
  const request = { method, path, subject, groups, attributes, context } as HttpRequest;
  if (!mayBeMasked) return { kind: 'http', request };
  const isMasked = isMask(method) || isMask(path) || isAskerMasked(asker) || hasMask([attributes, context]);
  return isMasked ? masked : { kind: 'http', request };
}

const masked: QuestionResult = { kind: 'obstacle', obstacle: 'masked' };

/** What every decision reads: who asks, and whether attributes and context are objects. */
function isAskerMasked({ subject, groups, attributes, context }: Members): boolean {
  if (isMask(subject) || isMask(groups) || isMask(attributes) || isMask(context)) return true;
  return (
    (Array.isArray(groups) && groups.some(isMask)) ||
    (isMembers(attributes) && Object.values(attributes).some(isMask))
  );
}

function hasMask(data: unknown): boolean {
  return watchMasks(data, () => {});
}
