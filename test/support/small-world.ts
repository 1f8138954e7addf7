import type { Request } from '../../src/decision/request.ts';
import type { Random } from './generators-random.ts';

/**
 * Policies over few names, and every request that can tell them apart: what is proved of such a policy can be held against
 * all there is to ask.
 */

const texts = ['a', 'b', 'ab'] as const;
const separators = [':', '/'] as const;
const actions = ['read', 'write', 'full'] as const;
const groups = ['g', 'h'] as const;

export interface SmallWorldOptions {
  readonly rules?: number;
  /** Share of rules with a condition. */
  readonly conditions?: number;
  readonly variables?: number;
  readonly namespaces?: boolean;
  readonly rulesets?: boolean;
}

/** The rules of a policy and what stands around them: statements, so that one can be left out or changed. */
export interface SmallPolicy {
  readonly frame: readonly string[];
  readonly rules: readonly string[];
  readonly ruleset?: { readonly head: string; readonly rules: readonly string[] };
}

export function writeSmallPolicy({ frame, rules, ruleset }: SmallPolicy): string {
  const block =
    ruleset === undefined
      ? []
      : [`${ruleset.head}\n${ruleset.rules.map((rule) => `  ${rule}`).join('\n')}\n}`];
  return `${[...frame, ...rules, ...block].join('\n')}\n`;
}

export function generateSmallPolicy(random: Random, options: SmallWorldOptions = {}): SmallPolicy {
  const { rules = 5, namespaces = false, rulesets = false } = options;
  const frame = [
    `group g { ${random.pick(['user:a', 'user:a, user:b', 'svc:/a/**', 'group:h', 'group:h, user:b'])} }`,
    `group h { ${random.pick(['user:b', 'svc:/a', ''])} }`,
    random.pick(['action full implies read, write', 'action write implies read', '']),
    ...(namespaces ? [writeNamespace(random)] : []),
    // One that no rule names: only patterns reach it.
    ...(namespaces && random.chance(0.3) ? ['namespace x { action full implies write }'] : []),
    ...(namespaces && random.chance(0.5) ? [`mode ${random.pick(['soft', 'hard'])}`] : []),
  ];
  const writeRules = (count: number): string[] =>
    Array.from({ length: count }, () => writeSmallRule(random, options));
  const policy = { frame, rules: writeRules(1 + random.below(rules)) };
  if (!rulesets) return policy;
  const scope = random.pick(['', ' scope read on a:**', ' scope write, read on a/**']);
  const head = `ruleset r ${random.pick(['first-applicable', 'first-applicable', 'deny-overrides'])} {${scope} default ${random.pick(['none', 'none', 'deny', 'allow'])}`;
  return { ...policy, ruleset: { head, rules: writeRules(1 + random.below(rules)) } };
}

function writeNamespace(random: Random): string {
  const implications = random.pick(['', '  action write implies full\n']);
  const superuser = random.pick(['', '  superuser a:b\n']);
  const enforced = (): string =>
    random.pick(['', ' enforced in hard', ' enforced in hard, soft(authenticated)']);
  return `namespace a {\n${implications}${superuser}  resource a:b[:<x>] { actions read, write${enforced()} }
  resource a/b[/<p...>] { actions read, full${random.pick(['', ' enforced in hard'])} }
  resource a:ab:<n by-path> {}\n}`.replace('<n by-path>', '<n... by ".">');
}

export function writeSmallRule(random: Random, options: SmallWorldOptions = {}): string {
  const { conditions = 0, variables = 0 } = options;
  const effect = random.chance(0.3) ? 'deny' : 'allow';
  const asked = random.chance(0.25)
    ? `${random.pick(actions)}, ${random.pick(actions)}`
    : random.pick(actions);
  const condition = random.chance(conditions) ? ` when ${writeSmallCondition(random)}` : '';
  if (random.chance(variables)) {
    const [subject, resource] = random.pick([
      ['user:{x}', 'a:{x}'],
      ['user:{x}', 'a/{x}/**'],
      ['svc:/{x**}', 'a/{x**}'],
      ['user:{x}', '{x}:{x}'],
    ] as const);
    return `${effect} ${subject} to ${dedupe(asked)} on ${resource}${condition}`;
  }
  return `${effect} ${writeSubjects(random)} to ${dedupe(asked)} on ${writeResource(random)}${condition}`;
}

