import { type Command, InvalidArgumentError } from 'commander';
import { type CommandContext, formatOption } from './command-context.ts';
import { exitCodesHelp } from './exit-codes.ts';
import { runBackup, runRestore } from './store/backup.ts';
import { runCopy } from './store/copy.ts';
import { runInit, runNewEpoch } from './store/init.ts';
import { runLog } from './store/log.ts';
import { runSnapshot, runTrim } from './store/trim.ts';
import { runVerify } from './store/verify.ts';

const storeHelp = `
A STORE is the path of a file, or postgres://USER@HOST/DATABASE. Its password is better not written there, where other users of
the machine see it, but in PGPASSWORD or ~/.pgpass.

Examples:
  postern store init postern.db
  postern store log postern.db --after 40
  PGPASSWORD=… postern store copy postern.db postgres://postern@db.example.com/postern
  postern store backup postern.db postern.backup`;

const storeArgument = 'a file, or postgres://…';

export function addStoreCommand(program: Command, context: CommandContext): void {
  const store = program
    .command('store')
    .summary('keep the store of grants: history, copies, backups')
    .description('The store of users, groups and grants that are written through the API.')
    .addHelpText('after', storeHelp + exitCodesHelp);
  addReadingCommands(store, context);
  addWritingCommands(store, context);
  addMovingCommands(store, context);
}

function addReadingCommands(store: Command, context: CommandContext): void {
  store
    .command('log')
    .summary('show who changed what, when and why')
    .description('Show who changed what, when and why: the records of the log, the oldest first.')
    .argument('<STORE>', storeArgument)
    .option('--after <revision>', 'leave out what came up to this revision', readNumber)
    .option('--limit <number>', 'so many records at most', readNumber)
    .addOption(formatOption('text'))
    .addHelpText('after', exitCodesHelp)
    .action(async (address: string, options: Parameters<typeof runLog>[1]) => {
      context.exitCode = await runLog(address, options, context.terminal);
    });
  store
    .command('verify')
    .summary('read all of it and say whether it is whole')
    .description(
      'Read all of it: is every record whole, does each go on from the one before, does the snapshot say what they amount to.',
    )
    .argument('<STORE>', storeArgument)
    .addOption(formatOption('text'))
    .addHelpText('after', exitCodesHelp)
    .action(async (address: string, options: Parameters<typeof runVerify>[1]) => {
      context.exitCode = await runVerify(address, options, context.terminal);
    });
}

function addWritingCommands(store: Command, context: CommandContext): void {
  store
    .command('init')
    .summary('make a store')
    .description('Make an empty store. One that is there already is left as it is.')
    .argument('<STORE>', storeArgument)
    .addHelpText('after', exitCodesHelp)
    .action(async (address: string) => {
      context.exitCode = await runInit(address, context.terminal);
    });
  store
    .command('snapshot')
    .summary('keep what the log amounts to, for quick starts')
    .description('Keep what the log amounts to now, so that a start need not read all of it.')
    .argument('<STORE>', storeArgument)
    .addHelpText('after', exitCodesHelp)
    .action(async (address: string) => {
      context.exitCode = await runSnapshot(address, context.terminal);
    });
  store
    .command('trim')
    .summary('drop old records')
    .description(
      'Drop old records, which the snapshot has to cover: who changed what is no longer known then.',
    )
    .argument('<STORE>', storeArgument)
    .requiredOption('--keep <number>', 'how many records stay, the newest ones', readNumber)
    .addHelpText('after', exitCodesHelp)
    .action(async (address: string, options: Parameters<typeof runTrim>[1]) => {
      context.exitCode = await runTrim(address, options, context.terminal);
    });
  store
    .command('new-epoch')
    .summary('have tokens from before refused')
    .description(
      'Begin a new epoch: to be done when the database was put back by other means than `restore`, or a standby took over that was behind.',
    )
    .argument('<STORE>', storeArgument)
    .addHelpText('after', exitCodesHelp)
    .action(async (address: string) => {
      context.exitCode = await runNewEpoch(address, context.terminal);
    });
}

function addMovingCommands(store: Command, context: CommandContext): void {
  store
    .command('copy')
    .summary('move to another database')
    .description(
      'Copy everything, with revisions and hashes, to a store that is new. Stop what writes to the first one before.',
    )
    .argument('<FROM>', storeArgument)
    .argument('<TO>', 'the same; it is made if it is not there')
    .addHelpText('after', exitCodesHelp)
    .action(async (from: string, to: string) => {
      context.exitCode = await runCopy(from, to, context.terminal);
    });
  store
    .command('backup')
    .summary('write all of it to a file')
    .description(
      'Write all of it to a file, of which a store can be made in either database. The store may be in use.',
    )
    .argument('<STORE>', storeArgument)
    .argument('<FILE>', 'what is written')
    .addHelpText('after', exitCodesHelp)
    .action(async (address: string, file: string) => {
      context.exitCode = await runBackup(address, file, context.terminal);
    });
  store
    .command('restore')
    .summary('make a store of a backup')
    .description('Make a store of a backup, in a new epoch: tokens from after the backup are refused.')
    .argument('<FILE>', 'what `postern store backup` wrote')
    .argument('<STORE>', 'a file, or postgres://…; it is made if it is not there')
    .option('--replace', 'put it in the place of what that store holds now')
    .option(
      '--epoch <number>',
      'begin this epoch at least: for a backup that was restored before',
      readNumber,
    )
    .addHelpText('after', exitCodesHelp)
    .action(async (file: string, address: string, options: Parameters<typeof runRestore>[2]) => {
      context.exitCode = await runRestore(file, address, options, context.terminal);
    });
}

function readNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It is a number such as 100.');
  return Number(text);
}
