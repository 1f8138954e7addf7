import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Decision, Effect } from '../src/decision/decision.ts';
import type { HttpDecision, HttpRequest } from '../src/decision/http.ts';
import type { Request } from '../src/decision/request.ts';
import { Authorizer, build } from '../src/index.ts';
import type { Model } from '../src/model/model.ts';
import type { Answer, Flip } from '../src/replay/flip.ts';
import { FlipGroups } from '../src/replay/flip-groups.ts';
import { Replayer } from '../src/replay/replayer.ts';
import { renderEntry } from '../src/service/decision-log/entry.ts';
import { createMask } from '../src/service/decision-log/masking.ts';
import {
  generateHttpRequest,
  generatePolicy,
  generateRequest,
  Random,
  seedOfRun,
} from './support/generators.ts';
import { contractOf, reference } from './support/generators-evaluators.ts';
import { startTested } from './support/operated-service.ts';
import { runInProcess } from './support/run-command-line.ts';
import { runPostern } from './support/run-postern.ts';
import { everyRequest, generateSmallPolicy, writeSmallPolicy } from './support/small-world.ts';

const fixtures = fileURLToPath(new URL('fixtures/replay/', import.meta.url));
const seed = seedOfRun(process.env.POSTERN_SEED);

function replayerOf(authorizer: Authorizer): Replayer {
  return new Replayer({ engine: authorizer, engineIn: () => undefined });
}

function buildModel(text: string): { readonly model: Model; readonly authorizer: Authorizer } | undefined {
  const result = build([{ file: 'p.acl', text }]);
  return result.ok ? { model: result.model, authorizer: Authorizer.fromImage(result.image) } : undefined;
}

/** A line as the service writes it. */
function entryOf(
  request: Request,
  decision: Decision,
  { mask }: { readonly mask?: ReturnType<typeof createMask> } = {},
): string {
  const about = { timeMs: 0, requestId: 'id', api: 'native' as const, revision: 'r', caller: undefined };
  return renderEntry(
    { ...about, request, decision },
    { sampleAllows: 1, sampleDenials: 1, mask: mask ?? (() => {}) },
  )!;
}

interface LineCase {
  readonly title: string;
  readonly line: string | object;
  readonly outcome?: string;
  readonly fault?: string;
  readonly before?: Answer;
  readonly after?: Answer;
}

describe('a line of a log', () => {
  const cases = JSON.parse(readFileSync(join(fixtures, 'lines.cases.json'), 'utf8')) as readonly LineCase[];
  const source = { file: 'new.acl', text: readFileSync(join(fixtures, 'new.acl'), 'utf8') };
  const options = {
    engine: Authorizer.fromSources([source]),
    engineIn: (mode: unknown) =>
      mode === 'strict' ? Authorizer.fromSources([source], { mode: 'strict' }) : undefined,
  };

  test.each(cases)('$title', ({ line, outcome, fault, before, after }) => {
    const replayer = new Replayer(options);
    const text = typeof line === 'string' ? line : JSON.stringify(line);
    const { flips, faults } = replayer.replay('log', 7, [text]);
    const { tally } = replayer;
    expect(faults).toEqual(fault === undefined ? [] : [{ place: { file: 'log', line: 7 }, message: fault }]);
    if (fault !== undefined) return;
    const obstacles = Object.entries(tally.obstacles).filter(([, count]) => count > 0);
    const found = flips[0]?.direction ?? obstacles[0]?.[0] ?? (tally.replayed === 1 ? 'same' : 'nothing');
    expect(found).toBe(outcome);
    expect(tally.replayed + obstacles.length).toBe(1);
    if (before !== undefined) expect(flips[0]!.before).toEqual(before);
    if (after !== undefined) expect(flips[0]!.after).toEqual(after);
  });

  test('the lines of many calls are counted together, and keep their numbers', () => {
    const replayer = new Replayer(options);
    const gone = JSON.stringify({
      subject: 'user:cory',
      action: 'read',
      resource: 'docs:/a',
      decision: 'allow',
    });
    expect(replayer.replay('a', 1, [gone, gone]).flips.map(({ place }) => place.line)).toEqual([1, 2]);
    const proxied = JSON.stringify({ method: 'GET', path: '/x', decision: 'allow' });
    const { flips, faults } = replayer.replay('a', 3, [gone, proxied, { fault: 'not UTF-8' }, gone]);
    expect(flips.map(({ place }) => place.line)).toEqual([3, 4, 6]);
    expect(faults).toEqual([{ place: { file: 'a', line: 5 }, message: 'not UTF-8' }]);
    expect(replayer.tally).toMatchObject({ lines: 6, replayed: 5, faults: 1 });
  });
});

