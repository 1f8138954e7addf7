import { describe, expect, test } from 'vitest';
import { RouteTable, readPath } from '../src/evaluate/routes.ts';
import { type Image, readImage } from '../src/image/image.ts';
import { ImageError } from '../src/image/image-error.ts';
import { build } from '../src/index.ts';

// Routes stand in an image as JSON, which is checked when it is first asked for; and paths, taken apart. What routes mean is in
// test/fixtures/decide/routes-*.

/** An image whose routes are these texts. */
function imageWith(...texts: readonly string[]): Image {
  const built = build([{ file: 'a.acl', text: 'allow anyone to read on a\n' }]);
  if (!built.ok) throw new Error('no policy');
  const routes: number[] = [];
  let pool = '';
  for (const text of texts) {
    routes.push(pool.length, text.length, 0, 0);
    pool += text;
  }
  const units = Uint16Array.from(pool, (character) => character.charCodeAt(0));
  return { ...readImage(built.image), text: units, routes: Int32Array.from(routes) } as Image;
}

const sound = {
  method: 'GET',
  segments: [
    { kind: 'literal', text: 'a' },
    { kind: 'capture', name: 'x', isMany: false },
    { kind: 'any', isMany: true },
  ],
  requirements: [
    {
      action: 'read',
      resource: [
        { kind: 'text', text: 'r:', name: '' },
        { kind: 'capture', text: '', name: 'x' },
      ],
    },
  ],
};
const [literal, capture] = sound.segments;
const [requirement] = sound.requirements;
const [part] = requirement!.resource;

describe('what an image holds for a route', () => {
  test.each([
    ['as the compiler writes it', sound],
    ['of no segments', { ...sound, segments: [], requirements: [] }],
    ['without requirements', { ...sound, requirements: [] }],
    ['of a resource without parts', { ...sound, requirements: [{ action: 'read', resource: [] }] }],
  ])('is taken: %s', (_, route) => {
    const table = new RouteTable(imageWith(JSON.stringify(route), JSON.stringify(sound)));
    expect(
      table.authorize({ method: 'PUT', path: '/' }, () => ({ decision: 'deny', reason: 'default' })),
    ).toEqual({
      decision: 'deny',
      reason: 'no-route',
      requirements: [],
    });
  });

  test.each<readonly [title: string, value: unknown]>([
    ['nothing', null],
    ['a number', 5],
    ['a list', [sound]],
    ['a text', 'GET /a'],
    ['no method', { ...sound, method: undefined }],
    ['a method that is no text', { ...sound, method: 1 }],
    ['no segments', { ...sound, segments: undefined }],
    ['segments that are no list', { ...sound, segments: { ...literal, length: 0 } }],
    ['a segment that is nothing', { ...sound, segments: [literal, null, capture] }],
    ['a segment of no kind', { ...sound, segments: [literal, capture, { isMany: true }] }],
    [
      'a segment of an unknown kind',
      { ...sound, segments: [literal, capture, { kind: 'some', text: 'a', name: 'b' }] },
    ],
    ['a literal without text', { ...sound, segments: [{ kind: 'literal', name: 'a' }, capture] }],
    ['a literal whose text is none', { ...sound, segments: [{ kind: 'literal', text: 1 }, capture] }],
    [
      'a capture without a name',
      { ...sound, segments: [capture, { kind: 'capture', text: 'a', isMany: false }] },
    ],
    ['a capture whose name is no text', { ...sound, segments: [capture, { kind: 'capture', name: 1 }] }],
    ['no requirements', { ...sound, requirements: undefined }],
    ['requirements that are no list', { ...sound, requirements: requirement }],
    ['a requirement that is nothing', { ...sound, requirements: [requirement, null] }],
    ['a requirement without an action', { ...sound, requirements: [{ ...requirement, action: undefined }] }],
    ['an action that is no text', { ...sound, requirements: [requirement, { ...requirement, action: 1 }] }],
    ['a requirement without a resource', { ...sound, requirements: [{ action: 'read' }] }],
    ['a resource that is a text', { ...sound, requirements: [{ action: 'read', resource: 'r' }] }],
    ['a part that is nothing', { ...sound, requirements: [{ action: 'read', resource: [part, null] }] }],
    [
      'a part of no kind',
      { ...sound, requirements: [{ action: 'read', resource: [part, { text: 'r', name: 'x' }] }] },
    ],
    [
      'a part of an unknown kind',
      { ...sound, requirements: [{ action: 'read', resource: [{ kind: 'any', text: 'r', name: 'x' }] }] },
    ],
    [
      'a text that is none',
      { ...sound, requirements: [{ action: 'read', resource: [{ kind: 'text', text: 1, name: 'x' }] }] },
    ],
    [
      'a capture that no segment makes',
      { ...sound, requirements: [{ action: 'read', resource: [{ kind: 'capture', text: 'x', name: 'y' }] }] },
    ],
    [
      'a capture named like a segment of another kind',
      { ...sound, segments: [{ ...literal, name: 'x' }], requirements: [requirement] },
    ],
  ])('is refused: %s', (_, value) => {
    expect(() => new RouteTable(imageWith(JSON.stringify(sound), JSON.stringify(value)))).toThrow(ImageError);
    expect(() => new RouteTable(imageWith(JSON.stringify(value)))).toThrow('routes');
  });

  test('is refused: what is no JSON', () => {
    for (const text of ['', '{', `${JSON.stringify(sound)}}`])
      expect(() => new RouteTable(imageWith(text))).toThrow(ImageError);
  });
});

