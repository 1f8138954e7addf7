import { describe, expect, test } from 'vitest';
import { scan } from '../src/id/scan.ts';
import { readRid, readSegments, urls } from '../src/service/iam/paths.ts';
import { Random, seedOfRun } from './support/generators.ts';

/** How ids stand in addresses: what is written is read back, and nothing else is read as it. */

const seed = seedOfRun(process.env.POSTERN_SEED);
const pieces = [
  'a',
  'B',
  '0',
  ':',
  '/',
  '%',
  '2',
  'F',
  'f',
  '5',
  '*',
  '.',
  '-',
  '_',
  ' ',
  '?',
  '#',
  '&',
  '+',
  '=',
  ';',
  '@',
  '"',
  'é',
  '😀',
  '日',
];
const randomId = (random: Random): string =>
  random.times(random.between(1, 14), () => random.pick(pieces)).join('');

/** As the facts have it, in as few words as can be. */
function readPlainly(segment: string): string {
  return decodeURIComponent(segment).split('%2F').join('/');
}

describe('addresses', () => {
  test(`lead back to the id that they were made of (seed ${seed})`, () => {
    const random = new Random(seed);
    let found = 0;
    for (let i = 0; i < 20_000; i++) {
      const rid = randomId(random);
      if (!scan(rid)) continue;
      found++;
      const url = urls.grant(rid, 'users', 'a@b.c', 'read');
      expect(url).toMatch(/^\/acs\/api\/v1\/acls\/[^/?#\s]+\/users\/a@b\.c\/read$/);
      const segments = readSegments(url);
      expect(segments?.map(readRid), rid).toEqual(['acls', rid, 'users', 'a@b.c', 'read']);
    }
    expect(found).toBeGreaterThan(0);
  });

  test(`are read as they came, or not at all (seed ${seed})`, () => {
    const random = new Random(seed);
    const parts = [
      ...pieces.filter((piece) => piece !== '#' && piece !== '?'),
      '%2F',
      '%2f',
      '%252F',
      '%252f',
      '%3A',
      '%00',
      '..',
      '%2e',
      '%',
    ];
    for (let i = 0; i < 20_000; i++) {
      const raw = random.times(random.between(1, 8), () => random.pick(parts)).join('');
      const segments = readSegments(`/acs/api/v1/acls/${raw}`);
      if (segments === undefined) continue;
      expect(raw, 'a slash that is encoded once is never read').not.toMatch(/%2F/i);
      const expected = raw.replace(/\/$/, '').split('/').map(readPlainly);
      expect(segments.slice(1).map(readRid), raw).toEqual(expected);
    }
  });

  test.each([
    ['/acs/api/v1/acls/a%252Fb', ['acls', 'a%2Fb']],
    ['/acs/api/v1/acls/a%252Fb/', ['acls', 'a%2Fb']],
    ['/acs/api/v1/acls/a%252Fb?x=/y', ['acls', 'a%2Fb']],
    ['/acs/api/v1/acls/a%252fb', ['acls', 'a%2fb']],
    ['/acs/api/v1/acls/a%25252Fb', ['acls', 'a%252Fb']],
    ['/acs/api/v1/users//', ['users', '']],
    ['/acs/api/v1/acls/a%2Fb', undefined],
    ['/acs/api/v1/acls/a%2fb', undefined],
    ['/acs/api/v1/acls/%', undefined],
    ['/acs/api/v1/acls/%C3', undefined],
    ['/acs/api/v1/./acls', undefined],
    ['/acs/api/v1/acls/..', undefined],
    ['/acs/api/v1/acls/%2e%2E', undefined],
    ['/acs/api/v1', undefined],
    ['/acs/api/v10/users', undefined],
    ['http://host/acs/api/v1/users', undefined],
  ])('%s', (url, expected) => {
    expect(readSegments(url)).toEqual(expected);
  });
});
