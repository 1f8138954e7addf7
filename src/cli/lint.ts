import { type Command, InvalidArgumentError, Option } from 'commander';
import type { PresetName, reportFormats } from '../lint.ts';
import { type CommandContext, rootOption } from './command-context.ts';
import { type ExitCode, exitCodesHelp } from './exit-codes.ts';
import type { LintOptions } from './lint/run-lint.ts';
import type { Terminal } from './terminal.ts';

// The linter itself is loaded when it is asked for: `postern check` should not wait for fifty rules. Hence the names here.
const formats = [
  'pretty',
  'compact',
  'json',
  'sarif',
  'junit',
  'github',
  'gitlab',
  'markdown',
] as const satisfies readonly (keyof typeof reportFormats)[];
const presets = ['recommended', 'strict', 'dcos', 'mesos'] as const satisfies readonly PresetName[];

const help = `
Without a pattern, every *.acl in the current folder and beneath is linted as one policy set, with all that it imports by a
path. What is found goes to standard output, a summary to standard error. Exit code 1 means that something was found at
--fail-level or above, 3 that the policy set has an error and would not load.

The configuration is \`postern.lint.json\`, the nearest upwards from the policies. On the line above a finding, or behind
it, \`# lint: allow RULE until 2027-01-31 -- reason\` keeps it from being reported; so does \`… RULE in file …\` anywhere.

Examples:
  postern lint
  postern lint policies/ --preset recommended,dcos --target dcos@2.2 --mode strict
  postern lint --fix --dry-run
  postern lint --format sarif --output lint.sarif
  postern lint --baseline lint-baseline.json --write-baseline
  postern lint --log decisions.ndjson --days 90
  postern lint --explain shadowed-rule
  postern lint - < draft.acl`;

export function addLintCommand(program: Command, context: CommandContext): void {
  program
    .command('lint')
    .summary('find mistakes, risks and dead rules in policies')
    .description('Find mistakes, risks and dead rules in policies, with proofs and safe fixes.')
    .argument('[PATTERN...]', 'files, folders or globs; - reads standard input')
    .option('--config <file>', 'configuration to take in place of the nearest `postern.lint.json`')
    .option(
      '--no-plugins',
      'refuse a configuration that names plugins, which are code: for policies of strangers',
    )
    .option('--preset <names>', `presets to start from, separated by commas: ${presets.join(', ')}`)
    .option('--target <product>', 'catalogue that ids are judged by: dcos, dcos@2.2, mesos')
    .option('--mode <mode>', 'security mode that the policies will run in')
    .addOption(rootOption())
    .option(
      '--log <file>',
      'log of decisions, as JSON lines, that tells which rules are used; - is standard input',
    )
    .addOption(
      new Option('--days <number>', 'how many days of the log count, up to its last decision')
        .default(90)
        .argParser(readDays),
    )
    .option('--coverage', 'run the tests of the policies, to tell which rules no test is decided by')
    .option('--baseline <file>', 'report only what is not in this file')
    .option('--write-baseline', 'write what is found into the file of --baseline')
    .option('--fix', 'apply the fixes that are proved to change no decision')
    .option('--fix-unsafe', 'apply fixes that change decisions too')
    .option('--dry-run', 'with --fix or --fix-unsafe: write nothing, print what would change')
    .addOption(new Option('--format <format>', 'how findings are written').choices(formats).default('pretty'))
    .option('--output <file>', 'where findings are written (default: standard output)')
    .addOption(
      new Option('--fail-level <severity>', 'from which severity on findings make the exit code 1')
        .choices(['info', 'warning', 'error'])
        .default('warning'),
    )
    .option('-q, --quiet', 'print neither findings nor summary: the exit code is the answer')
    .option('--explain <rule>', 'print the page of a rule')
    .option('--rules', 'list all rules')
    .option('--test-rules', 'test the rules of plugins: PATTERN is the folder of their fixtures')
    .addHelpText('after', help + exitCodesHelp)
    .action(async (patterns: readonly string[], options: LintOptions & Asked) => {
      context.exitCode = await answer(patterns, options, context.terminal);
    });
}

async function answer(
  patterns: readonly string[],
  options: LintOptions & Asked,
  terminal: Terminal,
): Promise<ExitCode> {
  if (options.explain !== undefined) {
    const { explainRule } = await import('./lint/explain-rule.ts');
    return explainRule(options.explain, options, terminal);
  }
  if (options.rules) {
    const { listRules } = await import('./lint/list-rules.ts');
    return listRules(options, terminal);
  }
  if (options.testRules) {
    const { testRules } = await import('./lint/test-rules.ts');
    return testRules(patterns, options, terminal);
  }
  const { runLint } = await import('./lint/run-lint.ts');
  return runLint(patterns, options, terminal);
}

/** What is asked in place of findings. */
interface Asked {
  readonly explain?: string;
  readonly rules?: true;
  readonly testRules?: true;
}

function readDays(text: string): number {
  const days = Number(text);
  if (/^\d+$/.test(text) && days > 0) return days;
  throw new InvalidArgumentError('expected a number of days.');
}
