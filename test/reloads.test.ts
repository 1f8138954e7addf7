import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import { Authorizer, build, ImageError } from '../src/index.ts';
import { Random, seedOfRun } from './support/generators.ts';

/** Each policy allows one user; so what is allowed tells by which policy it was decided. */
const userCount = 5;
const reloads = 10_000;
const seed = seedOfRun(process.env.POSTERN_SEED);

function imageFor(user: number): Uint8Array {
  const text = `group g { user:u${user} }\nallow group:g to read on doc:/a/**\ndeny anyone to read on doc:/a/no\n`;
  const result = build([{ file: 'a.acl', text }]);
  if (!result.ok) throw new Error('the policy of the test does not build');
  return result.image;
}

test(`ten thousand reloads leave no wrong answer and no image behind, POSTERN_SEED=${seed}`, async () => {
  const random = new Random(seed);
  const images = Array.from({ length: userCount }, (_, user) => imageFor(user));
  const authorizer = Authorizer.fromImage(images[0]!);
  const userOf = new Map(images.map((image, user) => [Authorizer.fromImage(image).revision, user]));
  const handle = authorizer.subject('user:u0');
  const approver = authorizer.approver('user:u0', 'read');
  const before = buffersAfterCollection();
  for (let i = 0; i < reloads; i++) {
    // Bytes of its own, as they come from a file.
    authorizer.replace(random.pick(images).slice());
    const user = userOf.get(authorizer.revision)!;
    for (let asked = 0; asked < userCount; asked++) {
      const subject = `user:u${asked}`;
      const expected = asked === user;
      expect(authorizer.isAllowed(subject, 'read', 'doc:/a/b')).toBe(expected);
      expect(authorizer.isAllowed(subject, 'read', 'doc:/a/no')).toBe(false);
    }
    const requests = [0, 1, 2, 3, 4].map((asked) => ({
      subject: `user:u${asked}`,
      action: 'read',
      resource: 'doc:/a/b',
    }));
    expect(authorizer.areAllowed(requests).indexOf(true)).toBe(user);
    expect(authorizer.isAllowed(handle, 'read', 'doc:/a/b')).toBe(user === 0);
    // It stays with the image of its making.
    expect(approver.allows('doc:/a/b')).toBe(true);
  }
  // What is collected is given back by a thread of V8, some time later; an image that is held never is.
  await vi.waitFor(
    () => expect(buffersAfterCollection() - before).toBeLessThan(images[0]!.byteLength * 100),
    {
      timeout: 10_000,
      interval: 100,
    },
  );
});

test('a policy that is refused leaves the one before, and all that was made of it', () => {
  const authorizer = Authorizer.fromImage(imageFor(0));
  const { revision } = authorizer;
  const handle = authorizer.subject('user:u0');
  const resource = authorizer.resource('doc:/a/b');
  const approver = authorizer.approver('user:u0', 'read');
  const damaged = imageFor(1);
  damaged[damaged.length - 9]! ^= 1;
  for (const bytes of [damaged, damaged.subarray(0, 40), new Uint8Array(0)])
    expect(() => authorizer.replace(bytes)).toThrow(ImageError);
  expect(authorizer.revision).toBe(revision);
  const request = { subject: 'user:u0', action: 'read', resource: 'doc:/a/b' };
  expect(authorizer.decide(request).decision).toBe('allow');
  expect(authorizer.areAllowed([request, { ...request, subject: 'user:u1' }])).toEqual([true, false]);
  expect(authorizer.isAllowed(handle, 'read', resource)).toBe(true);
  expect(authorizer.isAllowed(handle, 'read', 'doc:/a/no')).toBe(false);
  expect(approver.allows('doc:/a/b')).toBe(true);
});

test('a batch is decided by the policy with which it began', () => {
  const authorizer = Authorizer.fromImage(imageFor(0));
  const request = { subject: 'user:u0', action: 'read', resource: 'doc:/a/b' };
  function* replacing() {
    yield request;
    authorizer.replace(imageFor(1));
    yield request;
  }
  expect(authorizer.decideAll(replacing()).map(({ decision }) => decision)).toEqual(['allow', 'allow']);
  expect(authorizer.decide(request).decision).toBe('deny');
  authorizer.replace(imageFor(0));
  const replacer = {
    ...request,
    get subject() {
      authorizer.replace(imageFor(1));
      return 'user:u0';
    },
  };
  expect(authorizer.areAllowed([request, replacer, request])).toEqual([true, true, true]);
  expect(authorizer.isAllowed('user:u0', 'read', 'doc:/a/b')).toBe(false);
});

function buffersAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().arrayBuffers;
}
