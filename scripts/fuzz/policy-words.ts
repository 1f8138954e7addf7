import { Random } from '../../test/support/generators.ts';

/** What policies are made of. */
export const policyTokens: readonly string[] = [
  ...[
    'allow',
    'deny',
    'to',
    'on',
    'when',
    'unless',
    'anyone',
    'authenticated',
    'group',
    'role',
    'grant',
    'entity',
    'namespace',
  ],
  ...[
    'ruleset',
    'route',
    'requires',
    'open',
    'mode',
    'test',
    'import',
    'resource',
    'actions',
    'action',
    'implies',
    'superuser',
  ],
  ...[
    'enforced in',
    'closed',
    'by',
    'first-applicable',
    'deny-overrides',
    'default',
    'full',
    'read',
    'with',
    'expect',
    'any',
    'GET',
  ],
  ...[
    'subject',
    'context',
    'subject.id',
    'resource.id',
    'in',
    'has',
    'like',
    'cidr("10.0.0.0/8")',
    'ip("::1")',
    'time("2026-01-01T00:00:00Z")',
  ],
  ...[
    'duration("1h")',
    '&&',
    '||',
    '!',
    '==',
    '!=',
    '<=',
    '>=',
    '@id("x")',
    '@owner("x")',
    '# lint',
    '##',
    '# postern-lint-disable',
  ],
  ...[
    'user:a',
    'user:*',
    'user:{name}',
    'group:g',
    'service:/{space**}/**',
    'doc:/a/**',
    'doc:/{a}/*',
    'doc:**',
    '**',
    '{a,b}',
    '{x}',
    '{x**}',
  ],
  ...[
    '<x>',
    '<x...>',
    '[:<x>]',
    'by "."',
    'import "postern:dcos"',
    'import "postern:mesos"',
    'allow user:a to read on doc:/a\n',
  ],
  ...[
    'deny anyone to read on doc:/**\n',
    'group g { user:a, group:h }\n',
    'role r(x) { read on doc:/{x}/** }\n',
    'grant r(a) to user:a\n',
  ],
  ...[
    'ruleset s first-applicable { allow user:a to read on doc:/a }\n',
    'when context.n > 1',
    'unless subject in group:g',
  ],
];

const idPattern = /[\p{L}\p{N}_.@-]*[:/][^\s,"'()[\]<>#]*/gu;
const namePattern = /[\p{L}_][\p{L}\p{N}_-]*/gu;
const MOST = 10;

/** Requests that a policy text might have a say in, made of its own words: the same for the same text. */
export function requestsAbout(text: string, count: number): readonly Readonly<Record<string, unknown>>[] {
  const random = new Random(text.length * 31 + (text.charCodeAt(text.length >> 1) || 0));
  const quoted = [...text.matchAll(/"((?:[^"\\\n]|\\.)*)"/g)].map(([, inner]) => inner!);
  const ids = someOf(random, [...(text.match(idPattern) ?? []), ...quoted]).map((id) =>
    instantiate(id, random),
  );
  const names = someOf(random, [...(text.match(namePattern) ?? []), 'read', 'full']);
  const attributes = [...text.matchAll(/(?:context|subject|action|resource)\.([\p{L}_]\w*)/gu)].map(
    ([, name]) => name!,
  );
  const values = [
    true,
    0,
    1,
    -1.5,
    'a',
    '10.0.0.1',
    '2026-01-01T00:00:00Z',
    '1h',
    ['a', 1],
    {},
    null,
    ...ids.slice(0, 3),
  ];
  const some = (): Record<string, unknown> =>
    Object.fromEntries(random.sample(attributes, 4).map((name) => [name, random.pick(values)]));
  return Array.from({ length: count }, () => ({
    ...(random.chance(0.9) ? { subject: random.pick(['user:a', 'user:bob', ...ids]) } : {}),
    action: random.pick(names),
    ...(random.chance(0.95) ? { resource: random.pick(['doc:/a', ...ids]) } : {}),
    ...(random.chance(0.3) ? { groups: random.sample(names, 2) } : {}),
    ...(random.chance(0.5) ? { context: some() } : {}),
    ...(random.chance(0.5) ? { attributes: { subject: some(), resource: some() } } : {}),
  }));
}

export function pathsAbout(text: string): readonly string[] {
  return [...text.matchAll(/"(\/[^"\n]*)"/g)]
    .slice(0, MOST)
    .flatMap(([, path]) => [path!, instantiate(path!, new Random(path!.length))]);
}

function someOf(random: Random, words: readonly string[]): string[] {
  return random.sample([...new Set(words)], MOST);
}

/** Something that a pattern matches, mostly. */
function instantiate(pattern: string, random: Random): string {
  return pattern
    .replace(/\{([^{}]*)\}/g, (_, inside: string) => inside.split(/,|\*\*/)[0] || 'x')
    .replaceAll('**', random.pick(['a', 'a/b']))
    .replaceAll('*', random.pick(['a', 'xyz']))
    .replaceAll('?', 'a')
    .replace(/[{}]/g, '');
}
