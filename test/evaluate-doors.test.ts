import { describe, expect, test } from 'vitest';
import { describeMalformed } from '../src/evaluate/describe-malformed.ts';
import { Evaluator } from '../src/evaluate/evaluator.ts';
import { ReadAhead, STAGE_SIZE } from '../src/evaluate/read-ahead.ts';
import { VariableMatcher } from '../src/evaluate/variables.ts';
import { findFault } from '../src/id/check-id.ts';
import { IdElements } from '../src/id/elements.ts';
import { FAULT_FORBIDDEN_CHARACTER, FAULT_NONE } from '../src/id/faults.ts';
import { readImage } from '../src/image/image.ts';
import { DETAIL_SUBJECT_PATTERN, NONE } from '../src/image/layout.ts';
import { Authorizer, build, PolicyError, type Request } from '../src/index.ts';
import { Authorizer as Runtime } from '../src/runtime.ts';

// What the fixtures of test/decide.test.ts cannot ask: the runtime by itself, calls that come back while a decision is made, words
// for what is malformed, and parts that only an image of another size or from another hand reaches.

const policy = `
allow user:ann to read on doc:**
allow group:staff to read on note
group staff { user:cid }
deny user:ann to read on doc:secret
allow user:ben to write on doc:a when context.level == 1
allow user:*/{team} to edit on team:{team}
mode strict
namespace svc {
  resource svc:a { enforced in strict, lenient }
}
`;

function imageOf(text: string): Uint8Array {
  const result = build([{ file: 'door.acl', text }]);
  if (!result.ok) throw new PolicyError(result.diagnostics, result.textOf);
  return result.image;
}

/** Made anew for each test: nothing is asked of the engine while this file is loaded (test/mutation). */
const makeImage = (): Uint8Array => imageOf(policy);

describe('the runtime', () => {
  test('answers as the library does, also by an approver', () => {
    const image = makeImage();
    const runtime = new Runtime(image);
    const library = Authorizer.fromImage(image);
    for (const subject of ['user:ann', 'user:ben', 'user:', 'group:staff', undefined]) {
      for (const action of ['read', 'write', 'unheard', '']) {
        const approver = runtime.approver(subject, action);
        for (const resource of ['doc:a', 'doc:secret', 'doc::', 'note', undefined]) {
          const { decision } = library.decide({ subject, action, resource });
          const answers = [approver.allows(resource), runtime.isAllowed(subject, action, resource)];
          expect(answers, `${subject} ${action} ${resource}`).toEqual([
            decision === 'allow',
            decision === 'allow',
          ]);
        }
      }
    }
    expect(runtime.approver('user:ann', 'read').allows('doc:a')).toBe(true);
  });

  test('an approver stays with the image of its moment, and a failed exchange leaves the old one', () => {
    const image = makeImage();
    const runtime = new Runtime(image);
    const approver = runtime.approver('user:ann', 'read');
    const { revision } = runtime;
    expect(() => runtime.replace(image.subarray(0, 40))).toThrow();
    expect(runtime.revision).toBe(revision);
    expect(runtime.isAllowed('user:ann', 'read', 'doc:a')).toBe(true);
    runtime.replace(imageOf('deny anyone to read on **\n'));
    expect(runtime.revision).not.toBe(revision);
    expect(runtime.isAllowed('user:ann', 'read', 'doc:a')).toBe(false);
    expect(approver.allows('doc:a')).toBe(true);
  });

  test('a mode that the policy does not name is refused, with those it names', () => {
    expect(() => new Runtime(makeImage(), { mode: 'lax' })).toThrow(
      /^unknown mode `lax`; the policy names (`lenient`, `strict`|`strict`, `lenient`)$/,
    );
    expect(() => new Runtime(makeImage(), { mode: '' })).toThrow(/^unknown mode ``/);
    expect(() => new Runtime(imageOf('allow anyone to read on a\n'), { mode: 'lax' })).toThrow(/names none/);
    const runtime = new Runtime(makeImage(), { mode: 'lenient' });
    expect(() => runtime.replace(imageOf('allow anyone to read on **\n'))).toThrow(/`lenient`/);
    expect(runtime.isAllowed('user:ann', 'read', 'note')).toBe(false);
  });
});

