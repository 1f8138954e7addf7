import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
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

/** What Stryker's switches in the code read and count. */
interface Switches {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage?: MutantCoverage;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
}

/**
 * Runs the checks for Stryker in one process that stays: code is loaded once and a mutant switched on in it, so that a mutant
 * costs what its checks cost. Starting vitest for each would take seconds, and there are thousands.
 */
class EngineRunner implements TestRunner {
  #checks: readonly Check[] = [];

  /** Code that runs when it is loaded is loaded anew by a new process. */
  capabilities(): TestRunnerCapabilities {
    return { reloadEnvironment: false };
  }

  async dryRun(): Promise<DryRunResult> {
    const switches = findSwitches();
    switches.activeMutant = undefined;
    await this.#load();
    const tests = this.#run(this.#checks, false);
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
    switches.hitCount = 0;
    switches.hitLimit = hitLimit;
    const wanted = testFilter && new Set(testFilter);
    const tests = this.#run(
      this.#checks.filter(({ name }) => wanted?.has(name) ?? true),
      !options.disableBail,
    );
    const { hitCount } = switches;
    switches.activeMutant = switches.hitCount = switches.hitLimit = undefined;
    const limit = determineHitLimitReached(hitCount, hitLimit);
    return toMutantRunResult(limit ?? { status: DryRunStatus.Complete, tests });
  }

  async #load(): Promise<void> {
    if (this.#checks.length > 0) return;
    const path = join(process.cwd(), 'test/mutation/checks.ts');
    ({ checks: this.#checks } = (await import(pathToFileURL(path).href)) as { checks: readonly Check[] });
  }

  #run(checks: readonly Check[], isOver: boolean): TestResult[] {
    const switches = findSwitches();
    const results: TestResult[] = [];
    for (const { name, run } of checks) {
      const start = performance.now();
      switches.currentTestId = name;
      try {
        run();
        const timeSpentMs = performance.now() - start;
        results.push({ id: name, name, timeSpentMs, status: TestStatus.Success });
      } catch (error) {
        results.push(failed(name, performance.now() - start, error));
        if (isOver) break;
      } finally {
        switches.currentTestId = undefined;
      }
    }
    return results;
  }
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
