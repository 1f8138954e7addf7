import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/**
 * The shape of the source: data flows left to right and imports point left. The tables below are the rule; a new folder,
 * package or entry gets a row here before it gets a file.
 */
const root = fileURLToPath(new URL('../src/', import.meta.url));

/** What the files of a folder may import besides each other: other folders, or an entry such as `index.ts`. */
const layers: Readonly<Record<string, readonly string[]>> = {
  source: [],
  id: [],
  values: [],
  json: [],
  diagnostics: ['source'],
  syntax: ['source', 'diagnostics'],
  model: ['source'],
  resolve: ['source', 'syntax', 'model', 'diagnostics', 'id', 'values'],
  // Of `interop` what an export cannot say.
  lint: ['source', 'syntax', 'model', 'diagnostics', 'analysis', 'resolve', 'interop'],
  image: ['id'],
  compile: ['model', 'image', 'diagnostics', 'id', 'source'],
  // The way back: bytes to a model that decides like them.
  decompile: ['image', 'model', 'id', 'source', 'printing'],
  decision: [],
  evaluate: ['image', 'decision', 'id', 'values'],
  // Users, groups and grants as a log amounts to them.
  iam: ['id', 'source', 'json'],
  // The oracle shares the types at both doors with the engine, and no line of code: not even `id` or `values`.
  reference: ['model', 'decision'],
  diff: ['model', 'decision', 'analysis', 'printing', 'diagnostics'],
  // Who reaches what, drawn.
  graph: ['model', 'decision', 'analysis', 'printing', 'diagnostics'],
  // The model as policy text.
  printing: ['source', 'syntax', 'model', 'analysis', 'diagnostics'],
  testing: [
    'source',
    'diagnostics',
    'syntax',
    'printing',
    'model',
    'compile',
    'decision',
    'evaluate',
    'analysis',
    'json',
    'authorizer.ts',
  ],
  analysis: ['model', 'decision', 'id', 'values'],
  // Why a request is decided so, and what would change that.
  why: [
    'source',
    'diagnostics',
    'id',
    'model',
    'printing',
    'decision',
    'analysis',
    'diff',
    'image',
    'compile',
    'evaluate',
  ],
  // Who may do what, as lists.
  listing: ['model', 'decision', 'analysis', 'printing', 'id'],
  // What a store says beside policies, and what it has said since an image was made of both.
  live: ['source', 'id', 'model', 'printing', 'image', 'compile', 'decompile', 'decision', 'evaluate', 'iam'],
  // What somebody may reach, as a condition for a database.
  sql: ['model', 'decision', 'analysis', 'id'],
  // Recorded decisions, made again.
  replay: ['source', 'json', 'decision', 'authorizer.ts'],
  interop: [
    'model',
    'syntax',
    'compile',
    'decision',
    'evaluate',
    'diagnostics',
    'id',
    'source',
    'json',
    // A dump of an IAM is of a state, and becomes one.
    'iam',
  ],
  // Shells: they alone touch the world outside.
  files: ['source', 'diagnostics'],
  // The log of what the API writes, in a database.
  store: ['iam', 'live', 'files', 'json', 'image', 'model', 'authorizer.ts'],
  service: [
    'index.ts',
    'dcos.ts',
    'listing.ts',
    'why.ts',
    'diff.ts',
    'graph.ts',
    'files',
    'json',
    'iam',
    'live',
    'store',
  ],
  // Types alone: see the test of what it brings in.
  client: ['decision', 'evaluate', 'listing.ts', 'why.ts'],
  cli: [
    'index.ts',
    'mesos.ts',
    'dcos.ts',
    'lint.ts',
    'listing.ts',
    'why.ts',
    'graph.ts',
    'diff.ts',
    'iam-dump.ts',
    'replay',
    'files',
    'json',
    'iam',
    'live',
    'store',
    'service',
  ],
  playground: ['index.ts'],
  // Between a server of somebody else's and the engine; they touch nothing themselves.
  middleware: ['decision', 'authorizer.ts'],
  // Entries.
  'runtime.ts': ['image', 'evaluate', 'decision'],
  'build.ts': ['source', 'diagnostics', 'model', 'resolve', 'compile', 'files'],
  'authorizer.ts': [
    'source',
    'diagnostics',
    'model',
    'image',
    'decision',
    'evaluate',
    'decompile',
    'live',
    'listing',
    'sql',
    'why',
    'build.ts',
  ],
  'mesos.ts': ['decision', 'diagnostics', 'interop'],
  'dcos.ts': ['decision', 'interop'],
  'dcos-grants.ts': [
    'source',
    'diagnostics',
    'syntax',
    'model',
    'decision',
    'analysis',
    'interop',
    'files',
    'build.ts',
  ],
  'mesos-policies.ts': [
    'source',
    'diagnostics',
    'syntax',
    'model',
    'compile',
    'interop',
    'files',
    'build.ts',
  ],
  'iam-dump.ts': ['interop'],
  'store.ts': ['store', 'live', 'iam'],
  'lint.ts': ['lint'],
  'listing.ts': ['listing', 'printing'],
  'why.ts': ['why'],
  'diff.ts': ['diff', 'analysis'],
  'graph.ts': ['graph', 'model', 'id', 'syntax', 'build.ts'],
  'service.ts': ['service'],
  'fastify.ts': ['middleware'],
  'express.ts': ['middleware'],
  'client.ts': ['client', 'decision', 'evaluate'],
  'format.ts': ['source', 'diagnostics', 'syntax'],
  'index.ts': [
    'authorizer.ts',
    'build.ts',
    'dcos-grants.ts',
    'mesos-policies.ts',
    'testing',
    'format.ts',
    'source',
    'diagnostics',
    'syntax',
    'model',
    'resolve',
    'lint',
    'image',
    'compile',
    'decision',
    'evaluate',
    'analysis',
    'decompile',
    'diff',
    'listing',
    'sql',
    'why',
    'interop',
    'files',
    'runtime.ts',
  ],
};

