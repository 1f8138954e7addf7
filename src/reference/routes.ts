import type { Decision } from '../decision/decision.ts';
import type { HttpDecision, HttpRequest } from '../decision/http.ts';
import type { Route } from '../model/model.ts';
import { escapeText, isCleanText } from './matching.ts';

/** S65, S66. The subject and all else of the request go into every decision, and are checked where none is needed. */
export function authorizeHttp(
  routes: readonly Route[],
  decide: (request: unknown) => Decision,
  { method, path, ...asker }: HttpRequest,
): HttpDecision {
  const malformed = { decision: 'deny', reason: 'malformed', requirements: [] } as const;
  const decoded = decodePath(path);
  const { reason: fault } = decide({ ...asker, action: 'any', resource: undefined });
  if (decoded === undefined || typeof method !== 'string' || fault === 'malformed') return malformed;
  const [best] = routes
    .filter((route) => route.method === method || route.method === 'any')
    .map((route) => ({ route, captures: capture(route, decoded), rank: rankOf(route) }))
    .filter(({ captures }) => captures !== undefined)
    .sort((left, right) => (left.rank < right.rank ? -1 : 1));
  if (best?.captures === undefined) return { ...malformed, reason: 'no-route' };
  const { route, captures } = best;
  if ([...captures.values()].some((text) => /[:\\]|%(2f|5c)/i.test(text))) return malformed;
  const requirements = route.requirements.map((required) => {
    const texts = required.resource.map((part) =>
      part.kind === 'text' ? part.text : captures.get(part.name),
    );
    const { action, resource } = { ...required, resource: texts.join('') };
    return { action, resource, decision: decide({ ...asker, action, resource }) };
  });
  const deciding = requirements.find((each) => each.decision.decision === 'deny') ?? requirements.at(-1);
  const { decision, reason } = deciding?.decision ?? { decision: 'allow', reason: 'open' };
  return { decision, reason, requirements };
}

/** Decoded, without the slash at its end if it is the root; undefined if it is malformed (S65). */
function decodePath(path: unknown): string | undefined {
  if (!isCleanText(path, 4096) || !path.startsWith('/') || /[\\?#]|%2f|%5c/i.test(path)) return undefined;
  if (path === '/') return '';
  try {
    const segments = path.slice(1).split('/').map(decodeURIComponent);
    const isSegment = (text: string) => isCleanText(text, 4096) && !/^\.\.?(;|$)/.test(text);
    return segments.every(isSegment) ? `/${segments.join('/')}` : undefined;
  } catch {
    return undefined;
  }
}

/** The text that each capture of the route takes; an earlier `{x**}` takes as little as it can. */
function capture({ segments }: Route, path: string): Map<string, string> | undefined {
  const sources = segments.map((segment) => {
    if (segment.kind === 'literal') return `/${escapeText(segment.text)}`;
    return segment.isMany ? '((?:/[^/]+)*?)' : '(/[^/]+)';
  });
  const match = new RegExp(`^${sources.join('')}$`).exec(path);
  const names = segments.flatMap((segment) => (segment.kind === 'capture' ? [segment.name] : []));
  return match ? new Map(names.map((name, i) => [name, match[i + 1]!.slice(1)])) : undefined;
}

/** From the left: a literal, `{x}`, the end, `{x**}`; then a named method before `any` (S65). */
function rankOf({ segments, method }: Route): string {
  const ranks = segments.map((segment) => (segment.kind === 'literal' ? 0 : segment.isMany ? 3 : 1));
  return [...ranks, 2, method === 'any' ? 1 : 0].join('');
}
