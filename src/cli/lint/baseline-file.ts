import { dirname, relative, resolve, sep } from 'node:path';
import { writeFileAtomically } from '../../files/write-file-atomically.ts';
import { type Baseline, buildBaseline, type LintReport, subtractBaseline } from '../../lint.ts';
import { readJsonFile } from '../read-json-file.ts';
import { UsageError } from '../usage-error.ts';
import { baselineSchema } from './configuration-schema.ts';
import { type LintedPolicies, pathInRoot } from './read-policies.ts';

/** Names of files in it are relative to its own folder, so that it does not matter where the linter is started. */
export class BaselineFile {
  readonly #path: string;
  readonly #policies: LintedPolicies;

  constructor(path: string, policies: LintedPolicies) {
    if (policies.isInput) throw new UsageError('--baseline needs files, and standard input is none');
    this.#path = path;
    this.#policies = policies;
  }

  /** @throws {FileError | UsageError} */
  read(): (report: LintReport) => ReturnType<typeof subtractBaseline> {
    const { value } = readJsonFile<Baseline>(this.#path, 'baseline', baselineSchema);
    return (report) => subtractBaseline(report, value, (file) => this.#nameOf(file));
  }

  /** @returns how many findings it holds. @throws {FileError} */
  write(report: LintReport): number {
    const baseline = buildBaseline(report, (file) => this.#nameOf(file));
    // A line for each, so that a review shows what came and what went.
    const lines = baseline.findings.map((entry) => `    ${JSON.stringify(entry)}`);
    const list = lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n  ]`;
    writeFileAtomically(this.#path, Buffer.from(`{\n  "version": 1,\n  "findings": ${list}\n}\n`));
    return baseline.findings.reduce((sum, { count }) => sum + count, 0);
  }

  #nameOf(file: string): string {
    const folder = dirname(resolve(this.#path));
    return relative(folder, pathInRoot(this.#policies, file)).split(sep).join('/');
  }
}
