import type { Decision } from '../decision/decision.ts';
import type { HttpDecision, HttpRequest } from '../decision/http.ts';
import type { Route } from '../model/model.ts';
import { escapeText, isCleanText } from './matching.ts';

/** S65 to S67. The subject and all else of the request go into every decision, and are checked where none is needed. */
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
    .map((route) => ({ route, captures: capture(route, decoded.text), rank: rankOf(route) }))
    .filter(({ captures }) => captures !== undefined)
    .sort((left, right) => (left.rank < right.rank ? -1 : 1));
  if (decoded.hasSlash && best?.route.takesSlash !== true) return malformed;
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

/** Decoded, without a slash at its end; undefined if it is malformed (S65). */
function decodePath(path: unknown): { readonly text: string; readonly hasSlash: boolean } | undefined {
  if (!isCleanText(path, 4096) || !path.startsWith('/') || /[\\?#]|%2f|%5c/i.test(path)) return undefined;
  if (path === '/') return { text: '', hasSlash: false };
  const hasSlash = path.endsWith('/');
  try {
    const segments = path
      .replace(/\/$/, '')
      .split('/')
      .slice(1)
      .map((segment) => decodeURIComponent(segment));
    const isSegment = (text: string) => isCleanText(text, 4096) && !/^\.\.?(;|$)/.test(text);
    return segments.every(isSegment) ? { text: `/${segments.join('/')}`, hasSlash } : undefined;
  } catch {
    return undefined;
  }
}

/** The text that each capture of the route takes; an earlier `{x**}` takes as little as it can. */
function capture({ segments }: Route, path: string): Map<string, string> | undefined {
  const sources = segments.map((segment) => {
    if (segment.kind === 'literal') return `/${escapeText(segment.text)}`;
    const source = segment.isMany ? '(?:/[^/]+)*?' : '/[^/]+';
    return segment.kind === 'any' ? source : `(${source})`;
  });
  const match = new RegExp(`^${sources.join('')}$`).exec(path);
  const names = segments.flatMap((segment) => (segment.kind === 'capture' ? [segment.name] : []));
  return match ? new Map(names.map((name, i) => [name, match[i + 1]!.slice(1)])) : undefined;
}

/** From the left: a literal, `{x}` or `*`, the end, `{x**}` or `**`; then a named method before `any` (S65). */
function rankOf({ segments, method }: Route): string {
  const ranks = segments.map((segment) => (segment.kind === 'literal' ? 0 : segment.isMany ? 3 : 1));
  return [...ranks, 2, method === 'any' ? 1 : 0].join('');
}
