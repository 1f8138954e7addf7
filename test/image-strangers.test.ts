import { expect, test } from 'vitest';
import { Authorizer, build } from '../src/index.ts';

// The larger an image, the fewer bits of a hash are left beside its places: among so many ids some twenty others look like one of
// them but for their last letters, which are compared for that reason. Too slow to stand with test/image-collisions.test.ts.

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
const MOST = 100_000;

/** All texts of three letters, in two halves: of two that differ in one letter both are in either. */
const halves: readonly [string[], string[]] = [[], []];
for (const [i, first] of LETTERS.entries()) {
  for (const [j, second] of LETTERS.entries())
    for (const [k, third] of LETTERS.entries())
      halves[((i + j + k) % 2) as 0 | 1].push(first + second + third);
}
const known = halves[0].slice(0, MOST);
const strangers = halves[1].slice(0, MOST);

test.each([
  ['an id', 'doc:'],
  ['what stands behind a wildcard', 'doc:*/'],
])('a hundred thousand known, as many others that no rule names: %s', (_, start) => {
  const text = known.map((name) => `allow user:a to read on ${start}${name}\n`).join('');
  const built = build([{ file: 'a.acl', text }]);
  if (!built.ok) throw new Error(built.diagnostics[0]?.message);
  const approver = Authorizer.fromImage(built.image).approver('user:a', 'read');
  const isAllowed = (name: string): boolean => approver.allows(start.replace('*', 'x') + name);
  expect(known.filter((name) => !isAllowed(name))).toEqual([]);
  expect(strangers.filter(isAllowed)).toEqual([]);
});
