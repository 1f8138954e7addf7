import { describe, expect, test } from 'vitest';
import { forResource } from '../src/analysis/for-resource.ts';
import { forSubject } from '../src/analysis/for-subject.ts';
import { ConfigurationError, RequestError } from '../src/decision/errors.ts';
import type { Request } from '../src/decision/request.ts';
import { build } from '../src/index.ts';
import {
  type AllowedAccess,
  type AllowedSubjects,
  type KnownAsker,
  printSet,
  type WhatCanQuestion,
  type WhoCanQuestion,
  whatCan,
  whoCan,
} from '../src/listing.ts';
import type { Model } from '../src/model/model.ts';
import { createReference } from '../src/reference/reference.ts';
import { Random, seedOfRun } from './support/generators.ts';
import { confirmListings, emptyConfirmation } from './support/listing-confirm.ts';
import { ListingJudge } from './support/listing-judge.ts';

const seed = seedOfRun(process.env.POSTERN_SEED);
console.log(`POSTERN_SEED=${seed}`);

function modelOf(text: string): Model {
  const result = build([{ file: 'a.acl', text }]);
  if (!result.ok) throw new Error(`no policy: ${text}`);
  return result.model;
}

/** `read on /dev/** except /dev/secret, when …; rule 1, 2`: rules by their lines. */
function sayAccess(access: AllowedAccess, named: readonly string[]): string {
  const isAny = access.isAnyOtherAction && access.actions.length === named.length;
  const actions = isAny
    ? ['any action']
    : [...access.actions, ...(access.isAnyOtherAction ? ['others'] : [])];
  const resources = [
    ...printSet(access.resources, (text) => text),
    ...(access.isWithoutResource ? ['no resource'] : []),
  ];
  return `${actions.join(', ')} on ${resources.join(', ')}${sayGrounds(access)}`;
}

function sayGrounds({ ways, reasons, rules }: Pick<AllowedAccess, 'ways' | 'reasons' | 'rules'>): string {
  const when = ways === undefined ? '' : `, ${ways.map(({ text }) => text).join(' or ')}`;
  const lines = rules.map(({ line }) => line);
  return `${when}; ${[...reasons, ...lines].join(' ')}`;
}

function sayWhat(text: string, question: WhatCanQuestion): readonly string[] {
  const { items, undecided, actions } = whatCan(modelOf(text), question);
  const unknown = undecided.map((access) => {
    const set = printSet(access.resources, (each) => each);
    return `${access.actions.join(', ')} on ${set.join(', ')}: ${access.reason}`;
  });
  return [...items.map((item) => sayAccess(item, actions)), ...unknown];
}

const namespace = `mode hard
namespace a {
  action full implies read, write
  superuser a:root
  resource a:b[:<x>] { actions read, write enforced in hard, soft(authenticated) }
  resource a:/[<p...>] { actions full, read, write enforced in hard }
}
`;

