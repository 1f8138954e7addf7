import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { exportDcosGrants, importDcosGrants } from '../src/dcos-grants.ts';
import { diagnosticCodes } from '../src/diagnostics/codes.ts';
import { type BuildResult, buildFiles, exportMesosAcls, renderText, runPolicyTests } from '../src/index.ts';
import { readAcls } from '../src/interop/mesos/read-acls.ts';
import { findTraps } from '../src/interop/mesos/traps/find-traps.ts';

/**
 * What the documentation shows, done: policies build and their tests hold, programs run, commands print what stands
 * beneath them. Pages that list something are held against what they list.
 */
const root = fileURLToPath(new URL('../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'postern-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Block {
  /** `docs/guide.md:17`, where the block begins. */
  readonly place: string;
  readonly page: string;
  readonly language: string;
  /** What stands behind the language: `error`, `acls`, or the name of the file that commands of the page find the text in. */
  readonly note: string;
  readonly text: string;
  /** The heading above. */
  readonly heading: string;
}

const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter(isPage)
    .map((name) => `docs/${name}`),
];
const examplePages = [
  'policies/README.md',
  ...readdirSync(join(root, 'policies/examples')).map((name) => `policies/examples/${name}/README.md`),
];
const blocks = [...pages, ...examplePages].flatMap(readBlocks);

describe('policies in the documentation', () => {
  const valid = blocks.filter(
    ({ language, note }) => language === 'acl' && (note === '' || isFileName(note)),
  );

  test('there are some in the README and the guide', () => {
    const pagesWithPolicies = valid.map(({ page }) => page);
    expect(pagesWithPolicies).toContain('README.md');
    expect(pagesWithPolicies).toContain('docs/guide.md');
  });

  test.each(valid)('$place builds, and its tests hold', async (block) => {
    const result = await buildBlock(block);
    expect(renderText(result.diagnostics, result.textOf)).toBe('');
    if (!result.ok) return;
    if (block.page === 'docs/guide.md') {
      expect(result.model.tests.length + result.model.routes.length, 'shows what it means').toBeGreaterThan(
        0,
      );
    }
    expect(runPolicyTests(result.model, result.image).filter(({ passed }) => !passed)).toEqual([]);
  });

  test.each(blocks.filter(({ language, note }) => language === 'acl' && note === 'error'))(
    '$place has the error of its section, and no other',
    async (block) => {
      const result = await buildBlock(block);
      expect(result.ok).toBe(false);
      const code = /P\d{4}/.exec(block.heading)?.[0];
      if (code !== undefined) expect(result.diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
    },
  );

  test.each(blocks.filter(({ language, note }) => language === 'acl' && note === 'export-error'))(
    '$place builds, and cannot be said in ACLs or grants',
    async (block) => {
      const result = await buildBlock(block);
      expect(renderText(result.diagnostics, result.textOf)).toBe('');
      if (!result.ok) return;
      const { model, image } = result;
      const isMesos = block.text.includes('import "postern:mesos"');
      const translation = isMesos
        ? exportMesosAcls(model, image)
        : exportDcosGrants(model, { format: 'dcos' });
      const codes = translation.ok ? [] : translation.diagnostics.map((diagnostic) => diagnostic.code);
      expect(codes).toEqual([isMesos ? 'P4201' : 'P4331']);
    },
  );
});

describe('ACLs in the documentation', () => {
  const acls = blocks.filter(({ language, note }) => language === 'json' && note === 'acls');

  test.each(acls)('$place has the fault or trap of its section', ({ place, heading, text }) => {
    const source = { file: place, text };
    const reading = readAcls(source);
    const codes = [...reading.diagnostics, ...findTraps(source, reading)].map(({ code }) => code);
    const code = /P\d{4}/.exec(heading)?.[0];
    if (code !== undefined) expect(codes).toContain(code);
    // What keeps Mesos from loading is the one such thing in its block, and is in no other.
    const faults = reading.diagnostics.map((diagnostic) => diagnostic.code);
    if (code !== undefined) expect(faults).toEqual(code < 'P4100' ? [code] : []);
  });

  test('every code about foreign formats has an example: a document, a policy, or a program that prints it', () => {
    const examples = blocks.filter(({ page, language, note, text, heading }) => {
      const code = /P\d{4}/.exec(heading)?.[0];
      if (page !== 'docs/errors.md' || code === undefined) return false;
      if (note === 'acls' || note === 'export-error' || isGrants(note)) return true;
      return language === 'ts' && text.includes(`'${code}'`);
    });
    const shown = examples.map(({ heading }) => /P\d{4}/.exec(heading)?.[0]);
    const codes = Object.keys(diagnosticCodes).filter((code) => code.startsWith('P4'));
    expect([...new Set(shown)]).toEqual(codes);
  });
});

test.each(blocks.filter(({ note }) => isGrants(note)))(
  'the grants at $place have the problem of their section',
  ({ place, note, heading, text }) => {
    // Behind `grants` stands who gets them, where they do not say it.
    const principal = /^grants user:(.+)$/.exec(note)?.[1];
    const options = principal === undefined ? {} : { grantee: { principalType: 'user', principal } as const };
    const { diagnostics } = importDcosGrants([{ file: place, text }], options);
    const code = /P\d{4}/.exec(heading)?.[0];
    if (code !== undefined) expect(diagnostics.map((diagnostic) => diagnostic.code)).toContain(code);
  },
);

test.each(blocks.filter(({ language }) => language === 'ts'))('the program at $place runs', (block) => {
  const file = join(folder, `${nameOf(block)}.ts`);
  const entryOf = (_: string, name = 'index'): string =>
    JSON.stringify(new URL(`../src/${name}.ts`, import.meta.url).href);
  const text = block.text.replace(/(?<=from )'postern(?:\/(\w+))?'/g, entryOf);
  writeFileSync(
    file,
    text.replace(/(?<=from )'fastify'/, () => JSON.stringify(import.meta.resolve('fastify'))),
  );
  const run = spawnSync(process.execPath, [file], { cwd: root, encoding: 'utf8' });
  expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: '' });
  const shown = [...block.text.matchAll(/\bconsole\.log\(.*\); \/\/ (.*)$/gm)].map(([, output]) => output);
  expect(run.stdout.trimEnd().split('\n')).toEqual(shown);
});

