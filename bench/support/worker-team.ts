/**
 * A process of its own: workers on one shared image. Given library, image, requests and the number of workers and
 * milliseconds, it starts the workers, lets them decide for so long, and prints as JSON what they have done.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

export interface TeamResult {
  /** Of the process with all its workers, after they have decided. */
  readonly rssBytes: number;
  readonly decisions: number;
  readonly seconds: number;
}

const [library, imagePath, requestsPath, workerCount, milliseconds] = process.argv.slice(2);
const image = readShared(imagePath!);
/** Word 0: 1 when all may begin. */
const control = new Int32Array(new SharedArrayBuffer(4));

/**
 * Plain JavaScript, so that no worker needs what takes types away. Everything is asked once before the start, and each
 * answer held against the right one.
 */
const PROGRAM = `
const { readFileSync } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');
import(workerData.library).then(({ Authorizer }) => {
  const { image, control, requestsPath, milliseconds } = workerData;
  const authorizer = new Authorizer(image);
  const requests = JSON.parse(readFileSync(requestsPath, 'utf8'));
  for (const [subject, action, resource, right] of requests)
    if (authorizer.isAllowed(subject, action, resource) !== right) throw new Error('wrong: ' + subject + ' ' + action + ' ' + resource);
  parentPort.postMessage('ready');
  Atomics.wait(control, 0, 0);
  let decisions = 0;
  const start = performance.now();
  while (performance.now() - start < milliseconds) {
    for (let i = 0; i < requests.length; i++) authorizer.isAllowed(requests[i][0], requests[i][1], requests[i][2]);
    decisions += requests.length;
  }
  parentPort.postMessage({ decisions, seconds: (performance.now() - start) / 1000 });
});
`;

const workers = Array.from(
  { length: Number(workerCount) },
  () =>
    new Worker(PROGRAM, {
      eval: true,
      // Deciding allocates nothing, and the young generation that a worker has by default is most of what it takes.
      resourceLimits: { maxYoungGenerationSizeMb: 2 },
      workerData: { library, image, control, requestsPath, milliseconds: Number(milliseconds) },
    }),
);
await Promise.all(workers.map(nextMessage));
const done = workers.map(nextMessage);
Atomics.store(control, 0, 1);
Atomics.notify(control, 0);
const results = (await Promise.all(done)) as { decisions: number; seconds: number }[];
const result: TeamResult = {
  rssBytes: process.memoryUsage().rss,
  decisions: results.reduce((sum, { decisions }) => sum + decisions, 0),
  seconds: Math.max(...results.map(({ seconds }) => seconds)),
};
process.stdout.write(JSON.stringify(result));
for (const worker of workers) await worker.terminate();

function nextMessage(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

function readShared(path: string): SharedArrayBuffer {
  const file = openSync(path, 'r');
  const shared = new SharedArrayBuffer(fstatSync(file).size);
  readSync(file, new Uint8Array(shared));
  closeSync(file);
  return shared;
}