describe('what a subject may do', () => {
  test.each<{ title: string; policy: string; ask: WhatCanQuestion; says: readonly string[] }>([
    {
      title: 'is a tree with its exceptions, however much there is beneath',
      policy: `allow user:a to read on /dev/**\ndeny anyone to read on /dev/secret/**\nallow user:b to read on /**`,
      ask: { subject: 'user:a' },
      says: ['read on /dev/** except /dev/secret/**; rule 1'],
    },
    {
      title: 'has the texts of variables in place',
      policy: 'allow user:{name} to full on home:/{name}/**',
      ask: { subject: 'user:bob' },
      says: ['full on home:/bob/**; rule 1'],
    },
    {
      title: 'has a row for each text that a variable of many segments can take',
      policy: 'allow service:/{space**}/** to read on s:/{space**}/*',
      ask: { subject: 'service:/a/b' },
      says: ['read on s:/*, s:/a/*, s:/a/b/*; rule 1'],
    },
    {
      title: 'leaves variables of the resource alone open',
      policy: 'allow user:a to read on {x}:{x}',
      ask: { subject: 'user:a' },
      says: ['read on *:*, when the resource matches {x}:{x}; rule 1'],
    },
    {
      title: 'depends on what a request brings along, and not on what is known of who asks',
      policy: `group g { user:a }
allow user:a to read on a when subject in group:g && context.mfa == true && subject.id == "user:a"
deny user:* to read on a when context.risk > 3 || !(context has ip)`,
      ask: { subject: 'user:a' },
      says: ['read on a, when context.mfa == true && context has ip unless context.risk > 3; rule 2'],
    },
    {
      title: 'takes attributes for open, whatever an entity declares',
      policy: 'entity user:a { level: 3 }\nallow user:a to read on a when subject.level > 2',
      ask: { subject: 'user:a' },
      says: ['read on a, when subject.level > 2; rule 2'],
    },
    {
      title: 'leaves out what no request can bring about',
      policy: 'allow user:a to read on a when context.n > 2\ndeny anyone to read on a when context.n > 1',
      ask: { subject: 'user:a' },
      says: [],
    },
    {
      title: 'counts groups that the request adds, and what they are in',
      policy: 'group g { group:h }\ngroup h {}\nallow group:g to read on a',
      ask: { subject: 'user:a', groups: ['h'] },
      says: ['read on a; rule 3'],
    },
    {
      title: 'has requests without a resource in it',
      policy: 'allow user:a to read on **\nallow user:a to write on **/x',
      ask: { subject: 'user:a' },
      says: ['read, write on **/x; rule 1 2', 'read on ** except **/x, no resource; rule 1'],
    },
    {
      title: 'is every action for a superuser, as far as actions are known',
      policy: `${namespace}allow user:a to full on a:root\ndeny user:a to write on a:/x`,
      ask: { subject: 'user:a' },
      says: [
        'full, read, write on a/**, a:** except a:/x/**; rule superuser 8',
        'read on a:/x/**; superuser 8',
      ],
    },
    {
      title: 'knows what variables come to on the id of the superuser',
      policy: `${namespace}allow user:a to full on a:{x}\ndeny anyone to read on {x}:{x}`,
      ask: { subject: 'user:a', action: 'full' },
      says: [
        'full on a/**, a:** except a:*; superuser 8',
        'full on a:*, unless the resource matches {x}:{x}; rule 8',
      ],
    },
    {
      title: 'says what a mode does not enforce',
      policy: `${namespace}deny user:a to write on a:/x`,
      ask: { subject: 'user:a', mode: 'soft' },
      says: [
        'full, read, write on a:/, a:/*/** except a:/x/**; not-enforced',
        'read on a:/x/**; not-enforced',
      ],
    },
    {
      title: 'is other for who names no subject',
      policy: `${namespace}allow anyone to read on a:b`,
      ask: { mode: 'soft', action: 'write' },
      says: ['write on a:/, a:/*/**, a:b, a:b:*/**, a:b:/**; not-enforced'],
    },
    {
      title: 'is any action where a ruleset allows by default',
      policy: `ruleset r first-applicable {
  default allow
  deny user:a to read on a/** unless context.ok == true
  allow user:a to write on a
}`,
      ask: { subject: 'user:a' },
      says: [
        'any action on ** except a/**, no resource; ruleset-default',
        'write, others on a/**; rule ruleset-default 4',
        'read on a/**, when context.ok == true; ruleset-default',
      ],
    },
    {
      title: 'has several ways',
      policy: `allow user:a to read on a when context.x == 1\nallow user:a to read on a when context.y == 1
deny user:a to read on a when context.z == 1`,
      ask: { subject: 'user:a' },
      says: [
        'read on a, when context.x == 1 unless context.z == 1 or when context.y == 1 unless context.z == 1; rule 1 2',
      ],
    },
    {
      title: 'is said not to be known where it cannot be told',
      policy: `${namespace}allow user:a to read, write on a:root when action.id == "read"`,
      ask: { subject: 'user:a', action: 'full' },
      says: ['full on a/**, a:**: who is superuser depends on the action'],
    },
  ])('$title', ({ policy, ask, says }) => {
    expect(sayWhat(policy, ask)).toEqual(says);
  });
});

function sayWho(text: string, question: WhoCanQuestion): readonly string[] {
  const { access, items } = whoCan(modelOf(text), question);
  const sets = access.map((each: AllowedSubjects) => {
    return `${printSet(each.subjects, (subject) => subject).join(', ')}${sayGrounds(each)}`;
  });
  return [...sets, ...items.map(sayKnown)];
}

/** `- user:kim, when …; group:sre in group:ops 3` */
function sayKnown({ subject, ways, grounds }: KnownAsker): string {
  const when = ways === undefined ? '' : `, ${ways.map(({ text }) => text).join(' or ')}`;
  const how = grounds.map(({ rule, as, through }) => `${through.join(' in ') || as} ${rule.line}`);
  return `- ${subject}${when}; ${how.join(', ')}`;
}

