import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import type { MutantCoverage } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  type TestRunnerCapabilities,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import type { Check } from './checks.ts';
import { LOADING } from './loading.ts';

/** What Stryker's switches in the code read and count. */
interface Switches {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage?: MutantCoverage;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
}

const KILLERS = 40;
/**
 * Stryker's limit of how often the place of a mutant may be run is a hundred times what all checks together need, which takes
 * minutes for a loop without an end. Here each check has a fiftieth of it to itself, and at least this.
 */
const MIN_HITS = 100_000;
/** A check may take ten times as long as it does without a mutant, and this. */
const PATIENCE_MS = 10_000;
/** In a process that has not run the checks without one. */
const UNKNOWN_MS = 1_000;

/**
 * Runs the checks for Stryker in one process that stays: code is loaded once and a mutant switched on in it, so that a mutant
 * costs what its checks cost. Starting vitest for each would take seconds, and there are thousands.
 */
class EngineRunner implements TestRunner {
  #checks: readonly Check[] = [];
  /** The last ones first: what killed one mutant often kills the next, which stands beside it. */
  #killers: string[] = [];
  /** How long each check took without a mutant. */
  readonly #times = new Map<string, number>();
  #isEndless = false;

  /** Code that runs when it is loaded is loaded anew by a new process. */
  capabilities(): TestRunnerCapabilities {
    return { reloadEnvironment: false };
  }

  async dryRun(): Promise<DryRunResult> {
    const switches = findSwitches();
    switches.activeMutant = undefined;
    await this.#load();
    const tests = await this.#run(this.#checks, false);
    delete switches.mutantCoverage?.perTest[LOADING];
    return { status: DryRunStatus.Complete, tests, ...coverageOf(switches) };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, mutantActivation, testFilter, hitLimit } = options;
    const switches = findSwitches();
    if (mutantActivation === 'static') switches.activeMutant = activeMutant.id;
    try {
      await this.#load();
    } catch (error) {
      return toMutantRunResult({ status: DryRunStatus.Complete, tests: [failed('loading', 0, error)] });
    }
    switches.activeMutant = activeMutant.id;
    switches.hitLimit = hitLimit && Math.max(hitLimit / 50, MIN_HITS);
    const wanted = testFilter && new Set(testFilter);
    const rankOf = ({ name }: Check): number => this.#killers.indexOf(name) >>> 0;
    const timeOf = ({ name }: Check): number => this.#times.get(name) ?? UNKNOWN_MS;
    const tests = await this.#run(
      this.#checks
        .filter(({ name }) => wanted?.has(name) ?? true)
        .sort((a, b) => rankOf(a) - rankOf(b) || timeOf(a) - timeOf(b)),
      true,
    );
    const killer = tests.find(({ status }) => status === TestStatus.Failed)?.name;
    if (killer !== undefined)
      this.#killers = [killer, ...this.#killers.filter((name) => name !== killer)].slice(0, KILLERS);
    const limit =
      determineHitLimitReached(switches.hitCount, switches.hitLimit) ??
      (this.#isEndless ? { status: DryRunStatus.Timeout as const } : undefined);
    switches.activeMutant = switches.hitCount = switches.hitLimit = undefined;
    return toMutantRunResult(limit ?? { status: DryRunStatus.Complete, tests });
  }

  async #load(): Promise<void> {
    if (this.#checks.length > 0) return;
    const path = join(process.cwd(), 'test/mutation/checks.ts');
    ({ checks: this.#checks } = (await import(pathToFileURL(path).href)) as { checks: readonly Check[] });
  }

  /** Of a mutant no more is asked once it is killed. */
  async #run(checks: readonly Check[], isMutated: boolean): Promise<TestResult[]> {
    const switches = findSwitches();
    const results: TestResult[] = [];
    this.#isEndless = false;
    for (const { name, run } of checks) {
      const start = performance.now();
      switches.currentTestId = name;
      switches.hitCount = 0;
      try {
        // Without a mutant nothing loops for ever, and counting what each check reaches takes long.
        await (isMutated ? runWithin((this.#times.get(name) ?? UNKNOWN_MS) * 10 + PATIENCE_MS, run) : run());
        const timeSpentMs = performance.now() - start;
        if (!isMutated) this.#times.set(name, timeSpentMs);
        results.push({ id: name, name, timeSpentMs, status: TestStatus.Success });
      } catch (error) {
        this.#isEndless = (error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
        results.push(failed(name, performance.now() - start, error));
        if (isMutated) break;
      } finally {
        switches.currentTestId = undefined;
      }
    }
    return results;
  }
}

const begin = new Script('__postern_check__()');

/** Stryker would wait for as long as all checks take and start a new process; here a loop without an end is cut off. */
function runWithin(timeout: number, run: () => unknown): unknown {
  (globalThis as { __postern_check__?: () => unknown }).__postern_check__ = run;
  return begin.runInThisContext({ timeout: Math.ceil(timeout) });
}

function findSwitches(): Switches {
  const scope = globalThis as { __stryker__?: Switches };
  scope.__stryker__ ??= {};
  return scope.__stryker__;
}

function coverageOf({ mutantCoverage }: Switches): { mutantCoverage?: MutantCoverage } {
  return mutantCoverage === undefined ? {} : { mutantCoverage };
}

function failed(name: string, timeSpentMs: number, error: unknown): TestResult {
  const failureMessage = error instanceof Error ? error.message : String(error);
  return { id: name, name, timeSpentMs, status: TestStatus.Failed, failureMessage };
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'engine', EngineRunner)];
