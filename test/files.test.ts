import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { build } from '../src/build.ts';
import { FileError } from '../src/files/file-error.ts';
import { findPolicyFiles } from '../src/files/find-policy-files.ts';
import { createImporter } from '../src/files/importer.ts';
import { inferPolicyRoot } from '../src/files/policy-root.ts';
import { readPolicySet } from '../src/files/read-policy-set.ts';
import { maxPolicySetBytes, maxSourceBytes, readPolicySource } from '../src/files/read-policy-source.ts';
import { createSourceCache } from '../src/files/source-cache.ts';
import { decodeUtf8, invalidUtf8Offset } from '../src/files/utf8.ts';
import { writeFileAtomically } from '../src/files/write-file-atomically.ts';

let folder: string;
const startFolder = process.cwd();

beforeEach(() => {
  folder = realpathSync.native(mkdtempSync(join(tmpdir(), 'postern-files-')));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function put(path: string, content: string | Uint8Array = '# empty\n'): string {
  const absolute = join(folder, path);
  mkdirSync(dirname(absolute), { recursive: true });
  writeFileSync(absolute, content);
  return absolute;
}

function link(path: string, target: string): string {
  const absolute = join(folder, path);
  mkdirSync(dirname(absolute), { recursive: true });
  symlinkSync(target, absolute);
  return absolute;
}

/** Names of what the patterns, relative to the folder, stand for. */
function find(...patterns: string[]): string[] {
  const { files } = findPolicyFiles(
    patterns.map((pattern) => join(folder, pattern)),
    { root: folder },
  );
  return files.map(({ name }) => name);
}

function failureOf(action: () => unknown): FileError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    return error as FileError;
  }
  throw new Error('nothing was thrown');
}

