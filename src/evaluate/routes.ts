import type { Decision } from '../decision/decision.ts';
import type { HttpDecision, HttpRequest } from '../decision/http.ts';
import type { Request } from '../decision/request.ts';
import { checkPathText, isDotSegment } from '../id/check-id.ts';
import { type Image, textAt } from '../image/image.ts';
import { checkSection } from '../image/image-error.ts';
import { NAME_LENGTH, NAME_SIZE, NAME_TEXT } from '../image/layout.ts';

type RouteSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'capture'; readonly name: string; readonly isMany: boolean }
  | { readonly kind: 'any'; readonly isMany: boolean };

/** A route as the image holds it, in JSON. */
interface Route {
  readonly method: string;
  readonly segments: readonly RouteSegment[];
  readonly takesSlash?: true;
  readonly requirements: readonly {
    readonly action: string;
    readonly resource: readonly {
      readonly kind: 'text' | 'capture';
      readonly text: string;
      readonly name: string;
    }[];
  }[];
}

type Captures = ReadonlyMap<string, readonly string[]>;

/** What a captured segment must not hold: the id would get other segments than the path has (S66). */
const CHANGES_STRUCTURE = /[:/\\]|%(2f|5c)/i;

function answer(
  decision: HttpDecision['decision'],
  reason: HttpDecision['reason'],
  requirements: HttpDecision['requirements'] = [],
): HttpDecision {
  return Object.freeze({ decision, reason, requirements: Object.freeze(requirements) });
}

/** The routes of an image, the most specific first, by their first segment (S65). */
export class RouteTable {
  readonly image: Image;
  readonly #byFirst = new Map<string, Route[]>();
  /** Routes that begin with a variable, or match the root path. */
  readonly #others: readonly Route[];

  /** @throws {ImageError} if what the image holds are no routes */
  constructor(image: Image) {
    this.image = image;
    const routes = readRoutes(image).sort(compareSpecificity);
    this.#others = routes.filter(({ segments }) => segments[0]?.kind !== 'literal');
    for (const route of routes) {
      const [first] = route.segments;
      if (first?.kind !== 'literal') continue;
      const known = this.#byFirst.get(first.text);
      if (known === undefined) this.#byFirst.set(first.text, [route]);
      else known.push(route);
    }
  }

  /**
   * Every permission that the most specific route requires must be allowed; no route, no access (S66).
   *
   * @param decide  how one permission is decided
   */
  authorize(request: HttpRequest, decide: (request: Request) => Decision): HttpDecision {
    const { method, path, subject, groups, attributes, context } = request;
    const asker = { subject, groups, attributes, context };
    const target = typeof method === 'string' ? readPath(path) : undefined;
    // The subject and all else are validated even where the route needs nothing of them.
    if (target === undefined || decide({ ...asker, action: 'any' }).reason === 'malformed') {
      return answer('deny', 'malformed');
    }
    const found = this.#find(method, target.segments);
    // Never a wider route that would take the slash: whoever serves `/a/` may well serve what `/a` is guarded for (S67).
    if (target.endsWithSlash && found?.route.takesSlash !== true) return answer('deny', 'malformed');
    if (found === undefined) return answer('deny', 'no-route');
    const { route, captures } = found;
    if ([...captures.values()].flat().some((text) => CHANGES_STRUCTURE.test(text)))
      return answer('deny', 'malformed');
    const requirements = route.requirements.map(({ action, resource: parts }) => {
      const resource = parts
        .map((part) => (part.kind === 'text' ? part.text : captures.get(part.name)!.join('/')))
        .join('');
      return Object.freeze({ action, resource, decision: decide({ ...asker, action, resource }) });
    });
    const deciding =
      requirements.find((requirement) => requirement.decision.decision === 'deny') ?? requirements.at(-1);
    if (deciding === undefined) return answer('allow', 'open');
    return answer(deciding.decision.decision, deciding.decision.reason, requirements);
  }