describe('a path is taken apart, decoded once (S65)', () => {
  const long = 'x'.repeat(4095);

  test.each<readonly [path: unknown, segments: readonly string[], endsWithSlash: boolean]>([
    ['/', [], false],
    ['/a', ['a'], false],
    ['/a/', ['a'], true],
    ['/a/b', ['a', 'b'], false],
    ['/a/b/', ['a', 'b'], true],
    ['/a%20b/%C3%A9', ['a b', 'é'], false],
    ['/%2525', ['%25'], false],
    ['/a:b', ['a:b'], false],
    ['/%3A', [':'], false],
    ['/...', ['...'], false],
    ['/.a/..a', ['.a', '..a'], false],
    ['/%3F%23', ['?#'], false],
    [`/${long}`, [long], false],
  ])('%j', (path, segments, endsWithSlash) => {
    expect(readPath(path)).toEqual({ segments, endsWithSlash });
  });

  test.each<readonly [title: string, path: unknown]>([
    ['nothing', undefined],
    ['a number', 5],
    ['a list', ['/a']],
    ['an empty path', ''],
    ['no slash at the start', 'a'],
    ['no slash at the start of two letters', 'ab'],
    ['no slash at the start but one within', 'a/b'],
    ['an empty segment', '/a//b'],
    ['two slashes', '//'],
    ['two slashes at the end', '/a//'],
    ['two slashes at the start', '//a'],
    ['a dot', '/.'],
    ['two dots', '/a/..'],
    ['two dots and a slash', '/../'],
    ['dots with parameters', '/a/..;x/b'],
    ['encoded dots', '/a/%2e%2E'],
    ['a query', '/a?b'],
    ['a fragment', '/a#b'],
    ['a backslash', '/a\\b'],
    ['an encoded slash', '/a%2Fb'],
    ['an encoded slash in small letters', '/a%2fb'],
    ['an encoded backslash', '/a%5Cb'],
    ['an encoded backslash in small letters', '/a%5cb'],
    ['half an encoding', '/a%2'],
    ['an encoding of no number', '/a%zz'],
    ['an encoding of no UTF-8', '/a%C3'],
    ['an encoded control', '/a%00'],
    ['a control', '/a\u0001'],
    ['an encoded soft hyphen', '/%C2%AD'],
    ['a path that is too long', `/${long}x`],
  ])('%s is malformed', (_, path) => {
    expect(readPath(path)).toBeUndefined();
  });
});
