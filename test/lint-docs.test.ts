import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { createImporter } from '../src/files/importer.ts';
import { lintFixture, rules } from '../src/lint.ts';

/**
 * The pages of lint rules, done: in each block under Avoid the rule finds something, in none under Prefer, when it runs
 * alone and at its strictest.
 */
const folder = fileURLToPath(new URL('../docs/rules/', import.meta.url));
/** Imports of blocks lead nowhere but to shipped policies. */
const empty = mkdtempSync(join(tmpdir(), 'postern-rules-'));
afterAll(() => rmSync(empty, { recursive: true, force: true }));

const pages = readdirSync(folder)
  .filter((name) => name.endsWith('.md') && name !== 'README.md')
  .map((name) => ({ id: name.slice(0, -'.md'.length), page: readFileSync(join(folder, name), 'utf8') }));

interface Block {
  readonly id: string;
  readonly place: string;
  readonly section: string;
  readonly isAvoid: boolean;
  readonly text: string;
}

const blocks = pages.flatMap(({ id, page }) => readBlocks(id, page));

describe('pages of lint rules', () => {
  test.each(pages)('$id has its sections, in order', ({ id, page }) => {
    const headings = [...page.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ .*$/gm)].map(([text]) => text);
    expect(headings).toEqual([
      `# ${id}`,
      '## What it reports',
      '## Avoid',
      '## Prefer',
      '## Why',
      '## Configuration',
    ]);
  });

  test.each(pages)('$id has a block to avoid and one to prefer, each in its section', ({ id }) => {
    const own = blocks.filter((block) => block.id === id);
    expect(own.some(({ isAvoid }) => isAvoid)).toBe(true);
    expect(own.some(({ isAvoid }) => !isAvoid)).toBe(true);
    expect(own.filter(({ isAvoid, section }) => section !== (isAvoid ? '## Avoid' : '## Prefer'))).toEqual(
      [],
    );
  });

  test.each(blocks.filter(({ isAvoid }) => isAvoid))('something is found at $place', (block) => {
    expect(lintBlock(block).report.findings).not.toEqual([]);
  });

  test.each(blocks.filter(({ isAvoid }) => !isAvoid))('nothing is found at $place', (block) => {
    const { text, report } = lintBlock(block);
    expect(text).toBe('');
    expect(report.hasErrors).toBe(false);
  });
});

function lintBlock({ id, place, text }: Block) {
  const rule = rules.find((known) => known.id === id)!;
  return lintFixture(rule, [{ file: `${place.replace(/\W+/g, '-')}.acl`, text }], createImporter(empty));
}

function readBlocks(id: string, page: string): Block[] {
  const found: Block[] = [];
  let section = '';
  let open: { isAvoid: boolean; line: number; text: string } | undefined;
  for (const [index, line] of page.split('\n').entries()) {
    if (open === undefined && line.startsWith('## ')) section = line;
    const fence = /^```(.*)$/.exec(line)?.[1];
    if (fence === undefined) {
      if (open !== undefined) open.text += `${line}\n`;
    } else if (open !== undefined) {
      found.push({ id, place: `docs/rules/${id}.md:${open.line}`, section, ...open });
      open = undefined;
    } else if (fence === 'acl' || fence === 'acl avoid') {
      open = { isAvoid: fence === 'acl avoid', line: index + 2, text: '' };
    } else if (fence !== '') {
      // Of another language, such as an example of a configuration: read past.
      open = undefined;
    }
  }
  return found;
}
