import type { Command } from 'commander';
import { quote } from '../files/quote.ts';
import { writeFileAtomically } from '../files/write-file-atomically.ts';
import { buildModel, inspectImage } from '../index.ts';
import { catalogueSource } from '../live/catalogue-source.ts';
import { compileLive } from '../live/compile-live.ts';
import { readState } from '../store/read-state.ts';
import { type CommandContext, type Format, formatOption, rootOption } from './command-context.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { buildPolicies, buildPolicyModel } from './load-policies.ts';
import { withStore } from './store/with-store.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

interface CompileOptions {
  readonly output: string;
  readonly store?: string;
  readonly root?: string;
  readonly format: Format;
}

const help = `
The same policies give the same bytes. The image is written whole or not at all, and stands wherever a policy may.

With --store the image holds what a store grants at this moment too, for commands that ask about policies: check, why,
who-can, diff. Without policies the catalogue of DC/OS stands beside it.

Examples:
  postern compile policies/ -o prod.pimg
  postern compile 'policies/**/*.acl' --root . -o build/prod.pimg --format json
  postern compile policies/ --store postern.db -o now.pimg && postern why user:cory read wiki:home -p now.pimg`;

export function addCompileCommand(program: Command, context: CommandContext): void {
  program
    .command('compile')
    .summary('compile policies into an image')
    .description('Compile policies into an image, which loads in milliseconds.')
    .argument('[POLICY...]', 'files, folders or globs')
    .requiredOption('-o, --output <image>', 'the image to write')
    .option('--store <url>', 'a store that grants beside the policies: a file, or postgres://…')
    .addOption(rootOption())
    .addOption(formatOption('text'))
    .addHelpText('after', help + exitCodesHelp)
    .action(async (patterns: readonly string[], options: CompileOptions) => {
      context.exitCode = await compile(patterns, options, context.terminal);
    });
}

async function compile(
  patterns: readonly string[],
  options: CompileOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { output, store, format } = options;
  if (output.endsWith('.acl')) {
    throw new UsageError(
      `${quote(output)} would be taken for a policy: give the image another name, such as \`prod.pimg\``,
    );
  }
  if (store === undefined && patterns.length === 0)
    throw new UsageError('name policies to compile, or a store with `--store`');
  const startMs = performance.now();
  const image =
    store === undefined
      ? (await buildPolicies(patterns, options.root, format, terminal))?.image
      : await compileWithStore(patterns, store, options, terminal);
  if (image === undefined) return exitCodes.unreadable;
  writeFileAtomically(output, image);
  const { revision, counts } = inspectImage(image);
  const summary = {
    image: output,
    rules: counts.rules,
    bytes: image.length,
    milliseconds: Math.round(performance.now() - startMs),
    revision,
  };
  if (format === 'json') await terminal.write(`${JSON.stringify(summary)}\n`);
  else terminal.talk(renderSummary(summary));
  return exitCodes.yes;
}

/** Undefined if the policies have errors, which have been shown. @throws {StoreError} */
async function compileWithStore(
  patterns: readonly string[],
  address: string,
  { root, format }: CompileOptions,
  terminal: Terminal,
): Promise<Uint8Array | undefined> {
  const built =
    patterns.length === 0
      ? buildModel([catalogueSource])
      : await buildPolicyModel(patterns, root, format, terminal);
  if (!built?.ok) return undefined;
  return withStore(address, { readOnly: true }, async (store) => {
    const { state } = await readState(store);
    return compileLive(built.model, state);
  });
}

interface Summary {
  readonly image: string;
  readonly rules: number;
  readonly bytes: number;
  readonly milliseconds: number;
  readonly revision: string;
}

function renderSummary({ image, rules, bytes, milliseconds, revision }: Summary): string {
  const count = rules === 1 ? '1 rule' : `${rules.toLocaleString('en')} rules`;
  return `${image}: ${count}, ${bytes.toLocaleString('en')} bytes, ${milliseconds} ms, revision ${revision}`;
}
