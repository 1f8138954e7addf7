import { describe, expect, test } from 'vitest';
import type {
  AttributeValue,
  Expression,
  Group,
  Model,
  Namespace,
  PatternElement,
  ResourcePattern,
  Route,
  Rule,
  Ruleset,
  Separator,
  SubjectPattern,
  Template,
  TemplateElement,
} from '../src/model/model.ts';
import { createReference } from '../src/reference/reference.ts';

// The models are made by hand, so that these tests hold whatever the parser does. Rule numbers are those of
// grammar/semantics.md.

const location = { file: 'p.acl', span: { start: 0, end: 0 } };

function modelOf(parts: Partial<Model>): Model {
  const empty = {
    groups: [],
    rules: [],
    rulesets: [],
    namespaces: [],
    implications: [],
    routes: [],
    entities: [],
  };
  return { modes: [], tests: [], ...empty, ...parts };
}

let lastLine = 0;

/** `allow user:a to read, update on a:**`, without the words between. */
function rule(
  effect: 'allow' | 'deny',
  subject: string,
  actions: string,
  resource: string,
  more: Partial<Rule> = {},
): Rule {
  return {
    effect,
    subjects: subject.split(' ').map(subjectOf),
    actions: actions.split(' '),
    resources: resource.split(' ').map(resourceOf),
    location,
    line: ++lastLine,
    ...more,
  };
}

function subjectOf(text: string): SubjectPattern {
  if (text === 'anyone' || text === 'authenticated') return { kind: text };
  if (text.startsWith('group:')) return { kind: 'group', name: text.slice('group:'.length) };
  const pattern = resourceOf(text);
  return pattern.kind === 'literal' ? { kind: 'subject', id: pattern.id } : pattern;
}