describe('who may do something', () => {
  test.each<{ title: string; policy: string; ask: WhoCanQuestion; says: readonly string[] }>([
    {
      title: 'are the subjects of rules, and the known ones among them with their groups',
      policy: `group ops { group:sre }\ngroup sre { user:kim, user:nick }\nallow group:ops to read on a\ndeny user:nick to read on a`,
      ask: { action: 'read', resource: 'a' },
      says: ['group:ops except user:nick; rule 3', '- user:kim; group:sre in group:ops 3'],
    },
    {
      title: 'are anyone, and the known subjects by that',
      policy: 'group g { user:a }\nallow anyone to read on a\ndeny group:g to read on a',
      ask: { action: 'read', resource: 'a' },
      says: ['anyone except group:g; rule 2'],
    },
    {
      title: 'are those in two groups where one is not enough',
      policy:
        'group g { user:a }\ngroup h { user:b }\nallow group:g to read on a\ndeny anyone to read on a unless subject in group:h',
      ask: { action: 'read', resource: 'a' },
      says: ['group:g and group:h; rule 3'],
    },
    {
      title: 'are those whom a variable means on this resource',
      policy:
        'allow user:{name} to full on home:/{name}/**\nallow service:/{space**}/** to full on home:/{space**}',
      ask: { action: 'full', resource: 'home:/bob/x' },
      says: ['user:bob, service:/bob/x/**; rule 1 2', '- user:bob; user:bob 1'],
    },
    {
      title: 'are patterns where a subject is one',
      policy: 'allow service:/x/** to read on a when context.f == true\nallow user:a to read on a',
      ask: { action: 'read', resource: 'a' },
      says: ['user:a; rule 2', 'service:/x/**, when context.f == true; rule 1', '- user:a; user:a 2'],
    },
    {
      title: 'know what the action, the resource and a subject that stands alone are',
      policy: `allow user:a, user:* to read on a when subject.id == "user:a" && action.id == "read" && resource.id like "a*"`,
      ask: { action: 'read', resource: 'a' },
      says: [
        'user:a; rule 1',
        'user:* except user:a, when subject.id == "user:a"; rule 1',
        '- user:a; user:a 1',
      ],
    },
    {
      title: 'are requests without a subject alone where a mode checks those that have one',
      policy: `${namespace}allow user:a to full on a:root`,
      ask: { action: 'write', resource: 'a:b:c', mode: 'soft' },
      says: ['anyone except authenticated; not-enforced', 'user:a; superuser 8', '- user:a; user:a 8'],
    },
    {
      title: 'are nobody',
      policy: 'allow user:a to read on a',
      ask: { action: 'read', resource: 'b' },
      says: [],
    },
    {
      title: 'on every resource at once are those of whom a rule says all',
      policy: 'allow user:a to read on **\nallow user:b to read on a/**',
      ask: { action: 'read' },
      says: ['user:a; rule 1', '- user:a; user:a 1'],
    },
  ])('$title', ({ policy, ask, says }) => {
    expect(sayWho(policy, ask)).toEqual(says);
  });

  test('are told, however many groups there are', () => {
    const groups = Array.from(
      { length: 60 },
      (_, i) => `group g${i} { user:u${i} }\nallow group:g${i} to read on a\n`,
    );
    const { access, undecided, items } = whoCan(modelOf(`${groups.join('')}deny group:g7 to read on a`), {
      action: 'read',
      resource: 'a',
    });
    expect(undecided).toEqual([]);
    expect(access).toHaveLength(1);
    expect(access[0]!.subjects.flatMap(({ all }) => all)).toHaveLength(59);
    expect(items).toHaveLength(59);
  });

  test('are not told where too much depends on one another, and the known ones are all the same', () => {
    const rules = Array.from({ length: 20 }, (_, i) => {
      return `group g${i} { user:u${i} }\nallow group:g${i} to read on a when context.c${i} == true\n`;
    });
    const { access, undecided, items } = whoCan(modelOf(rules.join('')), { action: 'read', resource: 'a' });
    expect(access).toEqual([]);
    expect(undecided).toEqual([
      { subjects: [{ all: ['anyone'], except: [] }], reason: 'too many subjects beside one another' },
    ]);
    expect(items).toHaveLength(20);
  });
});