test.each(blocks.filter(({ language }) => language === 'console'))(
  'the commands at $place print what stands beneath them',
  ({ page, text }) => {
    for (const part of text.split(/^\$ /m).slice(1)) {
      const [, command, output] = commandAndOutput.exec(part.trimEnd())!;
      expect(runInShell(command!, workFolderOf(page)), command).toBe(output);
    }
  },
);

describe('docs/errors.md', () => {
  const sections = [...read('docs/errors.md').matchAll(/^## (P\d{4}): (.*)$/gm)];

  test('has one section for each code, in order, with its title', () => {
    expect(sections.map(([, code, title]) => [code, title])).toEqual(Object.entries(diagnosticCodes));
  });
});

test('docs/architecture.md has a row for each folder and each entry of the source', () => {
  const rows = [...read('docs/architecture.md').matchAll(/^\| (`src\/[^|]*)\|/gm)].map(([, names]) => names!);
  const missing = readdirSync(join(root, 'src')).filter(
    (name) => !rows.some((names) => names.includes(`\`src/${name}\``) || names.includes(`\`src/${name}/`)),
  );
  expect(missing).toEqual([]);
});

describe('docs/dependencies.md', () => {
  const rows = [
    ...read('docs/dependencies.md').matchAll(/^\| ([@\w/.-]+) \| [^|]+ \| ([^|]+) \| (yes|no) \|$/gm),
  ];
  const manifest = JSON.parse(read('package.json')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const lock = JSON.parse(read('package-lock.json')) as {
    readonly packages: Record<
      string,
      { license?: string; hasInstallScript?: boolean; dev?: boolean; optional?: boolean }
    >;
  };

  test('has one row for each direct dependency, with its licence and whether it runs an install script', () => {
    const direct = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)].sort();
    const expected = direct.map((name) => {
      const { license, hasInstallScript } = lock.packages[`node_modules/${name}`]!;
      return [name, license, hasInstallScript ? 'yes' : 'no'];
    });
    const found = rows.map(([, name, license, script]) => [name, license?.trim(), script]);
    expect(found.sort(([a], [b]) => (a! < b! ? -1 : 1))).toEqual(expected);
  });

  test('tells how many packages the dependencies bring, and that none of them runs a script', () => {
    const shipped = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && !dev);
    const brought = shipped.length - Object.keys(manifest.dependencies).length;
    expect(read('docs/dependencies.md')).toContain(`They bring ${brought} packages more`);
    expect(shipped.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
  });
});

test('links between pages lead somewhere', () => {
  for (const page of [...pages, ...examplePages]) {
    for (const [, target] of read(page).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)) {
      const url = new URL(target!, new URL(page, `file://${root}`));
      expect(() => readFileSync(url), `${page} links to ${target}`).not.toThrow(/ENOENT/);
    }
  }
});

