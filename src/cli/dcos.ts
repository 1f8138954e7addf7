import { type Command, Option } from 'commander';
import {
  findSpaceIdFault,
  mayRead,
  renderSpaceIdFault,
  type SpaceIdKind,
  Spaces,
  serviceOfJob,
} from '../dcos.ts';
import { escapeText } from '../files/quote.ts';
import { type CommandContext, type Format, formatOption } from './command-context.ts';
import { addIndirectCommand } from './dcos-indirect.ts';
import { exitCodes, exitCodesHelp } from './exit-codes.ts';
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
import { IdFiles } from './read-ids.ts';
import { paintEffect } from './render-decision.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

export function addDcosCommand(program: Command, context: CommandContext): void {
  const dcos = program
    .command('dcos')
    .summary('questions about DC/OS')
    .description('Questions about DC/OS.')
    .addHelpText('after', exitCodesHelp);
  const spaces = dcos
    .command('spaces')
    .summary('which services may read which secrets')
    .description('Spaces of DC/OS: which services may read which secrets. Paths alone decide.')
    .addHelpText('after', `\n${rule}${exitCodesHelp}`);
  addMayReadCommand(spaces, context);
  addSecretsForCommand(spaces, context);
  addServicesForCommand(spaces, context);
  addIndirectCommand(spaces, context);
}

const rule = `A service reads the secrets in the root, in its own directory and in those above it, by whole segments:
  /group/hdfs/web   reads   password, group/password, group/hdfs/password, group/hdfs/web/password
Ids of services begin with a slash, ids of secrets do not. A job \`a.b\` stands at /a/b.`;

// ---------------------------------------------------------------- may-read

const mayReadHelp = `
${rule}

Examples:
  postern dcos spaces may-read /group/hdfs/web group/password
  postern dcos spaces may-read --job group.nightly group/password
  postern dcos spaces may-read -q /web password && echo yes`;

interface MayReadOptions {
  readonly job?: true;
  readonly quiet?: true;
  readonly format: Format;
}

function addMayReadCommand(spaces: Command, context: CommandContext): void {
  spaces
    .command('may-read')
    .summary('may this service read this secret')
    .description('Say whether a service may read a secret.')
    .argument('<SERVICE>', 'the service that asks')
    .argument('<SECRET>', 'the secret that it asks for')
    .addOption(jobOption())
    .option('-q, --quiet', 'print nothing: the exit code is the answer')
    .addOption(formatOption('text'))
    .addHelpText('after', mayReadHelp + exitCodesHelp)
    .action(async (serviceOrJob: string, secret: string, options: MayReadOptions) => {
      const service = readServiceArgument(serviceOrJob, options.job);
      checkArgument('secret', secret);
      const isAllowed = mayRead(service, secret);
      if (!options.quiet)
        await context.terminal.write(renderMayRead(isAllowed, secret, options, context.terminal));
      context.exitCode = isAllowed ? exitCodes.yes : exitCodes.no;
    });
}

function renderMayRead(
  isAllowed: boolean,
  secret: string,
  { format, job }: MayReadOptions,
  { paint }: Terminal,
): string {
  if (format === 'json') return `${JSON.stringify({ allowed: isAllowed })}\n`;
  const directory = escapeText(secret.slice(0, Math.max(secret.lastIndexOf('/'), 0)));
  const place = directory === '' ? 'the secret lies in the root' : `directory ${directory}`;
  const reader = job ? 'job' : 'service';
  const relation = directory === '' ? '' : ` is ${isAllowed ? 'on' : 'not on'} the path of the ${reader}`;
  return `${paintEffect(isAllowed ? 'allow' : 'deny', paint)} ${place}${relation}\n`;
}

// ---------------------------------------------------------------- secrets-for, services-for

interface SecretsForOptions extends ListingOptions {
  readonly secrets: string;
  readonly job?: true;
}

const secretsForHelp = `
${rule}
Secrets come directory by directory, from the root down, in each by name.

${idFilesHelp}

Examples:
  postern dcos spaces secrets-for /group/hdfs/web --secrets secrets.txt
  list-secrets | postern dcos spaces secrets-for --job group.nightly --secrets - --count`;

