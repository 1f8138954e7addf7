import { type Command, InvalidArgumentError, Option } from 'commander';
import { nearestName } from '../files/nearest.ts';
import { escapeText, quote } from '../files/quote.ts';
import { writeFileAtomically } from '../files/write-file-atomically.ts';
import {
  type AccessPicture,
  defaultMaxNodes,
  drawAccess,
  grantArguments,
  isSubjectId,
  readResourcePattern,
  type Selection,
} from '../graph.ts';
import type { Model } from '../index.ts';
import { type CommandContext, type PolicyOptions, rootOption } from './command-context.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { loadModel } from './load-model.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

type PictureFormat = 'svg' | 'dot';

interface GraphOptions extends PolicyOptions {
  readonly output?: string;
  readonly format?: PictureFormat;
  readonly subject?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly maxNodes: number;
}

const help = `
The picture shows what rules say, not what they come to together: for that ask \`postern check\`. Subjects, patterns of
subjects, groups, roles with the arguments of their grants, and permissions beside the resources they are on, which stand as
trees. Beyond --max-nodes what is alike is folded into one node that says how many it stands for; so is what is too much to
follow. The same policies give the same bytes.

Examples:
  postern graph -p policies/ -o access.svg
  postern graph -p policies/ --subject user:cory -o cory.svg
  postern graph -p policies/ --resource 'dcos:secrets:default:/prod/**' > secrets.svg
  postern graph -p policies/ --group ops --format dot | dot -Tpng > ops.png`;

export function addGraphCommand(program: Command, context: CommandContext): void {
  program
    .command('graph')
    .summary('draw who reaches what')
    .description('Draw groups, roles and what they reach, as SVG or for Graphviz.')
    .requiredOption('-p, --policy <policy...>', 'files, folders, globs of policies, or one image; may repeat')
    .addOption(rootOption())
    .option(
      '-o, --output <file>',
      'where to write; `.svg` or `.dot` says the format (default: standard output)',
    )
    .addOption(
      new Option('--format <format>', 'SVG, or text for Graphviz (default: svg)').choices(['svg', 'dot']),
    )
    .option('--subject <id>', 'only the groups of this subject, and the rules that speak of it')
    .option('--group <name>', 'only this group, its members, and the rules that speak of all of them')
    .option('--resource <pattern>', 'only rules that speak of an id that this matches')
    .option('--max-nodes <number>', 'fold what is more than this', readMaxNodes, defaultMaxNodes)
    .addHelpText('after', help + exitCodesHelp)
    .action(async (options: GraphOptions) => {
      context.exitCode = await graph(options, context.terminal);
    });
}

const fewestNodes = 8;
const mostNodes = 100_000;

function readMaxNodes(text: string): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (number >= fewestNodes && number <= mostNodes) return number;
  throw new InvalidArgumentError(`It is a number from ${fewestNodes} to ${mostNodes}.`);
}

async function graph(options: GraphOptions, terminal: Terminal): Promise<ExitCode> {
  const { output, maxNodes } = options;
  const format = formatOf(options);
  const loaded = await loadModel(options, 'text', terminal);
  if (loaded === undefined) return exitCodes.unreadable;
  const { model, textOf } = loaded;
  const selection = readSelection(options, model);
  const picture = drawAccess(model, { format, selection, maxNodes, argumentsOf: grantArguments(textOf) });
  if (output === undefined) await terminal.write(picture.text);
  else writeFileAtomically(output, new TextEncoder().encode(picture.text));
  tell(picture, options, terminal);
  return exitCodes.yes;
}

/** What is drawn, where it went to a file; and what is not drawn, always. */
function tell(picture: AccessPicture, { output, maxNodes }: GraphOptions, terminal: Terminal): void {
  if (output !== undefined) terminal.talk(`${escapeText(output)}: ${picture.summary}`);
  if (picture.folded !== undefined) {
    const ways = '--subject, --group or --resource show a part, --max-nodes more';
    terminal.talk(
      `postern: not drawn one by one: ${picture.folded} (more than ${maxNodes} nodes, or too many lines): ${ways}`,
    );
  }
  if (picture.isEmpty) terminal.talk('postern: no rule speaks of what is to be drawn');
}

/** By the option, else by the name of the file. @throws {UsageError} */
function formatOf({ format, output }: GraphOptions): PictureFormat {
  if (format !== undefined || output === undefined) return format ?? 'svg';
  if (/\.svg$/i.test(output)) return 'svg';
  if (/\.(?:dot|gv)$/i.test(output)) return 'dot';
  throw new UsageError(
    `${quote(output)} does not say what to write: name it \`.svg\` or \`.dot\`, or give --format`,
  );
}

/** @throws {UsageError} for what is no subject, no known group, or no pattern */
function readSelection({ subject, group, resource }: GraphOptions, model: Model): Selection {
  if (subject !== undefined && !isSubjectId(subject))
    throw new UsageError(`${quote(subject)} is no subject: write its id, such as \`user:alice\``);
  if (group !== undefined) checkGroup(group, model);
  const pattern = resource === undefined ? undefined : readResourcePattern(resource);
  if (resource !== undefined && pattern === undefined)
    throw new UsageError(`${quote(resource)} is no resource pattern: write one as in a rule, without braces`);
  return {
    ...(subject === undefined ? {} : { subject }),
    ...(group === undefined ? {} : { group }),
    ...(pattern === undefined ? {} : { resource: pattern }),
  };
}

function checkGroup(group: string, { groups, rules }: Model): void {
  const named = rules.flatMap(({ subjects }) =>
    subjects.flatMap((subject) => (subject.kind === 'group' ? [subject.name] : [])),
  );
  const known = new Set([...groups.map(({ name }) => name), ...named]);
  if (known.has(group)) return;
  const nearest = nearestName(group, known);
  const hint = nearest === undefined ? '' : `, did you mean ${quote(nearest)}`;
  throw new UsageError(`the policies have no group ${quote(group)}${hint}`);
}
