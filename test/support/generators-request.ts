import type { HttpRequest } from '../../src/decision/http.ts';
import { generateAttributes, generateContext } from './generators-conditions.ts';
import { instantiate, malformedSpelling, otherSpelling, perturb } from './generators-ids.ts';
import type { GeneratedPolicy, RuleSketch, SubjectSketch } from './generators-policy.ts';
import type { Random } from './generators-random.ts';
import { generatePath } from './generators-routes.ts';
import { fillTemplate } from './generators-templates.ts';

/**
 * A request for the policy: one that a rule of it has in view, or a near miss, or one that is malformed in one way. Not
 * a `Request`, because some of these are none.
 */
export function generateRequest(policy: GeneratedPolicy, random: Random): unknown {
  const request = generateWellFormed(policy, random);
  return random.chance(0.07) ? random.pick(MALFORMATIONS)(request) : request;
}

/** An HTTP request, for a policy with routes, by one of those who ask for what the policy speaks of; sometimes by somebody malformed. */
export function generateHttpRequest(policy: GeneratedPolicy, random: Random): HttpRequest {
  const request = generateRequest(policy, random);
  if (typeof request !== 'object' || request === null) return generatePath(random, policy.routes);
  const { action: _, resource: _resource, ...asker } = request as LooseRequest;
  return { ...asker, ...generatePath(random, policy.routes) };
}

type LooseRequest = Record<string, unknown>;

function generateWellFormed(policy: GeneratedPolicy, random: Random): LooseRequest {
  const { world } = policy;
  const denies = policy.rules.filter((rule) => rule.effect === 'deny');
  const rule = denies.length > 0 && random.chance(0.24) ? random.pick(denies) : random.pick(policy.rules);
  const bindings = new Map<string, string>();
  const filling = { random, segments: world.segments, bindings };
  const who = someoneOf(random.pick(rule.subjects), policy, filling);
  const resource = someResource(rule, policy, filling);
  const groups = [
    ...who.groups,
    ...(random.chance(0.1)
      ? [random.pick([...world.groups, 'undeclared', 'constructor', 'OPS', 'ops '])]
      : []),
  ];
  const subject = someSubject(random.chance(0.06) ? random.pick(world.subjects) : who.subject, random);
  const action = random.chance(0.85) ? random.pick(rule.actions) : random.pick([...world.actions, 'unknown']);
  return {
    ...(subject === undefined || random.chance(0.04) ? {} : { subject }),
    action,
    ...(random.chance(0.04)
      ? {}
      : { resource: random.chance(0.03) ? random.pick(UNUSUAL_RESOURCES) : resource }),
    ...(groups.length > 0 ? { groups } : {}),
    ...(random.chance(0.75) ? { context: generateContext(random) } : {}),
    ...(random.chance(0.6) ? { attributes: someAttributes(random) } : {}),
  };
}

function someAttributes(random: Random): LooseRequest {
  const roots = ['subject', 'action', 'resource'].filter(() => random.chance(0.8));
  return Object.fromEntries(roots.map((root) => [root, generateAttributes(random)]));
}

/** The subject, or one that is nearly the same. */
function someSubject(subject: string | undefined, random: Random): string | undefined {
  if (subject === undefined || !random.chance(0.04)) return subject;
  const [type, name] = [subject.split(':', 1)[0]!, subject.slice(subject.indexOf(':') + 1)];
  return random.pick([
    `${type}:${otherSpelling(name, random)}`,
    `${type.toUpperCase()}:${name}`,
    `${type}:/${name}`,
    `${subject}/`,
    `${subject}/x`,
    `${type}:${subject}`,
  ]);
}

interface Filling {
  readonly random: Random;
  readonly segments: readonly string[];
  readonly bindings: Map<string, string>;
}

interface Asker {
  readonly subject: string | undefined;
  readonly groups: readonly string[];
}

/** Somebody whom the subject of a rule means: a member of the group, or anybody with the group in the request. */
function someoneOf(sketch: SubjectSketch, policy: GeneratedPolicy, filling: Filling): Asker {
  const { random } = filling;
  const { world } = policy;
  if (sketch.kind === 'id') return { subject: sketch.id, groups: [] };
  if (sketch.kind === 'shape') return { subject: instantiate(sketch.shape, filling), groups: [] };
  if (sketch.kind === 'group') {
    if (random.chance(0.25)) return { subject: random.pick(world.subjects), groups: [sketch.name] };
    return someoneOf(random.pick(world.members.get(sketch.name)!), policy, filling);
  }
  const isAnonymous = sketch.kind === 'anyone' && random.chance(0.3);
  return { subject: isAnonymous ? undefined : random.pick(world.subjects), groups: [] };
}

