import { parentPort, workerData } from 'node:worker_threads';
import type { WatcherOptions, WatcherReport } from './policy-watcher.ts';
import { PolicyWatcher } from './policy-watcher.ts';

/** What the thread is started with. */
export type PolicyThreadData = Omit<WatcherOptions, 'report'>;

/** Load now, whether something has changed or not. */
export interface ReloadMessage {
  readonly kind: 'reload';
}

const port = parentPort!;
const watcher = new PolicyWatcher({
  ...(workerData as PolicyThreadData),
  report: (report: WatcherReport) => port.postMessage(report),
});
port.on('message', (message: ReloadMessage) => {
  if (message.kind === 'reload') watcher.reload();
});
watcher.reload();
