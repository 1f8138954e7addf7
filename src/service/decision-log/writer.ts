import type { FileError } from '../../index.ts';
import type { DecisionLogConfig } from '../config/config.ts';
import type { OperationMetrics } from '../metrics/metrics.ts';
import type { Logger } from '../service.ts';
import { defaultBufferBytes, defaultSpillBytes, type LogBatch, type LogControl } from './control.ts';
import { LineFile } from './line-file.ts';

export interface WriterOptions {
  readonly config: DecisionLogConfig;
  readonly control: LogControl;
  readonly metrics: OperationMetrics;
  readonly log: Logger;
  /** How long to wait after a failure before writing is tried again. */
  readonly retryMs?: number;
}

const writeBytes = 1024 * 1024;
const syncIntervalMs = 1000;

/**
 * Writes the lines of all threads to one file, in the thread that is not busy with requests where there are several. What
 * cannot be written is kept and tried again; once more waits than the operator allows, it goes where the operator said.
 */
export class DecisionLogWriter {
  readonly #options: WriterOptions;
  readonly #file: LineFile;
  readonly #spill: Spill | undefined;
  readonly #limit: number;
  #queue: LogBatch[] = [];
  #running: Promise<void> | undefined;
  #isReopenWanted = false;
  #isClosing = false;
  #isUnsynced = false;
  #wake: (() => void) | undefined;
  readonly #syncTimer: NodeJS.Timeout | undefined;

  /** @throws {FileError} if a file cannot be opened: the service does not start without its log */
  constructor(options: WriterOptions) {
    const { config } = options;
    this.#options = options;
    this.#file = new LineFile(config.to);
    this.#spill = config.whenFull === 'spill' ? new Spill(options) : undefined;
    this.#limit = config.bufferBytes ?? defaultBufferBytes;
    if (config.sync === 'second')
      this.#syncTimer = setInterval(() => this.#syncIfNeeded(), syncIntervalMs).unref();
  }

  add(batch: LogBatch): void {
    if (this.#spill !== undefined && this.#options.control.queued > this.#limit) {
      this.#spill.add(batch);
      return;
    }
    this.#queue.push(batch);
    this.#run();
  }

  /** After the file has been renamed: what comes from now on goes to a new one. */
  reopen(): void {
    this.#isReopenWanted = true;
    this.#wake?.();
    this.#run();
  }