/** One rule more, less, other or elsewhere; or, less often, another group or implication too. */
export function changeSmallPolicy(
  policy: SmallPolicy,
  options: SmallWorldOptions,
  random: Random,
): SmallPolicy {
  const inRuleset = policy.ruleset !== undefined && random.chance(0.4);
  const rules = inRuleset ? policy.ruleset!.rules : policy.rules;
  const at = random.below(rules.length);
  const next = (at + 1) % rules.length;
  const after = random.pick([
    rules.toSpliced(at, 1),
    rules.toSpliced(at, 0, writeSmallRule(random, options)),
    rules.with(at, writeSmallRule(random, options)),
    rules.with(at, rules[next]!).with(next, rules[at]!),
  ]);
  const whole = inRuleset
    ? { ...policy, ruleset: { ...policy.ruleset!, rules: after } }
    : { ...policy, rules: after };
  const place = random.pick([0, 1, 2]);
  if (random.chance(0.75)) return whole;
  return { ...whole, frame: whole.frame.with(place, generateSmallPolicy(random, options).frame[place]!) };
}

function dedupe(names: string): string {
  return [...new Set(names.split(', '))].join(', ');
}

const subjects = [
  'user:a',
  'user:b',
  'group:g',
  'group:h',
  'svc:/a',
  'svc:/**',
  'user:*',
  'svc:/a/**',
  '*:/a',
  'authenticated',
  'anyone',
];

function writeSubjects(random: Random): string {
  const first = random.pick(subjects);
  if (first === 'anyone' || random.chance(0.75)) return first;
  const second = random.pick(subjects.filter((each) => each !== 'anyone' && each !== first));
  return `${first}, ${second}`;
}

function writeResource(random: Random): string {
  if (random.chance(0.08)) return '**';
  let resource = random.pick(['a', 'a', 'a', 'b', '*', 'a?', '**', '{a,b}']);
  const depth = random.below(3);
  for (let i = 0; i < depth; i++) {
    const separator = resource.includes('/') ? '/' : random.pick(separators);
    resource += separator + random.pick(['a', 'b', 'ab', '*', 'a*', '*b', '**', '?']);
  }
  return resource.replace(/\*\*([:/])\*\*/g, '**');
}

export function writeSmallCondition(random: Random): string {
  const atom = (): string =>
    random.pick([
      'context.f == true',
      'context.f == false',
      'context has f',
      'context.n > 1',
      'context.n <= 1',
      'context.n in [1, 2]',
      'context.s like "a*"',
      'context.s == "ab"',
      'subject in group:h',
      'subject in group:g',
      '!(context.f == true)',
    ]);
  if (random.chance(0.6)) return atom();
  return `${atom()} ${random.pick(['&&', '||'])} ${atom()}`;
}

/** Ids of up to four elements, some of texts that no policy has. */
export const smallIds: readonly string[] = everyId();

function everyId(): string[] {
  const segments = [...texts, 'x', 'b.a'];
  let ids = [...segments, '/'];
  const all = [...ids];
  for (let depth = 1; depth < 4; depth++) {
    const tails = depth === 3 ? ['a', 'x'] : segments;
    ids = ids.flatMap((id) => {
      const isPath = id.includes('/');
      const slash = id.endsWith('/') ? '' : '/';
      const deeper = tails.map((text) => `${id}${slash}${text}`);
      return isPath ? deeper : [...deeper, ...tails.map((text) => `${id}:${text}`), `${id}:/`];
    });
    all.push(...ids);
  }
  return all;
}

const contexts: readonly unknown[] = [
  {},
  { f: true },
  { f: false, n: 1 },
  { f: true, n: 2, s: 'ab' },
  { n: 3, s: 'a' },
  { f: false, n: 1, s: 'ab' },
  { f: true, n: 0, s: 'b' },
  { f: 'x', s: 'axb' },
];

const someSubjects = [
  undefined,
  'user:a',
  'user:b',
  'user:x',
  'svc:/a',
  'svc:/a/b',
  'svc:/b',
  'svc:x',
  'x:/a',
  'user:x//1',
];
const addedGroups: readonly (readonly string[])[] = [[], ['g'], ['h']];

/** Every request there is over the names of small policies, as far as they can be told apart. */
export function* everyRequest({ conditions = 0 }: SmallWorldOptions = {}): Iterable<Request> {
  for (const subject of someSubjects) {
    for (const added of subject === undefined ? [[]] : addedGroups) {
      for (const action of [...actions, 'other']) {
        for (const resource of [undefined, ...smallIds]) {
          for (const context of conditions > 0 ? contexts : [undefined]) {
            yield {
              ...(subject === undefined ? {} : { subject }),
              action,
              ...(resource === undefined ? {} : { resource }),
              ...(added.length === 0 ? {} : { groups: added }),
              ...(context === undefined ? {} : { context: context as Record<string, unknown> }),
            };
          }
        }
      }
    }
  }
}

/** Groups that policies name. */
export const smallGroups = groups;

/** Contexts that tell conditions of small policies apart. */
export const smallContexts = contexts;
