import { type Command, Option } from 'commander';
import { escapeText } from '../files/quote.ts';
import { type Diagnostic, PolicyError, renderJson, renderText, type Source } from '../index.ts';
import { MesosAuthorizer, type MesosRequest, RequestError, validateMesosAcls } from '../mesos.ts';
import { type AnswerLine, answerLines, requestsOption } from './answer-lines.ts';
import { type CommandContext, type Format, formatOption } from './command-context.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { aclsArgument, readAclsSource } from './read-acls-source.ts';
import { readJsonLine } from './read-request.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

export function addMesosCommand(program: Command, context: CommandContext): void {
  const mesos = program
    .command('mesos')
    .summary('check and evaluate ACLs of Apache Mesos')
    .description('Access control lists of Apache Mesos, as a master or agent takes them with `--acls`.')
    .addHelpText('after', exitCodesHelp);
  addValidateCommand(mesos, context);
  addEvalCommand(mesos, context);
}

// ---------------------------------------------------------------- validate

const levels = ['error', 'warning', 'info'] as const;
type Level = (typeof levels)[number];

interface ValidateOptions {
  readonly allow: readonly string[];
  readonly failLevel: Level;
  readonly format: Format;
}

const validateHelp = `
An error is what keeps Mesos from loading the document; Mesos stops at the first, here all are shown. A warning is
what loads and probably does not mean what it seems to.

Examples:
  postern mesos validate acls.json
  postern mesos validate acls.json --fail-level warning --allow P4102 P4104
  postern mesos validate '{"permissive": false}'`;

function addValidateCommand(mesos: Command, context: CommandContext): void {
  mesos
    .command('validate')
    .summary('would Mesos load it, and does it mean what it says')
    .description('Say whether Mesos would load these ACLs, and warn of what probably is not meant.')
    .argument('<ACLS>', aclsArgument)
    .addOption(
      new Option('--fail-level <level>', 'exit with 1 from this severity on')
        .choices(levels)
        .default('error'),
    )
    .option('--allow <codes...>', 'warnings to leave out, such as P4102', [])
    .addOption(formatOption('text'))
    .addHelpText('after', validateHelp + exitCodesHelp)
    .action(async (argument: string, options: ValidateOptions) => {
      context.exitCode = await validate(readAclsSource(argument), options, context.terminal);
    });
}

async function validate(source: Source, options: ValidateOptions, terminal: Terminal): Promise<ExitCode> {
  const diagnostics = validateMesosAcls(source).filter(
    ({ code, severity }) => severity === 'error' || !options.allow.includes(code),
  );
  const textOf = (): string => source.text;
  const isJson = options.format === 'json';
  const found = isJson
    ? `${renderJson(diagnostics, textOf)}\n`
    : renderText(diagnostics, textOf, { color: terminal.hasColor });
  if (found !== '') await terminal.write(found);
  terminal.talk(`postern: ${escapeText(source.file)}: ${summarize(diagnostics)}`);
  if (diagnostics.some(({ code }) => code === 'P4001')) return exitCodes.unreadable;
  const failing = levels.slice(0, levels.indexOf(options.failLevel) + 1);
  return diagnostics.some(({ severity }) => failing.includes(severity)) ? exitCodes.no : exitCodes.yes;
}

function summarize(diagnostics: readonly Diagnostic[]): string {
  const counts = levels.map((level) =>
    count(diagnostics.filter(({ severity }) => severity === level).length, level),
  );
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  // Of a limit of ours Mesos knows nothing.
  const isOurs = errors.length > 0 && errors.every(({ code }) => code === 'P4006');
  const verdict =
    errors.length === 0 ? 'Mesos loads it' : isOurs ? 'Mesos loads it, Postern does not' : 'Mesos refuses it';
  const rest = counts.filter((text) => text !== '').join(', ');
  return `${verdict}${rest === '' ? '' : `: ${rest}`}`;
}

