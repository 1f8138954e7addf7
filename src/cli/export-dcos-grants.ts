import { type Command, Option } from 'commander';
import { type ExportFormat, exportDcosGrants, exportFormats, renderText } from '../index.ts';
import { type CommandContext, rootOption } from './command-context.ts';
import { countOf } from './count-of.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { describeGrants } from './grants-proof.ts';
import { buildPolicies } from './load-policies.ts';
import type { Terminal } from './terminal.ts';

interface ExportOptions {
  readonly root?: string;
  readonly format: ExportFormat;
  readonly partial?: boolean;
}

const exportHelp = `
Formats: dcos    a script of \`dcos security org\`, which makes groups, members and grants
         curl    a script of requests to the IAM API, which makes access control lists too
         jsonl   a JSON object for each subject and resource; no members of groups
         dump    the answers of an IAM that holds the grants, as import reads them

Nothing is run. What is written is imported again, and proved to be what the policies say, before it is printed. A rule that no
grant can say (a deny, a condition, a pattern, \`anyone\`) is an error, and then nothing is printed without --partial. Accounts are
not created: a policy has neither their passwords nor their keys.

Examples:
  postern export dcos-grants policies/ > grants.sh
  postern export dcos-grants policies/ --format curl --partial > grants.sh`;

/** `export dcos-grants`: the grants of DC/OS Enterprise that a policy amounts to. */
export function addExportDcosGrants(exportCommand: Command, context: CommandContext): void {
  exportCommand
    .command('dcos-grants')
    .description('Translate policies into grants of DC/OS Enterprise.')
    .argument('<POLICY...>', 'files, folders or globs')
    .addOption(rootOption())
    .addOption(
      new Option('--format <format>', 'what to write').choices(exportFormats).default('dcos' as const),
    )
    .option('--partial', 'print what can be said, though not all of it can')
    .addHelpText('after', exportHelp + exitCodesHelp)
    .action(async (patterns: readonly string[], options: ExportOptions) => {
      context.exitCode = await exportGrants(patterns, options, context.terminal);
    });
}

async function exportGrants(
  patterns: readonly string[],
  { root, format, partial = false }: ExportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const built = await buildPolicies(patterns, root, 'text', terminal);
  if (built === undefined) return exitCodes.unreadable;
  const { ok, text, diagnostics, denialsRefused, proof, decidesAlike } = exportDcosGrants(built.model, {
    format,
  });
  if (!ok) terminal.talk(renderText(diagnostics, built.textOf, { color: terminal.talkHasColor }).trimEnd());
  if (!ok && (text === '' || !partial)) {
    terminal.talk('postern: nothing is exported: not all of it can be said');
    return exitCodes.no;
  }
  await terminal.write(text);
  terminal.talk(`postern: proved: what is imported from it ${describeGrants(proof)}`);
  if (decidesAlike) terminal.talk('postern: proved: the policy decides every request alike');
  if (ok) return exitCodes.yes;
  terminal.talk(`postern: ${countOf(diagnostics.length, 'error')}: what they are about is not exported`);
  if (denialsRefused > 0)
    terminal.talk(
      `postern: without ${countOf(denialsRefused, 'denial')} the grants allow more than the policy`,
    );
  return exitCodes.no;
}
