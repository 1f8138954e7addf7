import { readState } from '../../store/read-state.ts';
import { countOf } from '../count-of.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { withStore } from './with-store.ts';

export function runSnapshot(address: string, terminal: Terminal): Promise<ExitCode> {
  return withStore(address, {}, async (store) => {
    const { state } = await readState(store);
    const { revision, hash } = state;
    if (revision === 0) {
      terminal.talk(`${store.name} is empty: there is nothing to keep`);
      return exitCodes.yes;
    }
    await store.saveSnapshot({ revision, hash, state: state.serialize() });
    terminal.talk(`${store.name}: a snapshot of revision ${revision}`);
    return exitCodes.yes;
  });
}

/** Drops what the snapshot covers, and says so where that is less than was asked for. */
export function runTrim(
  address: string,
  { keep }: { readonly keep: number },
  terminal: Terminal,
): Promise<ExitCode> {
  return withStore(address, {}, async (store) => {
    const { head, trimmed } = await store.extent();
    const wanted = Math.max(head.revision - keep, 0);
    const last = Math.min(wanted, (await store.snapshotRevision()) ?? 0);
    if (last > trimmed) await store.trim(last);
    const dropped = Math.max(last - trimmed, 0);
    const left = head.revision - Math.max(last, trimmed);
    terminal.talk(`${store.name}: ${countOf(dropped, 'record')} dropped, ${left.toLocaleString('en')} left`);
    if (last < wanted)
      terminal.talk(
        `postern: no more is covered by a snapshot: make one with \`postern store snapshot\`, and trim again`,
      );
    return exitCodes.yes;
  });
}
