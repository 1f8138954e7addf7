import type { DecisionLogConfig } from '../config/config.ts';
import { readConfiguredFile } from '../config/configured-file.ts';
import { ServiceError } from '../http/errors.ts';
import type { OperationMetrics } from '../metrics/metrics.ts';
import type { DecisionLog, DecisionLogEntry, Logger } from '../service.ts';
import { defaultBufferBytes, type LogBatch, type LogControl } from './control.ts';
import { type EntryOptions, renderEntry, renderUnwritable } from './entry.ts';
import { createMask } from './masking.ts';

export interface RecorderOptions {
  readonly config: DecisionLogConfig;
  readonly control: LogControl;
  readonly metrics: OperationMetrics;
  readonly log: Logger;
  /** Takes what is to be written, in this thread or another. */
  readonly send: (batch: LogBatch) => void;
  /** How long a request waits for the log before it is refused. */
  readonly maxWaitMs?: number;
}

/** The decision log as the threads that decide see it. */
export interface Recorder extends DecisionLog {
  /** Sends what has been recorded: lines are sent at the end of the turn in which they are made. */
  readonly flush: () => void;
}

const batchUnits = 64 * 1024;
const lookAgainMs = 5;

/** @throws {ConfigurationError | FileError} if what is to be masked is not well said */
export function createRecorder(options: RecorderOptions): Recorder {
  if (options.config.to === 'off')
    return { isActive: false, record: () => {}, whenWritable: () => undefined, flush: () => {} };
  const recorder = new LineRecorder(options);
  return {
    isActive: true,
    record: (entry) => recorder.record(entry),
    whenWritable: () => recorder.whenWritable(),
    flush: () => recorder.flush(),
  };
}

class LineRecorder {
  readonly #options: RecorderOptions;
  readonly #entryOptions: EntryOptions;
  readonly #limit: number;
  #lines: string[] = [];
  #units = 0;
  #waiting: Promise<void> | undefined;

  constructor(options: RecorderOptions) {
    const { config } = options;
    this.#options = options;
    this.#entryOptions = readEntryOptions(config);
    this.#limit = config.bufferBytes ?? defaultBufferBytes;
  }

  record(entry: DecisionLogEntry): void {
    const { metrics, control, config } = this.#options;
    const line = this.#render(entry);
    if (line === undefined) metrics.countLog('sampled-out', 1);
    else if (config.whenFull === 'drop' && control.queued + line.length > this.#limit)
      metrics.countLog('dropped', 1);
    else this.#add(line);
  }

  whenWritable(): Promise<void> | undefined {
    const { config, control } = this.#options;
    if (config.whenFull !== 'wait' || control.queued <= this.#limit) return undefined;
    this.#waiting ??= this.#wait().finally(() => {
      this.#waiting = undefined;
    });
    return this.#waiting;
  }

  flush(): void {
    if (this.#lines.length === 0) return;
    const batch = {
      bytes: Buffer.from(this.#lines.join('')),
      entries: this.#lines.length,
      units: this.#units,
    };
    this.#lines = [];
    this.#units = 0;
    this.#options.send(batch);
  }

  #render(entry: DecisionLogEntry): string | undefined {
    try {
      return renderEntry(entry, this.#entryOptions);
    } catch (error) {
      const { log } = this.#options;
      log.error({ err: error, requestId: entry.requestId }, 'a decision was logged without its request');
      return renderUnwritable(entry);
    }
  }

  #add(line: string): void {
    if (this.#lines.length === 0) setImmediate(() => this.flush());
    this.#lines.push(line);
    this.#units += line.length;
    this.#options.control.addQueued(line.length);
    if (this.#units >= batchUnits) this.flush();
  }

  async #wait(): Promise<void> {
    const { control, maxWaitMs = 5000 } = this.#options;
    const deadline = performance.now() + maxWaitMs;
    while (control.queued > this.#limit) {
      if (performance.now() > deadline) throw new ServiceError(503, 'the decision log cannot be written');
      await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
    }
  }
}

function readEntryOptions(config: DecisionLogConfig): EntryOptions {
  const { sampleAllows, sampleDenials = 1, mask, hash = [], saltFile } = config;
  const salt = saltFile === undefined ? undefined : readConfiguredFile(saltFile, 'salt of the decision log');
  return { sampleAllows, sampleDenials, mask: createMask({ drop: mask, hash, salt }) };
}
