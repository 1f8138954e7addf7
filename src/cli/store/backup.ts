import { quote } from '../../files/quote.ts';
import { backUpStore, type RestoreOptions, restoreStore } from '../../store/backup.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { withStore } from './with-store.ts';

export function runBackup(address: string, file: string, terminal: Terminal): Promise<ExitCode> {
  return withStore(address, { readOnly: true }, async (store) => {
    const { epoch, revision } = await backUpStore(store, file);
    terminal.talk(`${quote(file)}: revision ${revision} of epoch ${epoch}`);
    return exitCodes.yes;
  });
}

export function runRestore(
  file: string,
  address: string,
  options: RestoreOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  return withStore(address, { create: true }, async (store) => {
    const { epoch, revision } = await restoreStore(file, store, options);
    terminal.talk(`${store.name}: revision ${revision}, in epoch ${epoch}`);
    return exitCodes.yes;
  });
}
