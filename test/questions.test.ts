import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runPostern } from './support/run-postern.ts';

/**
 * Questions about DC/OS with the answers that its documentation and tests give, put to the shipped policies through the
 * command line. The format is told in test/fixtures/dcos/README.md.
 */
type Question = { readonly id: string; readonly allowed: boolean; readonly why: string } & (
  | { readonly kind: 'space'; readonly secret: string; readonly service: string }
  | CheckQuestion
);

interface CheckQuestion {
  readonly kind: 'check';
  readonly grants: readonly {
    readonly principal: string;
    readonly resource: string;
    readonly action: string;
  }[];
  readonly mode: string;
  /** False: an in-cluster request without a token, which has no subject. */
  readonly token?: boolean;
  readonly principal: string;
  readonly groups: readonly string[];
  readonly resource: string;
  readonly action: string;
  /** `1.10-2.2`: the releases of which it is asked. */
  readonly dcosVersions?: string;
}

const questions = JSON.parse(
  readFileSync(new URL('./fixtures/dcos/questions.json', import.meta.url), 'utf8'),
) as readonly Question[];

const folder = mkdtempSync(join(tmpdir(), 'postern-questions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the shipped policies answer the questions about DC/OS', () => {
  test('all 41 of them are asked', () => {
    expect(questions).toHaveLength(41);
  });

  test.concurrent.each(questions)('$id: $why', { timeout: 60_000 }, async (question) => {
    const policy = join(folder, `${question.id}.acl`);
    writeFileSync(policy, policyOf(question));
    const mode = question.kind === 'check' ? ['--mode', question.mode] : [];
    const run = await runPostern(['eval', '-p', policy, ...mode], {
      cwd: folder,
      input: `${JSON.stringify(requestOf(question))}\n`,
    });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(run.stdout)).toMatchObject({ decision: question.allowed ? 'allow' : 'deny' });
  });
});

describe('turning grants into policies', () => {
  test('a star is literal, but for the two that DC/OS takes for patterns', () => {
    expect(quoteResource('dcos:mesos:master:framework:role:*')).toBe('"dcos:mesos:master:framework:role:*"');
    expect(quoteResource('dcos:cluster:linker:*')).toBe('dcos:cluster:linker:*');
    expect(quoteResource('dcos:secrets:default:/kafka/*')).toBe('"dcos:secrets:default:/kafka"/*');
    expect(quoteResource('dcos:secrets:default:/a/*/b')).toBe('"dcos:secrets:default:/a/*/b"');
  });

  test('the catalogue is that of the newest release that the question is about', () => {
    expect(catalogueFor(undefined)).toBe('postern:dcos');
    expect(catalogueFor('1.10-2.2')).toBe('postern:dcos');
    expect(catalogueFor('1.8-1.11')).toBe('postern:dcos/1.11');
    expect(catalogueFor('1.7')).toBe('postern:dcos/1.7');
  });
});

function policyOf(question: Question): string {
  if (question.kind === 'space') return 'import "postern:dcos/spaces"\n';
  const groups = question.groups.map(
    (group) => `group ${JSON.stringify(group)} { user:"${question.principal}" }\n`,
  );
  const rules = question.grants.map(({ principal, action, resource }) => {
    const type = question.groups.includes(principal) ? 'group' : 'user';
    return `allow ${type}:"${principal}" to ${action} on ${quoteResource(resource)}\n`;
  });
  return [`import "${catalogueFor(question.dcosVersions)}"\n`, ...groups, ...rules].join('');
}

/** `postern:dcos` is the catalogue of 2.2, and names every mode there ever was. */
function catalogueFor(versions: string | undefined): string {
  const newest = versions?.split('-').at(-1) ?? '2.2';
  return newest === '2.2' ? 'postern:dcos' : `postern:dcos/${newest}`;
}

/** Ids of grants are literal, quoted as a whole; two of DC/OS's stars are patterns. */
function quoteResource(resource: string): string {
  if (resource === 'dcos:cluster:linker:*') return resource;
  const directory = /^(dcos:secrets:default:[^*]*)\/\*$/.exec(resource)?.[1];
  return directory === undefined ? JSON.stringify(resource) : `${JSON.stringify(directory)}/*`;
}

function requestOf(question: Question): unknown {
  if (question.kind === 'space') {
    return {
      subject: `service:${question.service}`,
      action: 'read',
      resource: `dcos:secrets:default:/${question.secret}`,
    };
  }
  const { principal, action, resource, token } = question;
  return token === false ? { action, resource } : { subject: `user:${principal}`, action, resource };
}
