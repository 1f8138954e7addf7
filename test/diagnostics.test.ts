import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { diagnosticCodes } from '../src/diagnostics/codes.ts';
import type { Diagnostic } from '../src/diagnostics/diagnostic.ts';
import { limitDiagnostics, maxDiagnostics } from '../src/diagnostics/limit.ts';
import { renderJson } from '../src/diagnostics/render-json.ts';
import { renderText } from '../src/diagnostics/render-text.ts';
import { sortDiagnostics } from '../src/diagnostics/sort.ts';

const folder = fileURLToPath(new URL('./fixtures/diagnostics/', import.meta.url));
const grammar = new URL('../grammar/', import.meta.url);

/** A diagnostic about the first occurrence of `marked` in the text, with whatever else it should have. */
function about(text: string, marked: string, more: Partial<Diagnostic> = {}): Diagnostic {
  const start = text.indexOf(marked);
  const span = { start, end: start + marked.length };
  return {
    code: 'P1004',
    severity: 'error',
    file: 'a.acl',
    span,
    message: `unknown action \`${marked}\``,
    ...more,
  };
}

const rule = 'allow group:editors to raed on wiki:/**';
const sample = `${'\n'.repeat(6)}${rule}\n`;
const related = [{ file: 'actions.acl', span: { start: 1, end: 3 }, text: 'actions are declared' }];

/** By the name of the fixture that holds the rendering. */
const renderings: Readonly<
  Record<string, { readonly text: string; readonly diagnostics: readonly Diagnostic[] }>
> = {
  'message-with-everything': {
    text: sample,
    diagnostics: [
      about(sample, 'raed', {
        label: 'not declared in namespace `wiki`',
        related,
        help: 'write `read`, the closest declared action',
        fix: { safety: 'review', edits: [] },
      }),
    ],
  },
  'span-over-several-lines-is-underlined-to-the-end-of-the-first': {
    text: 'allow user:a {\n  read on b\n}\n',
    diagnostics: [
      about('allow user:a {\n  read on b\n}\n', 'user:a {\n  read on b\n}', { message: 'too long' }),
    ],
  },
  'span-at-the-end-of-a-line-has-one-caret': {
    text: 'mode\n',
    diagnostics: [about('mode\n', '\n', { message: 'missing', span: { start: 4, end: 4 } })],
  },
  'span-at-the-end-of-the-file': {
    text: 'mode\n',
    diagnostics: [about('mode\n', '', { message: 'missing', span: { start: 5, end: 5 } })],
  },
  'tabs-and-wide-characters-keep-the-underline-in-place': {
    text: '\tallow\tuser:"日本語" to raed on "é😀" raad\n',
    diagnostics: ['raed', 'raad'].map((word) =>
      about('\tallow\tuser:"日本語" to raed on "é😀" raad\n', word),
    ),
  },
  'text-that-does-not-print-is-escaped': {
    text: 'allow user:"a\u202eb\u200b\u0007" to raed\n',
    diagnostics: [
      about('allow user:"a\u202eb\u200b\u0007" to raed\n', 'raed', {
        message: 'a \u202e b \n c \u{e0041}',
        help: '\u001b[31mred',
        file: 'a.acl',
      }),
    ],
  },
  'byte-order-mark-is-no-column': {
    text: '\ufeffmode raed\n',
    diagnostics: [about('\ufeffmode raed\n', 'raed')],
  },
  'long-lines-are-shown-around-the-span': {
    text: `${'a'.repeat(500)} raed ${'b'.repeat(500)} 日本 ${'c'.repeat(5000)}\n`,
    diagnostics: [
      about(`${'a'.repeat(500)} raed ${'b'.repeat(500)}`, 'raed'),
      about(`${'a'.repeat(500)} raed ${'b'.repeat(500)}`, 'b'.repeat(500), { message: 'long' }),
    ],
  },
  'place-in-json-has-a-pointer': {
    text: '{"run_tasks": ["ANY"]}\n',
    diagnostics: [
      about('{"run_tasks": ["ANY"]}\n', '"ANY"', {
        code: 'P4002',
        pointer: '/run_tasks/0',
        message: 'not an entry',
      }),
      about('{"run_tasks": ["ANY"]}\n', '{', {
        code: 'P4104',
        severity: 'warning',
        pointer: '',
        message: 'wide',
      }),
    ],
  },
  'file-without-a-text': {
    text: '',
    diagnostics: [about('raed', 'raed', { code: 'P2004', file: 'gone.acl', message: 'file cannot be read' })],
  },
};

