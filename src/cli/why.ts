import type { Command } from 'commander';
import { ConfigurationError, type Request } from '../index.ts';
import { explainWhy, renderWhy, renderWhyJson, type Why } from '../why.ts';
import { addRequestOptions, buildRequest, type RequestOptions } from './build-request.ts';
import { type CommandContext, type Format, formatOption, type PolicyOptions } from './command-context.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { readLimitOption } from './id-listing.ts';
import { type LoadedModel, loadModel } from './load-model.ts';
import { renderDecisionLine } from './render-decision.ts';
import type { Terminal } from './terminal.ts';

interface WhyCommandOptions extends PolicyOptions, RequestOptions {
  readonly limit: string;
  readonly suggestions: boolean;
  readonly format: Format;
}

const help = `
SUBJECT is \`type:name\`, or the word \`anyone\` for a request without a subject. The first line is that of \`postern check\`, and so
is the exit code: 0 for allow and 1 for deny.

For an allow it says which rules allow, and by which groups, roles, templates and implications each applies. For a deny it
says which rules deny; or which nearly allow, and what each lacks. Then come the changes that would have the request
allowed: each was tried on the policies, and what else it would allow is listed with it, the least first.

Examples:
  postern why user:cory read dcos:secrets:default:/prod/db -p policies/
  postern why user:bob deploy site:prod:/shop --context '{"ip": "10.20.1.1"}' --limit 3 -p site.acl
  postern why anyone read docs:/index --format json --no-suggestions -p docs.acl

\`-p\` takes every word up to the next option: put it last, or \`--\` behind its words.`;

export function addWhyCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('why')
    .summary('say why a request is decided so, and what would change that')
    .description('Say why a request is decided as it is, and which smallest grants would have it allowed.');
  addRequestOptions(command)
    .option('--limit <number>', 'so many near misses and suggestions at most', '5')
    .option('--no-suggestions', 'leave out what would have it allowed: it takes most of the time')
    .addOption(formatOption('text'))
    .addHelpText('after', help + exitCodesHelp)
    .action(
      async (subject: string, action: string, resource: string | undefined, options: WhyCommandOptions) => {
        const request = buildRequest(subject, action, resource, options);
        context.exitCode = await why(request, options, context.terminal);
      },
    );
}

async function why(request: Request, options: WhyCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const limit = readLimitOption(options.limit)!;
  const loaded = await loadModel(options, options.format, terminal);
  if (loaded === undefined) return exitCodes.unreadable;
  checkMode(options.mode, loaded);
  const { model, textOf } = loaded;
  const answer = explainWhy(model, request, {
    mode: options.mode,
    textOf,
    limit,
    withoutSuggestions: !options.suggestions,
  });
  const text = options.format === 'json' ? `${renderWhyJson(answer)}\n` : renderTextAnswer(answer, terminal);
  await terminal.write(text);
  return answer.decision.decision === 'allow' ? exitCodes.yes : exitCodes.no;
}

/** @throws {ConfigurationError} */
function checkMode(mode: string | undefined, { model: { modes } }: LoadedModel): void {
  if (mode === undefined || modes.includes(mode)) return;
  const names = modes.map((name) => `\`${name}\``).join(', ');
  throw new ConfigurationError(`unknown mode \`${mode}\`; the policy names ${names || 'none'}`);
}

function renderTextAnswer(answer: Why, { paint }: Terminal): string {
  return `${renderDecisionLine(answer.decision, paint)}\n${renderWhy(answer)}`;
}
