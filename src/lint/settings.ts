/** What a configuration, or the command line, tells rules beside their severity. Rules find no other facts outside the policy. */
export interface LintSettings {
  /** Catalogue that ids are judged by where the policy imports none: `dcos@2.2`, `mesos`; see `--target`. */
  readonly target?: LintTarget;
  /** Security mode that the policy will run in: `--mode`, else that of the policy set. */
  readonly mode?: string;
  /** Systems that the policy is exported to (`target-cannot-express`). */
  readonly exports: readonly ('mesos' | 'dcos-grants')[];
  /** Every subject id and group name that exists, as exported from a directory (`undefined-subject`). */
  readonly directory?: { readonly subjects: ReadonlySet<string>; readonly groups: ReadonlySet<string> };
  /** What a decision log says of the use of rules (`unused-grant`). */
  readonly usage?: RuleUsage;
  /** Keys of rules, `id` or `file:line`, by which tests of the policy set are decided (`uncovered-rule`). */
  readonly testCoverage?: ReadonlySet<string>;
  /** Options of single rules as the configuration has them, by rule id. */
  readonly options: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

export interface LintTarget {
  readonly product: 'dcos' | 'mesos';
  readonly version?: string;
}

export interface RuleUsage {
  /** Days that the log was asked about, ending with its last decision. */
  readonly days: number;
  /** Keys of rules that decided within them: `id`, or `file:line`. */
  readonly used: ReadonlySet<string>;
}

/** The one version whose catalogue is shipped without it in its name. */
const newestVersion = '2.2';

/** What a policy imports to be judged by the target: `postern:dcos`, `postern:dcos/2.1`. There may be no such catalogue. */
export function catalogueName({ product, version }: LintTarget): string {
  const isNewest = version === undefined || (product === 'dcos' && version === newestVersion);
  return `postern:${isNewest ? product : `${product}/${version}`}`;
}

/** @param text  `dcos`, `dcos@2.2`, `mesos`; undefined for anything else */
export function parseTarget(text: string): LintTarget | undefined {
  const match = /^(dcos|mesos)(?:@(\d+(?:\.\d+)*))?$/.exec(text);
  if (match === null) return undefined;
  const product = match[1] as LintTarget['product'];
  return match[2] === undefined ? { product } : { product, version: match[2] };
}
