import type { Command } from 'commander';
import { type IndirectSecrets, indirectSecrets, knownSubjects, RequestError, Spaces } from '../dcos.ts';
import { escapeText } from '../files/quote.ts';
import { Authorizer, type Model } from '../index.ts';
import { addPolicyOptions, type CommandContext, type PolicyOptions } from './command-context.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import {
  addListingOptions,
  checkOneStandardInput,
  exitCodeAfter,
  idFilesHelp,
  type ListingOptions,
  readLimitOption,
  writeJsonArray,
  writeLines,
} from './id-listing.ts';
import { buildPolicies, isImageFile, loadPolicies } from './load-policies.ts';
import { IdFiles } from './read-ids.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

interface IndirectOptions extends PolicyOptions, ListingOptions {
  readonly everySubject?: true;
  readonly services?: string;
  readonly jobs?: string;
  readonly secrets: string;
}

const indirectHelp = `
Whoever may create services beneath /group reads, through them, the secrets in the root, in group, above it and beneath
it, whether or not a policy grants those secrets. This lists the service groups in which SUBJECT may create services or
jobs, by the policies, and the secrets within reach of each:
  user:cory service /group 2 secrets
    password
    group/password
<new> in a group is a name not in use. The exit code is 0 if no secret is within reach, 1 if any is. A subject whom only a
pattern or \`authenticated\` covers has no name in the policies, and is not among every subject.

The policies are asked at every directory in the files, and at the paths that their rules name; a compiled image no longer
tells those, so with one list services to come in the files. Services and jobs need not be listed, but groups are told
apart by them.

${idFilesHelp}

Examples:
  postern dcos spaces indirect user:cory --services services.txt --secrets secrets.txt -p policies/
  postern dcos spaces indirect --every-subject --count --secrets secrets.txt --mode strict -p policies/

\`-p\` takes every word up to the next option: put it last, or \`--\` behind its words.`;

export function addIndirectCommand(spaces: Command, context: CommandContext): void {
  const command = spaces
    .command('indirect')
    .summary('the secrets that a subject reaches by creating services')
    .description('List the secrets that a subject reaches by creating services or jobs that may read them.')
    .argument('[SUBJECT]', 'who may create services: `type:name`, or `anyone` for who has no subject');
  addListingOptions(
    addPolicyOptions(command)
      .requiredOption('--secrets <file>', 'ids of secrets')
      .option('--services <file>', 'ids of services')
      .option('--jobs <file>', 'ids of jobs')
      .option('--every-subject', 'in place of SUBJECT: `anyone`, and every one that the policies name'),
  )
    .addHelpText('after', indirectHelp + exitCodesHelp)
    .action(async (subject: string | undefined, options: IndirectOptions) => {
      checkIndirectUsage(subject, options);
      context.exitCode = await findIndirect(subject, options, context.terminal);
    });
}

function checkIndirectUsage(subject: string | undefined, options: IndirectOptions): void {
  if (subject === undefined && !options.everySubject)
    throw new UsageError('no SUBJECT given: write it before `-p`, or ask for --every-subject');
  if (subject !== undefined && options.everySubject)
    throw new UsageError('a SUBJECT and --every-subject exclude each other: leave one out');
  checkOneStandardInput([options.services, options.jobs, options.secrets]);
  readLimitOption(options.limit);
}

