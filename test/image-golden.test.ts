import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { compile } from '../src/compile/compile.ts';
import { readImage } from '../src/image/image.ts';
import { SECTIONS } from '../src/image/layout.ts';
import { build, buildModel, inspectImage, printTrie } from '../src/index.ts';
import { compileWhole } from './support/damaged-images.ts';
import { goldenPolicies } from './support/golden-policies.ts';

// What becomes of small policies: no answer shows that an image has grown, or that an old one would be read in another way.
// An image of these bytes is part of what a layout version promises. `npm run test:bless` renews the fixtures.

/** Counts, the size of each section and the beginning of its hash, and the trie. */
function describeImage(image: Uint8Array): string {
  const { counts } = inspectImage(image);
  const sections = readImage(image);
  const rows = SECTIONS.filter((name) => sections[name].length > 0).map((name) => {
    const { buffer, byteOffset, byteLength, length } = sections[name];
    const hash = createHash('sha256')
      .update(new Uint8Array(buffer, byteOffset, byteLength))
      .digest('hex');
    return `${name.padEnd(16)}${String(length).padStart(6)}  ${hash.slice(0, 8)}\n`;
  });
  const named = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  return `${named.join(', ')}\n\n${rows.join('')}\n${printTrie(image)}`;
}

function imageOf(lines: readonly string[]): Uint8Array {
  const built = build([{ file: 'a.acl', text: `${lines.join('\n')}\n` }]);
  if (!built.ok) throw new Error(`the policy does not build: ${built.diagnostics[0]?.message}`);
  return built.image;
}

const fixture = (name: string): string => new URL(`fixtures/image/${name}.txt`, import.meta.url).pathname;

describe('a policy becomes the same image as ever', () => {
  test.each(goldenPolicies.map((policy) => [policy.name, policy.lines] as const))(
    '%s',
    async (name, lines) => {
      await expect(describeImage(imageOf(lines))).toMatchFileSnapshot(fixture(name));
    },
  );

  test('rules of a store, which may go at any time and stand for no other', async () => {
    const rule = 'allow user:a to read on doc:x\n';
    const built = buildModel([{ file: 'a.acl', text: `group g { user:a }\n${rule.repeat(6)}` }]);
    if (!built.ok) throw new Error(built.diagnostics[0]?.message);
    const { model } = built;
    const image = compile(model, { firstStoredRule: 3, fileGroups: model.groups, revision: 1, actions: [] });
    await expect(describeImage(image)).toMatchFileSnapshot(fixture('rules-of-a-store'));
  });

  test('a policy with something of everything, and rules of a store', async () => {
    await expect(describeImage(compileWhole())).toMatchFileSnapshot(fixture('everything'));
  });
});