function resourceOf(text: string): ResourcePattern {
  return /[*?{]/.test(text)
    ? { kind: 'pattern', text, elements: elementsOf(text) }
    : { kind: 'literal', id: text };
}

function elementsOf(text: string): PatternElement[] {
  const elements: PatternElement[] = [];
  const pieces = text.split(/([:/])/);
  for (let i = 0; i < pieces.length; i += 2) {
    const mark = pieces[i - 1];
    const separator: Separator = mark === undefined ? 'start' : mark === ':' ? 'colon' : 'slash';
    const segment = pieces[i]!;
    if (segment !== '') elements.push(elementOf(segment, separator));
    else if (pieces[i + 1] === '/' && separator !== 'slash') elements.push({ kind: 'root', separator });
  }
  return elements;
}

function elementOf(segment: string, separator: Separator): PatternElement {
  const variable = /^\{(\w+)(\*\*)?\}$/.exec(segment);
  if (variable !== null)
    return { kind: 'variable', separator, name: variable[1]!, isMany: variable[2] !== undefined };
  if (segment === '*') return { kind: 'one', separator };
  if (segment === '**') return { kind: 'many', separator };
  if (!/[*?]/.test(segment)) return { kind: 'literal', separator, text: segment };
  const pieces = segment.split(/([*?])/).filter((piece) => piece !== '');
  const glob = pieces.map((piece) => {
    if (piece === '*') return { kind: 'run' } as const;
    return piece === '?' ? ({ kind: 'unit' } as const) : ({ kind: 'text', text: piece } as const);
  });
  return { kind: 'glob', separator, glob };
}

function templateOf(text: string, more: Partial<Template> = {}): Template {
  return { text, location, parts: templateParts(text), ...more };
}

/** Placeholders are `<x>`, `<x...>` and `<x...by.>`. */
function templateParts(text: string): TemplateElement[] {
  const open = text.indexOf('[');
  const front = open < 0 ? text : text.slice(0, open);
  const parts = front
    .split(/(<[^>]*>)/)
    .filter((piece) => piece !== '')
    .map((piece): TemplateElement => {
      if (!piece.startsWith('<')) return { kind: 'text', text: piece };
      if (!piece.includes('...')) return { kind: 'value' };
      return { kind: 'path', separator: piece.includes('by') ? '.' : '/' };
    });
  return open < 0 ? parts : [...parts, { kind: 'optional', parts: templateParts(text.slice(open + 1, -1)) }];
}

function namespaceOf(name: string, templates: readonly Template[], more: Partial<Namespace> = {}): Namespace {
  const roots = [{ kind: 'segment', text: name } as const];
  return { name, location, isClosed: false, roots, implications: [], templates, ...more };
}

function groupOf(name: string, members: string): Group {
  return { name, location, members: members.split(' ').map(subjectOf) };
}

function ruleset(name: string, combining: Ruleset['combining'], more: Partial<Ruleset> = {}): Ruleset {
  return { name, location, combining, scopes: [], default: 'none', ...more };
}

/** `allow rule`, `deny default`, … */
function answer(model: Partial<Model>, request: object, mode?: string): string {
  const { decision, reason } = createReference(modelOf(model), { mode }).decide(request);
  return `${decision} ${reason}`;
}

function isAllowed(
  model: Partial<Model>,
  subject: string | undefined,
  action: string,
  resource?: string,
): boolean {
  return answer(model, { subject, action, resource }).startsWith('allow');
}

describe('patterns match whole ids, separators included (S20 to S28)', () => {
  test.each([
    ['a', 'a', 'b ab a:b a/b /a'],
    ['/', '/', 'a: /a'],
    ['/dev', '/dev', '/development /dev/x /de'],
    ['*', 'a *', '/ a:b a/b'],
    ['a:*', 'a:b', 'a a:/ a:/b a/b a:b:c a:b/c'],
    ['a:/*', 'a:/b', 'a:/ a:b a:/b/c'],
    ['**', 'a a:b a/b / /a a:/ a:/b a:b/c', ''],
    ['a:**', 'a a:b a:b/c a:/ a:/b a:b:c', 'a/b b ab'],
    ['a/**', 'a a/b a/b/c', 'a:b a:/b a:/'],
    ['a:/**', 'a:/ a:/b a:/b/c', 'a a:b a/b'],
    ['a/*/**', 'a/b a/b/c', 'a a:b'],
    ['**/x', 'x a/x /x a:/x a:b/x a/b/x', 'a:x x/a xx'],
    ['**:/x', '/x a:/x a:b:/x', 'x a/x a:x'],
    ['**:x', 'x a:x a:b:x', '/x a/x'],
    ['a:**/b', 'a/b a:b/b a:/b a:c/d/b', 'a:b b'],
    ['a/**/b', 'a/b a/x/b a/x/y/b', 'a:/b a:b a/b/c'],
    ['a:**:b', 'a:b a:c:b a:c:d:b', 'a:/b a/b'],
    ['**:**:b', 'b a:b c:a:b', 'a/b'],
    ['**/a/**/a/**', 'a/a x/a/y/a/z /a/a', 'a x/a'],
    ['web-*', 'web- web-1 web-*', 'web we web/-1'],
    ['a/d?v', 'a/dev a/d-v', 'a/dv a/deev'],
    ['*a*b*', 'ab xaxbx', 'ba xbxa'],
  ])('%s', (pattern, matching, others) => {
    const model = { rules: [rule('allow', 'anyone', 'read', pattern)] };
    const allowed = (ids: string) =>
      ids.split(' ').filter((id) => id !== '' && isAllowed(model, undefined, 'read', id));
    expect(allowed(matching)).toEqual(matching.split(' '));
    expect(allowed(others)).toEqual([]);
  });

  test('`?` is one UTF-16 unit, and no text is normalised', () => {
    const model = { rules: [rule('allow', 'anyone', 'read', 'a/?')] };
    expect(isAllowed(model, undefined, 'read', 'a/\u00e9')).toBe(true);
    expect(isAllowed(model, undefined, 'read', 'a/e\u0301')).toBe(false);
    expect(isAllowed(model, undefined, 'read', 'a/\u{1f600}')).toBe(false);
  });

  test('a star in a request is only a star', () => {
    const model = { rules: [rule('allow', 'user:alice', 'read', 'a:b')] };
    expect(isAllowed(model, 'user:alice', 'read', 'a:*')).toBe(false);
    expect(isAllowed(model, 'user:*', 'read', 'a:b')).toBe(false);
  });
});

describe('a variable stands for the same text wherever its rule names it (S25)', () => {
  test.each([
    ['user:{x}', 'home:/{x}/**', 'user:bob', 'home:/bob home:/bob/a', 'home:/eve home:/ home:/bobby'],
    [
      'service:/{x**}/**',
      's:/{x**}/*',
      'service:/a/b/c',
      's:/a s:/a/b s:/a/b/c s:/a/b/c/d',
      's:/b/a s:/a/c/x s:/a/b/c/d/e',
    ],
    ['service:/{x**}', 's:/{x**}/*', 'service:/', 's:/a', 's:/a/b s:/'],
    ['service:{x**}', 's:{x**}', 'service:/a/b', 's:/a/b s:a/b', 's:/a s:a:b'],
    ['user:{x}', 's:/{x}/{x}', 'user:a', 's:/a/a', 's:/a/b s:/b/b'],
    ['user:{x}', 's:/{x**}', 'user:a', 's:/a', 's:/a/a s:/'],
    ['{x}:{x}', 's', 'a:a', 's', ''],
    ['user:{x} service:/{x}', 's:/{x}', 'service:/a', 's:/a', 's:/b'],
  ])('%s on %s, asked by %s', (subject, resource, asker, matching, others) => {
    const model = { rules: [rule('allow', subject, 'read', resource)] };
    const allowed = (ids: string) =>
      ids.split(' ').filter((id) => id !== '' && isAllowed(model, asker, 'read', id));
    expect(allowed(matching)).toEqual(matching.split(' '));
    expect(allowed(others)).toEqual([]);
  });
});

describe('subjects', () => {
  test('anonymous requests match `anyone` alone, whatever groups they name (S9)', () => {
    const groups = [groupOf('ops', 'user:a')];
    const ask = (subject: string) =>
      answer(
        { groups, rules: [rule('allow', subject, 'read', 'a')] },
        { action: 'read', resource: 'a', groups: ['ops'] },
      );
    expect(ask('anyone')).toBe('allow rule');
    expect(ask('authenticated')).toBe('deny default');
    expect(ask('group:ops')).toBe('deny default');
    expect(ask('**')).toBe('deny default');
  });

  test('a pattern matches only subjects that are well formed as ids, a literal any subject (S26)', () => {
    for (const subject of ['user:a//b', 'user:..', 'user:a\\b', 'user:%41', 'user:a/']) {
      const exact: Rule = rule('allow', 'anyone', 'read', 'a', {
        subjects: [{ kind: 'subject', id: subject }],
      });
      expect(isAllowed({ rules: [rule('allow', '**', 'read', 'a')] }, subject, 'read', 'a')).toBe(false);
      expect(isAllowed({ rules: [exact] }, subject, 'read', 'a')).toBe(true);
    }
  });

  test('membership passes through nested groups, patterns and the groups of the request (S16)', () => {
    const groups = [groupOf('ops', 'group:sre'), groupOf('sre', 'user:nick service:/a/**')];
    const model = { groups, rules: [rule('allow', 'group:ops', 'read', 'a')] };
    const ask = (subject: string, names: string[]) =>
      answer(model, { subject, action: 'read', resource: 'a', groups: names });
    expect(ask('user:nick', [])).toBe('allow rule');
    expect(ask('service:/a/b', [])).toBe('allow rule');
    expect(ask('user:eve', [])).toBe('deny default');
    expect(ask('user:eve', ['sre'])).toBe('allow rule');
    expect(ask('user:eve', ['undeclared', 'constructor'])).toBe('deny default');
  });
});

describe('actions (S13, S14)', () => {
  const implications = [{ action: 'full', implies: ['read'] }];
  const inner = { implications: [{ action: 'read', implies: ['list'] }] };
  const policy = (effect: 'allow' | 'deny', action: string) => ({
    implications,
    namespaces: [namespaceOf('n', [], inner)],
    rules: [
      rule(effect, 'anyone', action, '**'),
      ...(effect === 'deny' ? [rule('allow', 'anyone', 'full', '**')] : []),
    ],
  });

  test('an allow holds for what its action implies, never the reverse', () => {
    expect(isAllowed(policy('allow', 'full'), undefined, 'read', 'a')).toBe(true);
    expect(isAllowed(policy('allow', 'read'), undefined, 'full', 'a')).toBe(false);
  });

  test('a deny holds for what its action implies and for what implies it', () => {
    expect(answer(policy('deny', 'full'), { action: 'read', resource: 'a' })).toBe('deny rule');
    expect(answer(policy('deny', 'read'), { action: 'full', resource: 'a' })).toBe('deny rule');
  });

  test('implications of a namespace join those of the top level, for its resources alone', () => {
    expect(isAllowed(policy('allow', 'full'), undefined, 'list', 'n:a')).toBe(true);
    expect(isAllowed(policy('allow', 'full'), undefined, 'list', 'a')).toBe(false);
  });

  test('without a resource an allow knows the top level, a deny every namespace (S8)', () => {
    expect(isAllowed(policy('allow', 'full'), undefined, 'read')).toBe(true);
    expect(isAllowed(policy('allow', 'full'), undefined, 'list')).toBe(false);
    expect(answer(policy('deny', 'list'), { action: 'full' })).toBe('deny rule');
  });

  test('without a resource only a rule on everything matches (S8)', () => {
    for (const resource of ['**', '**/**', '**:**', 'a **']) {
      expect(isAllowed({ rules: [rule('allow', 'anyone', 'read', resource)] }, undefined, 'read')).toBe(true);
    }
    for (const resource of ['*', 'a:**', '**/*', '{x**}', 'a']) {
      expect(isAllowed({ rules: [rule('allow', 'anyone', 'read', resource)] }, undefined, 'read')).toBe(
        false,
      );
    }
  });
});

describe('a literal id covers itself and what its template adds (S30 to S32)', () => {
  test.each([
    ['n:u[:<x>]', 'n:u', 'n:u n:u:a n:u:a/b n:u:/ n:u:/a', 'n:u:a:b n:u/a n n:ux'],
    ['n:u[:<x>]', 'n:u:a', 'n:u:a', 'n:u:a/b n:u:b n:u'],
    ['n:u[:<x>[:<y>]]', 'n:u', 'n:u n:u:a n:u:a:b n:u:a:b/c', 'n:u:a/b n:u:/a'],
    ['n:u[:<x>[:<y>]]', 'n:u:a', 'n:u:a n:u:a:b', 'n:u:b n:u'],
    ['n:s:/<x>', 'n:s:/a', 'n:s:/a', 'n:s:/a/b n:s:/'],
    ['n:s:/<x...>', 'n:s:/a', 'n:s:/a n:s:/a/b n:s:/a/b/c', 'n:s:/ab n:s:/ n:s:a'],
    ['n:s:/<x...>', 'n:s:/', 'n:s:/', 'n:s:/a'],
    ['n:s:/[<x...>]', 'n:s:/', 'n:s:/ n:s:/a n:s:/a/b', 'n:s n:s:a'],
    ['n:s:/[<x...>]', 'n:s', 'n:s', 'n:s:/ n:s:/a'],
    ['n:s[:/[<x...>]]', 'n:s', 'n:s n:s:/ n:s:/a n:s:/a/b', 'n:s:a n:s/a'],
    ['n:s[:/[<x...>]]', 'n:s:/', 'n:s:/ n:s:/a', 'n:s'],
    ['n:j[:<x...by.>]', 'n:j', 'n:j n:j:a n:j:a.b', 'n:j:a/b n:j:/a n:j.a'],
    [
      'n:j:<x...by.>',
      'n:j:a',
      'n:j:a n:j:a.b n:j:a.b.c n:j:a..b',
      'n:j:ab n:j:a. n:j:a/b n:j:a.b/c n:j:a.b:c',
    ],
    ['n:<x>/<y...>', 'n:a/b', 'n:a/b n:a/b/c', 'n:a n:a/c'],
    ['n:<x>[/<y>]', 'n:a', 'n:a n:a/b n:a/b/c', 'n:b n:a:b n:/a'],
    ['n:s:<x...>', 'n:s:a', 'n:s:a n:s:a/b', 'n:s:/a n:s:ab'],
    ['n:s:/<x...>', 'n:t', 'n:t', 'n:t:/a'],
  ])('in %s, %s', (template, literal, covered, others) => {
    const model = {
      namespaces: [namespaceOf('n', [templateOf(template)])],
      rules: [rule('allow', 'anyone', 'read', literal)],
    };
    const allowed = (ids: string) => ids.split(' ').filter((id) => isAllowed(model, undefined, 'read', id));
    expect(allowed(covered)).toEqual(covered.split(' '));
    expect(allowed(others)).toEqual([]);
  });

  test('a pattern covers what it matches and no more', () => {
    const namespaces = [namespaceOf('n', [templateOf('n:s:/<x...>')])];
    expect(
      isAllowed(
        { namespaces, rules: [rule('allow', 'anyone', 'read', 'n:s:/*')] },
        undefined,
        'read',
        'n:s:/a/b',
      ),
    ).toBe(false);
  });

  test.each([
    [['n:<x>', 'n:a'], 'n:a', 'n:a'],
    [['n:<x...>', 'n:<x>'], 'n:a', 'n:<x>'],
    [['n:<x>', 'n:/<x>'], 'n:/a', 'n:/<x>'],
    [['n:<x>', 'n:<x>/b'], 'n:a/b', 'n:<x>/b'],
    [['n:/<x>', 'n:/<x>/<y...>'], 'n:/a/b', 'n:/<x>/<y...>'],
    [['n:<x...by.>', 'n:a[:<y>]'], 'n:a', 'n:a[:<y>]'],
  ])('of %j the one that counts for %s is %s', (texts, id, expected) => {
    const templates = texts.map((text) => templateOf(text, { actions: [text] }));
    const superuser = { superuser: id };
    const model = {
      namespaces: [namespaceOf('n', templates, superuser)],
      rules: [rule('allow', 'user:a', expected, '**')],
    };
    const verdict = answer(model, {
      subject: 'user:a',
      action: texts.find((text) => text !== expected),
      resource: 'n:z:z:z',
    });
    expect(verdict).toBe('allow superuser');
  });
});

describe('superusers (S33, S34)', () => {
  const templates = [
    templateOf('n:root', { actions: ['be'] }),
    templateOf('n:a[:<x>]', { actions: ['read', 'write'] }),
  ];
  const namespaces = [namespaceOf('n', templates, { superuser: 'n:root' })];
  const root = rule('allow', 'user:root', 'be', 'n:root');

  test('may do every known action in their namespace and nothing outside', () => {
    expect(
      answer({ namespaces, rules: [root] }, { subject: 'user:root', action: 'write', resource: 'n:zzz' }),
    ).toBe('allow superuser');
    expect(
      answer({ namespaces, rules: [root] }, { subject: 'user:root', action: 'write', resource: 'm:a' }),
    ).toBe('deny default');
    expect(answer({ namespaces, rules: [root] }, { subject: 'user:root', action: 'write' })).toBe(
      'deny default',
    );
    expect(
      answer({ namespaces, rules: [root] }, { subject: 'user:root', action: 'fly', resource: 'n:a' }),
    ).toBe('deny default');
  });

  test('are subject to denies, on the request and on what makes them superusers', () => {
    const onRequest = [root, rule('deny', 'anyone', 'write', 'n:a')];
    const onSuperuser = [root, rule('deny', 'user:root', 'be', 'n:root')];
    expect(
      answer({ namespaces, rules: onRequest }, { subject: 'user:root', action: 'write', resource: 'n:a:b' }),
    ).toBe('deny rule');
    expect(
      answer({ namespaces, rules: onSuperuser }, { subject: 'user:root', action: 'read', resource: 'n:a' }),
    ).toBe('deny default');
  });

  test('are somebody: an anonymous request is none', () => {
    const rules = [rule('allow', 'anyone', 'be', 'n:root')];
    expect(answer({ namespaces, rules }, { action: 'read', resource: 'n:a' })).toBe('deny default');
  });

  test('are found without the attributes that the request gives to action and resource', () => {
    const condition = compare('==', attribute('resource.open'), constant('yes'));
    const rules = [rule('allow', 'anyone', 'be', 'n:root', { condition })];
    const request = {
      subject: 'user:a',
      action: 'read',
      resource: 'n:a',
      attributes: { resource: { open: 'yes' } },
    };
    expect(answer({ namespaces, rules }, request)).toBe('deny default');
  });
});

describe('modes (S35, S36)', () => {
  const enforcedIn = [
    { mode: 'strict', authenticatedOnly: false },
    { mode: 'permissive', authenticatedOnly: true },
  ];
  const templates = [
    templateOf('n:a[:<x>]', { actions: ['read'], enforcedIn }),
    templateOf('n:a:b', { actions: ['read'] }),
  ];
  const policy = { modes: ['disabled', 'permissive', 'strict'], namespaces: [namespaceOf('n', templates)] };

  test.each([
    [undefined, 'user:a', 'read', 'n:a', 'deny default'],
    ['strict', 'user:a', 'read', 'n:a', 'deny default'],
    ['disabled', 'user:a', 'read', 'n:a', 'allow not-enforced'],
    ['disabled', 'user:a', 'read', 'n:a:x', 'allow not-enforced'],
    ['disabled', 'user:a', 'read', 'n:a:b', 'deny default'],
    ['disabled', 'user:a', 'read', 'n:z', 'deny default'],
    ['disabled', 'user:a', 'fly', 'n:a', 'deny default'],
    ['disabled', 'user:a', 'read', 'n:a//x', 'deny malformed'],
    ['permissive', 'user:a', 'read', 'n:a', 'deny default'],
    ['permissive', undefined, 'read', 'n:a', 'allow not-enforced'],
  ])('in mode %s, %s may %s %s: %s', (mode, subject, action, resource, expected) => {
    expect(answer(policy, { subject, action, resource }, mode)).toBe(expected);
  });

  test('a deny beats a mode that does not enforce, and the mode beats an allow', () => {
    const decided = (effect: 'allow' | 'deny') =>
      answer(
        { ...policy, rules: [rule(effect, 'anyone', 'read', 'n:a')] },
        { action: 'read', resource: 'n:a' },
        'disabled',
      );
    expect(decided('deny')).toBe('deny rule');
    expect(decided('allow')).toBe('allow not-enforced');
  });

  test('the mode of the policy may be overridden, by a mode that is named', () => {
    expect(answer({ ...policy, mode: 'strict' }, { action: 'read', resource: 'n:a' })).toBe('deny default');
    expect(answer({ ...policy, mode: 'strict' }, { action: 'read', resource: 'n:a' }, 'disabled')).toBe(
      'allow not-enforced',
    );
    expect(() => createReference(modelOf(policy), { mode: 'lax' })).toThrow();
  });
});

describe('rulesets (S17, S18, S70)', () => {
  const scopes = [{ actions: ['read'], resources: [resourceOf('a:**')] }];

  test('the first rule that applies decides in a first-applicable ruleset', () => {
    const rulesets = [ruleset('r', 'first-applicable', { scopes, default: 'allow' })];
    const rules = [
      rule('allow', 'user:a', 'read', 'a:b', { ruleset: 0 }),
      rule('deny', 'user:a', 'read', '**', { ruleset: 0 }),
    ];
    const ask = (subject: string, resource: string) =>
      answer({ rulesets, rules }, { subject, action: 'read', resource });
    expect(ask('user:a', 'a:b')).toBe('allow rule');
    expect(ask('user:a', 'a:c')).toBe('deny rule');
    expect(ask('user:b', 'a:c')).toBe('allow ruleset-default');
    expect(ask('user:a', 'b')).toBe('deny default');
  });

  test('a scope compares its actions exactly, and covers as a rule would', () => {
    const implications = [{ action: 'full', implies: ['read'] }];
    const namespaces = [namespaceOf('n', [templateOf('n:a[:<x>]')])];
    const narrow = [{ actions: ['full'], resources: [resourceOf('n:a')] }];
    const policy = {
      implications,
      namespaces,
      rulesets: [ruleset('r', 'deny-overrides', { scopes: narrow, default: 'allow' })],
    };
    expect(answer(policy, { action: 'full', resource: 'n:a:x' })).toBe('allow ruleset-default');
    expect(answer(policy, { action: 'read', resource: 'n:a:x' })).toBe('deny default');
    expect(answer(policy, { action: 'full' })).toBe('deny default');
  });

  test('any ruleset that denies wins over any that allows', () => {
    const rulesets = [ruleset('r', 'deny-overrides', { default: 'deny' })];
    expect(
      answer({ rulesets, rules: [rule('allow', 'anyone', 'read', 'a')] }, { action: 'read', resource: 'a' }),
    ).toBe('deny ruleset-default');
  });

  test('the deciding rule is the first in source order, those outside any ruleset first', () => {
    const rulesets = [ruleset('r', 'deny-overrides', { default: 'deny' }), ruleset('s', 'deny-overrides')];
    const inner = rule('deny', 'anyone', 'read', 'a', { ruleset: 1, id: 'inner' });
    const outer = rule('deny', 'anyone', 'read', 'a', { line: 7 });
    const decide = (rules: Rule[], sets: Ruleset[]) =>
      createReference(modelOf({ rules, rulesets: sets })).decide({ action: 'read', resource: 'a' });
    expect(decide([inner, outer], rulesets).rule).toEqual({ id: 'p.acl:7', file: 'p.acl', line: 7 });
    expect(decide([inner], rulesets)).toEqual({ decision: 'deny', reason: 'ruleset-default', ruleset: 'r' });
    const late = decide([{ ...inner, ruleset: 0 }], [rulesets[1]!]);
    expect([late.rule?.id, late.ruleset]).toEqual(['inner', 's']);
  });

  test('a rule of a role names the role', () => {
    const role = { name: 'tenant', location: { ...location, file: 'roles.acl' }, line: 3 };
    const decision = createReference(
      modelOf({ rules: [rule('allow', 'anyone', 'read', 'a', { role, line: 9 })] }),
    );
    expect(decision.decide({ action: 'read', resource: 'a' }).rule?.role).toEqual({
      name: 'tenant',
      file: 'roles.acl',
      line: 3,
    });
  });
});

function constant(value: string | number | boolean): Expression {
  if (typeof value === 'string') return { kind: 'constant', value: { kind: 'string', value } };
  if (typeof value === 'number') return { kind: 'constant', value: { kind: 'number', value } };
  return { kind: 'constant', value: { kind: 'boolean', value } };
}

function attribute(text: string): Expression {
  const [root, ...path] = text.split('.');
  return { kind: 'attribute', root: root as 'context', path };
}

function compare(operator: '==' | '!=' | '<' | '<=', left: Expression, right: Expression): Expression {
  return { kind: 'compare', operator, left, right };
}

function has(text: string, name: string): Expression {
  const [root, ...path] = text.split('.');
  return { kind: 'has', root: root as 'context', path, name };
}

function both(kind: 'and' | 'or', left: Expression, right: Expression): Expression {
  return { kind, left, right };
}

function inList(item: Expression, ...items: Expression[]): Expression {
  return { kind: 'in-list', item, list: { kind: 'list', items } };
}

const ip = (...words: number[]): Expression => ({
  kind: 'constant',
  value: { kind: 'ip', address: { words } },
});
const time = (epochMs: number): Expression => ({ kind: 'constant', value: { kind: 'time', epochMs } });
const duration = (ms: number): Expression => ({ kind: 'constant', value: { kind: 'duration', ms } });
const inTen = (item: Expression): Expression => ({
  kind: 'in-cidr',
  item,
  cidr: { words: [10 << 24], prefixLength: 8 },
});

describe('conditions (S41 to S50)', () => {
  const missing = attribute('context.missing');
  const text = attribute('context.text');
  const number = attribute('context.number');
  const value = (given: unknown) => ({ value: given });
  const given = attribute('context.value');

  /** An error is told from `false` by a deny, which applies, and from `true` by an allow, which does not. */
  function evaluate(condition: Expression, context: object, more: object = {}): boolean | 'error' {
    const holds = (effect: 'allow' | 'deny') => {
      const rules = [rule(effect, 'anyone', 'read', '**', { condition })];
      const { reason } = createReference(modelOf({ rules })).decide({
        subject: 'user:a',
        action: 'read',
        resource: 'a',
        context,
        ...more,
      });
      return reason === 'rule';
    };
    return holds('allow') === holds('deny') ? holds('allow') : 'error';
  }

  test.each<[string, Expression, boolean | 'error']>([
    ['a missing attribute errs', compare('==', missing, constant(1)), 'error'],
    ['a value that is no boolean errs', text, 'error'],
    ['false && error is false', both('and', constant(false), missing), false],
    ['error && false errs', both('and', missing, constant(false)), 'error'],
    ['true || error is true', both('or', constant(true), missing), true],
    ['false || error errs', both('or', constant(false), missing), 'error'],
    ['true && a number errs', both('and', constant(true), number), 'error'],
    ['not an error is an error', { kind: 'not', operand: missing }, 'error'],
    ['a string beside a number errs', compare('==', text, constant(1)), 'error'],
    ['a wrong type does not slip through !=', compare('!=', text, constant(1)), 'error'],
    ['strings have no order', compare('<', text, constant('b')), 'error'],
    ['numbers have', compare('<=', number, constant(7)), true],
    [
      'null equals nothing',
      compare('==', attribute('context.nothing'), attribute('context.nothing')),
      'error',
    ],
    ['lists equal nothing', compare('==', attribute('context.list'), attribute('context.list')), 'error'],
    ['has finds a name', has('context', 'text'), true],
    ['has misses a name', has('context', 'missing'), false],
    ['has errs where the target is missing', has('context.missing', 'x'), 'error'],
    ['has errs where the target is no object', has('context.text', 'length'), 'error'],
    ['has errs where the target is a list', has('context.list', 'length'), 'error'],
    ['inherited names are no attributes', has('context', 'constructor'), false],
    ['an attribute of a string errs', compare('==', attribute('context.text.length'), constant(1)), 'error'],
    ['an element that is equal decides', inList(number, constant('x'), constant(7)), true],
    ['one that was passed over errs', inList(number, constant(8), constant('x')), 'error'],
    ['no equal element is false', inList(number, constant(8)), false],
    ['nothing is in an empty list', inList(number), false],
    ['an element that errs, errs though another is equal', inList(number, constant(7), missing), 'error'],
    [
      'a place that holds nothing cannot be compared',
      { kind: 'in-list', item: number, list: attribute('context.gaps') },
      'error',
    ],
    ['a right side that is no list errs', { kind: 'in-list', item: number, list: text }, 'error'],
    ['the list of a request', { kind: 'in-list', item: number, list: attribute('context.list') }, true],
    ['like takes strings alone', { kind: 'like', item: number, glob: [{ kind: 'run' }] }, 'error'],
    [
      'like knows no separators',
      { kind: 'like', item: text, glob: [{ kind: 'text', text: 'a' }, { kind: 'run' }] },
      true,
    ],
    [
      'like matches the whole string',
      { kind: 'like', item: text, glob: [{ kind: 'text', text: 'a' }] },
      false,
    ],
    ['an id is not overlaid', compare('==', attribute('subject.id'), constant('user:a')), true],
    ['context.id is an ordinary name', has('context', 'id'), false],
  ])('%s', (_title, condition, expected) => {
    const context = { text: 'a/b:c', number: 7, nothing: null, list: ['x', 7], gaps: Array(2) };
    expect(evaluate(condition, context, { attributes: { subject: { id: 'user:eve' } } })).toBe(expected);
  });

  test.each<[string, boolean | 'error']>([
    ['10.0.0.1', true],
    ['::ffff:10.0.0.1', true],
    ['::ffff:a00:1', true],
    ['0:0:0:0:0:FFFF:10.1.2.3', true],
    ['11.0.0.1', false],
    ['::10.0.0.1', false],
    ['2001:db8::1', false],
    ['10.0.0.01', 'error'],
    ['10.0.0', 'error'],
    ['10.0.0.256', 'error'],
    [' 10.0.0.1', 'error'],
    ['10.0.0.1\n', 'error'],
    ['fe80::1%eth0', 'error'],
    ['1:2:3:4::5:6:7:8', 'error'],
    ['1::2::3', 'error'],
    ['12345::', 'error'],
    ['::1.2.3', 'error'],
    [':', 'error'],
    ['', 'error'],
  ])('whether %j lies in 10.0.0.0/8: %s', (address, expected) => {
    expect(evaluate(inTen(given), value(address))).toBe(expected);
  });

  test.each<[string, Expression, boolean | 'error']>([
    ['::1', ip(0, 0, 0, 1), true],
    ['0:0::0:1', ip(0, 0, 0, 1), true],
    ['::', ip(0, 0, 0, 0), true],
    ['::2', ip(0, 0, 0, 1), false],
    ['1.2.3.4', ip(0, 0, 0, 1), false],
    ['localhost', ip(0, 0, 0, 1), 'error'],
    ['1970-01-01T00:00:01Z', time(1000), true],
    ['1970-01-01T01:00:01.000+01:00', time(1000), true],
    ['1969-12-31T19:00:01.5-05:00', time(1500), true],
    ['1970-01-01 00:00:01Z', time(1000), 'error'],
    ['1970-01-01T00:00:01', time(1000), 'error'],
    ['1970-01-01T24:00:00Z', time(1000), 'error'],
    ['1970-02-29T00:00:00Z', time(1000), 'error'],
    ['1972-02-29T00:00:60Z', time(1000), 'error'],
    ['1970-00-01T00:00:00Z', time(1000), 'error'],
    ['1h30m', duration(5_400_000), true],
    ['90m', duration(5_400_000), true],
    ['-1s', duration(-1000), true],
    ['1s500ms', duration(1500), true],
    ['1d', duration(86_400_000), true],
    ['30m1h', duration(5_400_000), 'error'],
    ['1.5h', duration(5_400_000), 'error'],
    ['-', duration(0), 'error'],
    ['', duration(0), 'error'],
  ])('a string beside a constant is read as one: %j', (written, beside, expected) => {
    expect(evaluate(compare('==', given, beside), value(written))).toBe(expected);
    expect(evaluate(compare('==', beside, given), value(written))).toBe(expected);
  });

  test('addresses have no order, times have', () => {
    expect(evaluate(compare('<', given, ip(1)), value('0.0.0.0'))).toBe('error');
    expect(evaluate(compare('<', given, time(1000)), value('1970-01-01T00:00:00Z'))).toBe(true);
  });

  test('attributes of the request overlay those of the entity, name by name', () => {
    const attributes = new Map<string, AttributeValue>([
      ['role', 'admin'],
      ['level', 3],
      ['deep', new Map([['x', 1]])],
    ]);
    const entities = [{ id: 'user:a', attributes, location }];
    const ask = (condition: Expression, subject: object) =>
      answer(
        { entities, rules: [rule('allow', 'anyone', 'read', '**', { condition })] },
        { subject: 'user:a', action: 'read', attributes: { subject } },
      );
    expect(ask(compare('==', attribute('subject.role'), constant('admin')), {})).toBe('allow rule');
    expect(ask(compare('==', attribute('subject.role'), constant('guest')), { role: 'guest' })).toBe(
      'allow rule',
    );
    expect(ask(compare('==', attribute('subject.level'), constant(3)), { role: 'guest' })).toBe('allow rule');
    expect(ask(has('subject.deep', 'x'), { deep: {} })).toBe('deny default');
    expect(ask(has('subject', 'constructor'), {})).toBe('deny default');
  });

  test('an error in a first-applicable ruleset skips an allow and takes a deny', () => {
    const rulesets = [ruleset('r', 'first-applicable', { default: 'allow' })];
    const failing = (effect: 'allow' | 'deny') => [
      rule(effect, 'anyone', 'read', 'a', { ruleset: 0, condition: missing }),
    ];
    expect(answer({ rulesets, rules: failing('allow') }, { action: 'read', resource: 'a' })).toBe(
      'allow ruleset-default',
    );
    expect(answer({ rulesets, rules: failing('deny') }, { action: 'read', resource: 'a' })).toBe('deny rule');
  });
});

describe('malformed requests are denied before anything else (S2 to S6)', () => {
  const open = { rules: [rule('allow', 'anyone authenticated', 'read', '**')] };
  const bad = [
    '\0',
    '\n',
    '\x7f',
    '\x85',
    '\u2028',
    '\ud800',
    '\u202e',
    '\u061c',
    '\u00ad',
    '\u200b',
    '\ufeff',
    '\ufdd0',
    '\u{1fffe}',
  ];
  const noObjects = [null, 1, 'x', [], new Map(), new Date(0)];

  test.each([
    ...['', 'a//b', 'a::b', ':a', 'a:', 'a/', '//', 'a:/b/', 'a:/:b', '/:a'],
    ...['.', 'a/..', 'a:.:b', 'a/.;x', '..;/a', 'a/b:c', 'a:/b:c', 'a\\b', 'a%2fb', '%00'],
    ...bad.map((unit) => `a${unit}b`),
    ...[null, 1, true, {}, ['a'], new String('a')],
  ])('resource %j', (resource) => {
    expect(answer(open, { subject: 'user:a', action: 'read', resource })).toBe('deny malformed');
  });

  test.each(['/', 'a:/', ' ', '...', 'a/.b', 'a;.', '%', '%4', 'a%zz', '*', '\u{1f600}'])(
    'but not resource %j',
    (resource) => {
      expect(answer(open, { subject: 'user:a', action: 'read', resource })).toBe('allow rule');
    },
  );

  test.each([
    ...['', 'alice', ':alice', 'user:', 'group:ops', 'group:', ...bad.map((unit) => `user:a${unit}`)],
    ...[null, 1, {}, ['user:a']],
  ])('subject %j', (subject) => {
    expect(answer(open, { subject, action: 'read', resource: 'a' })).toBe('deny malformed');
  });

  test.each(['a:b', 'user::', 'user:a//b', 'user:..', 'groups:a', 'user:%2f'])(
    'but not subject %j',
    (subject) => {
      expect(answer(open, { subject, action: 'read', resource: 'a' })).toBe('allow rule');
    },
  );

  test.each([undefined, null, '', 'read\0', 1, {}])('action %j', (action) => {
    expect(answer(open, { action, resource: 'a' })).toBe('deny malformed');
  });

  test.each([null, 'ops', {}, [''], [1], ['group:ops'], ['a', 'b\n'], Array(1)].map((groups) => [groups]))(
    'groups %j',
    (groups) => {
      expect(answer(open, { action: 'read', resource: 'a', groups })).toBe('deny malformed');
    },
  );

  test('each length has a limit, which is itself allowed', () => {
    const requests = (extra: number) => [
      { action: 'read', resource: 'a'.repeat(4096 + extra) },
      {
        action: 'read',
        resource: Array(256 + extra)
          .fill('a')
          .join('/'),
      },
      {
        action: 'read',
        resource: `/${Array(256 + extra)
          .fill('a')
          .join('/')}`,
      },
      { action: 'read', subject: `user:${'a'.repeat(1019 + extra)}` },
      { action: 'read', groups: ['a'.repeat(1024 + extra)] },
    ];
    for (const request of requests(0)) expect(answer(open, request)).toBe('allow rule');
    for (const request of requests(1)) expect(answer(open, request)).toBe('deny malformed');
    expect(answer(open, { action: 'a'.repeat(256) })).toBe('deny default');
    expect(answer(open, { action: 'a'.repeat(257) })).toBe('deny malformed');
  });

  test.each(noObjects.map((given) => [given]))('%j as context, attributes or a part of them', (given) => {
    for (const part of [{ context: given }, { attributes: given }, { attributes: { action: given } }]) {
      expect(answer(open, { action: 'read', resource: 'a', ...part })).toBe('deny malformed');
    }
  });

  test.each([null, undefined, 1, 'read', []].map((request) => [request]))('%j as a request', (request) => {
    expect(createReference(modelOf(open)).decide(request).reason).toBe('malformed');
  });
});

describe('routes (S65, S66)', () => {
  function route(method: string, path: string, ...requirements: string[]): Route {
    const segments = path === '/' ? [] : path.slice(1).split('/');
    return {
      method,
      path,
      segments: segments.map((segment) => {
        const name = /^\{(\w+)(\*\*)?\}$/.exec(segment);
        return name === null
          ? { kind: 'literal', text: segment }
          : { kind: 'capture', name: name[1]!, isMany: name[2] !== undefined };
      }),
      requirements: requirements.map((text) => {
        const [action, resource] = text.split(' ') as [string, string];
        const parts = resource.split(/(\{\w+\})/).filter((part) => part !== '');
        return {
          action,
          resource: parts.map((part) =>
            part.startsWith('{')
              ? { kind: 'capture', name: part.slice(1, -1) }
              : { kind: 'text', text: part },
          ),
        };
      }),
      location,
      line: 1,
    };
  }

  const routes = [
    route('any', '/service/{name**}', 'full s:/{name}'),
    route('GET', '/service/{name**}', 'read s:/{name}'),
    route('GET', '/service/admin', 'admin s:admin', 'read s:admin'),
    route('GET', '/service/{one}', 'one s:{one}'),
    route('GET', '/healthz'),
    route('GET', '/'),
  ];
  const rules = [rule('allow', 'user:a', 'read one', 's:**'), rule('allow', 'user:a', 'full', 's:/open/**')];

  test.each([
    ['GET', '/healthz', 'allow open', ''],
    ['GET', '/', 'allow open', ''],
    ['POST', '/healthz', 'deny no-route', ''],
    ['get', '/healthz', 'deny no-route', ''],
    ['GET', '/service', 'allow rule', 'read s:/'],
    ['GET', '/service/a', 'allow rule', 'one s:a'],
    ['GET', '/service/a/b', 'allow rule', 'read s:/a/b'],
    ['PUT', '/service/open/b', 'allow rule', 'full s:/open/b'],
    ['PUT', '/service/b', 'deny default', 'full s:/b'],
    ['GET', '/service/admin', 'deny default', 'admin s:admin, read s:admin'],
    ['GET', '/service/%61%20b', 'allow rule', 'one s:a b'],
    ['GET', '/service/a:b', 'deny malformed', ''],
    ['GET', '/service/a%3Ab', 'deny malformed', ''],
    ['GET', '/service/a%252Fb', 'deny malformed', ''],
    ...[
      '/healthz/',
      '//healthz',
      '/a/../healthz',
      '/%2e%2E',
      '/a;b/..;',
      '/a%2Fb',
      '/a%5cb',
      '/a\\b',
      '/healthz?x',
      '/healthz#x',
    ].map((path) => ['GET', path, 'deny malformed', '']),
    ...['/%', '/%zz', '/%ff', '/%00', '/a\n', '', 'healthz'].map((path) => [
      'GET',
      path,
      'deny malformed',
      '',
    ]),
  ] as [string, string, string, string][])('%s %s: %s', (method, path, expected, asked) => {
    const result = createReference(modelOf({ routes, rules })).authorizeHttp({
      method,
      path,
      subject: 'user:a',
    });
    expect(`${result.decision} ${result.reason}`).toBe(expected);
    expect(result.requirements.map(({ action, resource }) => `${action} ${resource}`).join(', ')).toBe(asked);
  });

  test('a path has a greatest length', () => {
    const { authorizeHttp } = createReference(modelOf({ routes }));
    expect(authorizeHttp({ method: 'GET', path: `/${'a'.repeat(4095)}` }).reason).toBe('no-route');
    expect(authorizeHttp({ method: 'GET', path: `/${'a'.repeat(4096)}` }).reason).toBe('malformed');
  });

  test('a malformed subject is denied even where nothing is required', () => {
    const http = { method: 'GET', path: '/healthz', subject: 'group:ops' };
    expect(createReference(modelOf({ routes })).authorizeHttp(http).reason).toBe('malformed');
  });
});
