import type { Command } from 'commander';
import { escapeText } from '../files/quote.ts';
import {
  exportMesosAcls,
  importMesosAcls,
  PolicyError,
  renderText,
  type Source,
  type Translation,
} from '../index.ts';
import { type CommandContext, rootOption } from './command-context.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { addExportDcosGrants } from './export-dcos-grants.ts';
import { addImportDcosGrants } from './import-dcos-grants.ts';
import { buildPolicies } from './load-policies.ts';
import { aclsArgument, readAclsSource } from './read-acls-source.ts';
import type { Terminal } from './terminal.ts';

const importHelp = `
The policy is built again and proved to decide as the original before it is printed; what was proved goes to standard error.
What cannot be said in a policy is refused, with the reason.

Examples:
  postern import mesos acls.json > mesos.acl`;

/** `import` of every format that there is. */
export function addImportCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('import')
    .summary('translate another format into a policy')
    .description('Translate another format into policy text, with a proof.')
    .addHelpText('after', importHelp + exitCodesHelp);
  command
    .command('mesos')
    .description('Translate ACLs of Apache Mesos.')
    .argument('<ACLS>', aclsArgument)
    .addHelpText('after', importHelp + exitCodesHelp)
    .action(async (argument: string) => {
      context.exitCode = await importAcls(readAclsSource(argument), context.terminal);
    });
  // Its `--version` is that of DC/OS: behind the name of a command an option is the command's own.
  program.enablePositionalOptions();
  addImportDcosGrants(command, context);
}

async function importAcls(source: Source, terminal: Terminal): Promise<ExitCode> {
  try {
    const textOf = (file: string): string | undefined => (file === source.file ? source.text : undefined);
    return await writeTranslation(importMesosAcls(source), textOf, `${source.file} and its policy`, terminal);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    terminal.talk(renderText(error.diagnostics, error.textOf, { color: terminal.talkHasColor }).trimEnd());
    terminal.talk(`postern: ${escapeText(source.file)}: it cannot be loaded, so there is nothing to import`);
    return exitCodes.unreadable;
  }
}

const exportHelp = `
What is written is read again and proved to decide as the policies do before it is printed; what was proved goes to standard
error. A rule that the format cannot say is refused, with the reason, and nothing is written.

Examples:
  postern export mesos policies/mesos.acl > acls.json`;

/** `export` to every format that there is. */
export function addExportCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('export')
    .summary('translate a policy into another format')
    .description('Translate policies into another format, with a proof.')
    .addHelpText(
      'after',
      `${exportHelp}\n  postern export dcos-grants policies/ > grants.sh${exitCodesHelp}`,
    );
  command
    .command('mesos')
    .description('Translate policies into ACLs of Apache Mesos.')
    .argument('<POLICY...>', 'files, folders or globs')
    .addOption(rootOption())
    .addHelpText('after', exportHelp + exitCodesHelp)
    .action(async (patterns: readonly string[], { root }: { readonly root?: string }) => {
      context.exitCode = await exportAcls(patterns, root, context.terminal);
    });
  addExportDcosGrants(command, context);
}

async function exportAcls(
  patterns: readonly string[],
  root: string | undefined,
  terminal: Terminal,
): Promise<ExitCode> {
  const result = await buildPolicies(patterns, root, 'text', terminal);
  if (result === undefined) return exitCodes.unreadable;
  const translation = exportMesosAcls(result.model, result.image);
  return writeTranslation(translation, result.textOf, 'the policy and its ACLs', terminal);
}

async function writeTranslation(
  translation: Translation,
  textOf: (file: string) => string | undefined,
  sides: string,
  terminal: Terminal,
): Promise<ExitCode> {
  if (!translation.ok) {
    terminal.talk(renderText(translation.diagnostics, textOf, { color: terminal.talkHasColor }).trimEnd());
    terminal.talk('postern: nothing is translated: not all of it can be said');
    return exitCodes.no;
  }
  await terminal.write(translation.text);
  terminal.talk(`postern: ${renderProof(translation.proof, sides)}`);
  return exitCodes.yes;
}

function renderProof(
  { lists, questions, listsByStep }: Extract<Translation, { ok: true }>['proof'],
  sides: string,
): string {
  const asked = `${questions.toLocaleString('en')} kinds of questions that the ${lists} lists tell apart`;
  const byStep = listsByStep.map((list) => `\`${list}\``).join(', ');
  const rest = byStep === '' ? '' : `; ${byStep}, too long for that, entry by entry`;
  return `proved: ${sides} decide alike: all ${asked} were put to both${rest}`;
}