/** What the rule speaks of, what its template adds to that, or something near. */
function someResource(rule: RuleSketch, { world, namespaces }: GeneratedPolicy, filling: Filling): string {
  const { random } = filling;
  const templates = namespaces.flatMap((namespace) => namespace.templates);
  if (templates.length > 0 && random.chance(0.1)) {
    return fillTemplate(random.pick(templates), random.below(3), random, world.segments);
  }
  const id = random.chance(0.1) ? random.pick(world.resources) : instantiate(rule.resource, filling);
  if (random.chance(0.08)) return id + random.pick([':', '/', ':/', '.']) + random.pick(world.segments);
  if (random.chance(0.03)) return malformedSpelling(id, random);
  return random.chance(0.12) ? perturb(id, random, world.segments) : id;
}

/** Well formed, though they do not look it. */
const UNUSUAL_RESOURCES = [
  '/',
  'n:/',
  'a/...',
  'a/.b',
  'a/..b',
  'a;.',
  'a/x;..',
  '100%',
  'a%4',
  'a%zz',
  '*',
  '**',
  'a:**',
  '{x}',
  '\u{1f600}',
  'a b',
  // Not of 256 segments: with variables such an id may take more steps than the engine grants (S25), and then it errs where
  // the reference goes on. That limit, and those of S2, have fixtures of their own.
  Array(24).fill('a').join('/'),
  'x'.repeat(4096),
];

// ---------------------------------------------------------------- malformed requests (S2 to S6)

const BAD_TEXTS = [
  '\u0000',
  '\u001f',
  '\u007f',
  '\u0085',
  '\u2028',
  '\u2029',
  '\ud800',
  '\udfff',
  '\ufdd0',
  '\ufffe',
];
const BAD_MARKS = [
  '\u061c',
  '\u200e',
  '\u202e',
  '\u2066',
  '\u00ad',
  '\u200b',
  '\u2060',
  '\ufeff',
  '\u{e0001}',
  '\u{1ffff}',
];
const BAD_UNITS = [...BAD_TEXTS, ...BAD_MARKS];
const NO_STRINGS = [null, 7, true, {}, [], ['a'], new String('a'), Symbol.iterator];
const NO_OBJECTS = [null, 7, 'x', [], new Map(), new Date(0), () => {}];

const BAD_RESOURCES = [
  '',
  'a//b',
  '//',
  'a::b',
  ':a',
  'a:',
  'a/',
  'a:b/',
  'a:/b/',
  'a:/:b',
  '/:a',
  'a/./b',
  'a/..',
  '..',
  '.:a',
  'a:..:b',
  'a/.;x',
  'a/..;x/b',
  'a/b:c',
  'a:/b:c',
  'a\\b',
  'a%2Fb',
  'a/%2e%2e/b',
  'a%00',
  'x'.repeat(4097),
  Array(257).fill('a').join('/'),
  Array(257).fill('a').join(':'),
  ...BAD_UNITS.map((unit) => `a/b${unit}c`),
  ...NO_STRINGS,
];

const BAD_SUBJECTS = [
  '',
  'alice',
  ':alice',
  'user:',
  'user',
  'group:ops',
  'group:a:b',
  `user:${'x'.repeat(1020)}`,
  ...BAD_UNITS.map((unit) => `user:a${unit}`),
  ...NO_STRINGS,
];

const BAD_ACTIONS = [
  '',
  'x'.repeat(257),
  undefined,
  ...BAD_UNITS.map((unit) => `read${unit}`),
  ...NO_STRINGS,
];
const BAD_GROUPS = [
  'ops',
  null,
  {},
  7,
  [7],
  [''],
  ['ops', 'group:ops'],
  [null],
  [['ops']],
  ['x'.repeat(1025)],
  [undefined],
];
const BAD_ATTRIBUTES = ['subject', 'action', 'resource'].flatMap((root) =>
  NO_OBJECTS.map((value) => ({ [root]: value })),
);

function withOneOf(name: string, values: readonly unknown[]): ((request: LooseRequest) => unknown)[] {
  return values.map((value) => (request) => ({ ...request, [name]: value }));
}

/** Each makes one thing wrong with a request. The lists are as long as they are varied, so that each kind gets its turn. */
const MALFORMATIONS: readonly ((request: LooseRequest) => unknown)[] = [
  ...withOneOf('resource', BAD_RESOURCES),
  ...withOneOf('subject', BAD_SUBJECTS),
  ...withOneOf('action', BAD_ACTIONS),
  ...withOneOf('groups', [...BAD_GROUPS, ...BAD_UNITS.map((unit) => [`o${unit}`])]),
  ...withOneOf('attributes', [...NO_OBJECTS, ...BAD_ATTRIBUTES]),
  ...withOneOf('context', NO_OBJECTS),
  ...[null, undefined, 7, 'read', [], true].map((value) => () => value),
];
