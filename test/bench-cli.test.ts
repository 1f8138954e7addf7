import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateRequests } from '../src/cli/bench/generate-requests.ts';
import type { Model } from '../src/cli/bench/model-types.ts';
import { type Translation, translate } from '../src/cli/bench/peers/translate.ts';
import { percentileOf } from '../src/cli/bench/percentiles.ts';
import { renderReportHtml } from '../src/cli/bench/render-html.ts';
import { renderReportText } from '../src/cli/bench/render-text.ts';
import type { BenchReport } from '../src/cli/bench/report.ts';
import { RequestSource } from '../src/cli/bench/request-batch.ts';
import { Authorizer, build, buildFiles, type Request } from '../src/index.ts';
import { runInProcess } from './support/run-command-line.ts';
import { runPostern } from './support/run-postern.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const fixtures = join(repository, 'test/fixtures/bench-cli');
const policyText = `
group ops { user:root, group:sre }
group sre { user:nick }
allow group:ops to read on doc:/team/**
allow user:ada to edit on doc:/team/*
deny anyone to edit on doc:/team/secret
allow authenticated to list on doc:/team
`;

let folder: string;
let policy: string;
let image: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-bench-'));
  policy = write('policy.acl', policyText);
  image = join(folder, 'policy.pimg');
  expect((await runInProcess('compile', policy, '-o', image)).code).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** As short as it goes: nothing here depends on what is measured. */
function bench(...words: readonly string[]) {
  return runInProcess('bench', '--seconds', '0.1', '--rounds', '3', '--count', '200', ...words);
}

async function benchJson(...words: readonly string[]): Promise<BenchReport> {
  const { stdout, stderr } = await bench('--format', 'json', ...words);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as BenchReport;
}

