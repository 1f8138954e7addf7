import type { Command } from 'commander';
import { escapeText } from '../files/quote.ts';
import type { IamState } from '../iam/iam-state.ts';
import type { Operation } from '../iam/operation.ts';
import { hashPassword } from '../service/iam/passwords/scrypt-password.ts';
import { type CommandContext, type Format, formatOption } from './command-context.ts';
import { exitCodes, exitCodesHelp } from './exit-codes.ts';
import { addDumpCommand } from './iam/dump.ts';
import { addLoadCommand } from './iam/load.ts';
import { passwordOperations } from './iam/password-operations.ts';
import { readPassword } from './iam/read-password.ts';
import { storeOption } from './iam/store-option.ts';
import { superuserOperations } from './iam/superuser-operations.ts';
import { type WriteOutcome, writeToStore } from './iam/write-to-store.ts';

const help = `
Examples:
  postern iam create-superuser ada --store postern.db
  postern iam set-password cory --store postgres://postern@db.example/postern`;

const passwordHelp = `
The password is never a word of the command line, where everybody on the machine could read it. It is asked for, without
being shown, or read from standard input or from --password-file; one newline at its end is no part of it.
`;

interface IamOptions {
  readonly store: string;
  readonly passwordFile?: string;
  readonly format: Format;
}

export function addIamCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('iam')
    .summary('users and grants of the permission API in a store')
    .description('Make the first superuser of a store, set passwords, and print or load all of it.')
    .addHelpText('after', help + exitCodesHelp);
  addAction(command, 'create-superuser', {
    summary: 'make a user who may do everything',
    description:
      'Make a user who may do everything: a member of the group `superusers`, which is made as well where it is not there.',
    example: 'postern iam create-superuser ada --store postern.db',
    context,
    operationsOf: superuserOperations,
  });
  addAction(command, 'set-password', {
    summary: 'set the password of a user',
    description: 'Set the password of a user who is there.',
    example: 'postern iam set-password ada --store postern.db --password-file ada.txt',
    context,
    operationsOf: passwordOperations,
  });
  addDumpCommand(command, context);
  addLoadCommand(command, context);
}

interface Action {
  readonly summary: string;
  readonly description: string;
  readonly example: string;
  readonly context: CommandContext;
  readonly operationsOf: (state: IamState, uid: string, passwordHash: string) => readonly Operation[];
}

function addAction(
  command: Command,
  name: string,
  { summary, description, example, context, operationsOf }: Action,
): void {
  command
    .command(`${name} <UID>`)
    .summary(summary)
    .description(description)
    .addOption(storeOption())
    .option('--password-file <file>', 'a file that holds the password')
    .addOption(formatOption('text'))
    .addHelpText('after', `${passwordHelp}\nExample:\n  ${example}${exitCodesHelp}`)
    .action(async (uid: string, { store, passwordFile, format }: IamOptions) => {
      const password = await readPassword(passwordFile);
      const passwordHash = await hashPassword(password);
      const outcome = await writeToStore(
        store,
        { author: 'postern iam', reason: `${name} ${uid}` },
        (state) => operationsOf(state, uid, passwordHash),
      );
      await report(context, uid, outcome, format);
    });
}

async function report(
  context: CommandContext,
  uid: string,
  outcome: WriteOutcome,
  format: Format,
): Promise<void> {
  const { terminal } = context;
  if (!outcome.ok) {
    context.exitCode = exitCodes.no;
    terminal.talk(`postern: ${escapeText(outcome.description)}`);
    return;
  }
  const { revision } = outcome;
  await terminal.write(
    format === 'json'
      ? `${JSON.stringify({ uid, revision })}\n`
      : `${escapeText(uid)}: written as revision ${revision}\n`,
  );
}
