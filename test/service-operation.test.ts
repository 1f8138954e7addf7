import { appendFileSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { build, FileError, ImageError, PolicyError } from '../src/index.ts';
import type { WorkerTeam } from '../src/service/threads/worker-team.ts';
import {
  coryReads,
  doraReads,
  type LogLine,
  pause,
  startTested,
  type TestedService,
  until,
} from './support/operated-service.ts';

const allowed = { status: 200, decision: 'allow' };
const denied = { status: 200, decision: 'deny' };

function compiled(text: string): Uint8Array {
  const result = build([{ file: 'a.acl', text }]);
  if (!result.ok) throw new Error('the policy of the test does not build');
  return result.image;
}

async function untilAllowed({ check }: TestedService, subject: string): Promise<void> {
  await until(`${subject} is allowed`, async () => (await check(subject, 'doc:/a')).decision === 'allow');
}

describe('a changed policy is loaded while requests are answered', () => {
  test.each<[what: string, change: (tested: TestedService) => void]>([
    ['a file is written', ({ write }) => write('policy/a.acl', doraReads)],
    [
      'a file is renamed over the old one',
      ({ write, path }) => {
        write('next', doraReads);
        renameSync(path('next'), path('policy/a.acl'));
      },
    ],
    ['a file is added', ({ write }) => write('policy/b.acl', doraReads)],
    ['a folder with a file is added', ({ write }) => write('policy/deep/er/b.acl', doraReads)],
  ])('when %s', async (_what, change) => {
    const tested = await startTested();
    const before = await tested.check('user:dora', 'doc:/a');
    expect(before).toMatchObject(denied);
    change(tested);
    await untilAllowed(tested, 'user:dora');
    const after = await tested.check('user:dora', 'doc:/a');
    expect(after.revision).not.toBe(before.revision);
    expect(await tested.metric(`postern_policy_info{revision="${after.revision}"}`)).toBe(1);
    expect(await tested.metric('postern_reloads_total{outcome="loaded"}')).toBe(2);
    expect(await tested.metric('postern_policy_age_seconds')).toBeLessThan(10);
    expect(tested.failures).toEqual([]);
  });

  test('a file that is removed from a folder takes its rules with it', async () => {
    const tested = await startTested({ files: { 'policy/a.acl': coryReads, 'policy/b.acl': doraReads } });
    expect(await tested.check('user:dora', 'doc:/a')).toMatchObject(allowed);
    rmSync(tested.path('policy/b.acl'));
    await until(
      'dora is denied',
      async () => (await tested.check('user:dora', 'doc:/a')).decision === 'deny',
    );
    expect(await tested.check('user:cory', 'doc:/a')).toMatchObject(allowed);
  });

  test('what a policy imports is followed too, wherever it lies', async () => {
    const tested = await startTested({
      files: { 'policy/a.acl': 'import "../shared/b.acl"\n', 'shared/b.acl': coryReads },
    });
    expect(await tested.check('user:cory', 'doc:/a')).toMatchObject(allowed);
    tested.write('shared/b.acl', doraReads);
    await untilAllowed(tested, 'user:dora');
  });

  test('a link that is turned to another folder is followed, as Kubernetes exchanges a volume', async () => {
    const linked = await startTested({ files: { 'policy/a.acl': coryReads, 'two/a.acl': doraReads } });
    symlinkSync(linked.path('two/a.acl'), linked.path('link'));
    renameSync(linked.path('link'), linked.path('policy/a.acl'));
    await untilAllowed(linked, 'user:dora');
  });

  test('an image is followed like a text', async () => {
    const tested = await startTested({
      files: { 'a.pimg': compiled(coryReads) },
      settings: { policy: ['$/a.pimg'] },
    });
    expect(await tested.check('user:cory', 'doc:/a')).toMatchObject(allowed);
    tested.write('next', compiled(doraReads));
    renameSync(tested.path('next'), tested.path('a.pimg'));
    await untilAllowed(tested, 'user:dora');
  });

  test('without watching only a call loads it', async () => {
    const tested = await startTested({ settings: { watch: false } });
    tested.write('policy/a.acl', doraReads);
    await pause(500);
    expect(await tested.check('user:dora', 'doc:/a')).toMatchObject(denied);
    tested.service.reload();
    await untilAllowed(tested, 'user:dora');
  });

  test('a call that finds nothing new keeps the policy, and its age', async () => {
    const tested = await startTested();
    const { revision } = await tested.check('user:cory', 'doc:/a');
    tested.service.reload();
    await until(
      'the call is counted',
      async () => (await tested.metric('postern_reloads_total{outcome="unchanged"}')) === 1,
    );
    expect(await tested.check('user:cory', 'doc:/a')).toMatchObject({ ...allowed, revision });
  });
});

describe('a policy that is not sound is refused, and the one before goes on serving', () => {
  const image = compiled(coryReads);
  const damaged = Uint8Array.from(image);
  damaged[damaged.length - 9]! ^= 1;

  test.each<[what: string, message: string, change: (tested: TestedService) => void]>([
    [
      'a syntax error',
      'the policy has 1 error',
      ({ write }) => write('policy/a.acl', 'allow user:dora to raed doc:/a\n'),
    ],
    [
      'an import that is not there',
      'the policy has 1 error',
      ({ write }) => write('policy/a.acl', `import "./no.acl"\n${doraReads}`),
    ],
    ['an emptied file', 'the policy cannot be read', ({ write }) => write('policy/a.acl', '')],
    [
      'a file that leaves no rule',
      'the policy does not fit the configuration',
      ({ write }) => write('policy/a.acl', '# nothing\n'),
    ],
    ['an emptied folder', 'the policy cannot be read', ({ path }) => rmSync(path('policy/a.acl'))],
    [
      'a vanished folder',
      'the policy cannot be read',
      ({ path }) => rmSync(path('policy'), { recursive: true }),
    ],
    [
      'a link to nothing',
      'the policy cannot be read',
      ({ path }) => {
        rmSync(path('policy/a.acl'));
        symlinkSync(path('nothing'), path('policy/a.acl'));
      },
    ],
  ])('%s', async (_what, message, change) => {
    const tested = await startTested();
    const before = await tested.check('user:cory', 'doc:/a');
    change(tested);
    await until('it is refused', () => tested.failures.length > 0);
    expect(await tested.check('user:cory', 'doc:/a')).toEqual(before);
    expect(await tested.check('user:dora', 'doc:/a')).toMatchObject(denied);
    const { status, body } = await tested.readiness();
    expect(status).toBe(200);
    expect(body.reload).toMatchObject({ state: 'refused', message });
    expect(await tested.metric('postern_reload_failures_total')).toBe(1);
    // Looked at again and again, reported once.
    await pause(600);
    expect(tested.failures.map(({ msg }) => msg)).toEqual([
      'a policy was refused: the one before goes on serving',
    ]);
    expect(tested.failures[0]).toMatchObject({ level: 'error', revision: before.revision });

    rmSync(tested.path('policy'), { recursive: true, force: true });
    tested.write('policy/a.acl', doraReads);
    await untilAllowed(tested, 'user:dora');
    expect((await tested.readiness()).body.reload).toEqual({ state: 'loaded' });
  });

  test('the log shows the diagnostics with their lines, and readiness only their codes', async () => {
    const tested = await startTested();
    tested.write('policy/a.acl', 'allow user:secret-name to raed doc:/a\n');
    await until('it is refused', () => tested.failures.length > 0);
    expect(tested.failures[0]!.diagnostics).toContain('allow user:secret-name to raed doc:/a');
    const { body } = await tested.readiness();
    expect(body.reload.codes).toEqual(['P0004']);
    expect(JSON.stringify(body)).not.toMatch(/secret-name|a\.acl/);
  });

  test.each([
    ['cut off', image.subarray(0, image.length - 8)],
    ['damaged', damaged],
    ['no image at all', Uint8Array.from([1, 2, 3])],
  ])('an image that is %s', async (_what, bytes) => {
    const tested = await startTested({ files: { 'a.pimg': image }, settings: { policy: ['$/a.pimg'] } });
    const before = await tested.check('user:cory', 'doc:/a');
    tested.write('a.pimg', bytes);
    await until('it is refused', () => tested.failures.length > 0);
    expect(await tested.check('user:cory', 'doc:/a')).toEqual(before);
    expect((await tested.readiness()).body.reload).toMatchObject({
      state: 'refused',
      message: 'the image cannot be used',
    });
  });

  test('files that keep changing are loaded when they come to rest, and never in between', async () => {
    const tested = await startTested({ pace: { settleMs: 100 } });
    const before = await tested.check('user:cory', 'doc:/a');
    tested.write('policy/a.acl', doraReads);
    for (let i = 0; i < 20; i++) {
      appendFileSync(tested.path('policy/a.acl'), `# ${i}\n`);
      await pause(20);
      expect(await tested.check('user:cory', 'doc:/a')).toEqual(before);
    }
    await untilAllowed(tested, 'user:dora');
    expect(tested.failures).toEqual([]);
  });
});

describe('a service without a policy does not start', () => {
  test.each<[what: string, files: Record<string, string>, expected: new (...rest: never[]) => Error]>([
    ['nothing there', { 'other/a.acl': coryReads }, FileError],
    ['a syntax error', { 'policy/a.acl': 'allow' }, PolicyError],
    ['no image', { 'policy.pimg': 'allow' }, ImageError],
  ])('%s', async (_what, files, expected) => {
    const policy = 'policy.pimg' in files ? '$/policy.pimg' : '$/policy';
    await expect(startTested({ files, settings: { policy: [policy] } })).rejects.toThrow(expected);
  });

  test('a policy without a rule', async () => {
    await expect(startTested({ files: { 'policy/a.acl': '# nothing\n' } })).rejects.toThrow('has no rule');
  });
});

describe('workers', () => {
  test('answer on one port, load each policy, and are counted together', async () => {
    const tested = await startTested({ settings: { workers: 2 } });
    const answers = await Promise.all(Array.from({ length: 40 }, () => tested.check('user:cory', 'doc:/a')));
    expect(new Set(answers.map(({ decision }) => decision))).toEqual(new Set(['allow']));
    expect(await tested.metric('postern_decisions_total{api="native",decision="allow",reason="rule"}')).toBe(
      40,
    );
    tested.write('policy/a.acl', doraReads);
    await untilAllowed(tested, 'user:dora');
    await pause(50);
    const later = await Promise.all(Array.from({ length: 40 }, () => tested.check('user:cory', 'doc:/a')));
    expect(new Set(later.map(({ decision }) => decision))).toEqual(new Set(['deny']));
  });

  test('one that crashes is replaced by one with the policy of now, and nothing counts down', async () => {
    const tested = await startTested({ settings: { workers: 2 } });
    await Promise.all(Array.from({ length: 40 }, () => tested.check('user:cory', 'doc:/a')));
    const { workers } = tested.service.team as WorkerTeam;
    await workers[0]!.terminate();
    tested.write('policy/a.acl', doraReads);
    await until('it is replaced', () => (tested.service.team as WorkerTeam).workers.length === 2);
    await untilAllowed(tested, 'user:dora');
    await pause(300);
    const answers = await Promise.all(Array.from({ length: 40 }, () => tested.check('user:cory', 'doc:/a')));
    expect(new Set(answers.map(({ decision }) => decision))).toEqual(new Set(['deny']));
    expect(tested.failures.map(({ msg }) => msg)).toEqual(['a worker ended by itself and is replaced']);
    expect(await tested.metric('postern_worker_crashes_total')).toBe(1);
    expect(
      await tested.metric('postern_decisions_total{api="native",decision="allow",reason="rule"}'),
    ).toBeGreaterThanOrEqual(40);
  });

  test('a port that is taken is refused, though sockets could share it', async () => {
    const first = await startTested({ settings: { workers: 2 } });
    const port = Number(new URL(first.address).port);
    await expect(startTested({ settings: { workers: 2, port } })).rejects.toThrow('EADDRINUSE');
  });
});

describe('the decision log', () => {
  const linesOf = (path: string): Record<string, unknown>[] =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  async function ask(tested: TestedService, body: object, requestId = 'id'): Promise<void> {
    const response = await fetch(`${tested.address}/v1/check`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': requestId },
      body: JSON.stringify(body),
    });
    await response.arrayBuffer();
  }

  test('holds the whole request, the decision and the revision', async () => {
    const tested = await startTested({ settings: { decisionLog: { to: '$/log.jsonl' } } });
    const request = {
      subject: 'user:cory',
      action: 'read',
      resource: 'doc:/a',
      groups: ['x'],
      // Whatever it holds, it is one line.
      context: { a: [1], text: 'one\n{"decision":"allow"}\r\ntwo\u2028three' },
    };
    await ask(tested, request, 'one');
    const { revision } = await tested.check('user:dora', 'doc:/a');
    await tested.service.stop();
    const [first, second] = linesOf(tested.path('log.jsonl'));
    expect(first).toMatchObject({
      ...request,
      requestId: 'one',
      api: 'native',
      decision: 'allow',
      reason: 'rule',
      rule: { file: 'policy/a.acl', line: 1 },
      revision,
    });
    expect(Math.abs(Date.parse(first!.time as string) - Date.now())).toBeLessThan(60_000);
    expect(second).toMatchObject({ subject: 'user:dora', decision: 'deny', reason: 'default', revision });
  });

  test('masks values, and writes of others only a hash that stays the same', async () => {
    const tested = await startTested({
      files: { 'policy/a.acl': coryReads, salt: 'pepper' },
      settings: {
        decisionLog: {
          to: '$/log.jsonl',
          mask: ['/context/password', '/context/list/*/pin', '/context/__proto__'],
          hash: ['/subject', '/groups/*'],
          saltFile: '$/salt',
        },
      },
    });
    const body = {
      subject: 'user:cory',
      action: 'read',
      resource: 'doc:/a',
      groups: ['g1'],
      context: { password: 'hunter2', list: [{ pin: 4711, ok: 1 }] },
    };
    await ask(tested, body);
    await ask(tested, body);
    await tested.service.stop();
    const text = readFileSync(tested.path('log.jsonl'), 'utf8');
    expect(text).not.toMatch(/hunter2|4711|user:cory|"g1"/);
    const [first, second] = linesOf(tested.path('log.jsonl'));
    expect(first).toMatchObject({
      decision: 'allow',
      subject: expect.stringMatching(/^hmac-sha256:[0-9a-f]{32}$/),
      context: { password: '[masked]', list: [{ pin: '[masked]', ok: 1 }] },
    });
    expect(first!.subject).toBe(second!.subject);
  });

  test('keeps a share of allows by the id of the request, and every denial', async () => {
    const settings = { decisionLog: { to: '$/log.jsonl', sampleAllows: 0.25 } };
    const kept: unknown[][] = [];
    for (let run = 0; run < 2; run++) {
      const tested = await startTested({ settings });
      for (let i = 0; i < 100; i++)
        await ask(
          tested,
          { subject: i % 2 ? 'user:cory' : 'user:dora', action: 'read', resource: 'doc:/a' },
          `id-${i}`,
        );
      await tested.service.stop();
      const lines = linesOf(tested.path('log.jsonl'));
      expect(lines.filter(({ decision }) => decision === 'deny')).toHaveLength(50);
      kept.push(lines.filter(({ decision }) => decision === 'allow').map(({ requestId }) => requestId));
    }
    expect(kept[0]).toEqual(kept[1]);
    expect(kept[0]!.length).toBeGreaterThan(4);
    expect(kept[0]!.length).toBeLessThan(25);
  });

  test('goes on in a new file after the old one was renamed, and splits no line', async () => {
    const tested = await startTested({ settings: { decisionLog: { to: '$/log.jsonl' } } });
    await ask(tested, { subject: 'user:cory', action: 'read', resource: 'doc:/a' }, 'before');
    await until('it is written', () => linesOf(tested.path('log.jsonl')).length === 1);
    renameSync(tested.path('log.jsonl'), tested.path('log.jsonl.1'));
    tested.service.reopenLog();
    await until('it is opened anew', () => {
      try {
        return readFileSync(tested.path('log.jsonl')).length === 0;
      } catch {
        return false;
      }
    });
    await ask(tested, { subject: 'user:cory', action: 'read', resource: 'doc:/a' }, 'after');
    await tested.service.stop();
    expect(linesOf(tested.path('log.jsonl.1')).map(({ requestId }) => requestId)).toEqual(['before']);
    expect(linesOf(tested.path('log.jsonl')).map(({ requestId }) => requestId)).toEqual(['after']);
  });

  test('begins a line of its own behind one that a crash has cut off', async () => {
    const tested = await startTested({
      files: { 'policy/a.acl': coryReads, 'log.jsonl': '{"time":"2026-' },
      settings: { decisionLog: { to: '$/log.jsonl' } },
    });
    await ask(tested, { subject: 'user:cory', action: 'read', resource: 'doc:/a' });
    await tested.service.stop();
    const lines = readFileSync(tested.path('log.jsonl'), 'utf8').split('\n');
    expect(lines[0]).toBe('{"time":"2026-');
    expect(JSON.parse(lines[1]!)).toMatchObject({ decision: 'allow' });
  });

  test('of all workers is one file of whole lines', async () => {
    const tested = await startTested({ settings: { workers: 2, decisionLog: { to: '$/log.jsonl' } } });
    await Promise.all(Array.from({ length: 200 }, () => tested.check('user:cory', 'doc:/a')));
    await tested.service.stop();
    expect(linesOf(tested.path('log.jsonl'))).toHaveLength(200);
  });

  const full = { to: '/dev/full', bufferBytes: 1000 };

  test('that cannot be written: `wait` answers 503 once memory is full, and says so', async () => {
    const tested = await startTested({
      settings: { decisionLog: { ...full, whenFull: 'wait' }, shutdownMs: 0 },
    });
    let answers = 0;
    await until('nothing is decided any more', async () => {
      const { status, decision } = await tested.check('user:cory', 'doc:/a');
      if (status === 200) answers++;
      else expect([status, decision]).toEqual([503, undefined]);
      return status === 503;
    });
    expect(answers).toBeGreaterThan(1);
    const { status, body } = await tested.readiness();
    expect([status, body.decisionLog]).toEqual([503, 'blocked']);
    expect(await tested.metric('postern_decision_log_failing')).toBe(1);
    expect(await tested.metric('postern_decision_log_entries_total{outcome="write-error"}')).toBeGreaterThan(
      0,
    );
    const writes = tested.failures.filter(({ msg }) => msg.includes('cannot be written: no space'));
    expect(writes).toHaveLength(1);
    await tested.service.stop();
    expect(tested.failures.at(-1)).toMatchObject({ entries: answers });
  });

  test('that cannot be written: `drop` answers, and counts what is lost', async () => {
    const tested = await startTested({
      settings: { decisionLog: { ...full, whenFull: 'drop' }, shutdownMs: 0 },
    });
    for (let i = 0; i < 50; i++) expect(await tested.check('user:cory', 'doc:/a')).toMatchObject(allowed);
    expect(await tested.metric('postern_decision_log_entries_total{outcome="dropped"}')).toBeGreaterThan(30);
    expect((await tested.readiness()).body.decisionLog).toBe('failing');
  });

  test('that cannot be written: `spill` writes to another file until that is full, and then counts', async () => {
    const decisionLog = { ...full, whenFull: 'spill', spillFile: '$/spill.jsonl', spillBytes: 5000 };
    const tested = await startTested({ settings: { decisionLog, shutdownMs: 0 } });
    for (let i = 0; i < 50; i++) expect(await tested.check('user:cory', 'doc:/a')).toMatchObject(allowed);
    const spilled = await tested.metric('postern_decision_log_entries_total{outcome="spilled"}');
    const dropped = await tested.metric('postern_decision_log_entries_total{outcome="dropped"}');
    expect(spilled).toBeGreaterThan(5);
    expect(linesOf(tested.path('spill.jsonl'))).toHaveLength(spilled!);
    expect(dropped).toBeGreaterThan(5);
    expect(readFileSync(tested.path('spill.jsonl')).length).toBeLessThanOrEqual(5000);
    const about = (part: string): LogLine[] => tested.failures.filter(({ msg }) => msg.includes(part));
    expect(about('are dropped')).toHaveLength(1);
  });

  test('that cannot be opened does not let the service start', async () => {
    await expect(startTested({ settings: { decisionLog: { to: '$/no/log.jsonl' } } })).rejects.toThrow(
      FileError,
    );
  });

  test('a pointer to what every line needs is refused at the start', async () => {
    const decisionLog = { to: '$/log.jsonl', mask: ['/decision'] };
    await expect(startTested({ settings: { decisionLog } })).rejects.toThrow('cannot be masked');
  });
});