describe('text for people', () => {
  test.each(Object.entries(renderings))('%s', async (name, { text, diagnostics }) => {
    const textOf = (file: string): string | undefined => {
      return file === 'a.acl' ? text : file === 'actions.acl' ? '\nread\n' : undefined;
    };
    const rendered = renderText(diagnostics, textOf, { color: false });
    await expect(rendered).toMatchFileSnapshot(join(folder, `${name}.expected`));
  });

  test('every fixture is one of the renderings', () => {
    const names = Object.keys(renderings).map((name) => `${name}.expected`);
    expect(readdirSync(folder).sort()).toEqual(names.sort());
  });

  test('nothing to say is no text', () => {
    expect(renderText([], () => '', { color: false })).toBe('');
  });

  test('colours change nothing but colours', () => {
    const { text, diagnostics } = renderings['message-with-everything']!;
    const render = (color: boolean): string => renderText(diagnostics, () => text, { color });
    expect(render(true)).not.toBe(render(false));
    expect(render(true).replace(/\u001b\[\d+m/g, '')).toBe(render(false));
  });

  test('a diagnostic takes at most 4 KiB whatever it quotes', () => {
    const huge = '日'.repeat(100_000);
    const diagnostic = about(`${huge} raed`, 'raed', {
      message: huge,
      label: huge,
      help: huge,
      related: Array.from({ length: 50 }, () => ({ file: huge, span: { start: 0, end: 1 }, text: huge })),
    });
    const rendered = renderText([diagnostic], () => `${huge} raed`, { color: true });
    expect(Buffer.byteLength(rendered)).toBeLessThanOrEqual(4096);
    expect(rendered).toContain('P1004');
  });

  test('after a thousand diagnostics one line says how many are left off', () => {
    const many = Array.from({ length: maxDiagnostics + 2 }, () => about(rule, 'raed'));
    const rendered = renderText(many, () => rule, { color: false });
    expect(rendered.match(/error\[P1004\]/g)).toHaveLength(maxDiagnostics);
    expect(rendered.endsWith('\n2 more diagnostics not shown\n')).toBe(true);
    const exact = renderText(many.slice(0, maxDiagnostics), () => rule, { color: false });
    expect(exact).not.toContain('not shown');
    expect(limitDiagnostics(many)).toMatchObject({ leftOff: 2 });
  });

  test('a thousand diagnostics in one line of a megabyte are rendered at once', () => {
    const text = 'raed '.repeat(200_000);
    const many = Array.from({ length: 1000 }, (_, i) =>
      about(text, 'raed', { span: { start: i * 500, end: i * 500 + 4 } }),
    );
    const start = performance.now();
    renderText(many, () => text, { color: false });
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

describe('JSON for machines', () => {
  test('places are lines and columns from 1, ends exclusive, and what is absent is left out', () => {
    const json: unknown = JSON.parse(renderJson([about(sample, 'raed')], () => sample));
    expect(json).toEqual([
      {
        code: 'P1004',
        severity: 'error',
        file: 'a.acl',
        line: 7,
        column: 24,
        endLine: 7,
        endColumn: 28,
        message: 'unknown action `raed`',
      },
    ]);
  });

  test('related places and the edits of a fix have places too', () => {
    const start = sample.indexOf('raed');
    const diagnostic = about(sample, 'raed', {
      related: [{ file: 'a.acl', span: { start: 6, end: 11 }, text: 'here' }],
      fix: { safety: 'safe', edits: [{ span: { start, end: start + 4 }, newText: 'read' }] },
    });
    const [json] = JSON.parse(renderJson([diagnostic], () => sample)) as [Record<string, unknown>];
    expect(json.related).toEqual([
      { file: 'a.acl', line: 7, column: 1, endLine: 7, endColumn: 6, text: 'here' },
    ]);
    expect(json.fix).toEqual({
      safety: 'safe',
      edits: [{ line: 7, column: 24, endLine: 7, endColumn: 28, newText: 'read' }],
    });
  });

  test('nothing is left off', () => {
    const many = Array.from({ length: maxDiagnostics + 2 }, () => about(rule, 'raed'));
    expect(JSON.parse(renderJson(many, () => rule))).toHaveLength(maxDiagnostics + 2);
  });
});

test('diagnostics are sorted by file, offset and code, whatever the order they were found in', () => {
  const at = (file: string, start: number, code: Diagnostic['code']): Diagnostic => {
    return { code, severity: 'error', file, span: { start, end: start + 1 }, message: '' };
  };
  const sorted = [
    at('B.acl', 9, 'P0001'),
    at('a.acl', 1, 'P0002'),
    at('a.acl', 1, 'P0004'),
    at('a.acl', 5, 'P0001'),
  ];
  expect(sortDiagnostics(sorted.toReversed())).toEqual(sorted);
});

test('every code of the catalogue has a title in lower case without a full stop', () => {
  for (const [code, title] of Object.entries(diagnosticCodes)) {
    expect(code).toMatch(/^P[0-4]\d{3}$/);
    expect(title).toMatch(/^(?:[a-z]|UTF|ACL|NONE)[^.]*$/);
  }
});

describe('the TextMate grammar', () => {
  const text = readFileSync(new URL('postern.tmLanguage.json', grammar), 'utf8');
  const json = JSON.parse(text) as { repository: Record<string, unknown> };

  /** Every string under one of `keys`, wherever it is nested. */
  function collect(value: unknown, keys: readonly string[]): string[] {
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) => {
      return typeof inner === 'string' ? (keys.includes(key) ? [inner] : []) : collect(inner, keys);
    });
  }

  test('has only regular expressions that compile', () => {
    const patterns = collect(json, ['match', 'begin', 'end']);
    expect(patterns.length).toBeGreaterThan(20);
    for (const pattern of patterns) expect(() => new RegExp(pattern), pattern).not.toThrow();
  });

  test('includes only what its repository has', () => {
    for (const include of collect(json, ['include'])) {
      expect(Object.keys(json.repository)).toContain(include.slice(1));
    }
  });
});