describe('finding policy files', () => {
  test('a folder stands for every *.acl in it, sorted by code unit', () => {
    for (const name of ['b.acl', 'B.acl', 'a/z.acl', 'a/é.acl', 'a-.acl', 'notes.txt', 'c.acl.bak'])
      put(name);
    expect(find('.')).toEqual(['B.acl', 'a-.acl', 'a/z.acl', 'a/é.acl', 'b.acl']);
  });

  test('node_modules, and names that begin with a dot, are passed over', () => {
    for (const name of ['a.acl', '.b.acl', '.git/c.acl', 'node_modules/x/d.acl', 'sub/node_modules/e.acl'])
      put(name);
    expect(find('.')).toEqual(['a.acl']);
    expect(find('**/*.acl')).toEqual(['a.acl']);
  });

  test('a pattern that spells node_modules or a dot out finds them', () => {
    put('node_modules/x/d.acl');
    put('.hidden/e.acl');
    expect(find('node_modules/x')).toEqual(['node_modules/x/d.acl']);
    expect(find('node_modules/*/*.acl')).toEqual(['node_modules/x/d.acl']);
    expect(find('.hidden/*.acl')).toEqual(['.hidden/e.acl']);
  });

  test('a file is found once, however many patterns and links lead to it', () => {
    put('a.acl');
    link('b.acl', 'a.acl');
    expect(find('a.acl', '.', '*.acl', './a.acl', 'b.acl')).toEqual(['a.acl']);
    expect(find('b.acl')).toEqual(['b.acl']);
  });

  test('a name that looks like a glob is a file if it is there', () => {
    put('[ab].acl');
    put('a.acl');
    expect(find('[ab].acl')).toEqual(['[ab].acl']);
  });

  test('links to files and to folders are followed, as a mounted configuration has them', () => {
    put('..2024/prod.acl');
    link('..data', '..2024');
    link('prod.acl', '..data/prod.acl');
    put('elsewhere/deny.acl');
    link('policies/shared', '../elsewhere');
    expect(find('.')).toEqual(['elsewhere/deny.acl', 'prod.acl']);
    expect(find('policies')).toEqual(['policies/shared/deny.acl']);
    expect(find('policies/**/*.acl')).toEqual(['policies/shared/deny.acl']);
  });

  test('loops of links end', () => {
    put('a/x.acl');
    link('a/self', '.');
    link('a/up', '..');
    link('b/a', '../a');
    link('a/b', '../b');
    expect(find('.')).toEqual(['a/x.acl']);
    expect(find('b')).toHaveLength(1);
  });

  test.each([
    ['an empty folder', 'empty', 'folder', 'holds no `*.acl` file'],
    ['a glob', 'empty/*.acl', 'pattern', 'matches no file'],
    ['a file that is not there', 'nowhere.acl', 'no such file or folder', 'nowhere.acl'],
    ['a path through a file', 'file.acl/x.acl', 'no such file or folder', 'file.acl/x.acl'],
    ['a name with a NUL', 'a\0b', 'no such file or folder', '\\u{0}'],
  ])('%s that leads to nothing is an error that names it', (_, pattern, ...words) => {
    put('file.acl');
    mkdirSync(join(folder, 'empty'));
    const error = failureOf(() => find(pattern));
    expect(error.code).toBe('no-match');
    for (const word of words) expect(error.message).toContain(word);
  });

  test('one pattern that leads to nothing spoils those that do not', () => {
    put('a.acl');
    expect(failureOf(() => find('a.acl', 'b.acl')).code).toBe('no-match');
    expect(failureOf(() => findPolicyFiles([])).code).toBe('no-match');
  });

  test('a broken link called *.acl is an error, never passed over', () => {
    put('a.acl');
    link('deny.acl', 'gone.acl');
    expect(failureOf(() => find('.')).message).toMatch(
      /deny\.acl` cannot be read: it is a symbolic link to nothing/,
    );
  });

  test.skipIf(process.platform === 'win32')('a pipe called *.acl is an error and nobody waits for it', () => {
    execFileSync('mkfifo', [join(folder, 'pipe.acl')]);
    expect(failureOf(() => find('.')).message).toContain('it is not a regular file');
    expect(failureOf(() => find('pipe.acl')).message).toContain('is neither a file nor a folder');
  });

  test('a folder called x.acl is searched and is no file', () => {
    put('x.acl/y.acl');
    expect(find('.')).toEqual(['x.acl/y.acl']);
  });

  test.skipIf(process.getuid?.() === 0)('a folder that may not be read is an error', () => {
    put('a.acl');
    put('locked/b.acl');
    chmodSync(join(folder, 'locked'), 0);
    const error = failureOf(() => find('.'));
    chmodSync(join(folder, 'locked'), 0o700);
    expect(error).toMatchObject({
      code: 'unreadable',
      message: expect.stringContaining('permission denied'),
    });
  });
});

describe('the policy root', () => {
  afterEach(() => process.chdir(startFolder));

  test('is the current folder if it holds all files', () => {
    expect(inferPolicyRoot(['/w/a/x.acl', '/w/y.acl'], '/w')).toBe('/w');
    expect(inferPolicyRoot(['/w/..a/x.acl'], '/w')).toBe('/w');
  });

  test('is otherwise the nearest folder that holds them', () => {
    expect(inferPolicyRoot(['/p/a/x.acl'], '/w')).toBe('/p/a');
    expect(inferPolicyRoot(['/p/a/x.acl', '/p/ab/y.acl'], '/w')).toBe('/p');
    expect(inferPolicyRoot(['/p/a/x.acl', '/q/y.acl'], '/p')).toBe('/');
    expect(inferPolicyRoot(['/wide/x.acl'], '/w')).toBe('/wide');
  });

  test('gives files their names', () => {
    put('policies/a.acl');
    process.chdir(folder);
    expect(findPolicyFiles(['policies']).files[0]?.name).toBe('policies/a.acl');
    process.chdir(startFolder);
    expect(findPolicyFiles([join(folder, 'policies')]).files[0]?.name).toBe('a.acl');
  });

  test('that is not there, or no folder, is an error', () => {
    put('a.acl');
    for (const [name, reason] of [
      ['gone', 'no such file or folder'],
      ['a.acl', 'is not a folder'],
    ]) {
      const error = failureOf(() => findPolicyFiles([join(folder, 'a.acl')], { root: join(folder, name!) }));
      expect(error).toMatchObject({
        code: 'unreadable',
        message: expect.stringMatching(`^policy root .*${reason}$`),
      });
    }
  });

  test('no file of the user is named like a shipped one', () => {
    put('postern:dcos/x.acl');
    expect(find('.')).toEqual(['./postern:dcos/x.acl']);
  });
});

describe('reading a source', () => {
  function read(content: string | Uint8Array) {
    return readPolicySource(put('x.acl', content), 'x.acl');
  }

  test('a byte order mark is dropped, CRLF and a missing last newline stay', () => {
    const result = read('\ufeffmode strict\r\n# é');
    expect(result).toMatchObject({ ok: true, source: { file: 'x.acl', text: 'mode strict\r\n# é' } });
  });

  test('an empty file is an empty text', () => {
    expect(read('')).toEqual({ ok: true, source: { file: 'x.acl', text: '' }, sizeBytes: 0 });
  });

  test('bytes that are not UTF-8 are refused at their offset', () => {
    const result = read(Buffer.from([0x23, 0x0a, 0xc3, 0xa9, 0xc3, 0x28]));
    expect(result).toEqual({
      ok: false,
      code: 'P0010',
      message: '`x.acl` is not UTF-8: byte 4 (0xc3, in line 2) begins no character',
      help: 'save the file as UTF-8',
    });
  });

  test('UTF-16 is recognised', () => {
    const result = read(Buffer.from('\ufeffmode strict', 'utf16le'));
    expect(result).toMatchObject({ code: 'P0010', help: 'save the file as UTF-8, not as UTF-16' });
  });

  test('a compiled image is recognised', () => {
    const result = read(Buffer.from('PTRN\x03\0\0\0\xc4', 'latin1'));
    expect(result).toMatchObject({
      code: 'P0010',
      help: 'it is a compiled image: name the policies that it was compiled from',
    });
  });

  test('16 MiB are read, one byte more is not', () => {
    const path = put('big.acl');
    truncateSync(path, maxSourceBytes);
    expect(readPolicySource(path, 'big.acl')).toMatchObject({ ok: true, sizeBytes: maxSourceBytes });
    truncateSync(path, maxSourceBytes + 1);
    expect(readPolicySource(path, 'big.acl')).toMatchObject({ ok: false, code: 'P3002' });
  });

  test('256 MiB in one policy set are read, one byte more is not', () => {
    const cache = createSourceCache();
    const path = put('big.acl');
    truncateSync(path, maxSourceBytes);
    for (let i = 0; i < maxPolicySetBytes / maxSourceBytes; i++) {
      const copy = join(folder, `${i}.acl`);
      linkSync(path, copy);
      expect(cache.read(copy, `${i}.acl`).ok).toBe(true);
      expect(cache.read(copy, `${i}.acl`).ok, 'a file read again counts once').toBe(true);
    }
    expect(cache.read(put('empty.acl', ''), 'empty.acl').ok).toBe(true);
    expect(cache.read(put('one.acl', '#'), 'one.acl')).toMatchObject({ ok: false, code: 'P3006' });
  });

  test('a folder, a link and a missing file are refused', () => {
    put('x.acl');
    const answers = [folder, link('l.acl', 'x.acl'), join(folder, 'gone.acl')].map((path) =>
      readPolicySource(path, 'n'),
    );
    expect(answers).toMatchObject([
      { ok: false, code: 'P2004', message: '`n` cannot be read: it is a folder' },
      { ok: false, code: 'P2004' },
      { ok: false, code: 'P2004', message: '`n` cannot be read: no such file or folder' },
    ]);
  });

  test.skipIf(process.platform === 'win32')('a pipe is refused without waiting for a writer', () => {
    const path = join(folder, 'pipe.acl');
    execFileSync('mkfifo', [path]);
    expect(readPolicySource(path, 'pipe.acl')).toMatchObject({
      code: 'P2004',
      message: expect.stringContaining('regular'),
    });
  });

  test.skipIf(process.getuid?.() === 0)('a file that may not be read is a diagnostic', () => {
    chmodSync(put('x.acl'), 0);
    expect(readPolicySource(join(folder, 'x.acl'), 'x.acl')).toMatchObject({
      code: 'P2004',
      message: '`x.acl` cannot be read: permission denied',
    });
  });
});

describe('UTF-8', () => {
  test('the offset of the first fault agrees with the decoder, for every pair of bytes in every place', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const isValid = (bytes: Uint8Array): boolean => {
      try {
        decoder.decode(bytes);
        return true;
      } catch {
        return false;
      }
    };
    const wrong: Uint8Array[] = [];
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second++) {
        for (const rest of [[], [0x80], [0x80, 0x80], [0xbf, 0x41], [0x41]]) {
          const bytes = Uint8Array.from([0x41, first, second, ...rest]);
          const offset = invalidUtf8Offset(bytes);
          const isWhole = offset === bytes.length;
          const agrees = decodeUtf8(bytes).ok === isWhole && isValid(bytes) === isWhole;
          if (!agrees || !isValid(bytes.subarray(0, offset))) wrong.push(bytes);
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('imports', () => {
  const imported = (specifier: string, fromFile: string) =>
    createImporter(folder).resolveImport(specifier, fromFile);

  test('a path is relative to the importing file', () => {
    put('a/b/c.acl', '# c');
    expect(imported('b/c.acl', 'a/x.acl')).toEqual({ ok: true, source: { file: 'a/b/c.acl', text: '# c' } });
    expect(imported('../a/./b/c.acl', 'a/x.acl')).toMatchObject({ source: { file: 'a/b/c.acl' } });
    expect(imported('c.acl', 'a/b/x.acl')).toMatchObject({ source: { file: 'a/b/c.acl' } });
  });

  test('one file has one name, however it was reached', () => {
    put('a.acl', '# a');
    link('same.acl', 'a.acl');
    const importer = createImporter(folder);
    expect(importer.resolveImport('a.acl', 'x.acl')).toEqual(importer.resolveImport('same.acl', 'x.acl'));
  });

  test('a file named on the command line and imported is one file', () => {
    put('..data/main.acl', 'import "shared.acl"');
    put('..data/shared.acl', '# s');
    link('main.acl', '..data/main.acl');
    link('z.acl', '..data/shared.acl');
    link('shared.acl', '..data/shared.acl');
    const { sources, importer } = readPolicySet([join(folder, 'main.acl'), join(folder, 'z.acl')], {
      root: folder,
    });
    const result = importer.resolveImport('shared.acl', 'main.acl');
    expect(sources.map(({ file }) => file)).toEqual(['main.acl', 'z.acl']);
    expect(result).toEqual({ ok: true, source: sources[1] });
  });

  test.each([
    ['a missing file', 'gone.acl', 'P2001', 'there is no `a/gone.acl`'],
    ['a missing extension', 'x', 'P2001', 'write `x.acl`'],
    ['an empty path', '', 'P2001', 'name a file'],
    ['a backslash', '..\\x.acl', 'P2001', 'separate folders by `/`'],
    ['a NUL', 'x\0.acl', 'P2001', 'there is no `a/x\\u{0}.acl`'],
    ['a way out', '../../secret.acl', 'P2002', 'choose a root that holds both files'],
    ['a way out and in again', '../../gone/../secret.acl', 'P2002', 'choose a root that holds both files'],
    ['an absolute path', '/etc/passwd', 'P2002', 'write the path relative to the importing file'],
    ['an absolute path of Windows', 'C:\\x.acl', 'P2002', 'write the path relative to the importing file'],
    ['a URL', 'https://example.com/x.acl', 'P2002', 'put a copy of the file into the policy root'],
    ['a file URL', 'file:///etc/passwd', 'P2002', 'put a copy of the file into the policy root'],
    ['a link that leads out', 'out.acl', 'P2002', 'choose a root that holds both files'],
    ['a linked folder that leads out', 'outside/secret.acl', 'P2002', 'choose a root that holds both files'],
    ['a folder', '../a', 'P2004', 'name a file in it'],
    ['another scheme', 'postern2:dcos', 'P2002', 'put a copy of the file into the policy root'],
  ])('refuses %s', (_, specifier, code, help) => {
    const secret = put('secret.acl', 'top secret');
    put('root/a/x.acl');
    link('root/a/out.acl', secret);
    link('root/a/outside', folder);
    const result = createImporter(join(folder, 'root')).resolveImport(specifier, 'a/main.acl');
    expect(result).toMatchObject({ ok: false, code, help: expect.stringContaining(help) });
    expect(JSON.stringify(result)).not.toContain('top secret');
  });

  test('a loop of links and bytes that are not UTF-8 are refused in words', () => {
    link('loop.acl', 'loop.acl');
    put('latin1.acl', Buffer.from([0xe9]));
    expect(imported('loop.acl', 'x.acl')).toMatchObject({
      code: 'P2004',
      message: expect.stringContaining('form a loop'),
    });
    expect(imported('latin1.acl', 'x.acl')).toMatchObject({
      code: 'P0010',
      message: expect.stringContaining('byte 0'),
    });
  });

  test('a root that is itself reached through a link works', () => {
    put('real/a.acl', '# a');
    link('alias', 'real');
    const result = createImporter(join(folder, 'alias')).resolveImport('a.acl', 'x.acl');
    expect(result).toEqual({ ok: true, source: { file: 'a.acl', text: '# a' } });
  });
});

describe('shipped policies', () => {
  const importer = createImporter(tmpdir());
  const imported = (specifier: string, fromFile = 'x.acl') => importer.resolveImport(specifier, fromFile);

  test('`postern:dcos` is the catalogue', () => {
    expect(imported('postern:dcos')).toMatchObject({ ok: true, source: { file: 'postern:dcos' } });
  });

  test('one file has one name', () => {
    expect(imported('postern:dcos/dcos')).toEqual(imported('postern:dcos'));
    expect(imported('dcos.acl', 'postern:dcos/spaces')).toEqual(imported('postern:dcos'));
  });

  test('a relative import of a shipped file stays among the shipped files', () => {
    const shippedCode = (specifier: string) => {
      const result = imported(specifier, 'postern:dcos');
      return result.ok ? result.source.file : result.code;
    };
    expect(shippedCode('../dcos/dcos.acl')).toBe('postern:dcos');
    expect(shippedCode('../../package.json')).toBe('P2002');
    expect(shippedCode('gone.acl')).toBe('P2001');
  });

  test.each([
    ['postern:dcso', 'write `postern:dcos`, the closest name'],
    ['postern:nothing-like-it-at-all', 'shipped policies are '],
    ['postern:', 'shipped policies are '],
    ['postern:../package', ''],
    ['postern:dcos/../../package', ''],
    ['postern:dcos/', ''],
    ['postern:dcos/..', ''],
    ['postern:/etc/passwd', ''],
    ['postern:DCOS', ''],
    ['postern:dcos.acl', ''],
    [`postern:${'a/'.repeat(5000)}a`, ''],
  ])('refuses %s', (specifier, help) => {
    expect(imported(specifier)).toMatchObject({
      ok: false,
      code: 'P2003',
      help: expect.stringContaining(help),
    });
  });
});

describe('reading a policy set', () => {
  test('every file that cannot be read has its diagnostic, the others are read', () => {
    put('set/good.acl', '# good');
    put('set/bad.acl', Buffer.from([0xff]));
    truncateSync(put('set/huge.acl'), maxSourceBytes + 1);
    link('set/out.acl', put('elsewhere.acl', 'top secret'));
    const { sources, diagnostics } = readPolicySet([join(folder, 'set')], { root: join(folder, 'set') });
    expect(sources).toEqual([{ file: 'good.acl', text: '# good' }]);
    expect(diagnostics.map(({ file, code, severity }) => [file, code, severity])).toEqual([
      ['bad.acl', 'P0010', 'error'],
      ['huge.acl', 'P3002', 'error'],
      ['out.acl', 'P2002', 'error'],
    ]);
    expect(JSON.stringify(diagnostics)).not.toContain('top secret');
  });

  test('a file outside the given root is refused', () => {
    put('root/a.acl');
    const { diagnostics } = readPolicySet([put('b.acl')], { root: join(folder, 'root') });
    expect(diagnostics).toMatchObject([
      { code: 'P2002', message: '`../b.acl` lies outside the policy root' },
    ]);
  });
});

describe('writing a file', () => {
  const bytes = Uint8Array.from([1, 2, 3]);

  test('leaves the bytes and nothing else', () => {
    const path = join(folder, 'out.pimg');
    writeFileAtomically(path, Uint8Array.from([9, 9, 9, 9]));
    writeFileAtomically(path, bytes);
    expect([...readFileSync(path)]).toEqual([...bytes]);
    expect(readdirSync(folder)).toEqual(['out.pimg']);
  });

  test.skipIf(process.platform === 'win32')(
    'an existing file keeps its permissions and links keep pointing',
    () => {
      const path = put('out.pimg', 'old');
      chmodSync(path, 0o640);
      const alias = link('alias.pimg', 'out.pimg');
      writeFileAtomically(alias, bytes);
      expect(lstatSync(alias).isSymbolicLink()).toBe(true);
      expect(statSync(path).mode & 0o777).toBe(0o640);
      expect([...readFileSync(path)]).toEqual([...bytes]);
    },
  );

  test.skipIf(process.platform === 'win32')('a device is written to, not replaced', () => {
    writeFileAtomically('/dev/null', bytes);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test('a folder in the place of the file, or of its folder none, is an error that leaves nothing behind', () => {
    mkdirSync(join(folder, 'sub'));
    const errors = ['sub', 'gone/out.pimg'].map((path) =>
      failureOf(() => writeFileAtomically(join(folder, path), bytes)),
    );
    expect(errors.map(({ code }) => code)).toEqual(['unwritable', 'unwritable']);
    expect(errors[0]?.message).toContain('it is a folder');
    expect(errors[1]?.message).toContain('no such file or folder');
    expect(existsSync(join(folder, 'gone'))).toBe(false);
    expect(readdirSync(folder)).toEqual(['sub']);
  });
});

describe('policy text in memory', () => {
  test('imports what is shipped, and nothing else, without an importer', () => {
    const sources = [{ file: 'a.acl', text: 'import "postern:dcos/spaces"\nimport "postern:dcos/routes"' }];
    expect(build(sources)).toMatchObject({ ok: true });
    expect(build([{ file: 'a.acl', text: 'import "./b.acl"' }])).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'P2001', message: 'only shipped policies can be imported here, not `./b.acl`' }],
    });
  });
});
