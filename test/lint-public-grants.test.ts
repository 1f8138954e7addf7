import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { importDcosGrants } from '../src/dcos-grants.ts';
import { createShippedImporter } from '../src/files/importer.ts';
import { defaultConfiguration } from '../src/lint/configuration.ts';
import type { LintReport } from '../src/lint/lint.ts';
import { lintSources } from '../src/lint/lint-sources.ts';
import { rules } from '../src/lint/registry.ts';
import { renderPretty } from '../src/lint/report/pretty.ts';

/**
 * What the rules about DC/OS find in grants that guides, installers and tests of the public make: nearly nothing that cannot
 * be defended in those that nobody has flagged, and what can be seen in a policy in those that somebody has.
 */
interface PublicGrant {
  readonly principal: string;
  readonly resource: string;
  readonly suspect?: string;
  readonly suspectClasses?: readonly string[];
}

const folder = new URL('./fixtures/dcos/', import.meta.url);
const grants = readFileSync(new URL('grants-public.jsonl', folder), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as PublicGrant);

/** Those about what ids and actions mean, and how much they give. */
const asked = new Set([
  'deprecated-resource',
  'escalation-path',
  'literal-star',
  'missing-companion',
  'no-effect-action',
  'over-broad',
  'run-as-root',
  'secret-space-mismatch',
  'secret-without-path',
  'superuser-grant',
  'undefined-subject',
  'unknown-resource',
  'unscoped-owner',
  'unsupported-action',
]);

function lintGrants(lines: readonly PublicGrant[]): LintReport {
  const text = lines.map((line) => `${JSON.stringify({ ...line, ...granteeOf(line) })}\n`).join('');
  const policy = importDcosGrants([{ file: 'grants.jsonl', text }]).text;
  return lintSources([{ file: 'policy.acl', text: policy }], {
    importer: createShippedImporter(),
    rules: rules.filter(({ id }) => asked.has(id)),
    configuration: {
      ...defaultConfiguration,
      levels: new Map([...asked].map((id) => [id, 'warning'])),
      settings: {
        exports: [],
        options: new Map(),
        mode: 'strict',
        target: { product: 'dcos', version: '2.2' },
      },
    },
    today: '2026-01-01',
  });
}

/** Who may do everything says nothing about the other grants, so it is somebody else. */
function granteeOf({ principal, resource }: PublicGrant): object {
  if (principal !== '') return {};
  return { principalType: 'user', principal: resource === 'dcos:superuser' ? 'a-superuser' : 'somebody' };
}

function expectationOf(name: string): string {
  return fileURLToPath(new URL(`grants/${name}`, folder));
}

describe('grants of the public', () => {
  test('that nobody flagged give what they give, and each finding can be defended', async () => {
    const report = lintGrants(grants.filter(({ suspect }) => suspect === undefined));
    expect(report.notRun).toEqual([]);
    await expect(renderPretty(report.findings, report.textOf)).toMatchFileSnapshot(
      expectationOf('lint-unflagged.expected'),
    );
  });

  test('that somebody flagged are found by the rule of their kind, where a policy can show it', async () => {
    const flagged = grants.filter(({ suspect }) => suspect !== undefined);
    const counts = new Map<string, number>();
    for (const grant of flagged) {
      const found = new Set(lintGrants([grant]).findings.map(({ rule }) => rule));
      for (const name of grant.suspectClasses ?? []) {
        for (const rule of found.size === 0 ? ['none'] : found) {
          const key = `${name.padEnd(24)} ${rule}`;
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
      }
    }
    const table = [...counts].sort().map(([key, count]) => `${key.padEnd(50)} ${count}\n`);
    await expect(table.join('')).toMatchFileSnapshot(expectationOf('lint-flagged.expected'));
  });
});
