import { describe, expect, test } from 'vitest';
import { Authorizer, build } from '../src/index.ts';

// Handles against the strings they stand for: of this image and of another one, with other questions in between, which leave
// their own classes and lists where those of a handle have to be.

/** Two subjects of so many groups that more than a loop is needed to know them. */
const groups = Array.from(
  { length: 12 },
  (_, i) => `group g${i} { user:many }\ngroup h${i} { user:more }\n`,
).join('');
/** The same names in other places: what a handle has learnt of one image means something else in the other. */
const POLICIES = [
  `allow user:ann to read on doc:**
deny user:ann to read on doc:secret
allow user:ben to write on doc:a
${groups}allow group:g0 to read on doc:a
allow group:g11 to write on doc:**
deny group:h5 to read on doc:a
allow group:h7 to list on doc:**
deny group:g5 to write on doc:secret
allow anyone to list on note
`,
  `${groups}deny group:g3 to read on doc:a
allow group:g2, user:ben to read on doc:**
allow user:ben, user:cid to write on note
deny user:ann to read on doc:a
allow user:ann to read on note
allow user:ann to write on doc:**
`,
];
const SUBJECTS = [
  'user:ann',
  'user:ben',
  'user:many',
  'user:more',
  'user:cid',
  'user:new',
  'group:g0',
  'user:',
];
const RESOURCES = ['doc:a', 'doc:secret', 'doc:secret/b', 'note', 'unknown', 'doc::'];
const ACTIONS = ['read', 'write', 'list', 'unheard', ''];

function authorizerOf(text: string): Authorizer {
  const built = build([{ file: 'a.acl', text }]);
  if (!built.ok) throw new Error(built.diagnostics[0]?.message);
  return Authorizer.fromImage(built.image);
}

type Ask = (
  authorizer: Authorizer,
  maker: Authorizer,
  subject: string,
  action: string,
  resource: string,
) => boolean;

const ways: readonly (readonly [title: string, ask: Ask])[] = [
  [
    'a subject and a resource',
    (authorizer, maker, subject, action, resource) =>
      authorizer.isAllowed(maker.subject(subject), action, maker.resource(resource)),
  ],
  [
    'a subject',
    (authorizer, maker, subject, action, resource) =>
      authorizer.isAllowed(maker.subject(subject), action, resource),
  ],
  [
    'a resource',
    (authorizer, maker, subject, action, resource) =>
      authorizer.isAllowed(subject, action, maker.resource(resource)),
  ],
  [
    'a subject of the other image and a resource of this one',
    (authorizer, maker, subject, action, resource) =>
      authorizer.isAllowed(maker.subject(subject), action, authorizer.resource(resource)),
  ],
  [
    'a subject of this image and a resource of the other one',
    (authorizer, maker, subject, action, resource) =>
      authorizer.isAllowed(authorizer.subject(subject), action, maker.resource(resource)),
  ],
];

describe('a handle is answered as the id that it was made of', () => {
  test.each(ways)('%s', (_, ask) => {
    const authorizers = POLICIES.map(authorizerOf);
    const judges = POLICIES.map(authorizerOf);
    let allowed = 0;
    for (const [i, authorizer] of authorizers.entries())
      for (const maker of authorizers)
        for (const subject of SUBJECTS)
          for (const action of ACTIONS)
            for (const resource of RESOURCES) {
              const expected = judges[i]!.decide({ subject, action, resource }).decision === 'allow';
              const title = `${i} ${subject} ${action} ${resource}`;
              expect(ask(authorizer, maker, subject, action, resource), title).toBe(expected);
              if (expected) allowed++;
            }
    expect(allowed).toBeGreaterThan(20);
  });

  test('also when others have been asked about since it was made', () => {
    const authorizer = authorizerOf(POLICIES[0]!);
    const judge = authorizerOf(POLICIES[0]!);
    const subjects = SUBJECTS.map((id) => authorizer.subject(id));
    const resources = RESOURCES.map((id) => authorizer.resource(id));
    for (const other of ['user:new', 'user:many', 'user:more', 'user:ann'])
      for (const subject of subjects)
        for (const action of ['read', 'write', 'list'])
          for (const resource of resources) {
            authorizer.isAllowed(other, 'list', 'note');
            const expected = judge.isAllowed(subject.id, action, resource.id);
            const title = `${subject.id} ${action} ${resource.id} after ${other}`;
            expect(authorizer.isAllowed(subject, action, resource), title).toBe(expected);
            authorizer.isAllowed(other, 'list', 'note');
            expect(authorizer.isAllowed(subject, action, resource.id), title).toBe(expected);
            authorizer.isAllowed(other, 'list', 'note');
            expect(authorizer.isAllowed(subject.id, action, resource), title).toBe(expected);
          }
  });

  test('also when its policy has been replaced', () => {
    const authorizer = authorizerOf(POLICIES[0]!);
    const [subject, resource] = [authorizer.subject('user:ann'), authorizer.resource('doc:a')];
    const approver = authorizer.approver('user:ann', 'read');
    expect(authorizer.isAllowed(subject, 'read', resource)).toBe(true);
    const built = build([{ file: 'a.acl', text: POLICIES[1]! }]);
    if (!built.ok) throw new Error('no policy');
    authorizer.replace(built.image);
    expect(authorizer.isAllowed(subject, 'read', resource)).toBe(false);
    expect(authorizer.isAllowed(subject, 'write', resource)).toBe(true);
    expect(approver.allows('doc:a')).toBe(true);
  });

  test('what is neither a text nor a handle is not allowed', () => {
    const authorizer = authorizerOf('allow anyone to read on **\n');
    const resource = authorizer.resource('doc:a');
    const odd = { id: 'user:ann', evaluator: undefined, classes: [0] } as unknown as string;
    expect(authorizer.isAllowed(odd, 'read', resource)).toBe(false);
    expect(authorizer.isAllowed(authorizer.subject('user:ann'), 'read', odd)).toBe(false);
    expect(authorizer.isAllowed(undefined, 'read', resource)).toBe(true);
    expect(authorizer.isAllowed(authorizer.subject('user:ann'), 'read', undefined)).toBe(true);
  });
});
