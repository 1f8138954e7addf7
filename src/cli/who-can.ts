import type { Command } from 'commander';
import { escapeText } from '../files/quote.ts';
import { type KnownAsker, knownActions, printSet, type WhoCan, whoCan } from '../listing.ts';
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
import { renderRule } from './render-decision.ts';
import {
  indentLines,
  renderGrounds,
  renderRest,
  renderWays,
  withCommas,
  wrapTexts,
} from './render-listing.ts';
import type { Paint, Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

interface WhoCanOptions extends AccessListingOptions {
  readonly everyResource?: true;
}

const help = `
First come sets, which are complete whoever asks: subjects as policies write them, with their exceptions. \`group:g\` holds those
to whom a request adds the group too, \`anyone\` also those who name no subject. Then comes every subject that the policies name
and that may do it by the groups that they declare. The exit code is 1 if nobody may.

Examples:
  postern who-can read dcos:secrets:default:/prod/db -p policies/
  postern who-can delete home:/bob/notes --mode strict --format json -p home.acl
  postern who-can read --every-resource -p policies/`;

export function addWhoCanCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('who-can')
    .summary('list who may do an action on a resource, and when')
    .description('List who may do an action on a resource, and under which conditions.')
    .argument('<ACTION>', 'what for')
    .argument('[RESOURCE]', 'on what');
  addPolicyOptions(command)
    .option('--every-resource', 'in place of RESOURCE: ask about every resource at once')
    .option('--limit <number>', 'so many known subjects at most (default: 100)')
    .option('--cursor <cursor>', 'go on where a list ended')
    .addOption(formatOption('text'))
    .addHelpText('after', help + exitCodesHelp)
    .action(async (action: string, resource: string | undefined, options: WhoCanOptions) => {
      if ((resource === undefined) !== (options.everyResource === true))
        throw new UsageError(
          'write ACTION RESOURCE before `-p`, or ask for --every-resource instead of a RESOURCE',
        );
      context.exitCode = await list(action, resource, options, context.terminal);
    });
}

async function list(
  action: string,
  resource: string | undefined,
  options: WhoCanOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const page = readPageOptions(options);
  const loaded = await loadListed(options, terminal);
  if (loaded === undefined) return exitCodes.unreadable;
  const { model, revision } = loaded;
  const { mode } = options;
  const found = askFor(() => whoCan(model, { action, resource, mode, ...page, revision }));
  tellUnnamed('action', action, knownActions(model), terminal);
  const text =
    options.format === 'json'
      ? `${JSON.stringify({ action, resource, ...found })}\n`
      : renderWhoCan(action, resource, found, mode ?? model.mode, terminal.paint) +
        (found.access.length > 0 ? beneath(renderDeclared(model, resource)) : '');
  await terminal.write(text);
  return found.access.length + found.undecided.length + found.total > 0 ? exitCodes.yes : exitCodes.no;
}

function renderWhoCan(
  action: string,
  resource: string | undefined,
  { access, undecided, items, total, next }: WhoCan,
  mode: string | undefined,
  paint: Paint,
): string {
  const inMode = mode === undefined ? '' : ` in mode ${escapeText(mode)}`;
  const asked = `${escapeText(action)} on ${resource === undefined ? 'every resource at once' : escapeText(resource)}${inMode}`;
  if (access.length + undecided.length + total === 0) return `nobody may ${asked}\n`;
  const sets = access.map(({ subjects, ways, reasons, rules }) =>
    renderSet(subjects, [...renderWays(ways), ...renderGrounds(reasons, rules, mode)], paint),
  );
  const unclear = undecided.map(({ subjects, reason }) =>
    renderSet(subjects, [`cannot be told: ${reason}`], paint),
  );
  const known =
    total === 0
      ? 'no subject that the policy names\n'
      : `${paint('bold', `${total === 1 ? '1 subject' : `${total} subjects`} that the policy names`)}\n${renderKnown(items, paint)}`;
  const rest = next === undefined ? [] : [renderRest(items.length, total, next)];
  return [`${paint('bold', `who may ${asked}`)}\n`, ...sets, ...unclear, known, ...rest].join('\n');
}

function renderSet(
  subjects: WhoCan['access'][number]['subjects'],
  notes: readonly string[],
  paint: Paint,
): string {
  const texts = printSet(subjects, escapeText).map((text) =>
    text === 'anyone except authenticated' ? 'requests without a subject' : text,
  );
  return (
    indentLines(
      wrapTexts(withCommas(texts)).map((line) => paint('green', line)),
      2,
    ) +
    indentLines(
      notes.map((note) => paint('dim', note)),
      4,
    )
  );
}

/** Under each condition those who meet it by the rules of the policy. */
function renderKnown(items: readonly KnownAsker[], paint: Paint): string {
  const byWays = new Map<string, KnownAsker[]>();
  for (const item of items) {
    const lines =
      item.undecided === undefined ? renderWays(item.ways) : [`cannot be told: ${item.undecided}`];
    const key = indentLines(lines, 2);
    const same = byWays.get(key);
    if (same === undefined) byWays.set(key, [item]);
    else same.push(item);
  }
  const width = Math.max(...items.map(({ subject }) => escapeText(subject).length));
  return [...byWays]
    .sort(([a], [b]) => Number(a !== '') - Number(b !== ''))
    .map(
      ([ways, same]) =>
        paint('dim', ways || '  always\n') + same.map((item) => renderRow(item, width, paint)).join(''),
    )
    .join('\n');
}

function renderRow(item: KnownAsker, width: number, paint: Paint): string {
  const [first = '', ...others] = groundLines(item);
  const subject = escapeText(item.subject).padEnd(width);
  const rest = indentLines(
    others.map((line) => paint('dim', line)),
    width + 6,
  );
  return `${`    ${subject}  ${paint('dim', first)}`.trimEnd()}\n${rest}`;
}

const otherGrounds = {
  superuser: 'as superuser',
  'not-enforced': 'not enforced',
  'ruleset-default': 'by the default of a ruleset',
} as const;

function groundLines({ subject, reasons, grounds }: KnownAsker): readonly string[] {
  const byRules = grounds.map(({ rule, as, through }) => {
    const path = through.length > 1 ? through.join(' in ') : as;
    return `by ${renderRule(rule)}${as === subject ? '' : ` as ${escapeText(path)}`}`;
  });
  const others = Object.entries(otherGrounds).flatMap(([reason, words]) =>
    reasons.some((each) => each === reason) ? [words] : [],
  );
  return [...byRules, ...others];
}
