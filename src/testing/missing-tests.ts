import { printString } from '../syntax/print-text.ts';
import type { MissingTest, MutantOutcome, MutationReport } from './mutate.ts';
import { printTableLine, printTestCase } from './print-test.ts';

/** A test that was missing, with what of the rule it is about nobody would have noticed. */
interface Missing {
  readonly test: MissingTest;
  readonly notices: readonly string[];
}

/** Each once, in the order of the rules that they are about. */
export function missingTests({ outcomes }: MutationReport): MissingTest[] {
  return [...new Set(outcomes.filter(isMissed).map(({ missing }) => missing))];
}

/** Whether a test can be a line of a `test` block, which always asks about one resource (S8). */
export function isForBlock({ request }: MissingTest): boolean {
  return request.resource !== undefined;
}

/**
 * The tests that kill what survived, each once, as `test` blocks: one for each rule, its text the title. Those that no block
 * can hold are left to tables.
 */
export function printMissingTests(report: MutationReport): string {
  const blocks = [...groupMissing(report, isForBlock)].map(([title, tests]) => {
    const lines = tests.flatMap(({ test, notices }) => [
      `  # notices: ${notices.join('; ')}`,
      `  ${printTestCase(test)}`,
    ]);
    return `test ${printString(title)} {\n${lines.join('\n')}\n}\n`;
  });
  return blocks.join('\n');
}

/** The same as lines of a table of requests. */
export function printMissingLines(report: MutationReport): string {
  const lines = [...groupMissing(report, () => true)].flatMap(([title, tests]) =>
    tests.map(({ test }) => `${printTableLine(title, test)}\n`),
  );
  return lines.join('');
}

/** By the rule that a test was first needed for; it may notice faults of others too. */
function groupMissing(
  { outcomes }: MutationReport,
  isWanted: (test: MissingTest) => boolean,
): Map<string, Missing[]> {
  const missed = outcomes.filter(isMissed).filter(({ missing }) => isWanted(missing));
  const noticed = Map.groupBy(missed, ({ missing }) => missing);
  const groups = new Map<string, Missing[]>();
  for (const [test, [first, ...others]] of noticed) {
    const title = titleOf(first!);
    const same = [first!, ...others].filter((outcome) => titleOf(outcome) === title);
    const notices = [...new Set(same.map(({ mutant }) => mutant.words))];
    groups.set(title, [...(groups.get(title) ?? []), { test, notices }]);
  }
  return groups;
}

type Missed = Extract<MutantOutcome, { readonly status: 'survived' }> & { readonly missing: MissingTest };

function isMissed(outcome: MutantOutcome): outcome is Missed {
  return outcome.status === 'survived' && outcome.missing !== undefined;
}

function titleOf({ mutant }: Missed): string {
  return mutant.before.join('; ');
}
