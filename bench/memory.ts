/**
 * What does an image hold on to, and what does deciding leave behind? Heap and buffers a rule after loading, each size in a
 * process of its own. Then millions of `isAllowed` calls: the heap before and after, and the scavenges meanwhile.
 *
 *     node bench/memory.ts [--sizes 100000,1000000] [--calls 10000000] [--rules 100000] [--requests 10000]
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  constants,
  type NodeGCPerformanceDetail,
  type PerformanceEntry,
  PerformanceObserver,
} from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { compileCluster, countAllowed, createCluster, loadCluster } from './support/cluster.ts';
import { readNumbers } from './support/options.ts';
import { createScratchFolder } from './support/scratch-folder.ts';

const options = readNumbers({
  sizes: '100000,1000000',
  calls: '10000000',
  rules: '100000',
  requests: '10000',
});
const program = fileURLToPath(new URL('./support/weigh-once.ts', import.meta.url));
const folder = createScratchFolder();
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What Node.js says of a garbage collection, beyond what its types do. */
type Collection = PerformanceEntry & { readonly detail: NodeGCPerformanceDetail };

for (const size of options.sizes) weigh(size);
await decideOften();

function weigh(size: number): void {
  const image = compileCluster(createCluster(size, 1));
  const file = join(folder, `${size}.pimg`);
  writeFileSync(file, image);
  const run = spawnSync(process.execPath, ['--expose-gc', program, file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (run.status !== 0) throw new Error(`weighing the image of ${size} rules failed`);
  const { retained } = JSON.parse(run.stdout) as { readonly retained: number };
  console.log(
    `${size} rules: heap and buffers ${(retained / size).toFixed(1)} B a rule, ` +
      `the image alone ${(image.byteLength / size).toFixed(1)} B`,
  );
}

async function decideOften(): Promise<void> {
  const cluster = createCluster(options.rules[0]!, options.requests[0]!);
  const authorizer = loadCluster(cluster);
  const { subjects, actions, resources } = cluster.requests;
  const passes = Math.ceil(options.calls[0]! / subjects.length);
  const scavenges: number[] = [];
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { detail, duration } of list.getEntries() as Collection[]) {
      collections++;
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) scavenges.push(duration);
    }
  });
  const before = heapBytes();
  observer.observe({ entryTypes: ['gc'] });
  const start = performance.now();
  let allowed = 0;
  for (let pass = 0; pass < passes; pass++) {
    for (let i = 0; i < subjects.length; i++)
      if (authorizer.isAllowed(subjects[i]!, actions[i]!, resources[i]!)) allowed++;
  }
  const seconds = (performance.now() - start) / 1000;
  const grown = process.memoryUsage().heapUsed - before;
  // The observer hears of collections when the loop has ended.
  await sleep(100);
  observer.disconnect();
  if (allowed !== passes * countAllowed(cluster.expected)) throw new Error('a call was answered otherwise');
  const kept = heapBytes() - before;
  const longest = scavenges.length === 0 ? '' : `, the longest of ${Math.max(...scavenges).toFixed(2)} ms`;
  console.log(
    `${passes * subjects.length} calls in ${seconds.toFixed(1)} s: heap ${kibibytes(grown)} at the end, ${kibibytes(kept)} when ` +
      `collected; ${scavenges.length} scavenges${longest}, ${collections - scavenges.length} other collections`,
  );
}

function heapBytes(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

function kibibytes(bytes: number): string {
  return `${bytes < 0 ? '' : '+'}${(bytes / 1024).toFixed(0)} KiB`;
}
