import type { Command } from 'commander';
import type { Authorizer, Decision } from '../index.ts';
import { type AnswerLine, answerLines, requestsOption } from './answer-lines.ts';
import {
  addPolicyOptions,
  type CommandContext,
  type Format,
  formatOption,
  type PolicyOptions,
} from './command-context.ts';
import { exitCodes, exitCodesHelp } from './exit-codes.ts';
import { loadPolicies } from './load-policies.ts';
import { readRequestLine } from './read-request.ts';
import { renderDecisionJson, renderDecisionLine } from './render-decision.ts';

interface EvalOptions extends PolicyOptions {
  readonly requests: string;
  readonly format: Format;
}

const help = `
Requests are JSON lines with the keys subject, action, resource, groups, attributes and context:
  {"subject": "user:cory", "action": "read", "resource": "dcos:secrets:default:/prod/db"}
Every line gets one answer, in the same order:
  {"decision":"deny","reason":"rule","rule":{"id":"no-prod-db","file":"prod.acl","line":17}}
A line that is no request, a blank one too, gets {"error":"…","line":N}, and the run goes on and ends with exit code 3.
A missing newline at the end is fine. Decisions do not change the exit code.

Examples:
  postern eval -p policies/ --requests requests.jsonl > decisions.jsonl
  generate-requests | postern eval -p prod.pimg | grep -c '"decision":"deny"'
  postern eval -p policies/ --mode strict --format text < requests.jsonl`;

export function addEvalCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('eval')
    .summary('decide a stream of requests')
    .description('Decide a stream of requests: JSON lines in, JSON lines out, in constant memory.');
  addPolicyOptions(command)
    .addOption(requestsOption())
    .addOption(formatOption('json'))
    .addHelpText('after', help + exitCodesHelp)
    .action(async (options: EvalOptions) => {
      // JSON lines are the usual output here; errors in policies join them only where JSON was asked for.
      const isJsonWanted = command.getOptionValueSource('format') === 'cli' && options.format === 'json';
      const loaded = await loadPolicies(options, isJsonWanted ? 'json' : 'text', context.terminal);
      context.exitCode =
        loaded === undefined
          ? exitCodes.unreadable
          : await answerLines(options, answererOf(loaded.authorizer, options.format), context.terminal);
    });
}

/** Decides a line, or says what keeps it from being decided. */
function answererOf(authorizer: Authorizer, format: Format): AnswerLine {
  const render =
    format === 'json'
      ? renderDecisionJson
      : (decision: Decision) => renderDecisionLine(decision, (_, text) => text);
  return (line) => {
    const result = readRequestLine(line);
    return result.ok ? { ok: true, answer: render(authorizer.decide(result.request)) } : result;
  };
}