/** Folders that may import a package. A package without a row may be imported by nobody. */
const packages: Readonly<Record<string, readonly string[]>> = {
  chevrotain: ['syntax'],
  micromatch: ['resolve', 'lint', 'files'],
  'fast-glob': ['files'],
  ajv: ['service', 'cli', 'json', 'interop'],
  commander: ['cli'],
  fastify: ['service', 'middleware'],
  pino: ['service'],
  'prom-client': ['service'],
  '@fastify/swagger': ['service'],
  '@fastify/swagger-ui': ['service'],
  jose: ['service'],
  unixcrypt: ['service'],
  pg: ['store'],
};

/** The only ones that may touch files, network, processes or the clock: everything else computes. */
const shells = new Set(['files', 'store', 'cli', 'service', 'client', 'playground']);
/** Node modules that touch nothing outside and exist, or could, in every JavaScript runtime. */
const harmlessModules = new Set(['node:buffer', 'node:util']);
/** Hashing computes; what else there is in the module draws keys and numbers by chance. */
const hashing = /^import \{ createHash \} from ' +';$/m;
/** Words that reach outside without an import. `new Date(0)` computes, `new Date()` reads the clock. */
const outside =
  /\b(?:process|performance|navigator)\s*\.|\bDate\s*\.\s*now\b|\bnew\s+Date\s*(?:\(\s*\)|[^\s(])|\bMath\s*\.\s*random\b|\b(?:fetch|setTimeout|setInterval|setImmediate)\s*\(/;
/** Code made from text, which a policy or a request could then write. */
const codeFromText = /\beval\s*\(|\bnew\s+Function\b/;

interface Import {
  readonly specifier: string;
  /** `import type` and `export type` vanish before anything runs. */
  readonly isTypeOnly: boolean;
}

interface SourceFile {
  /** Relative to `src`, with forward slashes. */
  readonly path: string;
  /** The first folder of the path, or the file name of an entry. */
  readonly layer: string;
  /** Text with comments and the insides of strings blanked out. */
  readonly code: string;
  readonly imports: readonly Import[];
}

const files = readSourceFiles();

describe('architecture', () => {
  test('the scanner sees imports and nothing else', () => {
    const text = [
      `import { a } from './a.ts'; // import './no.ts'`,
      `import type { B } from "../b/b.ts";`,
      `/* from './no.ts' */ export { type C, c } from './c.ts';`,
      `export type * from './d.ts';`,
      `import\n  e,\n  { type F }\nfrom './e.ts';`,
      `import './side-effect.ts';`,
      `const late = await import('./late.ts');`,
      'const text = `import "./no.ts" from "./no.ts"`;',
      `const other = "import './no.ts'"; const from = 'x'; const pattern = /['"]from/;`,
    ].join('\n');
    expect(scanImports(text)).toEqual([
      { specifier: './a.ts', isTypeOnly: false },
      { specifier: '../b/b.ts', isTypeOnly: true },
      { specifier: './c.ts', isTypeOnly: false },
      { specifier: './d.ts', isTypeOnly: true },
      { specifier: './e.ts', isTypeOnly: false },
      { specifier: './side-effect.ts', isTypeOnly: false },
      { specifier: './late.ts', isTypeOnly: false },
    ]);
  });

  test('every folder has a row in the table', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(
      [...new Set(files.map((file) => file.layer))].filter((layer) => !Object.hasOwn(layers, layer)),
    ).toEqual([]);
  });

  test('no two folders may import each other', () => {
    const cycles = Object.keys(layers).filter((layer) => reachableFrom(layer).has(layer));
    expect(cycles).toEqual([]);
  });

  test('imports point left', () => {
    const wrong = files.flatMap((file) =>
      file.imports
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => posix.normalize(posix.join(posix.dirname(file.path), specifier)))
        .filter((target) => !mayImport(file.layer, layerOf(target)))
        .map((target) => `${file.path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test('imports name files that exist, with their extension', () => {
    const paths = new Set(files.map((file) => file.path));
    const wrong = files.flatMap((file) =>
      file.imports
        .filter(({ specifier }) => specifier.startsWith('.'))
        .filter(
          ({ specifier }) => !paths.has(posix.normalize(posix.join(posix.dirname(file.path), specifier))),
        )
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test('a package is imported by the folders that its row names', () => {
    const wrong = files.flatMap((file) =>
      file.imports
        .filter(({ specifier }) => !specifier.startsWith('.') && !isBuiltin(specifier))
        .filter(({ specifier }) => !packages[packageOf(specifier)]?.includes(file.layer))
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test('only the shells import modules of Node, by their `node:` names', () => {
    const wrong = files.flatMap((file) =>
      file.imports
        .filter(({ specifier }) => isBuiltin(specifier))
        .filter(
          ({ specifier }) =>
            !specifier.startsWith('node:') ||
            !(
              shells.has(file.layer) ||
              harmlessModules.has(specifier) ||
              (specifier === 'node:crypto' && file.layer === 'iam' && hashing.test(file.code))
            ),
        )
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test('only the shells touch the clock, the process, chance or the network', () => {
    const wrong = files
      .filter((file) => !shells.has(file.layer))
      .flatMap((file) => linesThatMatch(file, outside));
    expect(wrong).toEqual([]);
  });

  test('no code is made from text', () => {
    expect(files.flatMap((file) => linesThatMatch(file, codeFromText))).toEqual([]);
  });

  test('loading an image brings in no package, no parser and no compiler', () => {
    const loaded = filesLoadedBy('runtime.ts');
    expect(loaded.size).toBeGreaterThan(3);
    const layersLoaded = new Set([...loaded].map(layerOf));
    for (const layer of ['syntax', 'resolve', 'compile', 'model', 'files', 'reference', 'diagnostics']) {
      expect(layersLoaded, layer).not.toContain(layer);
    }
    const foreign = files
      .filter((file) => loaded.has(file.path))
      .flatMap((file) => file.imports.filter(({ isTypeOnly }) => !isTypeOnly))
      .filter(({ specifier }) => !specifier.startsWith('.'));
    expect(foreign).toEqual([]);
  });

  test('the client brings in no package, no module of Node and nothing of the engine', () => {
    const loaded = filesLoadedBy('client.ts');
    expect([...new Set([...loaded].map(layerOf))].sort()).toEqual(['client', 'client.ts']);
    const foreign = files
      .filter((file) => loaded.has(file.path))
      .flatMap((file) => file.imports.filter(({ isTypeOnly }) => !isTypeOnly))
      .filter(({ specifier }) => !specifier.startsWith('.'));
    expect(foreign).toEqual([]);
  });

  test('nothing but tests uses the reference evaluator', () => {
    const users = files.filter((file) =>
      file.imports.some(({ specifier }) => specifier.includes('/reference/')),
    );
    expect(users.map((file) => file.path)).toEqual([]);
  });

  test('deciding and matching, in the reference evaluator, take at most 400 lines', () => {
    // Constants of conditions (ip, time, duration) and routes stand beside them, in files of their own.
    const core = files.filter(({ path }) =>
      ['reference/reference.ts', 'reference/matching.ts'].includes(path),
    );
    expect(core).toHaveLength(2);
    const lines = core.map(({ code }) => code.trimEnd().split('\n').length);
    expect(lines.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(400);
  });
});

// ---------------------------------------------------------------- the table

function mayImport(from: string, to: string): boolean {
  return from === to || (layers[from]?.includes(to) ?? false);
}

function reachableFrom(layer: string): Set<string> {
  const reached = new Set<string>();
  const waiting = [...(layers[layer] ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    waiting.push(...(layers[next] ?? []));
  }
  return reached;
}

function layerOf(path: string): string {
  return path.split('/')[0]!;
}

function packageOf(specifier: string): string {
  const [first, second] = specifier.split('/');
  return specifier.startsWith('@') ? `${first}/${second}` : first!;
}

/** The file and what it imports, and so on, as far as the imports remain when it runs. */
function filesLoadedBy(entry: string): Set<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const loaded = new Set<string>();
  const waiting = [entry];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (loaded.has(path)) continue;
    loaded.add(path);
    for (const { specifier, isTypeOnly } of byPath.get(path)?.imports ?? []) {
      if (!isTypeOnly && specifier.startsWith('.'))
        waiting.push(posix.normalize(posix.join(posix.dirname(path), specifier)));
    }
  }
  return loaded;
}

function linesThatMatch(file: SourceFile, pattern: RegExp): string[] {
  return file.code
    .split('\n')
    .flatMap((line, i) => (pattern.test(line) ? [`${file.path}:${i + 1}: ${line.trim()}`] : []));
}

// ---------------------------------------------------------------- reading

function readSourceFiles(): SourceFile[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name))
    .map((entry) => {
      const full = join(entry.parentPath, entry.name);
      const path = relative(root, full).split(sep).join('/');
      const text = readFileSync(full, 'utf8');
      return { path, layer: layerOf(path), code: blank(text).code, imports: scanImports(text) };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Imports and re-exports in source order, static and dynamic. */
function scanImports(text: string): Import[] {
  const { code, strings } = blank(text);
  const found: Import[] = [];
  // In blanked code a string is `'` blanks `'`; its text stands in `strings` under the offset of its first quote.
  const statement =
    /\b(?:import|export)\s+(type\b(?!\s*(?:,|from\b)))?[^'";=()]*?\bfrom\s*(?='\s*')|\bimport\s*\(?\s*(?='\s*')/g;
  for (const match of code.matchAll(statement)) {
    const specifier = strings.get(match.index + match[0].length);
    if (specifier !== undefined) found.push({ specifier, isTypeOnly: match[1] !== undefined });
  }
  return found;
}

interface Blanked {
  readonly code: string;
  readonly strings: ReadonlyMap<number, string>;
}

/**
 * Replaces comments and the insides of strings, templates and regular expressions by blanks, line breaks kept; every kind
 * of quote becomes `'`. Code within `${…}` goes too: nobody imports there. Good enough for our own formatted source.
 */
function blank(text: string): Blanked {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"|`(?:[^`\\]|\\[\s\S])*`|(?<=[=(,:;!&|?{}[\n>]\s*)\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g;
  const strings = new Map<number, string>();
  const code = text.replace(token, (found, offset: number) => {
    const inner = found.replace(/[^\n]/g, ' ');
    if (!/^['"`]/.test(found)) return inner;
    strings.set(offset, found.slice(1, -1));
    return `'${inner.slice(1, -1)}'`;
  });
  return { code, strings };
}