describe('a decision that is asked for from within another is made, and disturbs neither (law 14)', () => {
  const asked: Request = { subject: 'user:ben', action: 'write', resource: 'doc:a' };

  test('neither the one that is allowed nor those within', () => {
    const authorizer = Authorizer.fromImage(makeImage());
    // The getter may be read more than once.
    const inner = new Set<string>();
    const nested = (depth: number): Request => ({
      ...asked,
      get context() {
        if (depth > 0) inner.add(`nested: ${authorizer.decide(nested(depth - 1)).decision}`);
        const secret = { subject: 'user:ann', action: 'read', resource: 'doc:secret' };
        inner.add(`secret: ${authorizer.decide(secret).decision}`);
        inner.add(`b: ${authorizer.isAllowed('user:ann', 'read', 'doc:b')}`);
        // What is bound last would not be allowed what is asked outside.
        const last = { subject: 'user:zoe', action: 'write', resource: 'note' };
        inner.add(`last: ${authorizer.decide(last).decision}`);
        return { level: 1 };
      },
    });
    expect(authorizer.decide(nested(2)).decision).toBe('allow');
    expect([...inner].sort()).toEqual(['b: true', 'last: deny', 'nested: allow', 'secret: deny']);
    expect(authorizer.decide(asked).decision).toBe('deny');
  });

  test('nor the one that is denied', () => {
    const authorizer = Authorizer.fromImage(makeImage());
    const inner = new Set<string>();
    const denied: Request = {
      subject: 'user:zoe',
      action: 'read',
      resource: 'doc:a',
      get context() {
        inner.add(authorizer.decide({ subject: 'user:ann', action: 'read', resource: 'doc:a' }).decision);
        return {};
      },
    };
    expect(authorizer.decide(denied).decision).toBe('deny');
    expect([...inner]).toEqual(['allow']);
  });

  test('and after it the evaluator is free again, also where the caller threw', () => {
    const evaluator = new Evaluator(readImage(makeImage()), NONE);
    evaluator.decide(asked);
    expect(evaluator.idle).toBe(evaluator);
    const throwing = {
      ...asked,
      get context(): never {
        expect(evaluator.idle).not.toBe(evaluator);
        throw new Error('mine');
      },
    };
    expect(() => evaluator.decide(throwing)).toThrow('mine');
    expect(evaluator.idle).toBe(evaluator);
  });
});

describe('what is malformed is said in words (S3)', () => {
  const sound = { subject: 'user:a', action: 'read', resource: 'a:b' };
  test.each([
    ['a list', [], 'the request is no object'],
    ['nothing', undefined, 'the request is no object'],
    ['a subject of another type', { ...sound, subject: 1 }, 'the subject is no string'],
    ['an empty subject', { ...sound, subject: '' }, 'the subject is empty'],
    ['a subject without a type', { ...sound, subject: 'a' }, 'the subject is not of the form `type:name`'],
    ['a subject of type only', { ...sound, subject: 'a:' }, 'the subject is not of the form `type:name`'],
    ['a subject of name only', { ...sound, subject: ':a' }, 'the subject is not of the form `type:name`'],
    ['a group that asks', { ...sound, subject: 'group:a' }, 'the subject is a group, which cannot ask'],
    ['a long subject', { ...sound, subject: `user:${'a'.repeat(1020)}` }, 'the subject is too long'],
    ['groups that are no list', { ...sound, groups: {} }, '`groups` is no array'],
    ['a group of another type', { ...sound, groups: ['a', 1] }, 'the name of a group is no string'],
    [
      'a group with its type',
      { ...sound, groups: ['group:a'] },
      'the name of a group begins with `group:`, write the bare name',
    ],
    [
      'a sound group beside a bad action',
      { ...sound, groups: ['a', 'b'], action: '' },
      'the action is empty',
    ],
    ['no action', { subject: 'user:a' }, 'the action is no string'],
    ['an empty action', { ...sound, action: '' }, 'the action is empty'],
    ['a long action', { ...sound, action: 'a'.repeat(257) }, 'the action is too long'],
    [
      'an action with a control',
      { ...sound, action: 'a\n' },
      'the action has an invisible or forbidden character',
    ],
    ['an empty resource', { ...sound, resource: '' }, 'the resource is empty'],
    ['a long resource', { ...sound, resource: 'a'.repeat(4097) }, 'the resource is too long'],
    [
      '257 segments',
      { ...sound, resource: Array(257).fill('a').join('/') },
      'the resource has more than 256 segments',
    ],
    ['an empty segment', { ...sound, resource: 'a//b' }, 'the resource has an empty segment'],
    ['a slash at the end', { ...sound, resource: 'a/' }, 'the resource has an empty segment'],
    ['a dot segment', { ...sound, resource: 'a/../b' }, 'the resource has a segment `.` or `..`'],
    ['a colon after a slash', { ...sound, resource: 'a/b:c' }, 'the resource has a colon after a slash'],
    ['a backslash', { ...sound, resource: 'a\\b' }, 'the resource has a backslash'],
    ['what is percent-encoded', { ...sound, resource: 'a%2Fb' }, 'the resource is percent-encoded'],
    ['DEL', { ...sound, resource: 'a\u007f' }, 'the resource has an invisible or forbidden character'],
    [
      'a soft hyphen',
      { ...sound, resource: 'a\u00adb' },
      'the resource has an invisible or forbidden character',
    ],
    ['a context that is no object', { ...sound, context: [] }, '`context` is no object'],
    [
      'attributes that are none',
      { ...sound, attributes: { subject: 1 } },
      '`attributes` is no object of objects',
    ],
    ['no subject and a bad action', { action: '', resource: 'a' }, 'the action is empty'],
    [
      'no resource and a bad context',
      { subject: 'user:a', action: 'read', context: 1 },
      '`context` is no object',
    ],
  ])('%s', (_, request, words) => {
    expect(describeMalformed(request)).toBe(words);
    const { reason, detail } = Authorizer.fromImage(makeImage()).decide(request as Request);
    expect({ reason, detail }).toEqual({ reason: 'malformed', detail: words });
  });
});

