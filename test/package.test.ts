import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { buildBillOfMaterials, type Lock, type Manifest } from '../scripts/bill-of-materials.ts';
import { findPackageProblems, type PackedFile, type PackedManifest } from '../scripts/package-problems.ts';

/** What is published: that its checks see what is wrong, and that the bill of materials says what is in it. */
const root = fileURLToPath(new URL('../', import.meta.url));
const readJson = (path: string): unknown => JSON.parse(readFileSync(root + path, 'utf8'));
const manifest = readJson('package.json') as Manifest & PackedManifest;
const lock = readJson('package-lock.json') as Lock;

describe('the bill of materials', () => {
  const bill = buildBillOfMaterials(manifest, lock);

  test('has every package that is installed without development, with its version, licence and hash', () => {
    const expected = Object.entries(lock.packages)
      .filter(([path, { dev }]) => path !== '' && dev !== true)
      .map(([path, { version, license, integrity }]) => ({
        name: path.split('node_modules/').at(-1),
        version,
        licenses: [{ license: { id: license } }],
        hash: Buffer.from(integrity!.replace('sha512-', ''), 'base64').toString('hex'),
      }));
    const found = bill.components.map(({ name, version, licenses, hashes }) => ({
      ...{ name, version, licenses, hash: hashes![0]!.content },
    }));
    const texts = (rows: readonly object[]): string[] => [
      ...new Set(rows.map((row) => JSON.stringify(row)).sort()),
    ];
    expect(texts(found)).toEqual(texts(expected));
    expect(found.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)));
  });

  test('is about postern, and names no place', () => {
    const { name, version, type } = bill.metadata.component;
    expect([name, version, type]).toEqual(['postern', manifest.version, 'application']);
    expect(JSON.stringify(bill)).not.toMatch(/"\/|file:|registry|localhost|timestamp/);
  });

  test('keeps the forms of CycloneDX 1.5: references are unique and lead somewhere, purls and hashes are well formed', () => {
    expect([bill.bomFormat, bill.specVersion, bill.version]).toEqual(['CycloneDX', '1.5', 1]);
    expect(bill.serialNumber).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    const own = bill.metadata.component['bom-ref'];
    const refs = [own, ...bill.components.map((component) => component['bom-ref'])];
    expect(new Set(refs).size).toBe(refs.length);
    expect(bill.dependencies.map(({ ref }) => ref).sort()).toEqual([...refs].sort());
    expect(
      bill.dependencies.flatMap(({ dependsOn }) => dependsOn.filter((ref) => !refs.includes(ref))),
    ).toEqual([]);
    for (const { purl, hashes } of bill.components) {
      expect(purl).toMatch(/^pkg:npm\/(?:%40[a-z0-9-]+\/)?[a-z0-9._-]+@\d+\.\d+\.\d+$/);
      expect(hashes![0]!.content).toMatch(/^[0-9a-f]{128}$/);
    }
  });

  test('what a package needs is reached from postern, and every package is', () => {
    const needs = new Map(bill.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    const reached = new Set([bill.metadata.component['bom-ref']]);
    for (const ref of reached) for (const next of needs.get(ref) ?? []) reached.add(next);
    expect([...reached].sort()).toEqual([...needs.keys()].sort());
  });

  test('is the same for the same lock file, and another for another', () => {
    expect(buildBillOfMaterials(manifest, lock)).toEqual(bill);
    const path = 'node_modules/ajv';
    const other = { packages: { ...lock.packages, [path]: { ...lock.packages[path]!, version: '9.9.9' } } };
    expect(buildBillOfMaterials(manifest, other).serialNumber).not.toBe(bill.serialNumber);
  });

  test.each([
    ['has no hash', { version: '1.0.0', license: 'MIT' }, 'lacks'],
    [
      'needs what is not there',
      { ...lock.packages['node_modules/ajv'], dependencies: { gone: '1' } },
      'gone',
    ],
  ])('a package that %s is refused', (_, locked, message) => {
    const broken: Lock = { packages: { ...lock.packages, 'node_modules/ajv': locked } };
    expect(() => buildBillOfMaterials(manifest, broken)).toThrow(message);
  });
});

