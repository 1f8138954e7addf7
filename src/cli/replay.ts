import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from './command-context.ts';
import { rootOption } from './command-context.ts';
import { exitCodesHelp } from './exit-codes.ts';
import { type ReplayOptions, runReplay } from './replay/run-replay.ts';

const help = `
A LOG is what \`postern serve --decision-log-to\` writes, compressed or not, or any JSON lines that hold requests with their
decisions; - is standard input. Each decision is made again by the policies of --against, and those that differ are
counted, together where they have request and reasons in common:
  {"subject": "user:cory", "action": "read", "resource": "docs:/a", "decision": "allow"}
  {"request": {"subject": "user:cory", …}, "decision": {"decision": "deny", "reason": "rule", …}}
A line that is none is reported and passed over, and the run ends with exit code 3. Lines that cannot be decided again, because
a value that counts was masked, are told apart and change no exit code, unless there are no others.

Examples:
  postern replay /var/log/postern/decisions.jsonl* --against policies/
  postern replay decisions.jsonl --only allow-to-deny --by rule --against new.pimg
  postern replay decisions.jsonl --fail-on gained --format json --against policies/
  zstdcat decisions.jsonl.zst | postern replay - --format jsonl --against policies/ > flips.jsonl

\`--against\` takes every word up to the next option: put it last.`;

export function addReplayCommand(program: Command, context: CommandContext): void {
  program
    .command('replay')
    .summary('see which recorded decisions other policies would change')
    .description('See which recorded decisions other policies would change, and for whom.')
    .argument('[LOG...]', 'decision logs, as JSON lines; - reads standard input')
    .requiredOption('--against <policy...>', 'files, folders, globs of policies, or one image; may repeat')
    .option('--mode <mode>', 'decide in this mode, whatever the policies and the log say')
    .addOption(rootOption())
    .addOption(
      new Option('--only <direction>', 'look at flips of one direction').choices([
        'allow-to-deny',
        'deny-to-allow',
      ]),
    )
    .addOption(
      new Option('--by <what>', 'what flips are counted together by')
        .choices(['request', 'subject', 'resource', 'rule'])
        .default('request'),
    )
    .addOption(
      new Option('--limit <number>', 'how many counts are shown of each direction')
        .default(50)
        .argParser(readCount),
    )
    .addOption(
      new Option(
        '--fail-on <flips>',
        'flips that make the exit code 1: `gained` is deny to allow, `lost` allow to deny (default: those looked at)',
      ).choices(['any', 'gained', 'lost', 'none']),
    )
    .addOption(
      new Option(
        '--format <format>',
        'how results are written; `jsonl` is every flip as a line, as it is found',
      )
        .choices(['text', 'json', 'jsonl'])
        .default('text'),
    )
    .addHelpText('after', help + exitCodesHelp)
    .action(async (logs: readonly string[], options: ReplayOptions) => {
      context.exitCode = await runReplay(logs, options, context.terminal);
    });
}

function readCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a number.');
}
