import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { maxDiagnostics } from '../src/diagnostics/limit.ts';
import { MAX_PARTIAL_MATCHES } from '../src/evaluate/variables.ts';
import { maxLineBytes } from '../src/files/line-splitter.ts';
import { maxPolicySetBytes, maxSourceBytes } from '../src/files/read-policy-source.ts';
import { MAX_ID_LENGTH, MAX_SEGMENTS } from '../src/id/elements.ts';
import { MAX_ACTION_LENGTH, MAX_SUBJECT_LENGTH } from '../src/id/scan.ts';
import { maxJsonDepth } from '../src/json/parse-json.ts';
import { MAX_DOUBLE_STARS } from '../src/resolve/build-elements.ts';
import { MAX_EXPANSIONS } from '../src/resolve/expand-braces.ts';
import { MAX_IMPORT_DEPTH } from '../src/resolve/load-trees.ts';
import { defaultLimits } from '../src/service/http/limits.ts';
import { maxPasswordBytes } from '../src/service/iam/passwords/passwords.ts';
import { maxNesting } from '../src/syntax/lexer.ts';

/** docs/security.md, held against the tests that it names and the limits that there are. */
const root = fileURLToPath(new URL('../', import.meta.url));
const page = readFileSync(`${root}docs/security.md`, 'utf8');

test('every test that the page names is there', () => {
  const missing: string[] = [];
  let count = 0;
  for (const [, file, titles] of page.matchAll(/`([\w/.-]+\.ts)`: ("[^"]+"(?:, "[^"]+")*)/g)) {
    const text = readFileSync(`${root}test/${file}`, 'utf8');
    for (const [, title] of titles!.matchAll(/"([^"]+)"/g)) {
      count++;
      if (!text.includes(title!)) missing.push(`${file}: ${title}`);
    }
  }
  for (const [, name] of page.matchAll(/`decide\/([\w-]+)`/g)) {
    const path = `test/fixtures/decide/${name}.cases.json`;
    if (!existsSync(root + path)) missing.push(path);
  }
  expect(missing).toEqual([]);
  expect(count).toBeGreaterThan(20);
});

test('every file that the page names is there', () => {
  const named = [...page.matchAll(/`((?:src|docs|test)\/[\w/.-]+)`/g)].map(([, path]) => path!);
  expect(named.filter((path) => !existsSync(root + path))).toEqual([]);
});

test('limits are as the page says', () => {
  const rows = new Map(
    [...page.matchAll(/^\| ([^|]+) \| ([^|]+) \| `src\/[^|]+\|$/gm)].map(([, what, value]) => [
      what!,
      value!,
    ]),
  );
  const KiB = 1024;
  const said = (bytes: number): string =>
    bytes % KiB ** 2 === 0 ? `${bytes / KiB ** 2} MiB` : `${bytes / KiB} KiB`;
  const grouped = (number: number): string => number.toLocaleString('en');
  const expected: Readonly<Record<string, string>> = {
    'one source file': said(maxSourceBytes),
    'all files of a policy set': said(maxPolicySetBytes),
    'nesting of parentheses, blocks, groups': grouped(maxNesting),
    'nesting of imports': grouped(MAX_IMPORT_DEPTH),
    'nesting of JSON': grouped(maxJsonDepth),
    'resource id': `${grouped(MAX_ID_LENGTH)} UTF-16 units, ${MAX_SEGMENTS} segments`,
    'subject id': `${grouped(MAX_SUBJECT_LENGTH)} UTF-16 units`,
    action: `${grouped(MAX_ACTION_LENGTH)} UTF-16 units`,
    '`**` in one pattern': grouped(MAX_DOUBLE_STARS),
    'what braces of one pattern stand for': grouped(MAX_EXPANSIONS),
    'partial matches of a rule with shared variables; beyond, it errs': grouped(MAX_PARTIAL_MATCHES),
    'diagnostics of a run; beyond, their number': grouped(maxDiagnostics),
    'body of a request': `${said(defaultLimits.bodyBytes)} (\`limits.bodyBytes\`)`,
    'requests of a batch': `${grouped(defaultLimits.batchSize)} (\`limits.batchSize\`)`,
    'header section': `${said(defaultLimits.headerBytes)} (\`limits.headerBytes\`)`,
    'time for headers': `${defaultLimits.headersTimeoutMs / 1000} s (\`limits.headersTimeoutMs\`)`,
    'time for a whole request': `${defaultLimits.requestTimeoutMs / 1000} s (\`limits.requestTimeoutMs\`)`,
    'a line of JSON lines': said(maxLineBytes),
    'a password': `${grouped(maxPasswordBytes)} bytes`,
  };
  expect(Object.fromEntries([...rows].filter(([what]) => what in expected))).toEqual(expected);
});