test('links to a heading find it, on their own page and on others', () => {
  const rulePages = readdirSync(join(root, 'docs/rules')).map((name) => `docs/rules/${name}`);
  for (const page of [...pages, ...examplePages, ...rulePages]) {
    const prose = read(page).replace(/^```.*?^```$/gms, '');
    for (const [, target, anchor] of prose.matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)) {
      const url = new URL(target || page.replace(/.*\//, ''), new URL(page, `file://${root}`));
      expect(anchorsOf(readFileSync(url, 'utf8')), `${page} links to ${target}#${anchor}`).toContain(anchor);
    }
  }
});

/** What the usual renderers of Markdown make of headings: lower case, hyphens for spaces, and no other signs. */
function anchorsOf(markdown: string): string[] {
  const headings = markdown.replace(/^```.*?^```$/gms, '').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading]) =>
    heading!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function isGrants(note: string): boolean {
  return /^grants\b/.test(note);
}

function isPage(name: string): boolean {
  return name.endsWith('.md');
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function readBlocks(page: string): Block[] {
  const found: Block[] = [];
  let heading = '';
  let open: { language: string; note: string; line: number; text: string } | undefined;
  for (const [index, line] of read(page).split('\n').entries()) {
    const fence = /^```(\w*) ?(.*)$/.exec(line);
    if (fence === null) {
      if (open !== undefined) open.text += `${line}\n`;
      else if (line.startsWith('#')) heading = line;
    } else if (open === undefined) {
      open = { language: fence[1]!, note: fence[2]!, line: index + 2, text: '' };
    } else {
      const { language, note, text } = open;
      found.push({ place: `${page}:${open.line}`, page, language, note, text, heading });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${page} ends inside a block`);
  return found;
}

function nameOf({ place }: Block): string {
  return place.replace(/[^a-z0-9]+/gi, '-');
}

/** Each block is a policy set of its own, in a folder of its own. */
async function buildBlock(block: Block): Promise<BuildResult> {
  const own = mkdtempSync(join(folder, nameOf(block)));
  writeFileSync(join(own, 'policy.acl'), block.text);
  return buildFiles([join(own, 'policy.acl')], { root: own });
}

/** As in a shell, a command goes on behind `\` and `|` at the end of a line. */
const commandAndOutput = /^((?:[^\n]*[\\|]\n)*[^\n]*)\n?(.*)$/s;

const workFolders = new Map<string, string>();

/** Where the commands of a page run: beside a copy of the policies and the files that the page shows, to write as they like. */
function workFolderOf(page: string): string {
  let own = workFolders.get(page);
  if (own !== undefined) return own;
  own = mkdtempSync(join(folder, 'work-'));
  workFolders.set(page, own);
  cpSync(join(root, 'policies'), join(own, 'policies'), { recursive: true });
  for (const block of blocks) {
    if (block.page === page && isFileName(block.note))
      writeFileSync(join(own, block.note), block.text, { flag: 'wx' });
  }
  return own;
}

function isFileName(note: string): boolean {
  return /^[\w-]+\.\w+$/.test(note);
}

/** What a reader's terminal would show. */
function runInShell(command: string, cwd: string): string {
  const prelude = 'exec 2>&1; postern() { "$NODE_OF_DOCS" "$ENTRY_OF_DOCS" "$@"; }';
  const run = spawnSync('sh', ['-c', `${prelude}\n${command}`], {
    cwd,
    encoding: 'utf8',
    env: {
      ...process.env,
      // They are for tests; a service takes them for misspelt settings.
      POSTERN_SEED: undefined,
      POSTERN_NO_POSTGRES: undefined,
      NO_COLOR: '1',
      NODE_OF_DOCS: process.execPath,
      ENTRY_OF_DOCS: join(root, 'src/cli/bin.ts'),
    },
  });
  return run.stdout.trimEnd();
}
