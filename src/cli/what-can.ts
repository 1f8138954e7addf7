import type { Command } from 'commander';
import { escapeText } from '../files/quote.ts';
import {
  type AllowedAccess,
  knownActions,
  knownSubjects,
  printSet,
  type UndecidedAccess,
  type WhatCan,
  whatCan,
} from '../listing.ts';
import { splitGroups } from './build-request.ts';
import { addPolicyOptions, type CommandContext, formatOption } from './command-context.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import {
  type AccessListingOptions,
  askFor,
  beneath,
  loadListed,
  readPageOptions,
  renderDeclared,
  tellUnnamed,
} from './listing.ts';
import { indentLines, renderActions, renderGrounds, renderRest, renderWays } from './render-listing.ts';
import type { Paint, Terminal } from './terminal.ts';

interface WhatCanOptions extends AccessListingOptions {
  readonly groups?: string;
  readonly action?: string;
}

const help = `
SUBJECT is \`type:name\`, or the word \`anyone\` for requests without a subject.
The list is complete: what stands in no entry is denied. Resources are patterns with their exceptions, as policies write them;
a \`when\` says what has to be true, an \`unless\` what has to be false. The exit code is 1 if the subject may do nothing.

Examples:
  postern what-can user:cory -p policies/
  postern what-can user:cory --action delete --mode strict -p policies/
  postern what-can user:bob --groups staff,ops --format json -p home.acl`;

export function addWhatCanCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('what-can')
    .summary('list what a subject may do, on which resources and when')
    .description('List what a subject may do: which actions, on which resources, and under which conditions.')
    .argument('<SUBJECT>', 'who asks');
  addPolicyOptions(command)
    .option('--action <action>', 'this action only')
    .option('--groups <names>', 'groups to add to the subject, separated by commas')
    .option('--limit <number>', 'so many entries at most (default: 100)')
    .option('--cursor <cursor>', 'go on where a list ended')
    .addOption(formatOption('text'))
    .addHelpText('after', help + exitCodesHelp)
    .action(async (subject: string, options: WhatCanOptions) => {
      context.exitCode = await list(subject, options, context.terminal);
    });
}

async function list(subject: string, options: WhatCanOptions, terminal: Terminal): Promise<ExitCode> {
  const page = readPageOptions(options);
  const loaded = await loadListed(options, terminal);
  if (loaded === undefined) return exitCodes.unreadable;
  const { model, revision } = loaded;
  const { mode, action } = options;
  const groups = splitGroups(options.groups) ?? [];
  const asker = subject === 'anyone' ? {} : { subject };
  const found = askFor(() => whatCan(model, { ...asker, groups, mode, action, ...page, revision }));
  if (subject !== 'anyone') tellUnnamed('subject', subject, knownSubjects(model), terminal);
  if (action !== undefined) tellUnnamed('action', action, knownActions(model), terminal);
  const declared = model.groups.map(({ name }) => name);
  for (const group of groups) tellUnnamed('group', group, declared, terminal);
  const text =
    options.format === 'json'
      ? `${JSON.stringify({ ...asker, ...found })}\n`
      : renderWhatCan(subject, found, mode ?? model.mode, terminal.paint) +
        (found.total > 0 ? beneath(renderDeclared(model, asker.subject)) : '');
  await terminal.write(text);
  return found.total + found.undecided.length > 0 ? exitCodes.yes : exitCodes.no;
}

function renderWhatCan(subject: string, found: WhatCan, mode: string | undefined, paint: Paint): string {
  const { items, groups, actions, undecided, total, next } = found;
  const who = subject === 'anyone' ? 'a request without a subject' : escapeText(subject);
  const member =
    groups.length === 0 ? '' : ` (in ${groups.map((name) => `group:${escapeText(name)}`).join(', ')})`;
  const inMode = mode === undefined ? '' : ` in mode ${escapeText(mode)}`;
  if (total + undecided.length === 0) return `${who}${member} may do nothing${inMode}\n`;
  const entries = items.map((item) => {
    const grounds = renderGrounds(item.reasons, item.rules, mode);
    return renderEntry(item, actions, [...renderWays(item.ways), ...grounds], paint);
  });
  const unclear = undecided.map((access) => renderUndecided(access, actions, paint));
  const rest = next === undefined ? [] : [renderRest(items.length, total, next)];
  return [`${paint('bold', `${who}${member} may${inMode}`)}\n`, ...entries, ...unclear, ...rest].join('\n');
}

function renderEntry(
  access: AllowedAccess | UndecidedAccess,
  named: readonly string[],
  notes: readonly string[],
  paint: Paint,
): string {
  const resources = printSet(access.resources, escapeText);
  const everywhere = access.isWithoutResource ? ['every resource at once, when a request names none'] : [];
  return (
    indentLines([paint('green', renderActions(access, named))], 2) +
    indentLines(
      [...resources, ...everywhere].map((text) => `on ${text}`),
      4,
    ) +
    indentLines(
      notes.map((note) => paint('dim', note)),
      4,
    )
  );
}

function renderUndecided(access: UndecidedAccess, named: readonly string[], paint: Paint): string {
  return renderEntry(access, named, [`cannot be told: ${access.reason}`], paint);
}