  /** Writes what there is, for as long as the bound allows; what is left then is counted and reported. */
  async close(maxMs: number): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#syncTimer);
    this.#wake?.();
    const timer = new Promise<void>((resolve) => setTimeout(resolve, maxMs).unref());
    await Promise.race([Promise.all([this.#running, this.#spill?.close()]), timer]);
    const lost = this.#queue.reduce((sum, { entries }) => sum + entries, 0);
    if (lost > 0) {
      this.#options.metrics.countLog('dropped', lost);
      this.#options.log.error(
        { entries: lost },
        'entries of the decision log could not be written and are lost',
      );
      return;
    }
    await this.#file.sync().catch((error: FileError) => this.#reportFailure(error));
    await this.#file.close();
  }

  #run(): void {
    this.#running ??= this.#writeAll().finally(() => {
      this.#running = undefined;
      if (this.#queue.length > 0 && !this.#isClosing) this.#run();
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#isReopenWanted || this.#queue.length > 0) {
      if (this.#isReopenWanted) await this.#reopenNow();
      const batch = this.#take();
      if (batch === undefined) continue;
      const error = await this.#write(batch);
      if (error === undefined) {
        this.#reportSuccess();
        continue;
      }
      this.#reportFailure(error);
      if (this.#isClosing) return;
      await this.#pause();
    }
  }

  /** Several batches as one, so that a slow device is asked less often. */
  #take(): LogBatch | undefined {
    let bytes = 0;
    let count = 0;
    while (count < this.#queue.length && (count === 0 || bytes < writeBytes))
      bytes += this.#queue[count++]!.bytes.length;
    const taken = this.#queue.splice(0, count);
    return taken.length < 2 ? taken[0] : joinBatches(taken);
  }

  /** What is not written goes back to the head of the queue. */
  async #write(batch: LogBatch): Promise<FileError | undefined> {
    const { control, metrics, config } = this.#options;
    const { written, error } = await this.#file.write(
      Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.length),
    );
    const rest = restOf(batch, written);
    if (rest !== undefined) this.#queue.unshift(rest);
    control.addQueued((rest?.units ?? 0) - batch.units);
    metrics.countLog('written', batch.entries - (rest?.entries ?? 0));
    if (written > 0) this.#isUnsynced = true;
    if (error !== undefined || config.sync !== 'always') return error;
    return this.#file.sync().then(
      () => undefined,
      (failure: FileError) => failure,
    );
  }

  async #reopenNow(): Promise<void> {
    this.#isReopenWanted = false;
    try {
      await this.#file.reopen();
      await this.#spill?.reopen();
      this.#options.log.info('the decision log was opened anew');
    } catch (error) {
      this.#reportFailure(error as FileError);
    }
  }

  #syncIfNeeded(): void {
    if (!this.#isUnsynced) return;
    this.#isUnsynced = false;
    this.#file.sync().catch((error: FileError) => this.#reportFailure(error));
  }

  /** Until it is time to try again; a new file or the end of the service do not wait for that. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#options.retryMs ?? 1000);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #reportFailure(error: FileError): void {
    const { control, metrics, log } = this.#options;
    metrics.countLog('write-error', 1);
    if (control.isFailing) return;
    control.isFailing = true;
    log.error(error.message);
  }

  #reportSuccess(): void {
    const { control, log } = this.#options;
    if (!control.isFailing) return;
    control.isFailing = false;
    log.info('the decision log is written again');
  }
}

/** Where entries go that do not fit into memory: a file that grows to a limit. Beyond it they are dropped and counted. */
class Spill {
  readonly #options: WriterOptions;
  readonly #file: LineFile;
  readonly #maxBytes: number;
  #queuedBytes = 0;
  #last: Promise<void> = Promise.resolve();
  #isFull = false;
  #isDropping = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#file = new LineFile(options.config.spillFile!);
    this.#maxBytes = options.config.spillBytes ?? defaultSpillBytes;
  }

  add(batch: LogBatch): void {
    const size = batch.bytes.length;
    // Full is full until it is opened anew: a short batch that would still fit must not come behind a long one that did not.
    this.#isFull ||= this.#file.sizeBytes + this.#queuedBytes + size > this.#maxBytes;
    if (this.#isFull) {
      this.#drop(batch, 'the spill file of the decision log is full');
      return;
    }
    this.#queuedBytes += size;
    this.#last = this.#last.then(() => this.#write(batch));
  }

  reopen(): Promise<void> {
    this.#isFull = false;
    this.#isDropping = false;
    return this.#file.reopen();
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
  }

  async #write(batch: LogBatch): Promise<void> {
    const { control, metrics } = this.#options;
    const { written, error } = await this.#file.write(Buffer.from(batch.bytes));
    this.#queuedBytes -= batch.bytes.length;
    const rest = restOf(batch, written);
    metrics.countLog('spilled', batch.entries - (rest?.entries ?? 0));
    control.addQueued((rest?.units ?? 0) - batch.units);
    if (rest !== undefined) this.#drop(rest, error?.message ?? 'the spill file cannot be written');
    else if (!this.#isFull) this.#isDropping = false;
  }

  #drop({ entries, units }: LogBatch, reason: string): void {
    const { control, metrics, log } = this.#options;
    control.addQueued(-units);
    metrics.countLog('dropped', entries);
    if (!this.#isDropping) log.error(`entries of the decision log are dropped: ${reason}`);
    this.#isDropping = true;
  }
}

function joinBatches(batches: readonly LogBatch[]): LogBatch {
  return {
    bytes: Buffer.concat(batches.map(({ bytes }) => bytes)),
    entries: batches.reduce((sum, { entries }) => sum + entries, 0),
    units: batches.reduce((sum, { units }) => sum + units, 0),
  };
}

/** The lines behind the first `written` bytes, which end with a line. */
function restOf({ bytes, entries, units }: LogBatch, written: number): LogBatch | undefined {
  if (written === bytes.length) return undefined;
  if (written === 0) return { bytes, entries, units };
  const rest = bytes.subarray(written);
  const restUnits = Math.ceil((units * rest.length) / bytes.length);
  return {
    bytes: rest,
    entries: rest.reduce((sum, byte) => sum + (byte === 0x0a ? 1 : 0), 0),
    units: restUnits,
  };
}
