import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Authorizer, type Decision, type Request, renderDecisionJson } from '../../../src/index.ts';
import { createServer } from '../../../src/service/http/server.ts';
import type { Source } from '../../../src/source/source.ts';
import { runInProcess } from '../run-command-line.ts';
import { runPostern } from '../run-postern.ts';
import { createTestService } from '../service.ts';
import type { Law, Watch } from './law.ts';
import type { LawCase } from './law-case.ts';

/**
 * The rest of law 12: the library says what the service and the command line say, and text what its image says in another
 * process. Only of requests that JSON can say.
 */
export const doorLaws: readonly Law[] = [
  {
    name: '12-service',
    title: 'the service answers as the library does, alone and in the middle of a batch',
    requests: 30,
    share: 1.5,
    isOfEach: false,
    check: async (given, watch) => {
      const { sources, mode, image } = given;
      const library = Authorizer.fromImage(image, { mode });
      const server = createServer(createTestService(sources, mode === undefined ? {} : { mode }));
      try {
        const sayable = sayableRequests(given);
        const accepted: { readonly request: unknown; readonly decision: Decision }[] = [];
        for (const request of sayable) {
          const decision = library.decide(request as Request);
          const response = await post(server, '/v1/check', request);
          // What is not even of the right shape is refused with words, and denied by the library.
          const isRefused = response.statusCode === 400 && decision.reason === 'malformed';
          const isSame = response.statusCode === 200 && response.body === renderDecisionJson(decision);
          watch.expect(isSame || isRefused, request, { library: decision, service: response.body });
          if (response.statusCode === 200) accepted.push({ request, decision });
        }
        const requests = accepted.map(({ request }) => request);
        const expected = `{"decisions":[${accepted.map(({ decision }) => renderDecisionJson(decision)).join(',')}]}`;
        const batch = await post(server, '/v1/check/batch', { requests });
        watch.expect(batch.body === expected, undefined, { library: expected, service: batch.body });
      } finally {
        await server.close();
      }
    },
  },
  {
    name: '12-command-line',
    title: 'the command line answers as the library does, from text and from an image',
    requests: 60,
    share: 1.5,
    isOfEach: false,
    check: (given, watch) => compareWithCommands(given, watch, (...words) => runInProcess(...words)),
  },
  {
    name: '12-process',
    title: 'new processes answer as the library does, from text and from an image',
    requests: 100,
    share: 2,
    isOfEach: false,
    check: (given, watch) => compareWithCommands(given, watch, (...words) => runPostern(words)),
  },
];

type RunCommand = (
  ...words: readonly string[]
) => Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;

async function compareWithCommands(given: LawCase, watch: Watch, run: RunCommand): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-law-'));
  try {
    const policies = join(folder, 'policies');
    writeSources(policies, given.sources);
    const [imagePath, requestsPath] = [join(folder, 'a.pimg'), join(folder, 'requests.jsonl')];
    const requests = sayableRequests(given);
    writeFileSync(requestsPath, requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
    const mode = given.mode === undefined ? [] : ['--mode', given.mode];
    const compiled = await run('compile', policies, '-o', imagePath);
    watch.expect(compiled.code === 0, undefined, { compiled });
    const texts = await run('eval', '-p', policies, '--requests', requestsPath, ...mode);
    const images = await run('eval', '-p', imagePath, '--requests', requestsPath, ...mode);
    const library = await Authorizer.fromFiles([policies], { mode: given.mode });
    const inMemory = Authorizer.fromImage(given.image, { mode: given.mode });
    const [fromTexts, fromImages] = [texts, images].map(({ stdout }) => stdout.split('\n'));
    watch.expect(fromTexts!.length === requests.length + 1, undefined, { texts, images });
    for (const [i, request] of requests.entries()) {
      const decision = library.decide(request as Request);
      const expected = renderDecisionJson(decision);
      watch.expect(isSameLine(decision, fromTexts![i]), request, { library: expected, eval: fromTexts![i] });
      watch.expect(isSameLine(decision, fromImages![i]), request, {
        library: expected,
        'eval of the image': fromImages![i],
      });
      // Its files have other names.
      const { decision: effect, reason, ruleset } = inMemory.decide(request as Request);
      const isSame =
        effect === decision.decision && reason === decision.reason && ruleset === decision.ruleset;
      watch.expect(isSame, request, { library: expected, 'in memory': { effect, reason, ruleset } });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isSameLine(decision: Decision, line: string | undefined): boolean {
  return line === renderDecisionJson(decision) || (decision.reason === 'malformed' && isRefusal(line));
}

/** What is no request at all is answered with words. */
function isRefusal(line: string | undefined): boolean {
  return line?.startsWith('{"error":') === true;
}

function writeSources(folder: string, sources: readonly Source[]): void {
  for (const { file, text } of sources) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

/** As JSON hands them on; those that it cannot say are left out. */
function sayableRequests({ requests }: LawCase): unknown[] {
  const texts = requests.map(writeJson);
  // A lone surrogate is refused where JSON is read.
  return texts.flatMap((text) =>
    text === undefined || /\\ud[89a-f]/.test(text) ? [] : [JSON.parse(text) as unknown],
  );
}

function writeJson(request: unknown): string | undefined {
  try {
    return JSON.stringify(request);
  } catch {
    // A bigint.
    return undefined;
  }
}

function post(server: ReturnType<typeof createServer>, url: string, body: unknown) {
  const headers = { 'content-type': 'application/json' };
  return server.inject({ method: 'POST', url, headers, payload: JSON.stringify(body) });
}
