import { Authorizer, ConfigurationError } from '../../index.ts';
import type { Direction, Flip } from '../../replay/flip.ts';
import { FlipGroups, type GroupedBy } from '../../replay/flip-groups.ts';
import { type Engine, type LineFault, Replayer } from '../../replay/replayer.ts';
import type { Tally } from '../../replay/tally.ts';
import type { PolicyOptions } from '../command-context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { type LoadedPolicies, loadPolicies } from '../load-policies.ts';
import { readLogLines } from '../read-log.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { sizeOfLogs } from './log-sizes.ts';
import { createReplayProgress, type ReplayProgressLine } from './progress.ts';
import { renderFlipJson, renderReportJson } from './render-json.ts';
import { countOf, renderFault, renderReport, renderSummary } from './render-text.ts';
import type { ReplayReport } from './report.ts';

export interface ReplayOptions {
  readonly against: PolicyOptions['policy'];
  readonly mode?: string;
  readonly root?: string;
  readonly only?: Direction;
  readonly by: GroupedBy;
  readonly limit: number;
  readonly failOn?: FailOn;
  readonly format: 'text' | 'json' | 'jsonl';
}

type FailOn = 'any' | 'gained' | 'lost' | 'none';

/** So many bad lines are shown, with a count of the others. */
const maxFaults = 20;

/** @throws {UsageError | FileError | ImageError | ConfigurationError} */
export async function runReplay(
  logs: readonly string[],
  options: ReplayOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  checkLogs(logs);
  const size = sizeOfLogs(logs);
  const loaded = await loadPolicies(
    { ...options, policy: options.against },
    options.format === 'json' ? 'json' : 'text',
    terminal,
  );
  if (loaded === undefined) return exitCodes.unreadable;
  const progress = createReplayProgress(terminal, size);
  const run = new Run(loaded, options, terminal, progress);
  try {
    for (const log of logs) await run.read(log);
  } finally {
    progress.clear();
  }
  return run.finish();
}

function checkLogs(logs: readonly string[]): void {
  if (logs.length === 0)
    throw new UsageError('name a LOG, or - for standard input (every word behind `--against` is a policy)');
  if (logs.filter((log) => log === '-').length > 1)
    throw new UsageError('standard input can be read only once');
}

/** One run over all logs. */
class Run {
  readonly #replayer: Replayer;
  readonly #report: ReplayReport;
  readonly #faults: LineFault[] = [];
  readonly #options: ReplayOptions;
  readonly #terminal: Terminal;
  readonly #progress: ReplayProgressLine;

  constructor(
    loaded: LoadedPolicies,
    options: ReplayOptions,
    terminal: Terminal,
    progress: ReplayProgressLine,
  ) {
    this.#options = options;
    this.#terminal = terminal;
    this.#progress = progress;
    this.#replayer = new Replayer({
      engine: loaded.authorizer,
      engineIn: enginesByMode(loaded, options.mode),
    });
    this.#report = {
      revision: loaded.authorizer.revision,
      tally: this.#replayer.tally,
      groups: new FlipGroups({ by: options.by }),
      directions: options.only === undefined ? ['allow-to-deny', 'deny-to-allow'] : [options.only],
      faults: this.#faults,
      limit: options.limit,
    };
  }

  /** @throws {FileError} */
  async read(log: string): Promise<void> {
    const file = log === '-' ? '<stdin>' : log;
    let line = 1;
    for await (const lines of readLogLines(log, this.#progress.addBytes)) {
      // Whoever reads every flip and has left wants no more of them.
      if (this.#terminal.isClosed) return;
      const { flips, faults } = this.#replayer.replay(file, line, lines);
      line += lines.length;
      await this.#take(flips);
      this.#takeFaults(faults);
      this.#progress.show(this.#replayer.tally.lines);
    }
  }

  async finish(): Promise<ExitCode> {
    const { tally } = this.#replayer;
    const { terminal, format } = { terminal: this.#terminal, format: this.#options.format };
    const leftOff = tally.faults - this.#faults.length;
    if (leftOff > 0) terminal.talk(`postern: ${countOf(leftOff, 'more line')} could not be understood`);
    if (format === 'text') await terminal.write(renderReport(this.#report, terminal.paint));
    else if (format === 'json') await terminal.write(`${renderReportJson(this.#report)}\n`);
    else terminal.talk(renderSummary(this.#report, (_, text) => text).trimEnd());
    if (tally.replayed === 0) {
      terminal.talk('postern: no decision could be replayed: that says nothing of the policies');
      return exitCodes.unreadable;
    }
    if (tally.faults > 0) return exitCodes.unreadable;
    return hasFlips(tally, failOn(this.#options)) ? exitCodes.no : exitCodes.yes;
  }

  async #take(flips: readonly Flip[]): Promise<void> {
    const shown = flips.filter(({ direction }) => this.#report.directions.includes(direction));
    if (this.#options.format !== 'jsonl') {
      for (const flip of shown) this.#report.groups.add(flip);
    } else if (shown.length > 0)
      await this.#terminal.write(shown.map((flip) => `${renderFlipJson(flip)}\n`).join(''));
  }

  #takeFaults(faults: readonly LineFault[]): void {
    for (const fault of faults.slice(0, maxFaults - this.#faults.length)) {
      this.#progress.clear();
      this.#terminal.talk(renderFault(fault));
      this.#faults.push(fault);
    }
  }
}

/** Engines for decisions that were asked for in a mode of their own; where the user names one, it holds for all. */
function enginesByMode(
  { authorizer, image }: LoadedPolicies,
  forced: string | undefined,
): (mode: unknown) => Engine | undefined {
  const known = new Map<unknown, Engine | undefined>();
  return (mode) => {
    if (forced !== undefined) return authorizer;
    if (!known.has(mode) && known.size < maxModes) known.set(mode, loadInMode(image, mode));
    return known.get(mode);
  };
}

/** More than any policy names: only a log that names others would go on. */
const maxModes = 1000;

function loadInMode(image: LoadedPolicies['image'], mode: unknown): Engine | undefined {
  try {
    return typeof mode === 'string' ? Authorizer.fromImage(image, { mode }) : undefined;
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  }
}

function failOn({ failOn, only }: ReplayOptions): FailOn {
  if (failOn !== undefined) return failOn;
  if (only === undefined) return 'any';
  return only === 'deny-to-allow' ? 'gained' : 'lost';
}

function hasFlips({ flips }: Tally, which: FailOn): boolean {
  const gained = flips['deny-to-allow'].lines > 0;
  const lost = flips['allow-to-deny'].lines > 0;
  return (which !== 'lost' && which !== 'none' && gained) || (which !== 'gained' && which !== 'none' && lost);
}