describe('pages', () => {
  const model = modelOf(Array.from({ length: 7 }, (_, i) => `allow user:u${i} to read on a`).join('\n'));
  const ask: WhoCanQuestion = { action: 'read', resource: 'a', revision: 'one' };

  test.each([1, 2, 3, 7, 8])('of %i are together the whole list', (limit) => {
    const whole = whoCan(model, ask).items;
    const found: KnownAsker[] = [];
    let cursor: string | undefined;
    do {
      const page = whoCan(model, { ...ask, limit, cursor });
      expect(page.total).toBe(7);
      found.push(...page.items);
      cursor = page.next;
    } while (cursor !== undefined);
    expect(found).toEqual(whole);
  });

  const cursor = whoCan(model, { ...ask, limit: 2 }).next!;
  test.each<[string, Partial<WhoCanQuestion>]>([
    ['of another revision', { cursor, revision: 'two' }],
    ['of another question', { cursor, action: 'write' }],
    ['beyond the end', { cursor: cursor.replace(/-.*/, '-zz') }],
    ['of nothing', { cursor: 'x' }],
    ['that is empty', { cursor: '' }],
  ])('have no cursor %s', (_, other) => {
    expect(() => whoCan(model, { ...ask, ...other })).toThrow(/^the cursor belongs to another question/);
  });

  test.each([0, -1, 1.5, Number.NaN])('do not have %d entries', (limit) => {
    expect(() => whoCan(model, { ...ask, limit })).toThrow(RequestError);
  });
});

describe('questions that cannot be asked', () => {
  const model = modelOf(`${namespace}allow user:a to read on a`);

  test.each<[string, () => unknown, string]>([
    ['a subject', () => whatCan(model, { subject: 'bob' }), 'the subject is not of the form `type:name`'],
    ['a group as subject', () => whatCan(model, { subject: 'group:g' }), 'the subject'],
    ['a group', () => whatCan(model, { subject: 'user:a', groups: ['group:g'] }), 'the name of a group'],
    ['an action', () => whatCan(model, { subject: 'user:a', action: '' }), 'the action'],
    ['a resource', () => whoCan(model, { action: 'read', resource: 'a//b' }), 'the resource'],
  ])('name %s that is malformed', (_, ask, words) => {
    expect(ask).toThrow(RequestError);
    expect(ask).toThrow(words);
  });

  test('name a mode that the policy does not know', () => {
    expect(() => whatCan(model, { subject: 'user:a', mode: 'x' })).toThrow(ConfigurationError);
    expect(() => whoCan(model, { action: 'read', resource: 'a', mode: 'x' })).toThrow(ConfigurationError);
  });
});

describe('a policy for one asker, or for one resource', () => {
  const request = (depth: number, beneath: number, f: boolean): Request => ({
    subject: `svc:/${Array(depth).fill('a').join('/')}`,
    action: 'read',
    resource: `r:/${Array(beneath).fill('a').join('/')}/b`,
    context: { f },
  });

  // 20,000 partial matches lie between (S25).
  test.each([
    'allow svc:/**/{x**}/** to read on r:/**/{x**}/**',
    'allow svc:/{x**}/{y**}/** to read on r:/{x**}/{y**}/**',
    'allow anyone to read on r:/**\ndeny svc:/{x**}/{y**}/** to read on r:/{x**}/{y**}/** when context.f == true',
    'allow anyone to read on r:/**\ndeny svc:/{x**}/** to read on r:/**/{x**}/{y}/{y} when subject.id == "svc:/b"',
  ])('errs where the whole does: %s', (policy) => {
    const model = modelOf(policy);
    const whole = createReference(model);
    for (const [depth, beneath] of [
      [3, 2],
      [40, 12],
      [130, 20],
      [190, 30],
    ] as const) {
      for (const f of [true, false]) {
        const asked = request(depth, beneath, f);
        const expected = whole.decide(asked);
        const asker = { subject: asked.subject!, groups: [] };
        expect(createReference(forSubject(model, asker)).decide(asked)).toEqual(expected);
        expect(createReference(forResource(model, asked.resource)).decide(asked)).toEqual(expected);
      }
    }
  });
});

describe('listings', () => {
  test('are exact where there are many patterns', () => {
    const rules = Array.from({ length: 400 }, (_, i) => `allow anyone to read on docs:/a${i}/**`);
    const model = modelOf(
      `${rules.join('\n')}\nallow anyone to read on docs:/b?/**\ndeny anyone to read on docs:/*/c\ndeny anyone to read on docs:/a7/d`,
    );
    const [whole, list, judge] = [createReference(model), whatCan(model, {}), new ListingJudge(model)];
    for (const top of ['a0', 'a7', 'a399', 'a400', 'b1', 'b', 'b10']) {
      for (const rest of ['', '/c', '/d', '/c/x', '/d/x']) {
        const asked = { action: 'read', resource: `docs:/${top}${rest}` };
        expect(judge.says(list, asked), asked.resource).toBe(whole.decide(asked).decision === 'allow');
      }
    }
  });

  test(`say what is decided, whoever asks for whatever (seed ${seed})`, () => {
    const random = new Random(seed);
    const known = emptyConfirmation();
    while (known.policies < 15) confirmListings(random, { requests: 400, known });
    expect(known.failures).toEqual([]);
  });
});
