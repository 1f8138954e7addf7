import { quote } from './generators-ids.ts';
import type { Random } from './generators-random.ts';

const METHODS = ['GET', 'POST', 'any'];
const SEGMENTS = ['a', 'b', 'dev', 'dev-1', 'x y'];
const VARIABLES = ['x', 'y'];

export interface RouteSketch {
  readonly method: string;
  readonly segments: readonly string[];
  readonly text: string;
}

/** A few routes, no two of the same form. `actions` and `roots` are what they may require. */
export function inventRoutes(
  random: Random,
  actions: readonly string[],
  roots: readonly string[],
): RouteSketch[] {
  const routes = new Map<string, RouteSketch>();
  for (let i = random.between(2, 6); i > 0; i--) {
    const method = random.pick(METHODS);
    const segments = somePattern(random);
    const plainPath = `/${segments.join('/')}`;
    const names = segments.flatMap((segment) => /^\{(\w+)/.exec(segment)?.[1] ?? []);
    const form = `${method} ${plainPath.replace(/\{\w+(\**)\}/g, (_, stars: string) => stars || '*')}`;
    const path = segments.length > 0 && random.chance(0.2) ? `${plainPath}/` : plainPath;
    const requirements = random.times(random.pick([0, 1, 1, 2]), () =>
      someRequirement(random, { actions, roots, names }),
    );
    const needs = requirements.length === 0 ? 'open' : `requires ${requirements.join(', ')}`;
    routes.set(form, { method, segments, text: `route ${method} ${quote(path)} ${needs}` });
  }
  return [...routes.values()];
}

/** At most one `{x**}` or `**`, and no variable twice. */
function somePattern(random: Random): string[] {
  const names = random.shuffle(VARIABLES);
  let hasMany = false;
  return random.times(random.below(4), () => {
    const name = random.chance(0.5) ? names.pop() : undefined;
    if (name === undefined) return random.pick(SEGMENTS);
    const isNamed = random.chance(0.7);
    if (hasMany || random.chance(0.6)) return isNamed ? `{${name}}` : '*';
    hasMany = true;
    return isNamed ? `{${name}**}` : '**';
  });
}

function someRequirement(
  random: Random,
  from: { actions: readonly string[]; roots: readonly string[]; names: readonly string[] },
): string {
  const root = random.pick(from.roots);
  const tail = from.names.length === 0 ? random.pick(SEGMENTS.slice(0, 3)) : `{${random.pick(from.names)}}`;
  const resource = `${root}${random.pick([':', ':/', '/'])}${tail}`;
  return `${quote(random.pick(from.actions))} on ${resource}`;
}

/** A method and a raw path, mostly of one of the routes: plain, encoded, or malformed in one of the ways of S65. */
export function generatePath(
  random: Random,
  routes: readonly RouteSketch[],
): { method: string; path: string } {
  const route = random.pick(routes);
  const filled = route.segments.flatMap((segment) => {
    if (!/^[{*]/.test(segment)) return [segment];
    return random.times(segment.includes('**') ? random.below(3) : 1, () => random.pick(TEXTS));
  });
  const segments = random.chance(0.15) ? [...filled, random.pick(TEXTS)] : filled;
  const encoded = segments.map((segment) => {
    if (random.chance(0.03)) return random.pick(BAD_SEGMENTS);
    return random.chance(0.1) ? everyUnitEncoded(segment) : encodeURIComponent(segment);
  });
  const path = `/${encoded.join('/')}`;
  const method = random.chance(0.8) ? route.method : random.pick([...METHODS, 'get', 'PUT']);
  if (random.chance(0.1)) return { method, path: `${path}/` };
  return { method, path: random.chance(0.05) ? path + random.pick(['?q', '#f', '\\', '//']) : path };
}

const TEXTS = [...SEGMENTS, 'a', 'b', 'prod', 'é', '*', 'a:b', '%2f', 'constructor'];
const BAD_SEGMENTS = [
  '',
  '.',
  '..',
  '%2e',
  '%2E%2e',
  '..;x',
  '%',
  '%zz',
  '%ff',
  '%00',
  'a%2Fb',
  'a%5cb',
  '\u0000',
  '\ud800',
];

function everyUnitEncoded(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}
