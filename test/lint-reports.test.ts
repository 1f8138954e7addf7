import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { createShippedImporter } from '../src/files/importer.ts';
import { syntax } from '../src/lint/rules/syntax.ts';
import {
  defaultConfiguration,
  defineRule,
  type Finding,
  type LintReport,
  lintSources,
  type ReportOptions,
  reportFormats,
} from '../src/lint.ts';
import type { Rule } from '../src/model/model.ts';
import type { Span } from '../src/source/span.ts';

/**
 * Every format of reports, byte for byte: `test/fixtures/lint-reports/<report>.<ending>`. The rules are made up for it, so
 * that each report holds all that a finding may have, and stays the same while real rules change.
 */
const folder = fileURLToPath(new URL('./fixtures/lint-reports/', import.meta.url));

const endings: Readonly<Record<keyof typeof reportFormats, string>> = {
  pretty: 'txt',
  compact: 'compact.txt',
  json: 'json',
  sarif: 'sarif',
  junit: 'junit.xml',
  github: 'github.txt',
  gitlab: 'gitlab.json',
  markdown: 'md',
};

const options: ReportOptions = { version: '1.2.3', color: false, pathOf: (file) => `policies/${file}` };

const wideGrant = defineRule({
  id: 'wide-grant',
  summary: 'a grant of everything',
  category: 'security',
  presets: { recommended: 'error' },
  isProved: true,
  check: {
    of: 'policy',
    run({ model, report }) {
      for (const rule of model.rules) {
        if (!rule.actions.includes('full')) continue;
        report({
          ...rule.location,
          message: 'rule grants `full`, and <b>everything</b> & more: 100%, *no less*',
          label: 'grants everything',
          help: 'name the actions',
          related: [{ ...model.groups[0]!.location, text: 'to this group' }],
          fix: {
            safety: 'review',
            edits: [{ span: rule.location.span, newText: 'deny anyone to full on a:b' }],
          },
          proof: {
            kind: 'witness',
            request: { subject: 'user:cory', action: 'delete', resource: 'docs:/a' },
            text: 'allowed by this rule alone',
          },
        });
      }
    },
  },
});

const said = defineRule({
  id: 'said-before',
  summary: 'a rule that says what another one said',
  category: 'redundancy',
  presets: { recommended: 'warning' },
  isProved: true,
  check: {
    of: 'policy',
    run({ model: { rules }, sources, report }) {
      for (const [i, rule] of rules.entries()) {
        const first = rules.find((other, j) => j < i && meaningOf(other) === meaningOf(rule));
        if (first === undefined) continue;
        report({
          ...rule.location,
          message: 'rule is said twice',
          help: 'delete it',
          fix: { safety: 'safe', edits: [{ span: sources.spanToDelete(rule)!, newText: '' }] },
          proof: { kind: 'covered', by: [{ ...first.location, text: 'covered by the rule' }] },
        });
      }
    },
  },
});

const note = defineRule({
  id: 'comment',
  summary: 'a comment',
  category: 'style',
  presets: { recommended: 'info' },
  check: {
    of: 'tree',
    run({ tree, report }) {
      for (const { span } of tree.comments) report({ span, message: 'a comment' });
    },
  },
});

const policy = `# Two lines of one text, and a name with a tab: "\t".
group ops { user:cory, user:"ann lee" }
allow user:cory to read on docs:/a
allow user:cory to read on docs:/a
  # Two lines of one text, and a name with a tab: "\t".
allow group:ops {
  full on docs:/**
}
allow user:kim to full on docs:/x # lint: allow wide-grant until 2099-12-31 -- asked for, and "granted"
`;

const reports: Readonly<Record<string, LintReport>> = {
  findings: lintTexts({ 'a & b.acl': policy, 'clean.acl': 'group empty { user:kim }\n' }),
  clean: lintTexts({ 'clean.acl': 'group empty { user:kim }\n' }),
  broken: lintTexts({ 'broken.acl': 'group ops { user:cory\nallow group:ops read on docs:/a\n' }),
};

describe.each(Object.entries(reports))('%s', (name, report) => {
  test.each(Object.entries(reportFormats))('as %s', async (format, render) => {
    const ending = endings[format as keyof typeof endings];
    await expect(render(report, options)).toMatchFileSnapshot(join(folder, `${name}.${ending}`));
  });

  test('the SARIF document is what the schema of OASIS wants', () => {
    const schema = JSON.parse(
      readFileSync(new URL('./fixtures/lint/sarif-schema-2.1.0.json', import.meta.url), 'utf8'),
    );
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    validate(JSON.parse(reportFormats.sarif(report, options)));
    expect(validate.errors).toBeNull();
  });

  test('places in the JSON document are those of the findings', () => {
    const document = JSON.parse(reportFormats.json(report, options));
    const texts = document.findings.map((found: Place) => textAt(report, found));
    expect(texts).toEqual(report.findings.map(({ file, span }) => sliceOf(report.textOf(file)!, span)));
  });
});

test('fingerprints are all different, and stay when lines move and are indented', () => {
  const fingerprints = (text: string): string[] =>
    JSON.parse(reportFormats.gitlab(lintTexts({ 'a.acl': text }), options)).map(
      ({ fingerprint }: { fingerprint: string }) => fingerprint,
    );
  const before = fingerprints(policy);
  expect(new Set(before).size).toBe(before.length);
  const moved = policy
    .replace('allow user:cory', '\n\nallow user:cory')
    .replace('  full on', '\t\tfull   on');
  expect(fingerprints(moved)).toEqual(before);
});

test('a finding cannot end a command of GitHub, or begin one', () => {
  const report: LintReport = {
    ...reports.clean!,
    findings: [finding('two\nlines ::error::x\r\n::set-env name=x::y', 'a,b:c.acl')],
  };
  const text = reportFormats.github(report, options);
  expect(text.trimEnd().split('\n')).toHaveLength(1);
  expect(text).toContain('file=policies/a%2Cb%3Ac.acl,');
});

test('colours are for those who ask for them', () => {
  expect(reportFormats.pretty(reports.findings!, { ...options, color: true })).toContain('\u001b[31m');
  for (const render of Object.values(reportFormats)) {
    expect(render(reports.findings!, options)).not.toContain('\u001b');
  }
});

function meaningOf({ subjects, actions, resources }: Rule): string {
  return JSON.stringify([subjects, actions, resources]);
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

function textAt(report: LintReport, { file, line, column, endLine, endColumn }: Place): string {
  const text = report.textOf(file.replace('policies/', ''))!;
  const lines = text.split('\n');
  const offset = (row: number, col: number): number =>
    lines.slice(0, row - 1).reduce((sum, each) => sum + each.length + 1, 0) + col - 1;
  return text.slice(offset(line, column), offset(endLine, endColumn));
}

function sliceOf(text: string, { start, end }: Span): string {
  return text.slice(start, end);
}

function finding(message: string, file: string): Finding {
  return { rule: 'comment', severity: 'warning', file, span: { start: 0, end: 1 }, message };
}

function lintTexts(texts: Readonly<Record<string, string>>): LintReport {
  return lintSources(
    Object.entries(texts).map(([file, text]) => ({ file, text })),
    {
      importer: createShippedImporter(),
      rules: [syntax, wideGrant, said, note],
      configuration: defaultConfiguration,
      today: '2026-01-01',
    },
  );
}