describe('a service that stops', () => {
  test('answers requests that are under way and connections that are open, and takes no new one', async () => {
    const tested = await startTested();
    const port = Number(new URL(tested.address).port);
    const text = JSON.stringify({ subject: 'user:cory', action: 'read', resource: 'doc:/a' });
    // One request whose body is half there, one connection that has asked before and will ask again.
    const slow = connect(port, '127.0.0.1');
    slow.write(
      `POST /v1/check HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text.slice(0, 5)}`,
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await askWith(agent, port, text)).toContain('"allow"');
    await pause(50);
    const stopped = tested.service.stop();
    await pause(50);
    expect(await askWith(agent, port, text)).toContain('"allow"');
    slow.write(text.slice(5));
    const answer = await new Promise<string>((resolve) => slow.once('data', (data) => resolve(String(data))));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer.toLowerCase()).toContain('connection: close');
    await expect(fetch(`${tested.address}/healthz`)).rejects.toThrow();
    await stopped;
    expect(tested.failures).toEqual([]);
    agent.destroy();
  });

  test('streams the answers of a batch to their end', async () => {
    const tested = await startTested();
    const line = JSON.stringify({ subject: 'user:cory', action: 'read', resource: 'doc:/a' });
    const { port } = new URL(tested.address);
    const headers = { 'content-type': 'application/jsonl' };
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      path: '/v1/check/batch',
      method: 'POST',
      headers,
    });
    const answered = new Promise<string>((resolve, reject) => {
      request.on('error', reject);
      request.on('response', (response) => {
        let text = '';
        response.on('data', (data) => {
          text += data;
        });
        response.on('end', () => resolve(text));
      });
    });
    request.write(`${line}\n`);
    await pause(100);
    const stopped = tested.service.stop();
    for (let i = 0; i < 20; i++) {
      request.write(`${line}\n`.repeat(100));
      await pause(50);
    }
    request.end();
    const answers = (await answered).trimEnd().split('\n');
    expect(answers).toHaveLength(2001);
    expect(new Set(answers).size).toBe(1);
    await stopped;
    expect(tested.failures).toEqual([]);
  });

  test('is not ready from the first moment on', async () => {
    const tested = await startTested();
    tested.service.team.announceStop();
    const { status, body } = await tested.readiness();
    expect([status, body.reason]).toEqual([503, 'stopping']);
    expect(await tested.check('user:cory', 'doc:/a')).toMatchObject(allowed);
  });

  test('cuts what takes longer than the bound, and says how much', async () => {
    const tested = await startTested({ settings: { shutdownMs: 300 } });
    const slow = connect(Number(new URL(tested.address).port), '127.0.0.1');
    slow.on('error', () => {});
    slow.write(
      'POST /v1/check HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
    );
    await pause(50);
    const startedMs = performance.now();
    await tested.service.stop();
    expect(performance.now() - startedMs).toBeLessThan(2500);
    expect(tested.failures).toMatchObject([{ connections: 1 }]);
  });

  function askWith(agent: Agent, port: number, body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': body.length };
      const request = httpRequest({
        agent,
        port,
        host: '127.0.0.1',
        path: '/v1/check',
        method: 'POST',
        headers,
      });
      request.on('error', reject);
      request.on('response', (response) => {
        let text = '';
        response.on('data', (data) => {
          text += data;
        });
        response.on('end', () => resolve(text));
      });
      request.end(body);
    });
  }
});