function count(number: number, level: Level): string {
  if (number === 0) return '';
  const noun = level === 'info' ? 'note' : level;
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}

// ---------------------------------------------------------------- eval

interface EvalOptions {
  readonly requests: string;
  readonly explain?: true;
  readonly format: Format;
}

const evalHelp = `
Requests are JSON lines with the keys action, subject and object, as the authorizer of Mesos is asked:
  {"action": "RUN_TASK", "subject": {"value": "marathon"}, "object": {"framework_info": {"user": "root"}}}
Every line gets one answer, in the same order: {"allowed":true}. A line that is no request, or that Mesos would abort on,
gets {"error":"…","line":N}; the run goes on and ends with exit code 3.

Examples:
  postern mesos eval acls.json --requests requests.jsonl > answers.jsonl
  postern mesos eval acls.json --explain < requests.jsonl`;

function addEvalCommand(mesos: Command, context: CommandContext): void {
  mesos
    .command('eval')
    .summary('decide a stream of requests as Mesos would')
    .description('Decide a stream of requests as the local authorizer of Mesos does with these ACLs.')
    .argument('<ACLS>', aclsArgument)
    .addOption(requestsOption())
    .option('--explain', 'with every answer the lists that were asked and the entry that decided')
    .addOption(formatOption('json'))
    .addHelpText('after', evalHelp + exitCodesHelp)
    .action(async (argument: string, options: EvalOptions) => {
      if (argument === '-' && options.requests === '-') {
        throw new UsageError('ACLs and requests cannot both come from standard input: name a file for one');
      }
      const authorizer = loadAuthorizer(readAclsSource(argument), context.terminal);
      context.exitCode =
        authorizer === undefined
          ? exitCodes.unreadable
          : await answerLines(options, answererOf(authorizer, options), context.terminal);
    });
}

/** Undefined for ACLs with faults; they have been shown. */
function loadAuthorizer(source: Source, terminal: Terminal): MesosAuthorizer | undefined {
  try {
    return MesosAuthorizer.fromAcls(source.text, source.file);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    terminal.talk(renderText(error.diagnostics, error.textOf, { color: terminal.talkHasColor }).trimEnd());
    terminal.talk(`postern: ${escapeText(source.file)}: cannot be loaded, so nothing is decided`);
    return undefined;
  }
}

const requestKeys: ReadonlySet<string> = new Set(['action', 'subject', 'object']);

function answererOf(authorizer: MesosAuthorizer, { explain, format }: EvalOptions): AnswerLine {
  const render = format === 'json' ? JSON.stringify : renderAnswerLine;
  return (line) => {
    const result = readJsonLine(line, requestKeys);
    if (!result.ok) return result;
    const request = result.value as MesosRequest;
    try {
      const answer = explain ? authorizer.explain(request) : { allowed: authorizer.authorized(request) };
      return { ok: true, answer: render(answer) };
    } catch (error) {
      if (error instanceof RequestError) return { ok: false, message: error.message };
      throw error;
    }
  };
}

type Answer = { readonly allowed: boolean } & Partial<ReturnType<MesosAuthorizer['explain']>>;

/** `allow`, with what was asked and the entries that decided where they are wanted. */
function renderAnswerLine({ allowed, by, asked = [] }: Answer): string {
  const reasons = asked.map(({ list, principal, object, allowed: isAllowed, entry }) => {
    const decided =
      entry === undefined ? `permissive is ${isAllowed}` : `entry ${entry.index} at ${entry.pointer}`;
    return `${list}: ${decided} for principal ${renderAsked(principal)}, object ${renderAsked(object)}`;
  });
  const reason = reasons.length > 0 ? reasons.join('; ') : by === undefined ? '' : `by ${by}`;
  return `${(allowed ? 'allow' : 'deny').padEnd(6)} ${reason}`.trimEnd();
}

function renderAsked(value: string | null): string {
  return value === null ? 'ANY' : JSON.stringify(value);
}