async function findIndirect(
  subject: string | undefined,
  options: IndirectOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const policies = await loadWithModel(options, terminal);
  if (policies === undefined) return exitCodes.unreadable;
  const { model } = policies;
  if (subject === undefined && model === undefined)
    throw new UsageError('a compiled image does not tell its subjects: name one in place of --every-subject');
  const files = new IdFiles(terminal);
  const services = await files.read('service', options.services);
  const jobs = await files.read('job', options.jobs);
  const spaces = Spaces.from({ services, jobs, secrets: await files.read('secret', options.secrets) });
  if (model === undefined)
    terminal.talk(
      'postern: a compiled image does not tell the paths that its rules name: only those in the files are asked about',
    );
  const subjects = subject === undefined ? [anyone, ...knownSubjects(model!)] : [subject];
  let findings = 0;
  for (const asker of subjects) {
    const found = indirectOf(policies, asker, spaces);
    if (found.secretCount > 0) findings++;
    await writeIndirect(asker, found, options, terminal);
    if (terminal.isClosed) break;
  }
  terminal.talk(`postern: ${summarize(subjects, findings)} by creating services or jobs`);
  const exitCode = exitCodeAfter(files);
  if (exitCode !== exitCodes.yes) return exitCode;
  return findings > 0 ? exitCodes.no : exitCodes.yes;
}

/** As `check` has it: a request without a subject. */
const anyone = 'anyone';

function summarize(subjects: readonly string[], findings: number): string {
  const [only] = subjects;
  if (subjects.length === 1) return `${escapeText(only!)} reaches ${findings > 0 ? 'secrets' : 'no secret'}`;
  return `${findings} of ${subjects.length} subjects ${findings === 1 ? 'reaches' : 'reach'} secrets`;
}

interface Policies {
  readonly authorizer: Authorizer;
  /** An image has none. */
  readonly model: Model | undefined;
}

/** Undefined if the policies have errors; they have been shown. */
async function loadWithModel(options: IndirectOptions, terminal: Terminal): Promise<Policies | undefined> {
  if (options.policy.some(isImageFile)) {
    const loaded = await loadPolicies(options, options.format, terminal);
    return loaded && { authorizer: loaded.authorizer, model: undefined };
  }
  const built = await buildPolicies(options.policy, options.root, options.format, terminal);
  if (built === undefined) return undefined;
  return { authorizer: Authorizer.fromImage(built.image, { mode: options.mode }), model: built.model };
}

/** @throws {UsageError} for a subject that nobody can be */
function indirectOf({ authorizer, model }: Policies, subject: string, spaces: Spaces): IndirectSecrets {
  try {
    return indirectSecrets(authorizer, subject === anyone ? undefined : subject, spaces, { model });
  } catch (error) {
    if (error instanceof RequestError) throw new UsageError(error.message);
    throw error;
  }
}

async function writeIndirect(
  subject: string,
  found: IndirectSecrets,
  options: IndirectOptions,
  terminal: Terminal,
): Promise<void> {
  if (options.format === 'json') return writeIndirectJson(subject, found, options, terminal);
  const limit = readLimitOption(options.limit);
  for (const { kind, group, secretCount, secrets } of found.grants) {
    const noun = secretCount === 1 ? 'secret' : 'secrets';
    await terminal.write(`${escapeText(subject)} ${kind} ${group} ${secretCount} ${noun}\n`);
    if (terminal.isClosed) return;
    if (options.count) continue;
    const lines = secrets({ limit }).map((secret) => `  ${secret}`);
    await writeLines(lines, terminal);
  }
}

/** One line. */
async function writeIndirectJson(
  subject: string,
  { grants, secretCount }: IndirectSecrets,
  options: IndirectOptions,
  terminal: Terminal,
): Promise<void> {
  const limit = readLimitOption(options.limit);
  await terminal.write(`{"subject":${JSON.stringify(subject)},"secretCount":${secretCount},"groups":[`);
  for (const [i, { kind, group, secretCount, secrets }] of grants.entries()) {
    const head = `{"kind":"${kind}","group":${JSON.stringify(group)},"secretCount":${secretCount}`;
    await terminal.write(i === 0 ? head : `,${head}`);
    if (terminal.isClosed) return;
    if (!options.count) {
      await terminal.write(',"secrets":');
      await writeJsonArray(secrets({ limit }), terminal);
    }
    await terminal.write('}');
  }
  await terminal.write(']}\n');
}
