import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { applyFault, type Fault, FaultError, parseFault, readFaults } from './support/faults.ts';

/**
 * Mistakes that others have made, as patches of the source: `npm run faults` puts in one after the other and runs the tests
 * that are to fail. Here is only seen to that each of them still can be put in.
 */
const root = fileURLToPath(new URL('../', import.meta.url));
const faults = readFaults();

test('there are enough seeded faults, each with a name of its own', () => {
  expect(faults.length).toBeGreaterThanOrEqual(30);
  const names = faults.map(({ name }) => name);
  expect(names.filter((name) => !/^\d\d-[a-z-]+$/.test(name))).toEqual([]);
  expect(new Set(names.map((name) => name.slice(3))).size).toBe(names.length);
  expect(names.map((name) => Number(name.slice(0, 2)))).toEqual(names.map((_, i) => i + 1));
});

describe.each(faults)('$name', (fault) => {
  test('still applies to the source, the reference left alone', () => {
    const changed = applyFault(fault, readSource);
    for (const [file, text] of changed) {
      expect(file).toMatch(/^src\/(?!reference\/)/);
      expect(text).not.toBe(readSource(file));
    }
  });

  test('is to be caught by tests that there are, and not by this one', () => {
    const files = fault.catchers.map(({ file }) => file);
    expect(files.filter((file) => !/^test\/[a-z-]+\.test\.ts$/.test(file))).toEqual([]);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
    expect(files).not.toContain('test/faults.test.ts');
    for (const { only } of fault.catchers) expect(() => new RegExp(only ?? '')).not.toThrow();
  });
});

describe('a patch', () => {
  const text = `# A mistake.
# Fell: somebody.
# Caught by: test/a.test.ts -t "^the law"
--- a/src/a.ts
+++ b/src/a.ts
@@ -1,3 +1,3 @@
 one
-two
+TWO
 three
`;
  const apply = (patch: string, source: string): string | undefined =>
    applyFault(parseFault('x', patch), () => source).get('src/a.ts');

  test('says what it is', () => {
    expect(parseFault('x', text)).toEqual({
      name: 'x',
      title: 'A mistake.',
      fell: 'somebody.',
      catchers: [{ file: 'test/a.test.ts', only: '^the law' }],
      hunks: [{ file: 'src/a.ts', before: 'one\ntwo\nthree\n', after: 'one\nTWO\nthree\n' }],
    } satisfies Fault);
  });

  test('is put where its lines stand, and nowhere else', () => {
    expect(apply(text, 'zero\none\ntwo\nthree\nfour\n')).toBe('zero\none\nTWO\nthree\nfour\n');
    expect(apply(text, 'one\ntwo\nthree\n')).toBe('one\nTWO\nthree\n');
    expect(() => apply(text, 'one\ntoo\nthree\n')).toThrow(/x no longer applies to src\/a\.ts/);
    expect(() => apply(text, 'someone\ntwo\nthree\n')).toThrow(FaultError);
    expect(() => apply(text, 'one\ntwo\nthree\none\ntwo\nthree\n')).toThrow(/more than once/);
  });

  test.each([
    ['without what it is', text.replace('# A mistake.\n', '').replace('# Fell: somebody.\n', '')],
    ['without who has made it', text.replace('# Fell: somebody.\n', '')],
    ['without a test', text.replace(/# Caught.*\n/, '')],
    ['with a test that is none', text.replace('-t "^the law"', 'somehow')],
    ['that changes nothing', text.slice(0, text.indexOf('@@'))],
    ['of no file', text.replace('+++ b/src/a.ts\n', '')],
  ])('%s is refused', (_what, patch) => {
    expect(() => parseFault('x', patch)).toThrow(FaultError);
  });
});

test('the script shows which test catches a fault', () => {
  const script = join(root, 'scripts/faults.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, 'rids-are-decoded'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout).toMatch(
    /^caught {3}\d\d-rids-are-decoded\S*: test\/iam-paths\.test\.ts > .+ tests fail\)\n1 of 1 faults caught\n$/,
  );
  expect(status).toBe(0);
});

function readSource(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}