function writeRequests(name: string, requests: readonly unknown[]): string {
  return write(name, requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
}

function modelOf(text: string): Model {
  const result = build([{ file: 'policy.acl', text }]);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.model;
}

// ---------------------------------------------------------------- reports

describe('reports', () => {
  test('as text there is a table for everything measured', async () => {
    const { code, stdout, stderr } = await bench('-p', policy);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const labels = stdout.split('\n').map((line) => line.split(/ {2,}/)[0]);
    expect(labels).toEqual(
      expect.arrayContaining(['policy', 'requests', 'build', 'load', 'image', 'memory', 'machine']),
    );
    expect(stdout).toMatch(/^answers +requests +share$/m);
    expect(stdout).toMatch(/^throughput +decisions\/s +median +p10 +p90 +rounds$/m);
    expect(stdout).toMatch(/^single calls +p50 +p90 +p99 +p99.9 +max +calls$/m);
    expect(stdout).toMatch(/^ {2}isAllowed .*\n {2}decide /m);
  });

  test('as JSON everything has its place, and units in the names', async () => {
    const report = await benchJson('-p', policy);
    expect(report).toEqual({
      format: 'postern-bench/1',
      machine: {
        measuredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        node: process.versions.node,
        platform: expect.any(String),
        processor: expect.any(String),
        processorCount: expect.any(Number),
      },
      policy: {
        sources: [policy],
        revision: expect.stringMatching(/^[0-9a-f]{32}$/),
        ruleCount: 4,
        buildMs: expect.any(Number),
        imageBytes: readFileSync(image).length,
        loadMedianMs: expect.any(Number),
        inNewProcess: { loadMs: expect.any(Number), retainedBytes: expect.any(Number) },
      },
      requests: {
        seed: 1,
        count: 200,
        plainCount: 200,
        strings: 'fresh',
        outcomes: expect.any(Array),
        decidingRuleCount: 4,
      },
      calls: ['isAllowed', 'decide'].map((call) => ({
        call,
        rounds: 3,
        decisionsPerRound: expect.any(Number),
        decisionsPerSecond: expect.any(Number),
        medianNs: expect.any(Number),
        p10Ns: expect.any(Number),
        p90Ns: expect.any(Number),
        latency: {
          sampleCount: expect.any(Number),
          p50Ns: expect.any(Number),
          p90Ns: expect.any(Number),
          p99Ns: expect.any(Number),
          p999Ns: expect.any(Number),
          maxNs: expect.any(Number),
        },
      })),
    });
    expect(report.requests.outcomes.reduce((sum, { count }) => sum + count, 0)).toBe(200);
  });

  test('as HTML it is one page that needs nothing else, and nothing in it comes alive', async () => {
    const name = '<img src=x onerror=alert(1)>&"\'.acl';
    const hostile = write(name, 'allow user:"<script>alert(1)</script>" to read on doc:"<b>"/**\n');
    const other = write('other.acl', 'allow user:ada to read on doc:x\n');
    const otherImage = join(folder, 'other.pimg');
    await runInProcess('compile', other, '-o', otherImage);
    const { code, stdout } = await bench('-p', hostile, '--format', 'html', '--baseline', otherImage);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(stdout.match(/<(?:script|img|link|iframe|b)\b/g)).toBeNull();
    expect(stdout.match(/\b(?:src|href)=(?!x)|url\(|@import|https?:/g)).toBeNull();
    expect(stdout).toContain('&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;.acl');
    expect(stdout).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(stdout).toContain('prefers-color-scheme: dark');
    expect(stdout.match(/<svg role="img" aria-label="/g)).toHaveLength(2);
    expect(balanceOf(stdout)).toEqual([]);
  });

  test('-o writes the report to a file, and nothing to standard output', async () => {
    const path = join(folder, 'report.txt');
    expect(await bench('-p', policy, '-o', path)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(path, 'utf8')).toMatch(/^policy /);
  });

  test('an output that cannot be written is said', async () => {
    const { code, stderr } = await bench('-p', policy, '-o', join(folder, 'none', 'report.txt'));
    expect(code).toBe(3);
    expect(stderr).toMatch(/^postern: `.*report.txt` cannot be written: no such file or folder\n$/);
  });

  test('every figure has a fixed place, whatever its size', async () => {
    const report = exampleReport();
    await expect(renderReportText(report)).toMatchFileSnapshot('fixtures/bench-cli/report.txt');
    await expect(renderReportHtml(report)).toMatchFileSnapshot('fixtures/bench-cli/report.html');
  });

  test('percentiles are values that were measured', () => {
    const sorted = Float64Array.from({ length: 1_000 }, (_, i) => i + 1);
    expect([0, 50, 90, 99, 99.9, 100].map((percent) => percentileOf(sorted, percent))).toEqual([
      1, 500, 900, 990, 999, 1_000,
    ]);
    expect(percentileOf(Float64Array.of(7), 99.9)).toBe(7);
  });
});

/** Tags that are opened and not closed, or the other way round. */
function balanceOf(html: string): string[] {
  const open: string[] = [];
  for (const [, slash, name, end] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/g)) {
    if (end === '/' || name === 'meta') continue;
    if (slash === '') open.push(name!);
    else if (open.at(-1) === name) open.pop();
    else return [...open, `/${name}`];
  }
  return open;
}

/** Figures that no machine gave. */
function exampleReport(): BenchReport {
  const throughput = (medianNs: number) => ({
    rounds: 400,
    decisionsPerRound: 500,
    decisionsPerSecond: 1e9 / medianNs,
    medianNs,
    p10Ns: medianNs * 0.9,
    p90Ns: medianNs * 1.2,
  });
  const latency = (p50Ns: number) => ({
    sampleCount: 200_000,
    p50Ns,
    p90Ns: p50Ns * 1.5,
    p99Ns: p50Ns * 3,
    p999Ns: p50Ns * 20,
    maxNs: p50Ns * 20_000,
  });
  const request = { subject: 'user:ada', action: 'read', resource: 'doc:<b>/a' };
  return {
    format: 'postern-bench/1',
    machine: {
      measuredAt: '2026-01-01T00:00:00.000Z',
      node: '24.0.0',
      platform: 'linux x64',
      processor: 'A processor',
      processorCount: 2,
    },
    policy: {
      sources: ['policies', 'more.acl'],
      revision: '0'.repeat(32),
      ruleCount: 1_234,
      mode: 'strict',
      buildMs: 45.6,
      imageBytes: 65_432,
      loadMedianMs: 0.123,
      inNewProcess: { loadMs: 1.23, retainedBytes: 76_543 },
    },
    requests: {
      seed: 7,
      count: 10_000,
      plainCount: 9_000,
      strings: 'fresh',
      outcomes: [
        { decision: 'allow', reason: 'rule', count: 6_000 },
        { decision: 'deny', reason: 'default', count: 4_000 },
      ],
      decidingRuleCount: 1_000,
    },
    calls: [
      { call: 'isAllowed', ...throughput(400), latency: latency(380) },
      { call: 'decide', ...throughput(640), latency: latency(600) },
    ],
    baseline: {
      image: 'main.pimg',
      revision: '1'.repeat(32),
      imageBytes: 60_000,
      maxRatio: 1.2,
      isRegression: true,
      calls: [
        {
          call: 'isAllowed',
          policyMedianNs: 400,
          baselineMedianNs: 300,
          ratio: 4 / 3,
          latency: latency(290),
        },
        { call: 'decide', policyMedianNs: 640, baselineMedianNs: 640, ratio: 1, latency: latency(590) },
      ],
      differingCount: 12,
      firstDifference: { request, policy: 'allow', baseline: 'deny' },
    },
    peers: [
      {
        engine: 'casbin',
        package: 'casbin',
        version: '5.0.0',
        size: '1,500 policies, 20 roles',
        buildMs: 12.3,
        losses: [{ what: 'rules with conditions', count: 3, first: 'more.acl:8' }],
        comparableCount: 8_000,
        differingCount: 900,
        firstDifference: { request, ours: 'allow', theirs: 'deny' },
        unaskableCount: 1_000,
        unaskedCount: 100,
        throughput: { postern: throughput(390), peer: throughput(1_250_000), ratio: 1_250_000 / 390 },
      },
      {
        engine: 'cedar',
        package: '@cedar-policy/cedar-wasm',
        version: '4.0.0',
        size: '1,200 policies',
        buildMs: 1_234,
        losses: [
          { what: 'rules with conditions', count: 3, first: 'more.acl:8' },
          { what: 'superusers', count: 1, first: 'more.acl:1' },
        ],
        comparableCount: 0,
        differingCount: 9_000,
        firstDifference: { request, ours: 'allow', theirs: 'error: out of memory' },
        unaskableCount: 1_000,
        unaskedCount: 0,
      },
    ],
  };
}

// ---------------------------------------------------------------- requests

describe('generated requests', () => {
  const examples = readdirSync(join(repository, 'policies/examples'));

  test('are the same for the same seed, and others for another', () => {
    const model = modelOf(policyText);
    const first = generateRequests(model, { count: 500, seed: 3 });
    expect(generateRequests(model, { count: 500, seed: 3 })).toEqual(first);
    expect(generateRequests(model, { count: 500, seed: 4 })).not.toEqual(first);
    expect(generateRequests(model, { count: 100, seed: 3 })).toEqual(first.slice(0, 100));
  });

  test.each(examples)(
    'of %s are well formed, reach its rules, and are allowed and denied',
    async (example) => {
      const result = await buildFiles([join(repository, 'policies/examples', example)], { root: repository });
      if (!result.ok) throw new Error('the example has an error');
      const authorizer = Authorizer.fromImage(result.image);
      const requests = generateRequests(result.model, { count: 2_000, seed: 1 });
      const decisions = requests.map((request) => authorizer.decide(request));
      expect(decisions.filter(({ reason }) => reason === 'malformed')).toEqual([]);
      const share = decisions.filter(({ decision }) => decision === 'allow').length / decisions.length;
      expect(share).toBeGreaterThan(0.25);
      expect(share).toBeLessThan(0.9);
      const reached = new Set(
        decisions.flatMap(({ rule }) => (rule === undefined ? [] : [JSON.stringify(rule)])),
      );
      const places = new Set(
        result.model.rules.map(({ location, line, role }) => `${location.file}:${line}:${role?.line}`),
      );
      expect(reached.size).toBeGreaterThan(places.size / 2);
    },
  );

  test('variables hold the same text in subject and resource', () => {
    const model = modelOf('allow user:{name} to edit on home:/{name}/{rest**}/x\n');
    const authorizer = Authorizer.fromSources([
      { file: 'policy.acl', text: 'allow user:{name} to edit on home:/{name}/{rest**}/x\n' },
    ]);
    const requests = generateRequests(model, { count: 400, seed: 1 });
    const allowed = requests.filter((request) => authorizer.decide(request).decision === 'allow');
    // Six in ten are no near miss.
    expect(allowed.length).toBeGreaterThan(200);
  });

  test.each([
    ['a comparison', 'context.level >= 3 && context.name == "x"'],
    ['a comparison turned around', '3 <= context.level'],
    ['a negation', '!(context.blocked == true)'],
    ['an alternative', 'context.a == 1 || context.b == 2'],
    ['an address', 'context.ip in cidr("10.1.0.0/16")'],
    ['a list of the policy', 'context.city in ["rome", "oslo"]'],
    ['a list of the request', '"rome" in context.cities'],
    ['a group', 'subject in group:ops'],
    ['a text', 'context.agent like "office/?*"'],
    ['an attribute that is there', 'context has vpn && resource.level != 4'],
    ['a nested attribute', 'subject.team.name == "red"'],
    ['a time', 'context.now < time("2026-01-01T00:00:00Z")'],
    ['a duration', 'context.age > duration("1h30m")'],
  ])('bring along what a condition asks for: %s', (_, condition) => {
    const text = `group ops { user:root }\nallow user:ada to read on doc:/** when ${condition}\n`;
    const authorizer = Authorizer.fromSources([{ file: 'policy.acl', text }]);
    const requests = generateRequests(modelOf(text), { count: 200, seed: 1 });
    const allowed = requests.filter((request) => authorizer.decide(request).decision === 'allow');
    expect(allowed.length).toBeGreaterThan(80);
  });

  test('ask with a group that has no members', () => {
    const requests = generateRequests(modelOf('group empty {}\nallow group:empty to read on doc:x\n'), {
      count: 50,
      seed: 1,
    });
    expect(requests.every(({ groups }) => groups?.[0] === 'empty')).toBe(true);
  });

  test('cannot be made from an image, or from no rule', async () => {
    const fromImage = await bench('-p', image);
    expect(fromImage.code).toBe(2);
    expect(fromImage.stderr).toMatch(
      /^postern: requests are generated from the text of policies, .*--requests/,
    );
    const fromNothing = await bench('-p', write('empty.acl', '# nothing\n'));
    expect(fromNothing.code).toBe(2);
    expect(fromNothing.stderr).toMatch(/^postern: the policies hold no rule .*--requests/);
  });

  test('are as many as asked for', async () => {
    expect((await benchJson('-p', policy, '--count', '37', '--seed', '9')).requests).toMatchObject({
      seed: 9,
      count: 37,
    });
  });
});

describe('requests from a file', () => {
  const request = { subject: 'user:ada', action: 'edit', resource: 'doc:/team/a' };
  const run = (path: string, ...words: string[]) =>
    runInProcess('bench', '--seconds', '0.1', '--rounds', '3', '-p', policy, '--requests', path, ...words);

  test('are all asked; those with more than ids are for `decide` alone', async () => {
    const path = writeRequests('some.jsonl', [
      request,
      { ...request, groups: ['ops'] },
      { ...request, context: {} },
      { action: 'edit', resource: 'doc:/team/a' },
      { ...request, subject: 5 },
    ]);
    const { stdout } = await run(path, '--format', 'json');
    const { requests, calls } = JSON.parse(stdout) as BenchReport;
    expect(requests).toMatchObject({ file: path, count: 5, plainCount: 2 });
    expect(requests).not.toHaveProperty('seed');
    expect(requests.outcomes).toContainEqual({ decision: 'deny', reason: 'malformed', count: 1 });
    expect(calls.map(({ call }) => call)).toEqual(['isAllowed', 'decide']);
  });

  test('`isAllowed` is not measured where none is plain', async () => {
    const path = writeRequests('groups.jsonl', [{ ...request, groups: ['ops'] }]);
    const { stdout } = await run(path, '--format', 'json');
    expect((JSON.parse(stdout) as BenchReport).calls.map(({ call }) => call)).toEqual(['decide']);
  });

  test('an image is measured with them', async () => {
    const path = writeRequests('one.jsonl', [request]);
    const { code, stdout } = await runInProcess('bench', '--seconds', '0.1', '-p', image, '--requests', path);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^build +none: this is an image$/m);
  });

  test.each([
    [
      'a line that is no JSON',
      `${JSON.stringify(request)}\n{"action"\n`,
      3,
      /line 2: expected .* at column 10: mend the line/,
    ],
    ['a key that is unknown', '{"actoin":"read"}\n', 3, /line 1: unknown key `actoin`/],
    ['a blank line', `${JSON.stringify(request)}\n\n`, 3, /line 2: blank line/],
    ['no line', '', 2, /holds no request: write one a line, .*leave --requests out/],
  ])('%s is said', async (_, text, code, message) => {
    const result = await run(write('bad.jsonl', text));
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(message);
  });

  test('a file that is not there is said', async () => {
    const result = await run(join(folder, 'none.jsonl'));
    expect(result.code).toBe(3);
    expect(result.stderr).toMatch(/none.jsonl` cannot be read: no such file or folder/);
  });
});

describe('strings of requests', () => {
  const requests: Request[] = [
    { subject: 'user:ada', action: 'read', resource: 'doc:/ä/日本', groups: ['ops'], context: { a: 1 } },
    { action: 'read' },
    { subject: 5 as unknown as string, action: 'read', resource: 'doc:x' },
  ];

  test('are equal to those given, around and around', () => {
    for (const isReusing of [true, false]) {
      const source = new RequestSource(requests, isReusing);
      expect(source.take(1, 4)).toEqual([requests[1], requests[2], requests[0], requests[1]]);
    }
  });

  test('--reuse-strings is told in the report', async () => {
    expect((await benchJson('-p', policy, '--reuse-strings')).requests.strings).toBe('reused');
  });
});

// ---------------------------------------------------------------- usage

test('the overview of commands names it', async () => {
  expect((await runPostern(['--help'])).stdout).toContain('\n  bench ');
});

describe('wrong usage', () => {
  test.each([
    ['--max-ratio 1.2', /--max-ratio goes with --baseline: name the image/],
    ['--requests x.jsonl --seed 3', /--count and --seed are for generated requests/],
    ['--against casl,casbni', /does not know `casbni`, did you mean casbin: it takes casl, casbin, cedar/],
    ['--against opa', /does not know `opa`: it takes casl, casbin, cedar/],
    ['--against=', /does not know ``: it takes/],
    ['--rounds 0', /'0' is invalid: write a whole number from 1 to 100000/],
    ['--seconds soon', /'soon' is invalid: write a number from 0.1 to 3600/],
    ['--count 1e3', /'1e3' is invalid: write a whole number/],
    ['--seed -1', /'-1' is invalid: write a whole number from 0/],
    ['--baseline x.pimg --max-ratio 0', /'0' is invalid: write a number from 0.01/],
    ['--format xml', /'xml' is invalid: allowed choices are text, json, html/],
    ['--mode lenient', /unknown mode `lenient`; the policy names none/],
  ])('%s', async (words, message) => {
    const result = await runInProcess('bench', '-p', policy, ...words.split(' '));
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(message);
  });

  test('a policy with an error is shown, and nothing is measured', async () => {
    const { code, stdout, stderr } = await bench('-p', write('broken.acl', 'allow to\n'));
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('no policy is loaded');
  });

  test('--help has examples and the exit codes', async () => {
    const { code, stdout } = await runPostern(['bench', '--help']);
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot('fixtures/cli/help-bench.txt');
  });
});

// ---------------------------------------------------------------- the baseline

describe('--baseline', () => {
  test('without --max-ratio it only reports', async () => {
    const report = await benchJson('-p', policy, '--baseline', image);
    expect(report.baseline).toMatchObject({ image, differingCount: 0, isRegression: false });
    expect(report.baseline!.revision).toMatch(/^[0-9a-f]{32}$/);
    for (const { ratio, policyMedianNs, baselineMedianNs } of report.baseline!.calls)
      expect(ratio).toBeCloseTo(policyMedianNs / baselineMedianNs, 2);
  });

  test('a ratio within the limit is fine', async () => {
    const { code, stdout } = await bench('-p', policy, '--baseline', image, '--max-ratio', '1000');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /isAllowed takes [\d.]+ times what it takes with the baseline, and 1000 is allowed/,
    );
    expect(stdout).toContain('both decide every request alike');
  });

  test('a ratio above the limit ends with 1, and says by how much', async () => {
    // No policy decides in a hundredth of the time that itself takes.
    const { code, stdout, stderr } = await bench('-p', policy, '--baseline', image, '--max-ratio', '0.01');
    expect(code).toBe(1);
    const line =
      /regression: isAllowed takes [\d.]+ times what it takes with the baseline, [\d.]+ % above the 0.01/;
    expect(stdout).toMatch(line);
    expect(stderr).toMatch(line);
  });

  test('requests that the two decide otherwise are noted, and are no failure', async () => {
    const other = write('narrow.acl', policyText.replace('user:ada', 'user:eve'));
    const { code, stdout } = await bench('-p', other, '--baseline', image);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /note: \d+ of 200 requests are decided otherwise; the first is user:\S+ edit doc:/,
    );
  });

  test('it has to be an image, and know the mode', async () => {
    const noImage = await bench('-p', policy, '--baseline', policy);
    expect(noImage.code).toBe(3);
    expect(noImage.stderr).toMatch(/policy.acl` cannot be used: this is not a Postern image/);
    const modes = write(
      'modes.acl',
      'namespace lab { resource lab:safe { actions open  enforced in strict } }\nallow user:ada to open on lab:safe\n',
    );
    const noMode = await bench('-p', modes, '--mode', 'strict', '--baseline', image);
    expect(noMode.code).toBe(2);
    expect(noMode.stderr).toMatch(/^postern: baseline `.*policy.pimg`: unknown mode `strict`/);
  });
});

// ---------------------------------------------------------------- other engines

describe('translation for other engines', () => {
  const translated = (text: string, mode?: string): Translation =>
    translate(modelOf(text), { mode, textOf: () => text });
  const grantsOf = (text: string) =>
    translated(text).grants.map(({ effect, grantee, actions, resource }) => {
      const who =
        grantee.kind === 'subject'
          ? grantee.id
          : grantee.kind === 'group'
            ? `group:${grantee.name}`
            : grantee.kind;
      return `${effect} ${who} ${actions.join(',')} ${resource.kind === 'literal' ? resource.id : resource.text}`;
    });

  test.each([
    ['a plain rule', 'allow user:ada to read on doc:/a', ['allow user:ada read doc:/a']],
    [
      'several of everything',
      'deny user:ada, anyone to read, edit on doc:/{a,b}/*',
      [
        'deny user:ada read,edit doc:/a/*',
        'deny user:ada read,edit doc:/b/*',
        'deny anyone read,edit doc:/a/*',
        'deny anyone read,edit doc:/b/*',
      ],
    ],
    [
      'an implication, downwards for an allow',
      'action manage implies write\naction write implies read\nallow user:ada to manage on doc:x',
      ['allow user:ada manage,write,read doc:x'],
    ],
    [
      'an implication, both ways for a deny',
      'action manage implies write\naction write implies read\ndeny user:ada to write on doc:x',
      ['deny user:ada write,read,manage doc:x'],
    ],
    [
      'an implication of a namespace, for its resources alone',
      'namespace box { action full implies read }\nallow user:ada to full on box:x\nallow user:ada to full on bag:x',
      ['allow user:ada full,read box:x', 'allow user:ada full bag:x'],
    ],
    [
      'a role',
      'role r(x) { read on doc:/{x}/** }\ngrant r(blue) to authenticated',
      ['allow authenticated read doc:/blue/**'],
    ],
  ])('says %s', (_, text, grants) => {
    expect(grantsOf(text)).toEqual(grants);
    expect(translated(text).losses).toEqual([]);
  });

  test.each([
    [
      'rules with conditions',
      'allow user:ada to read on doc:x\nallow anyone to read on doc:y when context.a == 1',
      2,
    ],
    ['rules with variables', '\n\nallow user:{n} to read on home:{n}', 3],
    ['rules in rulesets', 'ruleset r deny-overrides {\n allow anyone to read on doc:x\n}', 2],
    ['subjects by pattern', 'allow user:*@example.com, user:ada to read on doc:x', 1],
    ['members of groups by pattern', '\ngroup g { user:a*, user:ada }\nallow group:g to read on doc:x', 2],
    ['superusers', '\nnamespace box { superuser box:root }\nallow user:ada to read on box:root', 2],
    [
      'ids whose template may add others (translated as the id alone)',
      'namespace box { resource box:<a>[:<b>] { actions read } }\nallow user:ada to read on box:x',
      2,
    ],
    [
      'implications of namespaces under a pattern that begins with a wildcard',
      'namespace box { action full implies read }\nallow user:ada to full on **',
      2,
    ],
  ])('counts %s, with the place of the first', (what, text, line) => {
    expect(translated(text).losses).toEqual([{ what, count: 1, first: `policy.acl:${line}` }]);
  });

  test('modes are lost only where one is in force', () => {
    const text = 'namespace lab {\n resource lab:safe { actions open  enforced in strict }\n}\n';
    expect(translated(text).losses).toEqual([]);
    expect(translated(text, 'strict').losses).toEqual([
      { what: 'templates enforced by mode', count: 1, first: 'policy.acl:2' },
    ]);
  });

  test('a template that adds nothing loses nothing', () => {
    expect(
      translated('namespace box { resource box:<a> { actions read } }\nallow user:ada to read on box:x')
        .losses,
    ).toEqual([]);
  });

  test('groups of groups are found', () => {
    const { groupsOf } = translated(policyText);
    expect(groupsOf('user:nick')).toEqual(['sre', 'ops']);
    expect(groupsOf('user:ada')).toEqual([]);
  });
});

describe('--against', () => {
  /** Every kind of pattern that can be said, and ids at their edges. */
  const patterns = [
    'doc:/a',
    'doc:**',
    'doc:/**',
    'doc:/*',
    'doc:/a/*',
    'doc:/a/**',
    'doc:/a/*/c',
    'doc:/a-*',
    'doc:/*/*',
    'doc:*',
    'doc:*:x',
    '/a/**',
    '/*',
  ];
  const ids = [
    'doc',
    'doc:/',
    'doc:/a',
    'doc:/a/b',
    'doc:/a/b/c',
    'doc:/a/b/b/c',
    'doc:/a-',
    'doc:/a-b',
    'doc:/a-b/c',
    'doc:/b',
    'doc:/ab',
    'doc:x',
    'doc:y:x',
    'doc:y:z:x',
    'doc:x/y',
    'doc/x',
    'docs',
    'dot:/a',
    '/',
    '/a',
    '/a/b',
    '/ab',
    'a.b',
    'axb',
  ];
  const text = [
    'group ops { user:op, group:sre }\ngroup sre { user:nick }\naction manage implies all-of-it\n',
    ...patterns.map((pattern, i) => `allow user:u${i} to read on ${pattern}\n`),
    ...patterns.map(
      (pattern, i) => `allow user:d${i} to read on **\ndeny user:d${i} to read on ${pattern}\n`,
    ),
    'allow group:ops to manage on doc:/a\nallow anyone to look on doc:/a\nallow authenticated to list on doc:/a\n',
    'allow user:odd to manage on all\nallow user:odd to read on a.b\n',
  ].join('');
  const subjects = [
    ...patterns.flatMap((_, i) => [`user:u${i}`, `user:d${i}`]),
    'user:op',
    'user:nick',
    'user:odd',
    undefined,
  ];
  const questions = subjects.flatMap((subject) => [
    ...ids.map((resource) => ({ subject, action: 'read', resource })),
    ...['manage', 'all-of-it', 'look', 'list'].map((action) => ({ subject, action, resource: 'doc:/a' })),
  ]);
  let edges: string;
  let edgeRequests: string;

  beforeAll(() => {
    edges = write('edges.acl', text);
    edgeRequests = writeRequests('edges.jsonl', questions);
  });

  /** A project with these packages, each the text of its module. */
  function project(name: string, packages: Readonly<Record<string, string>>): string {
    const cwd = join(folder, name);
    mkdirSync(cwd, { recursive: true });
    for (const [packageName, module] of Object.entries(packages)) {
      const isModule = !module.includes('exports');
      const manifest = {
        name: packageName,
        version: '1.2.3',
        type: isModule || module.includes('export function') ? 'module' : 'commonjs',
        main: 'index.js',
        exports: { '.': './index.js', './nodejs': './index.js' },
      };
      write(`${name}/node_modules/${packageName}/package.json`, JSON.stringify(manifest));
      write(`${name}/node_modules/${packageName}/index.js`, module);
    }
    return cwd;
  }

  async function benchIn(cwd: string, ...words: readonly string[]) {
    return runPostern(['bench', '--rounds', '3', '--seconds', '1', ...words], { cwd });
  }

  const standIns = {
    '@casl/ability': 'casl.js',
    casbin: 'casbin.js',
    '@cedar-policy/cedar-wasm': 'cedar.js',
  };

  test('the translated policy decides as ours does, in each engine', async () => {
    const modules = Object.entries(standIns).map(([name, file]) => [
      name,
      readFileSync(join(fixtures, file), 'utf8'),
    ]);
    const cwd = project('all', Object.fromEntries(modules));
    const { code, stdout, stderr } = await benchIn(
      cwd,
      ...['-p', edges, '--requests', edgeRequests, '--against', 'cedar,casbin,casl', '--format', 'json'],
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { peers } = JSON.parse(stdout) as BenchReport;
    expect(peers!.map(({ engine, version }) => `${engine} ${version}`)).toEqual([
      'casl 1.2.3',
      'casbin 1.2.3',
      'cedar 1.2.3',
    ]);
    for (const {
      losses,
      differingCount,
      firstDifference,
      comparableCount,
      unaskedCount,
      throughput,
    } of peers!) {
      expect({ losses, differingCount, firstDifference }).toEqual({
        losses: [],
        differingCount: 0,
        firstDifference: undefined,
      });
      // A slow machine may not come to the end of them.
      expect(comparableCount + unaskedCount).toBe(questions.length);
      expect(throughput!.ratio).toBeGreaterThan(0);
    }
  });

  test('what an engine in particular cannot say is listed with it', async () => {
    const modules = Object.entries(standIns).map(([name, file]) => [
      name,
      readFileSync(join(fixtures, file), 'utf8'),
    ]);
    const cwd = project('all', Object.fromEntries(modules));
    const special = write(
      'special.acl',
      'allow user:ada to read on doc:/a?\nallow user:ada to read on doc:/*/**\nallow user:ada to read on doc:/**/c\nallow user:ada to read on doc:x when context.a == 1\n',
    );
    const words = ['-p', special, '--against', 'casl,casbin,cedar', '--count', '200'];
    const { stdout } = await benchIn(cwd, ...words);
    expect(stdout).toMatch(
      /^cannot be said in any of them\n {2}rules with conditions: 1, the first at \S*special.acl:4$/m,
    );
    expect(stdout).toMatch(
      /^ {2}cannot be said there: patterns with `\*\*` before their end: 1, the first at \S*special.acl:3$/m,
    );
    expect(stdout).toMatch(
      /^ {2}cannot be said there: patterns with `\?`, .*: 3, the first at \S*special.acl:1$/m,
    );
  });

  test('requests that it answers otherwise are counted and left out', async () => {
    const cwd = project('differing', {
      '@casl/ability': 'export const createMongoAbility = () => ({ can: () => false });',
    });
    const { code, stdout } = await benchIn(cwd, '-p', policy, '--against', 'casl');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /not comparable: [\d,]+ requests answered otherwise; the first is .*: we say allow, it says deny/,
    );
  });

  test('where it agrees on none, nothing is measured', async () => {
    const cwd = project('failing', {
      '@casl/ability':
        'export const createMongoAbility = () => ({ can: () => { throw new Error("no idea"); } });',
    });
    const { code, stdout } = await benchIn(cwd, '-p', policy, '--against', 'casl');
    expect(code).toBe(0);
    expect(stdout).toMatch(/casl 1.2.3 +0 of 10,000 .*nothing to compare/);
    expect(stdout).toContain('it says error: no idea');
  });

  test('requests that it cannot be asked are counted', async () => {
    const cwd = project('asking', { '@casl/ability': readFileSync(join(fixtures, 'casl.js'), 'utf8') });
    const request = { subject: 'user:ada', action: 'edit' };
    const path = writeRequests('unaskable.jsonl', [
      request,
      { ...request, resource: 'doc:/team/a', groups: ['ops'] },
      { ...request, resource: 'doc:/team/a' },
    ]);
    const { stdout } = await benchIn(
      cwd,
      '-p',
      policy,
      '--requests',
      path,
      '--against',
      'casl',
      '--format',
      'json',
    );
    expect((JSON.parse(stdout) as BenchReport).peers![0]).toMatchObject({
      comparableCount: 1,
      unaskableCount: 2,
    });
  });

  test.each([
    ['casl', '@casl/ability'],
    ['casbin', 'casbin'],
    ['cedar', '@cedar-policy/cedar-wasm'],
  ])('%s that is not installed is named with its package, before anything else', async (engine, name) => {
    const cwd = project('nothing', {});
    const { code, stdout, stderr } = await benchIn(cwd, '-p', 'no-such-policy', '--against', engine);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      `postern: ${engine} is not installed here: run \`npm install --no-save ${name}\`, or leave it out of --against\n`,
    );
  });

  test('a package that does not load, or does not take the policy, is said', async () => {
    const broken = project('broken', { casbin: 'throw new Error("out of order");' });
    const load = await benchIn(broken, '-p', policy, '--against', 'casbin');
    expect(load).toMatchObject({
      code: 2,
      stderr: 'postern: casbin is installed and does not load: out of order\n',
    });
    const refusing = project('refusing', {
      '@casl/ability': 'export const createMongoAbility = () => { throw new Error("too much"); };',
    });
    const take = await benchIn(refusing, '-p', policy, '--against', 'casl');
    expect(take).toMatchObject({
      code: 2,
      stderr: 'postern: casl 1.2.3 does not take this policy: too much: leave it out of --against\n',
    });
  });

  test('an image cannot be translated', async () => {
    const cwd = project('asking', { '@casl/ability': readFileSync(join(fixtures, 'casl.js'), 'utf8') });
    const { code, stderr } = await benchIn(cwd, '-p', image, '--requests', edgeRequests, '--against', 'casl');
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^postern: --against translates the text of policies, and an image has none: .* -p\n$/,
    );
  });
});
