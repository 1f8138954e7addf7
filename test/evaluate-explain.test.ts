import { describe, expect, test } from 'vitest';
import { Authorizer, build, type Explanation, type Request } from '../src/index.ts';
import { acl, grant, group, LiveStore, member, user } from './support/live-store.ts';

// What an explanation says of each rule that covers the resource: how near it comes to the request, the nearest first, then in
// source order. `applies 2 11; other-action 4` names rules by their lines.

const policy = `# A policy
allow user:ann to read on doc:**
deny user:ann to read on doc:secret
allow user:ann to write on doc:**
allow user:ben to read on doc:a
allow user:ann to read on doc:a when context.level == 1
deny user:ann to read on doc:a when context.level == 2
deny user:ann to read on doc:a when context.missing.x == 1
allow user:*/{team} to read on doc:{team}
allow user:ann, user:ben, user:cid to list on doc:{a,*}
allow anyone to read on **
allow user:ann to read on doc:a
ruleset guard first-applicable {
  scope read on doc:**
  default none
  deny user:eve to read on doc:a when context.level == 1
  allow user:ann to read on doc:a
}
allow user:{t}, user:ann to read on team:{t}
allow user:ann, user:{t} to read on team:{t}
deny user:ann, user:{t} to write on team:{t} unless context.level == 1
allow group:staff to read on note
group staff { user:cid }
allow user:*/{x}/{x} to find on **
namespace svc {
  action full implies read
  resource svc:a { actions full, read }
}
allow user:ann to full on svc:a
deny user:ben to read on svc:a
`;

/** Lines of the denies. */
const DENIES = [3, 7, 8, 16, 21, 30];

function authorizerOf(text: string): Authorizer {
  const built = build([{ file: 'a.acl', text }]);
  if (!built.ok) throw new Error(built.diagnostics[0]?.message);
  return Authorizer.fromImage(built.image);
}

/** Rules by outcome, both in the order of the explanation: a line, or for a rule of the store its name. */
function textOf({ rules }: Explanation): string {
  const parts: string[] = [];
  let last = '';
  for (const { rule, outcome } of rules) {
    parts.push(outcome === last ? '' : `${last === '' ? '' : ';'} ${outcome}`);
    parts.push(` ${rule.file === 'a.acl' ? rule.line : rule.id}`);
    last = outcome;
  }
  return parts.join('').trim();
}

const onDoc = { subject: 'user:ann', action: 'read', resource: 'doc:a' };

describe('every rule that covers the resource is said to (S70)', () => {
  test.each<readonly [title: string, request: Request, expected: string]>([
    [
      'rules that apply, one whose condition errs, and one whose condition is false',
      { ...onDoc, context: { level: 1 } },
      'applies 2 6 11 12 17; condition-error 8; condition-false 7; other-action 4 10; other-subject 5 9 16 24',
    ],
    [
      'a deny that applies, and one whose condition errs',
      { ...onDoc, context: { level: 2 } },
      'applies 2 7 11 12 17; condition-error 8; condition-false 6; other-action 4 10; other-subject 5 9 16 24',
    ],
    [
      'conditions that all err',
      onDoc,
      'applies 2 11 12 17; condition-error 6 7 8; other-action 4 10; other-subject 5 9 16 24',
    ],
    [
      'a literal beside what covers it',
      { ...onDoc, resource: 'doc:secret' },
      'applies 2 3 11; other-action 4 10; other-subject 9 24',
    ],
    ['no resource', { subject: 'user:ann', action: 'read' }, 'applies 11; other-subject 24'],
    [
      'no subject',
      { action: 'read', resource: 'doc:a' },
      'applies 11; other-subject 2 4 5 6 7 8 9 10 12 16 17 24',
    ],
    [
      'an action that no rule names',
      { ...onDoc, action: 'unheard' },
      'other-action 2 4 6 7 8 10 11 12 17; other-subject 5 9 16 24',
    ],
    [
      'variables that agree',
      { ...onDoc, subject: 'user:x/a' },
      'applies 9 11; other-subject 2 4 5 6 7 8 10 12 16 17 24',
    ],
    [
      'variables that do not agree',
      { ...onDoc, subject: 'user:x/b' },
      'applies 11; other-variables 9; other-subject 2 4 5 6 7 8 10 12 16 17 24',
    ],
    [
      'a deny of a ruleset',
      { ...onDoc, subject: 'user:eve', context: { level: 1 } },
      'applies 11 16; other-subject 2 4 5 6 7 8 9 10 12 17 24',
    ],
    [
      'the nearest of several pairs of one rule',
      { ...onDoc, subject: 'user:ben', action: 'list' },
      'applies 10; other-action 5 11; other-subject 2 4 6 7 8 9 12 16 17 24',
    ],
    [
      'of two subjects of one rule the one without variables',
      { ...onDoc, resource: 'team:x' },
      'applies 11 19 20; other-action 21; other-subject 24',
    ],
    [
      'of two subjects of one rule the one with variables',
      { ...onDoc, subject: 'user:x', resource: 'team:x' },
      'applies 11 19 20; other-action 21; other-subject 24',
    ],
    [
      'variables of another and a condition that is false',
      { subject: 'user:y', action: 'write', resource: 'team:x', context: { level: 1 } },
      'other-variables 21; other-action 11 19 20; other-subject 24',
    ],
    [
      'variables that agree and a condition that is false',
      { subject: 'user:x', action: 'write', resource: 'team:x', context: { level: 1 } },
      'condition-false 21; other-action 11 19 20; other-subject 24',
    ],
    [
      'variables that agree and a condition that errs',
      { subject: 'user:x', action: 'write', resource: 'team:x' },
      'condition-error 21; other-action 11 19 20; other-subject 24',
    ],
    [
      'a member',
      { subject: 'user:cid', action: 'read', resource: 'note' },
      'applies 11 22; other-subject 24',
    ],
    [
      'a member by the request',
      { subject: 'user:dan', action: 'read', resource: 'note', groups: ['staff'] },
      'applies 11 22; other-subject 24',
    ],
    [
      'no member',
      { subject: 'user:dan', action: 'read', resource: 'note' },
      'applies 11; other-subject 22 24',
    ],
    [
      'variables of the subject alone, and no resource',
      { subject: 'user:x/y/y', action: 'find' },
      'applies 24; other-action 11',
    ],
    [
      'the same, not agreeing',
      { subject: 'user:x/y/z', action: 'find' },
      'other-variables 24; other-action 11',
    ],
    ['an implied action', { ...onDoc, resource: 'svc:a' }, 'applies 11 29; other-subject 24 30'],
    [
      'a deny of an implied action',
      { subject: 'user:ben', action: 'full', resource: 'svc:a' },
      'applies 30; other-action 11; other-subject 24 29',
    ],
    ['a malformed request, which nothing covers', { ...onDoc, resource: 'doc:' }, ''],
  ])('%s', (_, request, expected) => {
    const authorizer = authorizerOf(policy);
    const explanation = authorizer.explain(request);
    expect(textOf(explanation)).toBe(expected);
    expect(explanation.decision).toEqual(authorizer.decide(request));
    for (const { rule, effect } of explanation.rules)
      expect(effect, `${rule.line}`).toBe(DENIES.includes(rule.line) ? 'deny' : 'allow');
  });
});

