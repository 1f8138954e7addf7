import { Agent, request as requestOverHttp } from 'node:http';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** A client that means no harm, in a thread of its own: what it measures is the service, not the test around it. */
export interface ControlClient {
  readonly stop: () => Promise<ControlReport>;
}

export interface ControlReport {
  /** Answers that are not those expected, and requests without one. */
  readonly wrong: readonly string[];
  readonly latenciesMs: readonly number[];
}

export interface ControlOptions {
  readonly url: string;
  readonly token: string;
  readonly everyMs: number;
  /** Asked in turn, each with the decision that is right. */
  readonly questions: readonly { readonly body: string; readonly decision: string }[];
}

export function startControlClient(options: ControlOptions): ControlClient {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: options });
  const report = new Promise<ControlReport>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return {
    stop() {
      worker.postMessage('stop');
      return report;
    },
  };
}

if (!isMainThread && isControlOptions(workerData)) run(workerData);

/** Test runners have threads of their own, which import this file too. */
function isControlOptions(data: unknown): data is ControlOptions {
  return typeof data === 'object' && data !== null && 'everyMs' in data && 'questions' in data;
}

function run({ url, token, everyMs, questions }: ControlOptions): void {
  const agent = new Agent({ keepAlive: true });
  const wrong: string[] = [];
  const latenciesMs: number[] = [];
  const waiting = new Set<Promise<void>>();
  let count = 0;
  const timer = setInterval(() => {
    const { body, decision } = questions[count++ % questions.length]!;
    const begin = performance.now();
    const asked = ask({ url, token, agent }, body)
      .then((answer) => {
        latenciesMs.push(performance.now() - begin);
        if (!answer.startsWith(`200 {"decision":"${decision}"`)) wrong.push(answer);
      })
      .catch((error: unknown) => void wrong.push(String(error)))
      .finally(() => waiting.delete(asked));
    waiting.add(asked);
  }, everyMs);
  parentPort!.once('message', async () => {
    clearInterval(timer);
    await Promise.all(waiting);
    agent.destroy();
    parentPort!.postMessage({ wrong, latenciesMs } satisfies ControlReport);
  });
}

/** Status and body. */
function ask(
  { url, token, agent }: { readonly url: string; readonly token: string; readonly agent: Agent },
  body: string,
): Promise<string> {
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const sent = requestOverHttp(url, { method: 'POST', agent, headers }, (response) => {
      let text = `${response.statusCode} `;
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