describe('the check of the package', () => {
  const good: readonly PackedFile[] = [
    { path: 'package.json', mode: 0o644, text: '{}' },
    { path: 'README.md', mode: 0o644, text: '' },
    { path: 'LICENSE', mode: 0o644, text: '' },
    { path: 'dist/sbom.cdx.json', mode: 0o644, text: '{}' },
    {
      path: 'dist/index.js',
      mode: 0o644,
      text: "import { a } from './a.js';\nimport 'node:fs';\nimport 'ajv';\n",
    },
    { path: 'dist/index.d.ts', mode: 0o644, text: "export * from './a.ts';\n" },
    { path: 'dist/a.js', mode: 0o644, text: 'export const a = 1;\n' },
    { path: 'dist/a.d.ts', mode: 0o644, text: 'export declare const a = 1;\n' },
    { path: 'dist/bin.js', mode: 0o755, text: '#!/usr/bin/env node\n' },
    { path: 'dist/bin.d.ts', mode: 0o644, text: '' },
  ];
  const goodManifest: PackedManifest = {
    scripts: { build: 'x' },
    bin: { postern: 'dist/bin.js' },
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './package.json': './package.json',
    },
    dependencies: { ajv: '1' },
  };
  const sources = new Set(['src/index.ts', 'src/a.ts', 'src/bin.ts']);
  const withFile = (path: string, text: string, mode = 0o644): PackedFile[] => [
    ...good.filter((file) => file.path !== path),
    { path, text, mode },
  ];

  test('finds nothing where nothing is wrong', () => {
    expect(findPackageProblems(goodManifest, good, sources)).toEqual([]);
  });

  test.each<[what: string, files: readonly PackedFile[], problem: string]>([
    ['a file that does not belong', withFile('.env', ''), '.env: does not belong into the package'],
    ['a test', withFile('dist/a.test.js', ''), 'dist/a.test.js: does not belong into the package'],
    [
      'what is left of an earlier build',
      withFile('dist/old.js', ''),
      'dist/old.js: comes from no file of src/',
    ],
    [
      'a source map',
      withFile('dist/a.js', '//# sourceMappingURL=a.js.map\n'),
      'dist/a.js: names a source map',
    ],
    [
      'a folder of a machine',
      withFile('dist/a.js', '"/home/ann/postern"\n'),
      'dist/a.js: names a folder of some machine, `/home/ann/`',
    ],
    [
      'a dependency that is none',
      withFile('dist/a.js', "import { x } from 'vitest';\n"),
      'dist/a.js: imports `vitest`, which is no dependency',
    ],
    [
      'types of one',
      withFile('dist/a.d.ts', "export type A = import('@types/x').A;\n"),
      'dist/a.d.ts: imports `@types/x`, which is no dependency',
    ],
    [
      'a module that is not there',
      withFile('dist/a.js', "import './b.js';\n"),
      'dist/a.js: imports ./b.js, which is not packed',
    ],
    [
      'a command without its first line',
      withFile('dist/bin.js', '', 0o755),
      'dist/bin.js: no line `#!` for Node.js',
    ],
    [
      'a command that cannot be run',
      withFile('dist/bin.js', '#!/usr/bin/env node\n'),
      'dist/bin.js: not executable for all',
    ],
    ['no licence', good.filter(({ path }) => path !== 'LICENSE'), 'LICENSE is missing'],
  ])('finds %s', (_, files, problem) => {
    expect(findPackageProblems(goodManifest, files, sources)).toEqual([problem]);
  });

  test.each<[what: string, change: Partial<PackedManifest>, problem: string]>([
    [
      'a script that would run where it is installed',
      { scripts: { postinstall: 'x' } },
      'package.json: the script `postinstall` would run where the package is installed',
    ],
    [
      'an entry that leads nowhere',
      { exports: { './x': { types: './dist/a.d.ts', default: './dist/x.js' } } },
      'exports `./x`: ./dist/x.js is not packed',
    ],
    [
      'an entry without types',
      { exports: { './x': { types: './dist/x.d.ts', default: './dist/a.js' } } },
      'exports `./x`: ./dist/x.d.ts is not packed',
    ],
    ['a command that is not there', { bin: { x: 'dist/x.js' } }, 'bin `x`: dist/x.js is not packed'],
  ])('finds %s', (_, change, problem) => {
    expect(findPackageProblems({ ...goodManifest, ...change }, good, sources)).toEqual([problem]);
  });
});

test('nothing of package.json runs where it is installed', () => {
  const atInstall = Object.keys(manifest.scripts).filter((name) =>
    /^(?:pre|post)?(?:install|prepare)$/.test(name),
  );
  expect(atInstall).toEqual([]);
});