describe(`recorded by one policy and replayed against another (seed ${seed})`, () => {
  const kinds = {
    'rules and groups': {},
    conditions: { conditions: 0.6 },
    namespaces: { namespaces: true },
    rulesets: { rulesets: true, conditions: 0.2 },
  };

  test.each(Object.entries(kinds))('exactly the decisions that differ flip: %s', (_, options) => {
    const random = new Random(seed);
    const everything = [...everyRequest(options)];
    let flipped = 0;
    for (let round = 0; round < 4 || (flipped === 0 && round < 100); round++) {
      const [old, other] = [0, 1].map(() =>
        buildModel(writeSmallPolicy(generateSmallPolicy(random, options))),
      );
      if (old === undefined || other === undefined) continue;
      const requests = random.sample(everything, 200);
      const [judge, otherJudge] = [reference.load(old.model), reference.load(other.model)];
      const answers = requests.map((request) => judge.decide(request));
      const lines = requests.map((request, i) => entryOf(request, answers[i]!));

      const itself = replayerOf(old.authorizer);
      expect(itself.replay('log', 0, lines)).toEqual({ flips: [], faults: [] });
      expect(itself.tally.replayed).toBe(requests.length);

      const expected = requests.flatMap((request, i) => {
        const [before, after] = [answers[i]!, otherJudge.decide(request)];
        return before.decision === after.decision
          ? []
          : [{ line: i, before: contractOf(before), after: contractOf(after) }];
      });
      const { flips } = replayerOf(other.authorizer).replay('log', 0, lines);
      expect(flips.map(shapeOf)).toEqual(expected);
      flipped += flips.length;
    }
    expect(flipped).toBeGreaterThan(0);
  });

  test('the same holds for questions of a proxy, and for requests of every kind', () => {
    const random = new Random(seed);
    const flipped = { proxied: 0, asked: 0 };
    for (let round = 0; round < 10 || (flipped.proxied * flipped.asked === 0 && round < 300); round++) {
      const policy = generatePolicy(random.seed());
      const [old, other] = [policy, generatePolicy(random.seed())].map(({ sources }) => build(sources));
      if (!old!.ok || !other!.ok) continue;
      const [judge, otherJudge] = [reference.load(old!.model), reference.load(other!.model)];
      const lines: string[] = [];
      const expected: number[] = [];
      const add = (kind: keyof typeof flipped, line: string, before: Effect, after: Effect): void => {
        if (before !== after) {
          expected.push(lines.length);
          flipped[kind]++;
        }
        lines.push(line);
      };
      for (let i = 0; i < (policy.routes.length > 0 ? 100 : 0); i++) {
        const request = throughJson(generateHttpRequest(policy, random)) as HttpRequest | undefined;
        if (request === undefined) continue;
        const { method, path, subject, groups } = request;
        const bare = { method, path, subject, groups };
        const before = judge.authorizeHttp(bare);
        add('proxied', proxiedEntry(bare, before), before.decision, otherJudge.authorizeHttp(bare).decision);
      }
      for (let i = 0; i < 60; i++) {
        const request = throughJson(generateRequest(policy, random)) as Request | undefined;
        if (request?.action === undefined) continue;
        const before = judge.decide(request);
        add('asked', entryOf(request, before), before.decision, otherJudge.decide(request).decision);
      }
      const replay = replayerOf(Authorizer.fromImage(other!.image)).replay('log', 0, lines);
      expect(replay.faults).toEqual([]);
      expect(replay.flips.map(({ place }) => place.line)).toEqual(expected);
      const itself = replayerOf(Authorizer.fromImage(old!.image)).replay('log', 0, lines);
      expect(itself.flips).toEqual([]);
    }
    expect(Math.min(flipped.proxied, flipped.asked)).toBeGreaterThan(0);
  });

  test('what is replayed of a log with masks does not hang on what they hide', () => {
    const random = new Random(seed);
    const salt = Buffer.from('0123456789abcdef');
    const masks = [
      createMask({ drop: ['/context/*', '/attributes/*/*'], hash: [], salt: undefined }),
      createMask({ drop: [], hash: ['/context/*'], salt }),
      createMask({ drop: ['/context/f', '/groups/*'], hash: [], salt: undefined }),
    ];
    const policyOf = () =>
      buildModel(writeSmallPolicy(generateSmallPolicy(random, { conditions: 1, rules: 4 })));
    const everything = [...everyRequest({ conditions: 1 })];
    const asked = everything.filter(
      ({ resource, context }) => resource !== undefined && context !== undefined,
    );
    let [replayed, masked] = [0, 0];
    for (let round = 0; round < 6 || (Math.min(replayed, masked) < 100 && round < 100); round++) {
      const [old, other] = [policyOf(), policyOf()];
      if (old === undefined || other === undefined) continue;
      const [judge, otherJudge] = [reference.load(old.model), reference.load(other.model)];
      const replayer = replayerOf(other.authorizer);
      const mask = random.pick(masks);
      for (const request of random.sample(asked, 400)) {
        const before = judge.decide(request);
        const wasMasked = replayer.tally.obstacles.masked;
        const { flips } = replayer.replay('log', 1, [entryOf(request, before, { mask })]);
        if (replayer.tally.obstacles.masked > wasMasked) continue;
        expect(flips[0]?.after.decision ?? before.decision).toBe(otherJudge.decide(request).decision);
      }
      replayed += replayer.tally.replayed;
      masked += replayer.tally.obstacles.masked;
    }
    expect(replayed).toBeGreaterThan(0);
    expect(masked).toBeGreaterThan(0);
  });

  function shapeOf({ place, before, after }: Flip) {
    return { line: place.line, before: contractOf(before as Decision), after: contractOf(after as Decision) };
  }

  /** As `/auth-request` records it. */
  function proxiedEntry(
    { method, path, subject, groups }: HttpRequest,
    { decision, reason, requirements }: HttpDecision,
  ): string {
    const deciding = requirements.find((one) => one.decision.decision === 'deny') ?? requirements.at(-1);
    const { action = method, resource } = deciding ?? {};
    const answer = deciding?.decision ?? { decision, reason };
    const request = { subject, groups, action, resource, context: { method, path } };
    return JSON.stringify({ api: 'auth-request', ...request, ...answer });
  }

  /** The request as it comes out of JSON; undefined for what no JSON holds. */
  function throughJson(request: unknown): object | undefined {
    let text: string | undefined;
    try {
      text = JSON.stringify(request);
    } catch {
      return undefined;
    }
    if (text === undefined || /\\ud[89a-f]/.test(text)) return undefined;
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null ? read : undefined;
  }
});

