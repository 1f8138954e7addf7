import { Buffer } from 'node:buffer';
import { type Command, Option } from 'commander';
import { writeFileAtomically } from '../files/write-file-atomically.ts';
import { loadBenchPolicies } from './bench/load-bench-policies.ts';
import {
  type BenchOptions,
  checkOptions,
  readCount,
  readEngines,
  readMaxRatio,
  readRounds,
  readSeconds,
  readSeed,
} from './bench/options.ts';
import { findPeers } from './bench/peers/compare-peers.ts';
import { renderReportHtml } from './bench/render-html.ts';
import { renderReportText } from './bench/render-text.ts';
import type { BenchReport } from './bench/report.ts';
import { runBench } from './bench/run-bench.ts';
import { describeRegressions } from './bench/words.ts';
import { addPolicyOptions, type CommandContext } from './command-context.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

const help = `
Without --requests they are generated: each follows a rule, and four in ten ask for another subject, a sibling, one segment
deeper or another action. The report says how many were allowed. Strings are made anew for each round, as they come off a wire.
\`isAllowed\` is asked what has no groups, attributes or context, \`decide\` everything.

--against measures other engines beside this one, where the current folder has them installed: casl (@casl/ability), casbin,
cedar (@cedar-policy/cedar-wasm). What cannot be said there is listed; only requests that both answer alike are measured.

--baseline measures an image that \`postern compile\` saved earlier in the same rounds. With --max-ratio the exit code is 1 if
a decision takes longer than so many times what it takes with the baseline.

Examples:
  postern bench -p policies/
  postern bench -p policies/ --requests requests.jsonl --against casl,casbin
  postern bench -p policies/ --baseline main.pimg --max-ratio 1.2
  postern bench -p policies/ --format html -o bench.html`;

export function addBenchCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('bench')
    .summary('measure policies on this machine')
    .description(
      'Measure decisions per second, latencies, memory, build and load of policies, on this machine.',
    );
  addPolicyOptions(command)
    .option('--requests <file>', 'JSON lines as for `eval`; - is standard input (default: generated)')
    .option('--count <n>', 'how many requests to generate (default: 10000)', readCount)
    .option('--seed <n>', 'the same seed generates the same requests (default: 1)', readSeed)
    .option('--reuse-strings', 'ask with the same strings in every round')
    .addOption(
      new Option('--rounds <n>', 'how many rounds to take the median of, if the time allows')
        .argParser(readRounds)
        .default(1_000),
    )
    .option(
      '--seconds <n>',
      'how long to measure, roughly (default: 2, and 1 more for each engine and a baseline)',
      readSeconds,
    )
    .option(
      '--against <engines>',
      'other engines to measure: casl, casbin, cedar, with commas between',
      readEngines,
    )
    .option('--baseline <image>', 'an image to compare with')
    .option(
      '--max-ratio <ratio>',
      'exit with 1 if decisions take longer than so many times the baseline',
      readMaxRatio,
    )
    .addOption(
      new Option('--format <format>', 'how the report is written')
        .choices(['text', 'json', 'html'])
        .default('text'),
    )
    .option('-o, --output <file>', 'where to write the report (default: standard output)')
    .addHelpText('after', help + exitCodesHelp)
    .action(async (options: BenchOptions) => {
      try {
        context.exitCode = await bench(options, context.terminal);
      } finally {
        context.terminal.progress('');
      }
    });
}

async function bench(options: BenchOptions, terminal: Terminal): Promise<ExitCode> {
  checkOptions(options);
  const peers = await findPeers(options.against ?? [], process.cwd());
  const policies = await loadBenchPolicies(options, options.format === 'json' ? 'json' : 'text', terminal);
  if (policies === undefined) return exitCodes.unreadable;
  const report = await runBench(policies, peers, options, terminal);
  terminal.progress('');
  const text = render(report, options.format);
  if (options.output === undefined) await terminal.write(text);
  else writeFileAtomically(options.output, Buffer.from(text));
  if (!report.baseline?.isRegression) return exitCodes.yes;
  // The report may have gone into a file: whoever reads the log of a build has to see why it stopped.
  for (const sentence of describeRegressions(report.baseline)) terminal.talk(`postern: ${sentence}`);
  return exitCodes.no;
}

function render(report: BenchReport, format: BenchOptions['format']): string {
  switch (format) {
    case 'text':
      return renderReportText(report);
    case 'json':
      return `${JSON.stringify(report, (_, value: unknown) => shorten(value), 2)}\n`;
    case 'html':
      return renderReportHtml(report);
  }
}

/** Six digits are more than a measurement has; counts keep all of theirs. */
function shorten(value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