test('pieces that nobody has are passed over, in an image of many nodes too', () => {
  const lines = Array.from({ length: 1000 }, (_, i) => `allow user:a to read on doc:x${i}\n`);
  const authorizer = authorizerOf(
    `namespace q { resource q:<name... by "."> { actions read } }\nallow user:a to read on q:mail\n${lines.join('')}`,
  );
  const explain = (resource: string): string =>
    textOf(authorizer.explain({ subject: 'user:a', action: 'read', resource }));
  expect(explain('q:some.thing.else')).toBe('');
  expect(explain('q:mail.in')).toBe('applies 2');
});

describe('rules of a store are explained beside those of files, from an overlay and from an image', () => {
  const of = (uid: string, action: string, resource?: string): Request => ({
    subject: `user:${uid}`,
    action,
    ...(resource === undefined ? {} : { resource }),
  });

  test.each<readonly [title: string, request: Request, expected: string, withoutAnn: string]>([
    [
      "one's own",
      of('ann', 'read', 'x'),
      'applies 11 store:2; other-subject 24 store:2',
      'applies 11; other-subject 24 store:2',
    ],
    [
      'another action',
      of('ann', 'update', 'x'),
      'other-action 11 store:2; other-subject 24 store:2',
      'other-action 11; other-subject 24 store:2',
    ],
    [
      'another resource',
      of('ann', 'read', 'y'),
      'applies 11 store:3; other-subject 24',
      'applies 11 store:3; other-subject 24',
    ],
    ['no resource', of('ann', 'read'), 'applies 11; other-subject 24', 'applies 11; other-subject 24'],
    [
      'an action that nothing names',
      of('ann', 'unheard', 'x'),
      'other-action 11 store:2; other-subject 24 store:2',
      'other-action 11; other-subject 24 store:2',
    ],
    [
      'a member',
      of('ben', 'update', 'x'),
      'applies store:2; other-action 11; other-subject 24 store:2',
      'applies store:2; other-action 11; other-subject 24',
    ],
    [
      "somebody else's",
      of('ben', 'read', 'y'),
      'applies 11; other-subject 24 store:3',
      'applies 11; other-subject 24 store:3',
    ],
    [
      'a member by the request',
      { ...of('new', 'update', 'x'), groups: ['ops'] },
      'applies store:2; other-action 11; other-subject 24 store:2',
      'applies store:2; other-action 11; other-subject 24',
    ],
  ])('%s', (_, request, expected, withoutAnn) => {
    const store = new LiveStore(policy);
    store.do(user('ann'), user('ben'), group('ops'), acl('x'), acl('y'), member('add-member', 'ops', 'ben'));
    store.do(grant('grant', 'users/ann', 'read', 'x'), grant('grant', 'groups/ops', 'update', 'x'));
    store.do(grant('grant', 'users/ann', 'read', 'y'));
    expect(textOf(store.authorizer.explain(request))).toBe(expected);
    store.fold();
    expect(textOf(store.authorizer.explain(request))).toBe(expected);
    store.do(grant('revoke', 'users/ann', 'read', 'x'));
    expect(textOf(store.authorizer.explain(request))).toBe(withoutAnn);
    store.fold();
    expect(textOf(store.authorizer.explain(request))).toBe(withoutAnn);
  });
});
