import type { Command } from 'commander';
import { findTestFiles } from '../files/find-test-files.ts';
import { escapeText } from '../files/quote.ts';
import type { TableFault } from '../index.ts';
import { type CommandContext, rootOption } from './command-context.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';
import { conclude } from './test/conclude.ts';
import { loadSubject } from './test/load-subject.ts';
import { percentOption, type TestFormat, type TestOptions, testFormatOption } from './test/options.ts';
import { readTables } from './test/read-tables.ts';
import { renderJsonReport } from './test/render-json.ts';
import { renderJunit } from './test/render-junit.ts';
import { renderPretty } from './test/render-pretty.ts';
import type { TestReport } from './test/report.ts';
import { runSubject } from './test/run-subject.ts';
import { UsageError } from './usage-error.ts';

const help = `
What is run are the \`test\` blocks of the policies, and tables of requests: *.requests.jsonl in the folders named, and files
named by themselves. A line of a table holds a request as \`postern eval\` reads it, beside the answer as it writes it:
  {"title": "…", "request": {"subject": …, "action": …, "resource": …}, "decision": "deny", "rule": {"id": "no-prod-db"}}
Only \`request\` and \`decision\` must be there; \`reason\`, \`rule\` and \`ruleset\` are compared where they are given, and \`mode\`
names the mode to decide in.

TEXT is part of what is meant; with \`*\` or \`?\` in it, it is a pattern of the whole.
A run that finds no test fails. So does one below a threshold; without one, coverage and mutants are only shown.

Examples:
  postern test policies/
  postern test policies/ --filter 'tenants *' --bail
  postern test prod.acl prod.requests.jsonl --coverage-threshold 90
  postern test policies/ --mutate --write policies/more.tests.acl
  postern test policies/ --format junit > report.xml`;

type CommandOptions = Omit<TestOptions, 'patterns'> & { readonly policy?: readonly string[] };

export function addTestCommand(program: Command, context: CommandContext): void {
  program
    .command('test')
    .summary('run the tests of policies')
    .description(
      'Run the tests of policies; show which rules they exercise, and which faults they would miss.',
    )
    .argument(
      '[POLICY...]',
      'files, folders or globs of policies and tables, or one image with tables; default: the current folder',
    )
    .option('-p, --policy <policy...>', 'the same; may repeat')
    .addOption(rootOption())
    .option('--mode <mode>', 'decide in this mode, and leave out tests that name another')
    .option('--filter <text>', 'only tests with such a title')
    .option('--file <text>', 'only tests in such a file')
    .option('--bail', 'stop at the first test that fails')
    .option('--pass-with-no-tests', 'succeed where there is nothing to run')
    .option('--coverage', 'show which rule decided which test, and which decided none')
    .addOption(percentOption('--coverage-threshold <percent>', 'fail if fewer rules decide a test'))
    .option('--mutate', 'put faults into the rules and show those that no test notices')
    .addOption(percentOption('--mutate-threshold <percent>', 'fail if fewer faults are noticed'))
    .option('--write <file>', 'add tests that notice the others to this file')
    .addOption(testFormatOption())
    .addHelpText('after', help + exitCodesHelp)
    .action(async (named: readonly string[], { policy = [], ...options }: CommandOptions) => {
      context.exitCode = await test(
        { ...options, patterns: patternsOf([...named, ...policy]) },
        context.terminal,
      );
    });
}

/** As `lint` and `fmt` do: without a word, the current folder. */
function patternsOf(named: readonly string[]): readonly string[] {
  return named.length === 0 ? ['.'] : named;
}

async function test(options: TestOptions, terminal: Terminal): Promise<ExitCode> {
  const { patterns, root, format } = options;
  const { policies, tables } = findTestFiles(patterns);
  if (policies.length === 0)
    throw new UsageError('tables of requests alone: name the policies that they are put to');
  const subject = await loadSubject(policies, options, terminal);
  if (subject === undefined) return exitCodes.unreadable;
  const { cases, faults } = readTables(tables, root, subject.modes);
  if (faults.length > 0) return refuse(faults, format, terminal);
  const report = runSubject(subject, [...subject.cases, ...cases], options, terminal);
  await terminal.write(render(report, format, terminal));
  return conclude(report, options, terminal);
}

/** Tables are read whole or not at all: a line passed over could be the one that fails. */
async function refuse(
  faults: readonly TableFault[],
  format: TestFormat,
  terminal: Terminal,
): Promise<ExitCode> {
  if (format === 'json') await terminal.write(`${JSON.stringify({ errors: faults })}\n`);
  else {
    for (const { file, line, column, message } of faults)
      terminal.talk(`${escapeText(file)}:${line}:${column}: ${escapeText(message)}`);
  }
  const count = faults.length === 1 ? '1 line is' : `${faults.length} lines are`;
  terminal.talk(`postern: ${count} no test: nothing is run`);
  return exitCodes.unreadable;
}

function render(report: TestReport, format: TestFormat, { paint }: Terminal): string {
  switch (format) {
    case 'pretty':
      return report.results.length === 0 ? '' : renderPretty(report, paint);
    case 'json':
      return renderJsonReport(report);
    case 'junit':
      return renderJunit(report);
  }
}