test('an id that is well-formed has no fault', () => {
  expect(findFault('a:/b/c')).toBe(FAULT_NONE);
  expect(findFault('a:\u00ad')).toBe(FAULT_FORBIDDEN_CHARACTER);
});

describe('a resource under very many patterns (S12)', () => {
  // Fourteen places, each a literal or `*`, give more lists than the walker's array has room for at first.
  const names = Array.from({ length: 14 }, (_, i) => `s${i}`);
  const patterns = Array.from({ length: 6000 }, (_, n) =>
    names.map((name, i) => ((n >> i) & 1 ? '*' : name)).join('/'),
  );
  const text = patterns
    .map((pattern, n) => `${n === 5900 ? 'deny user:x' : `allow user:u${n}`} to read on ${pattern}\n`)
    .join('');

  test('every one of them is found, also by a handle that another evaluator uses', () => {
    const wide = imageOf(`${text}allow user:x to read on **\n`);
    const resource = names.join('/');
    const authorizer = Authorizer.fromImage(wide);
    const handle = authorizer.resource(resource);
    const fresh = Authorizer.fromImage(wide);
    for (const n of [0, 1, 1023, 5899, 5999]) {
      expect(authorizer.isAllowed(`user:u${n}`, 'read', handle)).toBe(true);
      expect(fresh.isAllowed(`user:u${n}`, 'read', resource)).toBe(true);
    }
    expect(authorizer.isAllowed('user:x', 'read', handle)).toBe(false);
    expect(authorizer.isAllowed('user:x', 'read', authorizer.resource(`${resource}/t`))).toBe(true);
    // A decision from within another is made by an evaluator of its own, which takes the lists over.
    const within: boolean[] = [];
    const request: Request = {
      subject: 'user:x',
      action: 'read',
      resource: 'a',
      get context() {
        for (const subject of ['user:x', 'user:u0', 'user:u1023', 'user:u5899', 'user:u5999'])
          within.push(authorizer.isAllowed(subject, 'read', handle));
        return {};
      },
    };
    expect(authorizer.decide(request).decision).toBe('allow');
    expect(within.slice(0, 5)).toEqual([false, true, true, true, true]);
  });
});

describe('reading ahead', () => {
  const requests: unknown[] = ['user:ann', 'doc:a', '', 'é', 'x'.repeat(5000), 1, undefined, null];

  test('takes whatever stands in a request, as often as it is begun anew', () => {
    const read = readImage(makeImage());
    const nodes = new Int32Array(2 ** 22 + 1);
    nodes.set(read.nodes);
    const ahead = new ReadAhead({ ...read, nodes });
    const sums = [1, 2].map(() => {
      for (const subject of requests)
        for (const resource of requests.slice(0, 4)) ahead.add(subject, resource);
      ahead.run();
      return ahead.sum;
    });
    expect(requests.length * 4).toBe(STAGE_SIZE);
    expect(sums[0]).toBe(sums[1]);
    expect(Number.isInteger(sums[0])).toBe(true);
    ahead.run();
    expect(ahead.sum).toBe(0);
  });

  test('does not read a small image', () => {
    const ahead = new ReadAhead(readImage(makeImage()));
    ahead.add('user:ann', 'doc:a');
    ahead.run();
    expect(ahead.sum).toBe(0);
  });
});

test('a subject that is no resource id matches no pattern, even if an image says so (S26)', () => {
  const read = readImage(makeImage());
  const program = read.details.find(
    (_, at) => at % 5 === DETAIL_SUBJECT_PATTERN && read.details[at] !== NONE,
  )!;
  const matcher = new VariableMatcher(read);
  for (const [subject, expected] of [
    ['user:a/t', true],
    ['user:a//t', false],
    ['user:../t', false],
  ] as const) {
    matcher.begin(subject, undefined, new IdElements());
    expect(matcher.match(program, NONE), subject).toBe(expected);
  }
});
