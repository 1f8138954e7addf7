import type { Command } from 'commander';
import { escapeText } from '../files/quote.ts';
import type { Decision, Explanation, Request } from '../index.ts';
import { addRequestOptions, buildRequest, type RequestOptions, readJsonOption } from './build-request.ts';
import { type CommandContext, type Format, formatOption, type PolicyOptions } from './command-context.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { renderChain, renderChainJson, traceHttp } from './http-chain.ts';
import { type LoadedPolicies, loadPolicies } from './load-policies.ts';
import {
  paintEffect,
  renderDecisionJson,
  renderDecisionLine,
  renderRule,
  renderRuleJson,
} from './render-decision.ts';
import type { Paint, Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

interface CheckOptions extends PolicyOptions, RequestOptions {
  readonly http?: true;
  readonly linuxUser?: string;
  readonly facts?: string;
  readonly explain?: true;
  readonly quiet?: true;
  readonly format: Format;
}

const help = `
SUBJECT is \`type:name\`, or the word \`anyone\` for a request without a subject.
The answer is one line, the exit code 0 for allow and 1 for deny; a malformed request is denied.

Examples:
  postern check user:cory read dcos:secrets:default:/prod/db -p policies/
  postern check user:bob read home:/bob/notes -p home.acl --groups staff,ops --explain
  postern check anyone read docs:/index -p docs.acl --context '{"ip": "10.1.2.3"}'
  postern check -q user:cory read docs:/index -p prod.pimg && echo yes

With --http ACTION is the method and RESOURCE the raw path of an HTTP request, with its query. The routes of the policies
say which permissions it needs, and each is a line of its own before the answer; those of DC/OS are imported as
\`postern:dcos/routes\`. A request to DC/OS is followed further: Marathon and Metronome launch under their own accounts, and
Mesos answers for task state, sandboxes and logs. Facts make exact what a path does not tell; without them the wider
permission is asked for. They are appId, exists, role, volumes, principal, endpoints (services behind \`/service/\`), and
call (the type of a call to Mesos).

  postern check user:cory --http PUT /service/marathon/v2/apps/prod/web -p prod.acl --mode strict --linux-user root
  postern check user:cory --http POST /service/marathon/v2/apps -p prod.acl --facts '{"appId": "/prod/web"}'

\`-p\` takes every word up to the next option: put it last, or \`--\` behind its words.`;

export function addCheckCommand(program: Command, context: CommandContext): void {
  const command = program.command('check').summary('decide one request').description('Decide one request.');
  addRequestOptions(command)
    .option('--explain', 'list every rule that matched or nearly did')
    .option('--http', 'follow an HTTP request: ACTION is the method, RESOURCE the path')
    .option('--linux-user <user>', 'with --http: as whom the tasks of the service run')
    .option('--facts <json>', 'with --http: what the path does not tell, {"appId": "/prod/web", …}')
    .option('-q, --quiet', 'print nothing: the exit code is the answer')
    .addOption(formatOption('text'))
    .addHelpText('after', help + exitCodesHelp)
    .action(async (subject: string, action: string, resource: string | undefined, options: CheckOptions) => {
      checkHttpOptions(resource, options);
      const request = buildRequest(subject, action, resource, options);
      const answer = options.http ? checkHttp : check;
      context.exitCode = await answer(request, options, context.terminal);
    });
}

async function check(request: Request, options: CheckOptions, terminal: Terminal): Promise<ExitCode> {
  const policies = await loadPolicies(options, options.format, terminal);
  if (policies === undefined) return exitCodes.unreadable;
  const decision = policies.authorizer.decide(request);
  if (!options.quiet) {
    const explanation = options.explain && policies.authorizer.explain(request);
    const render = options.format === 'json' ? renderJsonAnswer : renderTextAnswer;
    await terminal.write(render(decision, explanation, policies, terminal.paint));
  }
  return decision.decision === 'allow' ? exitCodes.yes : exitCodes.no;
}

async function checkHttp(request: Request, options: CheckOptions, terminal: Terminal): Promise<ExitCode> {
  const facts = readJsonOption('--facts', options.facts);
  const policies = await loadPolicies(options, options.format, terminal);
  if (policies === undefined) return exitCodes.unreadable;
  const chain = traceHttp(policies.authorizer, request, { ...options, facts });
  if (!options.quiet)
    await terminal.write(
      options.format === 'json' ? renderChainJson(chain) : renderChain(chain, terminal.paint),
    );
  return chain.decision === 'allow' ? exitCodes.yes : exitCodes.no;
}

function renderJsonAnswer(decision: Decision, explanation: Explanation | undefined): string {
  const json = renderDecisionJson(decision);
  if (explanation === undefined) return `${json}\n`;
  const rows = explanation.rules.map(
    ({ rule, effect, outcome }) =>
      `{"effect":"${effect}","outcome":"${outcome}","rule":${renderRuleJson(rule)}}`,
  );
  return `${json.slice(0, -1)},"rules":[${rows.join(',')}]}\n`;
}

function renderTextAnswer(
  decision: Decision,
  explanation: Explanation | undefined,
  { textOf }: LoadedPolicies,
  paint: Paint,
): string {
  const line = `${renderDecisionLine(decision, paint)}\n`;
  if (explanation === undefined) return line;
  if (explanation.rules.length === 0) {
    return decision.reason === 'default' ? `${line}\nno rule matched or nearly did\n` : line;
  }
  return `${line}\nrules that matched or nearly did:\n${renderRules(explanation, textOf, paint)}`;
}

/** A table, indented, so that the line of the answer stays the only one that begins with an effect. */
function renderRules({ rules }: Explanation, textOf: LoadedPolicies['textOf'], paint: Paint): string {
  const width = Math.max(...rules.map(({ outcome }) => outcome.length));
  const rows = rules.map(({ effect, outcome, rule }) => {
    const row = `  ${paintEffect(effect, paint)} ${outcome.padEnd(width)}  ${renderRule(rule)}\n`;
    const text = lineAt(textOf(rule.file), rule.line);
    return text === undefined ? row : `${row}         ${paint('dim', escapeText(text))}\n`;
  });
  return rows.join('');
}

/** The line that a rule begins on, as it is written. */
function lineAt(text: string | undefined, line: number): string | undefined {
  return text?.split(/\r\n|\r|\n/)[line - 1]?.trim();
}

function checkHttpOptions(resource: string | undefined, options: CheckOptions): void {
  if (!options.http) {
    if (options.linuxUser !== undefined) throw new UsageError('--linux-user goes with --http');
    if (options.facts !== undefined) throw new UsageError('--facts goes with --http');
    return;
  }
  if (options.everyResource)
    throw new UsageError('--http and --every-resource exclude each other: leave one out');
  if (options.explain)
    throw new UsageError(
      '--http and --explain exclude each other: explain the permission of one step by itself',
    );
  if (resource === undefined)
    throw new UsageError('no path given: write SUBJECT --http METHOD PATH before `-p`');
}
