import type { Decision } from '../decision/decision.ts';
import type { HttpDecision, HttpRequest } from '../decision/http.ts';
import type { Route, RouteSegment } from '../model/model.ts';
import { isCleanText, isSegment } from './matching.ts';

type Captures = ReadonlyMap<string, readonly string[]>;

/** S65, S66. The subject and all else of the request go into every decision, and are checked where none is needed. */
export function authorizeHttp(
  routes: readonly Route[],
  decide: (request: unknown) => Decision,
  { method, path, ...asker }: HttpRequest,
): HttpDecision {
  const malformed = { decision: 'deny', reason: 'malformed', requirements: [] } as const;
  const segments = readPath(path);
  const asks = decide({ ...asker, action: 'any', resource: undefined });
  if (segments === undefined || typeof method !== 'string' || asks.reason === 'malformed') return malformed;
  const { route, captures } = findRoute(routes, method, segments) ?? {};
  if (route === undefined || captures === undefined) return { ...malformed, reason: 'no-route' };
  if ([...captures.values()].flat().some((text) => /[:/\\]|%(2f|5c)/i.test(text))) return malformed;
  const requirements = route.requirements.map(({ action, resource }) => {
    const texts = resource.map((part) =>
      part.kind === 'text' ? part.text : captures.get(part.name)!.join('/'),
    );
    return {
      action,
      resource: texts.join(''),
      decision: decide({ ...asker, action, resource: texts.join('') }),
    };
  });
  const deciding = requirements.find((each) => each.decision.decision === 'deny') ?? requirements.at(-1);
  const { decision, reason } = deciding?.decision ?? { decision: 'allow', reason: 'open' };
  return { decision, reason, requirements };
}

/** The decoded segments; undefined if the path is malformed (S65). */
function readPath(path: unknown): string[] | undefined {
  if (!isCleanText(path, 4096) || !path.startsWith('/') || /[\\?#]|%2f|%5c/i.test(path)) return undefined;
  try {
    const segments = path === '/' ? [] : path.slice(1).split('/').map(decodeURIComponent);
    return segments.every((segment) => isSegment(segment) && isCleanText(segment, 4096))
      ? segments
      : undefined;
  } catch {
    return undefined;
  }
}

function findRoute(routes: readonly Route[], method: string, segments: readonly string[]) {
  return routes
    .filter((route) => route.method === method || route.method === 'any')
    .map((route) => ({ route, captures: capture(route.segments, segments) }))
    .filter(({ captures }) => captures !== undefined)
    .sort((left, right) => compareRoutes(left.route, right.route))[0];
}

/** Earlier captures take as little as they can. */
function capture(pattern: readonly RouteSegment[], path: readonly string[]): Captures | undefined {
  const [first, ...others] = pattern;
  if (first === undefined) return path.length === 0 ? new Map() : undefined;
  const isMany = first.kind === 'capture' && first.isMany;
  for (let length = isMany ? 0 : 1; length <= (isMany ? path.length : Math.min(1, path.length)); length++) {
    if (first.kind === 'literal' && first.text !== path[0]) return undefined;
    const rest = capture(others, path.slice(length));
    if (rest !== undefined && first.kind === 'capture')
      return new Map(rest).set(first.name, path.slice(0, length));
    if (rest !== undefined) return rest;
  }
  return undefined;
}

/** From the left: a literal, `{x}`, the end, `{x**}`; then a named method before `any`. */
function compareRoutes(left: Route, right: Route): number {
  const rank = (segment: RouteSegment | undefined) => {
    if (segment === undefined) return 2;
    return segment.kind === 'literal' ? 0 : segment.isMany ? 3 : 1;
  };
  for (let i = 0; i < Math.max(left.segments.length, right.segments.length); i++) {
    const difference = rank(left.segments[i]) - rank(right.segments[i]);
    if (difference !== 0) return difference;
  }
  return Number(left.method === 'any') - Number(right.method === 'any');
}
