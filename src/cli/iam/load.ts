import type { Command } from 'commander';
import { escapeText } from '../../files/quote.ts';
import type { Operation } from '../../iam/operation.ts';
import { operationsOfDump, readStateDump, type StateDump } from '../../iam-dump.ts';
import { renderText, type Source } from '../../index.ts';
import { readPublicKey } from '../../service/iam/public-key.ts';
import { openStore } from '../../store/open-store.ts';
import { readState } from '../../store/read-state.ts';
import { type CommandContext, type Format, formatOption } from '../command-context.ts';
import { countOf } from '../count-of.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from '../exit-codes.ts';
import { readSource } from '../read-source.ts';
import type { Terminal } from '../terminal.ts';
import { storeOption } from './store-option.ts';
import { writeInRecords } from './write-in-records.ts';

interface LoadOptions {
  readonly store: string;
  readonly author: string;
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly format: Format;
}

const loadHelp = `
The dump is one of \`postern iam dump\`, or one of DC/OS as \`postern import dcos-grants\` reads it. What the store has already stays
as it is: users, their passwords and keys, descriptions, grants. Nothing is taken away.

Everything is checked before anything is written: if the store refuses one operation, none is written. It is written in several
records: accounts first, grants last, so that nobody ever has more than in the end. A load that was cut short goes on when it is
repeated.

A dump has no passwords. A user that it brings cannot log in before \`postern iam set-password\`; service accounts log in with
their keys.

Examples:
  postern iam load dump.json --store postern.db --author ada --dry-run
  postern iam load dump.json --store postgres://postern@db/postern --author ada`;

/** `iam load`: a dump into a store. */
export function addLoadCommand(iam: Command, context: CommandContext): void {
  iam
    .command('load')
    .summary('put a dump into a store')
    .description('Put the users, groups, access control lists and grants of a dump into a store.')
    .argument('<DUMP>', 'a JSON document; - is standard input')
    .addOption(storeOption())
    .requiredOption('--author <name>', 'who does it, for the record')
    .option('--reason <text>', 'why, for the record (default: the name of the dump)')
    .option('--dry-run', 'check, and write nothing')
    .addOption(formatOption('text'))
    .addHelpText('after', loadHelp + exitCodesHelp)
    .action(async (argument: string, options: LoadOptions) => {
      context.exitCode = await load(readSource(argument, 'dump'), options, context.terminal);
    });
}

async function load(source: Source, options: LoadOptions, terminal: Terminal): Promise<ExitCode> {
  const { author, reason = `load ${source.file}`, dryRun = false, format } = options;
  const reading = readStateDump(source);
  if (!reading.ok) {
    const textOf = (): string => source.text;
    terminal.talk(renderText(reading.diagnostics, textOf, { color: terminal.talkHasColor }).trimEnd());
    terminal.talk('postern: nothing is loaded');
    return exitCodes.unreadable;
  }
  const { dump } = reading;
  const invalidKey = findInvalidKey(dump);
  if (invalidKey !== undefined) return refuse(invalidKey, terminal);
  const store = await openStore(options.store, { readOnly: dryRun });
  try {
    const { state } = await readState(store);
    const operations = operationsOfDump(dump, state);
    const fault = state.checkAll(operations);
    if (fault !== undefined) return refuse(fault.description, terminal);
    sayWhatIsNotTold(dump, operations, terminal);
    const revision = dryRun
      ? state.revision
      : await writeInRecords(store, state, { author, reason }, (now) => operationsOfDump(dump, now));
    await report({ operations, revision, dryRun, format }, terminal);
    return exitCodes.yes;
  } finally {
    await store.close();
  }
}

function refuse(description: string, terminal: Terminal): ExitCode {
  terminal.talk(`postern: ${escapeText(description)}`);
  terminal.talk('postern: nothing is loaded');
  return exitCodes.no;
}

/** As the API would refuse it: with another key nobody could ever log in. */
function findInvalidKey({ users }: StateDump): string | undefined {
  for (const { uid, publicKey } of users) {
    try {
      if (publicKey !== undefined) readPublicKey(publicKey);
    } catch (error) {
      return `user \`${uid}\`: ${(error as Error).message}`;
    }
  }
  return undefined;
}

const maxNamed = 5;

/** What the dump does not say of accounts that are made. */
function sayWhatIsNotTold(
  { keyless, unlisted }: StateDump,
  operations: readonly Operation[],
  terminal: Terminal,
): void {
  const made = new Set(operations.flatMap((each) => (each.kind === 'create-user' ? [each.user.uid] : [])));
  const say = (uids: readonly string[], noun: string, what: string): void => {
    const concerned = uids.filter((uid) => made.has(uid));
    if (concerned.length === 0) return;
    const more = concerned.length > maxNamed ? ', …' : '';
    const names = concerned.slice(0, maxNamed).map(escapeText).join(', ') + more;
    terminal.talk(`postern: ${countOf(concerned.length, noun)} ${what}: ${names}`);
  };
  say(keyless, 'service account', 'without a public key: nobody can log in as them');
  say(unlisted, 'account', 'that the dump lists nowhere: made since members or grants name them');
}

interface Loaded {
  readonly operations: readonly Operation[];
  readonly revision: number;
  readonly dryRun: boolean;
  readonly format: Format;
}

const nouns: readonly (readonly [Operation['kind'], string])[] = [
  ['create-user', 'user'],
  ['create-group', 'group'],
  ['create-acl', 'access control list'],
  ['add-member', 'member'],
  ['grant', 'grant'],
];

async function report({ operations, revision, dryRun, format }: Loaded, terminal: Terminal): Promise<void> {
  const counts = nouns.map(([kind, noun]) => {
    return { kind, noun, count: operations.filter((operation) => operation.kind === kind).length };
  });
  if (format === 'json') {
    const byKind = Object.fromEntries(counts.map(({ kind, count }) => [kind, count]));
    await terminal.write(`${JSON.stringify({ revision, dryRun, operations: byKind })}\n`);
    return;
  }
  const found = counts.filter(({ count }) => count > 0).map(({ count, noun }) => countOf(count, noun));
  const what = found.length === 0 ? 'nothing' : found.join(', ');
  await terminal.write(
    dryRun ? `would load ${what}\n` : `loaded ${what}: the store is at revision ${revision}\n`,
  );
}