function addSecretsForCommand(spaces: Command, context: CommandContext): void {
  const command = spaces
    .command('secrets-for')
    .summary('the secrets that a service may read')
    .description('List the secrets that a service may read.')
    .argument('<SERVICE>', 'the service that asks; it need not exist')
    .requiredOption('--secrets <file>', 'ids of secrets');
  addListingOptions(command.addOption(jobOption()))
    .addHelpText('after', secretsForHelp + exitCodesHelp)
    .action(async (serviceOrJob: string, options: SecretsForOptions) => {
      const service = readServiceArgument(serviceOrJob, options.job);
      const limit = readLimitOption(options.limit);
      const files = new IdFiles(context.terminal);
      const secrets = await files.read('secret', options.secrets, (secret) => mayRead(service, secret));
      const found = Spaces.from({ secrets });
      const listing = { count: found.countSecretsFor(service), ids: found.secretsFor(service, { limit }) };
      await writeListing(listing, 'secrets', options, context.terminal);
      context.exitCode = exitCodeAfter(files);
    });
}

interface ServicesForOptions extends ListingOptions {
  readonly services?: string;
  readonly jobs?: string;
}

const servicesForHelp = `
${rule}
Services come by path, each before those beneath it; jobs stand among them.

${idFilesHelp}

Examples:
  postern dcos spaces services-for group/password --services services.txt
  postern dcos spaces services-for group/password --services services.txt --jobs jobs.txt --limit 10
  list-services | postern dcos spaces services-for password --services - --count`;

function addServicesForCommand(spaces: Command, context: CommandContext): void {
  const command = spaces
    .command('services-for')
    .summary('the services that may read a secret')
    .description('List the services and jobs that may read a secret.')
    .argument('<SECRET>', 'the secret that is asked for; it need not exist')
    .option('--services <file>', 'ids of services')
    .option('--jobs <file>', 'ids of jobs');
  addListingOptions(command)
    .addHelpText('after', servicesForHelp + exitCodesHelp)
    .action(async (secret: string, options: ServicesForOptions) => {
      checkArgument('secret', secret);
      if (options.services === undefined && options.jobs === undefined)
        throw new UsageError('nothing to look for: name a file with --services, with --jobs, or with both');
      checkOneStandardInput([options.services, options.jobs]);
      const limit = readLimitOption(options.limit);
      const files = new IdFiles(context.terminal);
      const services = await files.read('service', options.services, (id) => mayRead(id, secret));
      const jobs = await files.read('job', options.jobs, (id) => mayRead(serviceOfJob(id), secret));
      const found = Spaces.from({ services, jobs });
      const listing = { count: found.countServicesFor(secret), ids: found.servicesFor(secret, { limit }) };
      await writeListing(listing, 'services', options, context.terminal);
      context.exitCode = exitCodeAfter(files);
    });
}

async function writeListing(
  { count, ids }: { readonly count: number; readonly ids: readonly string[] },
  name: 'secrets' | 'services',
  { count: isCountAll, format }: ListingOptions,
  terminal: Terminal,
): Promise<void> {
  if (isCountAll) {
    await terminal.write(format === 'json' ? `{"count":${count}}\n` : `${count}\n`);
  } else if (format === 'text') {
    await writeLines(ids, terminal);
  } else {
    await terminal.write(`{"count":${count},"${name}":`);
    await writeJsonArray(ids, terminal);
    await terminal.write('}\n');
  }
}

// ---------------------------------------------------------------- arguments

function jobOption(): Option {
  return new Option('--job', 'SERVICE is the id of a job, with dots');
}

/** The service to ask for. @throws {UsageError} */
function readServiceArgument(id: string, isJob: true | undefined): string {
  checkArgument(isJob ? 'job' : 'service', id);
  return isJob ? serviceOfJob(id) : id;
}

/** A malformed id reads nothing, but who writes one means another: no answer then. @throws {UsageError} */
function checkArgument(kind: SpaceIdKind, id: string): void {
  const fault = findSpaceIdFault(kind, id);
  if (fault !== undefined) throw new UsageError(renderSpaceIdFault(kind, id, fault));
}