  #find(method: string, segments: readonly string[]): { route: Route; captures: Captures } | undefined {
    const [first] = segments;
    for (const routes of [first === undefined ? [] : (this.#byFirst.get(first) ?? []), this.#others]) {
      for (const route of routes) {
        if (route.method !== method && route.method !== 'any') continue;
        const captures = capture(route.segments, segments);
        if (captures !== undefined) return { route, captures };
      }
    }
    return undefined;
  }
}

function readRoutes(image: Image): Route[] {
  const { routes } = image;
  return Array.from({ length: routes.length / NAME_SIZE }, (_, row) => {
    const base = row * NAME_SIZE;
    return readRoute(textAt(image, routes[base + NAME_TEXT]!, routes[base + NAME_LENGTH]!));
  });
}

function readRoute(text: string): Route {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Undefined is no route.
  }
  checkSection('routes', isRoute(value));
  return value;
}

/** Checked when it is read, where numbers of an image are checked at load: JSON is no number, and few images have routes. */
function isRoute(value: unknown): value is Route {
  const { method, segments, requirements } = (value ?? {}) as Partial<Route>;
  if (typeof method !== 'string' || !isListOf(segments, isSegment)) return false;
  const names = new Set(segments.map((segment) => segment.kind === 'capture' && segment.name));
  return isListOf(
    requirements,
    (requirement) =>
      typeof requirement?.action === 'string' &&
      isListOf(requirement.resource, (part) =>
        part?.kind === 'text'
          ? typeof part.text === 'string'
          : part?.kind === 'capture' && names.has(part.name),
      ),
  );
}

function isSegment(segment: RouteSegment | undefined): boolean {
  switch (segment?.kind) {
    case 'literal':
      return typeof segment.text === 'string';
    case 'capture':
      return typeof segment.name === 'string';
    default:
      return segment?.kind === 'any';
  }
}

function isListOf<Item>(
  value: readonly Item[] | undefined,
  check: (item: Item | undefined) => boolean,
): value is readonly Item[] {
  return Array.isArray(value) && value.every(check);
}

export interface RequestPath {
  /** Each percent-decoded once. */
  readonly segments: readonly string[];
  /** Whether a slash follows the last of them. */
  readonly endsWithSlash: boolean;
}

/** A raw path taken apart; undefined if it is malformed (S65). */
export function readPath(path: unknown): RequestPath | undefined {
  if (
    typeof path !== 'string' ||
    !checkPathText(path) ||
    !path.startsWith('/') ||
    /[\\?#]|%2f|%5c/i.test(path)
  )
    return undefined;
  if (path === '/') return { segments: [], endsWithSlash: false };
  const endsWithSlash = path.endsWith('/');
  try {
    const segments = path
      .slice(1, endsWithSlash ? -1 : undefined)
      .split('/')
      .map(decodeURIComponent);
    const isWellFormed = segments.every((text) => checkPathText(text) && !isDotSegment(text, 0, text.length));
    return isWellFormed ? { segments, endsWithSlash } : undefined;
  } catch {
    return undefined; // no percent-encoding of UTF-8
  }
}

/** What the variables of the route take, or undefined if it does not match. At most one segment takes many. */
function capture(pattern: readonly RouteSegment[], path: readonly string[]): Captures | undefined {
  const many = pattern.findIndex((segment) => segment.kind !== 'literal' && segment.isMany);
  const extra = path.length - pattern.length;
  if (many < 0 ? extra !== 0 : extra < -1) return undefined;
  const captures = new Map<string, readonly string[]>();
  for (const [i, segment] of pattern.entries()) {
    const from = many >= 0 && i > many ? i + extra : i;
    const to = i === many ? from + extra + 1 : from + 1;
    if (segment.kind === 'capture') captures.set(segment.name, path.slice(from, to));
    else if (segment.kind === 'literal' && segment.text !== path[from]) return undefined;
  }
  return captures;
}

/** From the left: a literal, `{x}` or `*`, the end, `{x**}` or `**`; then a named method before `any`. */
function compareSpecificity(a: Route, b: Route): number {
  for (let i = 0; i < Math.max(a.segments.length, b.segments.length); i++) {
    const difference = weightOf(a.segments[i]) - weightOf(b.segments[i]);
    if (difference !== 0) return difference;
  }
  return Number(a.method === 'any') - Number(b.method === 'any');
}

function weightOf(segment: RouteSegment | undefined): number {
  if (segment === undefined) return 2;
  return segment.kind === 'literal' ? 0 : segment.isMany ? 3 : 1;
}