describe('what the service writes', () => {
  const policy = `
mode strict
namespace vault { resource vault:/<path...> { actions read  enforced in strict, loose(authenticated) } }
allow user:cory to read on doc:/a
allow anyone to read on doc:/pub
allow user:alice@example.com to read on record:record-1 when context.hour > 7
route GET "/pages/{page}" requires read on doc:/{page}
route GET "/healthz" open
`;

  test('is replayed whole, whichever API was asked', async () => {
    const tested = await startTested({
      files: { 'policy/a.acl': policy },
      settings: { decisionLog: { to: '$/log.jsonl' } },
    });
    const send = async (path: string, body?: object, headers: Record<string, string> = {}) => {
      const response = await fetch(`${tested.address}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, text: await response.text() };
    };
    const cory = { subject: 'user:cory', action: 'read', resource: 'doc:/a' };
    const batch = [cory, { ...cory, resource: 'doc://a' }, { action: 'read', resource: 'doc:/pub' }];
    await send('/v1/check', cory);
    await send('/v1/check', { action: 'read', resource: 'vault:/x', mode: 'loose' });
    await send('/v1/check/batch', { requests: batch });
    await send('/access/v1/evaluation', {
      subject: { type: 'user', id: 'alice@example.com' },
      action: { name: 'read' },
      resource: { type: 'record', id: 'record-1' },
      context: { hour: 9 },
    });
    for (const path of ['/pages/pub', '/pages/secret', '/healthz', '/nowhere', '/a//b'])
      await send('/auth-request', undefined, { 'x-original-method': 'GET', 'x-original-uri': path });
    await send('/auth-request');
    await tested.service.stop();

    const log = readFileSync(tested.path('log.jsonl'), 'utf8').trimEnd().split('\n');
    expect(log.map((line) => (JSON.parse(line) as Decision).decision)).toEqual([
      ...['allow', 'allow', 'allow', 'deny', 'allow', 'allow'],
      ...['allow', 'deny', 'allow', 'deny', 'deny', 'deny'],
    ]);
    const source = { file: 'policy/a.acl', text: policy };
    const engineIn = (mode: unknown) => Authorizer.fromSources([source], { mode: mode as string });
    const replayer = new Replayer({ engine: Authorizer.fromSources([source]), engineIn });
    expect(replayer.replay('log', 1, log)).toEqual({ flips: [], faults: [] });
    expect(replayer.tally.replayed).toBe(log.length);
    const nothing = new Replayer({ engine: Authorizer.fromSources([]), engineIn: () => undefined });
    expect(nothing.replay('log', 1, log).flips).toHaveLength(6);
    expect(nothing.tally.obstacles['unknown-mode']).toBe(1);
  });
});

describe('groups of flips', () => {
  const flipOf = (subject: string, weight = 1): Flip => ({
    direction: 'allow-to-deny',
    place: { file: 'log', line: 1 },
    timeMs: undefined,
    requestId: undefined,
    weight,
    request: { subject, action: 'read', resource: 'a:b' },
    before: { decision: 'allow', reason: 'rule' },
    after: { decision: 'deny', reason: 'default' },
  });

  test('are ranked by the decisions that their lines stand for', () => {
    const groups = new FlipGroups({ by: 'subject' });
    for (const flip of [flipOf('user:a'), flipOf('user:a'), flipOf('user:b', 10)]) groups.add(flip);
    const ranked = groups.ranked('allow-to-deny');
    expect(ranked.map(({ common, count, estimated }) => [common.subject, count, estimated])).toEqual([
      ['user:b', 1, 10],
      ['user:a', 2, 2],
    ]);
    expect(groups.ranked('deny-to-allow')).toEqual([]);
  });

  test.each([
    ['groups', { maxGroups: 2 }],
    ['units', { maxUnits: 150 }],
  ])('are bounded in %s, and what is beyond is counted', (_, limits) => {
    const groups = new FlipGroups({ by: 'subject', ...limits });
    for (let i = 0; i < 50; i++) groups.add(flipOf(`user:u${i}`));
    groups.add(flipOf('user:u0'));
    const ranked = groups.ranked('allow-to-deny');
    expect(ranked.length).toBeLessThan(5);
    expect(ranked[0]).toMatchObject({ common: { subject: 'user:u0' }, count: 2 });
    const grouped = ranked.reduce((sum, { count }) => sum + count, 0);
    expect(grouped + groups.ungrouped['allow-to-deny']).toBe(51);
  });

  test('no two requests share one by accident', () => {
    const groups = new FlipGroups({ by: 'request' });
    const flip = flipOf('user:a');
    const requests = [{}, { subject: null }, { subject: '' }, { subject: 'user:a' }, { resource: undefined }];
    for (const request of requests)
      groups.add({ ...flip, request: { ...flip.request, ...request } as Request });
    // The first and the fourth are one.
    expect(groups.ranked('allow-to-deny')).toHaveLength(4);
  });
});

describe('postern replay', () => {
  let folder: string;
  const path = (name: string): string => join(folder, name);
  const line = (subject: string, resource: string, decision: string, more: object = {}): string =>
    `${JSON.stringify({ ...more, subject, action: 'read', resource, decision })}\n`;
  const at = (day: number) => ({ time: `2026-01-0${day}T00:00:00.000Z`, api: 'native', revision: `r${day}` });
  const gone = line('user:cory', 'docs:/a', 'allow', {
    ...at(2),
    reason: 'rule',
    rule: { id: 'old.acl:2', file: 'old.acl', line: 2 },
  });
  const gained = line('user:cory', 'docs:/shared/a', 'deny', {
    ...at(1),
    context: { hour: 9 },
    reason: 'default',
  });
  const same = line('user:kim', 'docs:/a', 'allow', at(1));
  const hidden = line('[masked]', 'docs:/a', 'allow', at(1));
  const against = ['--against', join(fixtures, 'new.acl'), '--root', fixtures];
  const replay = (...words: readonly string[]) => runInProcess('replay', ...words, ...against);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-replay-'));
    mkdirSync(path('logs'));
    const files = {
      'both.jsonl': gone + gained + gone + same,
      'lost.jsonl': gone + same,
      'gained.jsonl': gained,
      'same.jsonl': same,
      'hidden.jsonl': hidden + same,
      'hidden-only.jsonl': hidden,
      'bad.jsonl': `${gone}\nno json\n${same}`,
      'empty.jsonl': '',
      'rotated.jsonl.1.gz': gzipSync(gone + gained),
      'cut.jsonl.gz': gzipSync(gone.repeat(100)).subarray(0, 60),
      'broken.acl': 'allow\n',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('prints a summary and then what flips, the most frequent first', async () => {
    const { code, stdout, stderr } = await replay(path('both.jsonl'), path('hidden.jsonl'));
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    await expect(stdout.replaceAll(folder, '').replace(/[0-9a-f]{32}/g, 'REVISION')).toMatchFileSnapshot(
      'fixtures/replay/report.txt',
    );
  });

  test('prints the same as one object', async () => {
    const { code, stdout, stderr } = await replay(path('both.jsonl'), path('bad.jsonl'), '--format', 'json');
    expect(code).toBe(3);
    const faults = ['2: blank line', '3: not valid JSON: expected a value at column 1'];
    expect(stderr).toBe(faults.map((fault) => `postern: ${path('bad.jsonl')}:${fault}\n`).join(''));
    const report = JSON.stringify(JSON.parse(stdout), null, 2);
    await expect(
      `${report.replaceAll(folder, '').replace(/[0-9a-f]{32}/g, 'REVISION')}\n`,
    ).toMatchFileSnapshot('fixtures/replay/report.json');
  });

  test('prints every flip as a line of its own, and the summary elsewhere', async () => {
    const { code, stdout, stderr } = await replay(path('both.jsonl'), '--format', 'jsonl');
    expect(code).toBe(1);
    const flips = stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(flips.map(({ line: row, direction }) => [row, direction])).toEqual([
      [1, 'allow-to-deny'],
      [2, 'deny-to-allow'],
      [3, 'allow-to-deny'],
    ]);
    expect(flips[1]).toEqual({
      direction: 'deny-to-allow',
      file: path('both.jsonl'),
      line: 2,
      time: '2026-01-01T00:00:00.000Z',
      request: { subject: 'user:cory', action: 'read', resource: 'docs:/shared/a', context: { hour: 9 } },
      before: { decision: 'deny', reason: 'default' },
      after: { decision: 'allow', reason: 'rule', rule: { id: 'office-hours', file: 'new.acl', line: 8 } },
    });
    expect(stderr).toContain('allow -> deny  2\n');
  });

  test.each([
    ['both', '', 1],
    ['lost', '', 1],
    ['gained', '', 1],
    ['same', '', 0],
    ['lost', '--fail-on gained', 0],
    ['lost', '--fail-on lost', 1],
    ['gained', '--fail-on lost', 0],
    ['gained', '--fail-on gained', 1],
    ['both', '--fail-on none', 0],
    ['lost', '--only deny-to-allow', 0],
    ['lost', '--only deny-to-allow --fail-on any', 1],
    ['gained', '--only allow-to-deny', 0],
    ['gained', '--only deny-to-allow', 1],
    ['hidden', '', 0],
    ['hidden-only', '', 3],
    ['empty', '', 3],
    ['bad', '--fail-on none', 3],
    ['same', '--mode loose', 2],
    ['same', '--limit few', 2],
  ])('on %s.jsonl with `%s` ends with %i', async (name, options, code) => {
    const words = options === '' ? [] : options.split(' ');
    expect((await replay(path(`${name}.jsonl`), ...words)).code).toBe(code);
  });

  test('--only leaves the other direction to the summary', async () => {
    const { stdout } = await replay(path('both.jsonl'), '--only', 'deny-to-allow');
    expect(stdout).toContain('allow -> deny  2\n');
    expect(stdout).toContain('1x  user:cory read docs:/shared/a');
    expect(stdout).not.toContain('2x');
  });

  test.each([
    ['subject', '2x  user:cory\n'],
    ['resource', '2x  docs:/a\n'],
    ['rule', '2x\n      was  rule old.acl:2\n      now  default\n'],
  ])('--by %s counts flips together', async (by, expected) => {
    expect((await replay(path('both.jsonl'), '--by', by)).stdout).toContain(expected);
  });

  test('what --limit cuts off is said', async () => {
    writeFileSync(path('many.jsonl'), gone + gone + line('user:cory', 'docs:/b', 'allow').repeat(3) + same);
    const { stdout } = await replay(path('many.jsonl'), '--limit', '1');
    expect(stdout).toContain('3x  user:cory read docs:/b\n      was  not recorded\n');
    expect(stdout).toContain('… and 1 more (--limit), with 2 lines\n');
    const json = JSON.parse((await replay(path('many.jsonl'), '--limit', '0', '--format', 'json')).stdout);
    expect(json).toMatchObject({ groups: [], groupsLeftOff: 2, flipsBeyondGroups: 0 });
  });

  test('bad lines beyond a handful are counted', async () => {
    writeFileSync(path('mess.jsonl'), 'x\n'.repeat(30) + same);
    const { code, stderr } = await replay(path('mess.jsonl'));
    expect(code).toBe(3);
    expect(stderr.match(/not valid JSON/g)).toHaveLength(20);
    expect(stderr).toContain('postern: 10 more lines could not be understood\n');
  });

  test('lines of a sample count for those that were not kept', async () => {
    writeFileSync(path('sample.jsonl'), line('user:cory', 'docs:/a', 'allow', { ...at(1), sample: 0.01 }));
    expect((await replay(path('sample.jsonl'))).stdout).toContain('1 (about 100)x  user:cory read docs:/a');
  });

  test('a rotated series may be compressed, and one of its files come from standard input', async () => {
    const words = ['replay', path('rotated.jsonl.1.gz'), '-', '--format', 'json', ...against];
    const { code, stdout } = await runPostern(words, { input: gone + same });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ lines: 4, flips: { 'allow-to-deny': { lines: 2 } } });
  });

  test.each([
    ['no log', [], 2, 'name a LOG'],
    ['standard input twice', ['-', '-'], 2, 'only once'],
    ['a log that is not there', ['both.jsonl', 'none.jsonl'], 3, 'none.jsonl` cannot be read: no such file'],
    ['a folder', ['logs'], 3, 'it is a folder'],
    ['a compressed log that was cut off', ['cut.jsonl.gz'], 3, 'is damaged'],
  ])('%s is refused in words', async (_, logs, code, message) => {
    const result = await replay(...logs.map((name) => (name === '-' ? name : path(name))));
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(message);
  });

  test('policies with errors are shown, and nothing is replayed', async () => {
    const result = await runInProcess('replay', path('both.jsonl'), '--against', path('broken.acl'));
    expect(result).toMatchObject({ code: 3, stdout: '' });
    expect(result.stderr).toContain('no policy is loaded');
  });

  test('an image is as good as its policies', async () => {
    const image = path('new.pimg');
    await runInProcess('compile', join(fixtures, 'new.acl'), '--root', fixtures, '-o', image);
    const one = await runInProcess('replay', path('both.jsonl'), '--against', image);
    expect(one).toEqual(await replay(path('both.jsonl')));
  });

  test('what does not print is escaped', async () => {
    writeFileSync(path('odd.jsonl'), line('user:\u001b[31m', 'docs:/a b', 'allow'));
    const { stdout } = await replay(path('odd.jsonl'));
    expect(stdout).toContain('user:\\u{1b}[31m read `"docs:/a b"`');
  });
});
