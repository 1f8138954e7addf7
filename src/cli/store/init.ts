import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { withStore } from './with-store.ts';

export function runInit(address: string, terminal: Terminal): Promise<ExitCode> {
  return withStore(address, { create: true }, async (store) => {
    const { storeId, epoch, revision } = await store.head();
    terminal.talk(`${store.name}: store ${storeId}, epoch ${epoch}, revision ${revision}`);
    return exitCodes.yes;
  });
}

export function runNewEpoch(address: string, terminal: Terminal): Promise<ExitCode> {
  return withStore(address, {}, async (store) => {
    const { epoch, revision } = await store.beginEpoch();
    terminal.talk(`${store.name}: epoch ${epoch} from revision ${revision} on`);
    return exitCodes.yes;
  });
}
