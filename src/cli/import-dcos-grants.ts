import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type Grantee,
  type GrantFormat,
  grantFormats,
  importDcosGrants,
  renderText,
  type Source,
} from '../index.ts';
import type { CommandContext } from './command-context.ts';
import { countOf } from './count-of.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { describeGrants } from './grants-proof.ts';
import { readSource } from './read-source.ts';
import type { Terminal } from './terminal.ts';

interface ImportOptions {
  readonly version?: string;
  readonly subject?: Grantee;
  readonly inputFormat?: GrantFormat;
  readonly strict?: boolean;
}

const importHelp = `
A source is a script or command lines (\`dcos security org users grant …\`, \`curl -X PUT …/acls/…\`), permission strings of the web
interface (with --subject), JSON lines, or a dump of the IAM as one JSON document; which of them is told from its text.
Nothing in it is run. The policy is built again and proved to grant what the sources grant before it is printed; what was
proved, and what is wrong or risky in the sources, goes to standard error. What cannot be imported is refused, with the
reason, and the rest is printed.

Examples:
  postern import dcos-grants setup.sh > grants.acl
  postern import dcos-grants dump.json --version 1.11 --strict > grants.acl
  postern import dcos-grants permissions.txt --subject group:dev`;

/** `import dcos-grants`: grants of DC/OS Enterprise as a policy. */
export function addImportDcosGrants(importCommand: Command, context: CommandContext): void {
  importCommand
    .command('dcos-grants')
    .description('Translate grants of DC/OS Enterprise.')
    .argument('<FILE...>', 'sources of grants; - is standard input')
    .option('--version <version>', 'version of DC/OS that the grants are for (default: the newest)')
    .addOption(
      new Option('--subject <subject>', 'who gets permissions that do not say it').argParser(parseSubject),
    )
    .addOption(
      new Option(
        '--input-format <format>',
        'how the sources are written (default: told from their text)',
      ).choices(grantFormats),
    )
    .option('--strict', 'print nothing if something is refused or warned of')
    .addHelpText('after', importHelp + exitCodesHelp)
    .action(async (files: readonly string[], options: ImportOptions) => {
      context.exitCode = await importGrants(
        files.map((file) => readSource(file, 'grants')),
        options,
        context.terminal,
      );
    });
}

function parseSubject(text: string): Grantee {
  const [, type, principal] = /^(user|group):(.+)$/.exec(text) ?? [];
  if (principal === undefined) throw new InvalidArgumentError('write user:ID or group:ID.');
  return { principalType: type === 'group' ? 'group' : 'user', principal };
}

async function importGrants(
  sources: readonly Source[],
  { version, subject, inputFormat, strict = false }: ImportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const result = importDcosGrants(sources, {
    ...(version !== undefined && { version }),
    ...(subject !== undefined && { grantee: subject }),
    ...(inputFormat !== undefined && { format: inputFormat }),
  });
  const { diagnostics } = result;
  if (diagnostics.length > 0) {
    const textOf = (name: string): string | undefined => sources.find(({ file }) => file === name)?.text;
    terminal.talk(renderText(diagnostics, textOf, { color: terminal.talkHasColor }).trimEnd());
  }
  if (diagnostics.some(({ code }) => code === 'P4301')) {
    terminal.talk('postern: nothing is imported: not every source can be read');
    return exitCodes.unreadable;
  }
  if (strict && diagnostics.some(({ severity }) => severity !== 'info')) {
    terminal.talk('postern: nothing is imported, since --strict allows neither errors nor warnings');
    return exitCodes.no;
  }
  await terminal.write(result.text);
  terminal.talk(`postern: proved: the policy ${describeGrants(result.proof)}`);
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) terminal.talk(`postern: ${countOf(errors, 'error')}: what they are about is not imported`);
  return result.ok ? exitCodes.yes : exitCodes.no;
}
