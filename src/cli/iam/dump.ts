import type { Command } from 'commander';
import { dumpOfState, writeDump } from '../../iam-dump.ts';
import { openStore } from '../../store/open-store.ts';
import { readState } from '../../store/read-state.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodesHelp } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { storeOption } from './store-option.ts';

const dumpHelp = `
The dump is one JSON object: the answers of the permission API by the paths that were asked, sorted, a line for each item. It has
users with their public keys, groups, access control lists and grants, but no passwords. \`postern import dcos-grants\` makes a
policy of it, and \`postern iam load\` puts it into another store.

Examples:
  postern iam dump --store postern.db > dump.json
  postern iam dump --store postern.db | postern import dcos-grants - > grants.acl`;

/** `iam dump`: what a store holds, as a JSON document. */
export function addDumpCommand(iam: Command, context: CommandContext): void {
  iam
    .command('dump')
    .summary('print what a store holds')
    .description('Print the users, groups, access control lists and grants of a store as JSON.')
    .addOption(storeOption())
    .addHelpText('after', dumpHelp + exitCodesHelp)
    .action(async ({ store }: { readonly store: string }) => {
      await dump(store, context.terminal);
    });
}

/** Pieces are written together up to so many characters. */
const chunkLength = 65_536;

/** @throws {StoreError} if the store cannot be read */
async function dump(url: string, terminal: Terminal): Promise<void> {
  const store = await openStore(url, { readOnly: true });
  try {
    const { state } = await readState(store);
    let chunk = '';
    for (const piece of writeDump(dumpOfState(state))) {
      if (terminal.isClosed) return;
      chunk += piece;
      if (chunk.length < chunkLength) continue;
      await terminal.write(chunk);
      chunk = '';
    }
    await terminal.write(chunk);
  } finally {
    await store.close();
  }
}
