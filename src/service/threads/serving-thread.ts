import '../http/steady-ticks.ts';
import { parentPort, workerData } from 'node:worker_threads';
import { AnswersOfParent, type RelayedAnswer, type RelayedQuestion } from '../answers/relay.ts';
import type { KeyMaterial } from '../auth/key-file.ts';
import type { ServiceConfig } from '../config/config.ts';
import type { LogBatch } from '../decision-log/control.ts';
import type { MetricsMemory } from '../metrics/metrics-memory.ts';
import { createLogger } from '../operation/logging.ts';
import type { ReloadState } from '../operation/operation-state.ts';
import type { StoreNews, StoreUpdate } from '../store/point.ts';
import { type ServedPolicy, Serving } from './serving.ts';

/** What a thread is started with. */
export interface ServingThreadData {
  readonly config: ServiceConfig;
  readonly thread: number;
  readonly memory: MetricsMemory;
  readonly logMemory: SharedArrayBuffer;
  readonly keys: KeyMaterial | undefined;
  readonly port: number;
  readonly policy: ServedPolicy | undefined;
  readonly reload: ReloadState;
}

export type ToServing =
  | { readonly kind: 'use'; readonly policy: ServedPolicy }
  | { readonly kind: 'apply'; readonly id: number; readonly update: StoreUpdate }
  | { readonly kind: 'note-store'; readonly news: StoreNews }
  | { readonly kind: 'caught-up'; readonly id: number; readonly failure: string | undefined }
  | { readonly kind: 'note-reload'; readonly state: ReloadState }
  | { readonly kind: 'renew-tls' }
  | { readonly kind: 'use-keys'; readonly material: KeyMaterial }
  | { readonly kind: 'announce-stop' }
  | RelayedAnswer
  | { readonly kind: 'stop'; readonly maxMs: number };

export type FromServing =
  | { readonly kind: 'listening' }
  | { readonly kind: 'log'; readonly batch: LogBatch }
  | RelayedQuestion
  | { readonly kind: 'applied'; readonly id: number }
  | { readonly kind: 'catch-up'; readonly id: number }
  | { readonly kind: 'stopped' };

const { config, port, policy, reload, ...rest } = workerData as ServingThreadData;
const parent = parentPort!;
const log = createLogger(config.log.level).child({ worker: rest.thread });
const tell = (message: FromServing): void => parent.postMessage(message);
const answers = new AnswersOfParent(tell);
const asked = new Map<number, { readonly resolve: () => void; readonly reject: (error: Error) => void }>();
let lastAsked = 0;

const serving = new Serving({
  ...rest,
  config,
  log,
  answers,
  send: (batch) => tell({ kind: 'log', batch }),
  ...(config.store === undefined ? {} : { catchUp }),
});

/** The store is followed by the thread that has started this one. */
function catchUp(): Promise<void> {
  const id = ++lastAsked;
  return new Promise((resolve, reject) => {
    asked.set(id, { resolve, reject });
    tell({ kind: 'catch-up', id });
  });
}

parent.on('message', (message: ToServing) => {
  switch (message.kind) {
    case 'use':
      serving.use(message.policy);
      break;
    case 'apply':
      serving.apply(message.update);
      tell({ kind: 'applied', id: message.id });
      break;
    case 'note-store':
      serving.noteStore(message.news);
      break;
    case 'caught-up':
      if (message.failure === undefined) asked.get(message.id)?.resolve();
      else asked.get(message.id)?.reject(new Error(message.failure));
      asked.delete(message.id);
      break;
    case 'note-reload':
      serving.noteReload(message.state);
      break;
    case 'renew-tls':
      serving.renewTls();
      break;
    case 'use-keys':
      serving.useKeys(message.material);
      break;
    case 'answer':
      answers.take(message);
      break;
    case 'announce-stop':
      serving.announceStop();
      break;
    case 'stop':
      void serving.stop(message.maxMs).then(() => {
        tell({ kind: 'stopped' });
        parent.close();
      });
      break;
  }
});

serving.noteReload(reload);
if (policy !== undefined) serving.use(policy);
await serving.listen({ host: config.host, port, isShared: true });
tell({ kind: 'listening' });
