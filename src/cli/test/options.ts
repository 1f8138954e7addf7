import { InvalidArgumentError, Option } from 'commander';
import type { CaseFilters } from './select-cases.ts';

export type TestFormat = 'pretty' | 'json' | 'junit';

export interface TestOptions extends CaseFilters {
  /** All that the command line names, with `-p` and without. */
  readonly patterns: readonly string[];
  readonly root?: string;
  readonly format: TestFormat;
  readonly bail?: true;
  readonly passWithNoTests?: true;
  readonly coverage?: true;
  readonly coverageThreshold?: number;
  readonly mutate?: true;
  readonly mutateThreshold?: number;
  readonly write?: string;
}

export function wantsCoverage({ coverage, coverageThreshold }: TestOptions): boolean {
  return coverage === true || coverageThreshold !== undefined;
}

export function wantsMutants({ mutate, mutateThreshold, write }: TestOptions): boolean {
  return mutate === true || mutateThreshold !== undefined || write !== undefined;
}

export function testFormatOption(): Option {
  return new Option('--format <format>', 'how results are written')
    .choices(['pretty', 'json', 'junit'])
    .default('pretty');
}

export function percentOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const percent = Number(text);
    if (text.trim() === '' || !(percent >= 0 && percent <= 100))
      throw new InvalidArgumentError('It is a number from 0 to 100.');
    return percent;
  });
}
