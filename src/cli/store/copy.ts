import { copyStore } from '../../store/copy-store.ts';
import { verifyStore } from '../../store/verify-store.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { withStore } from './with-store.ts';

export function runCopy(from: string, to: string, terminal: Terminal): Promise<ExitCode> {
  return withStore(from, { readOnly: true }, (source) =>
    withStore(to, { create: true }, async (target) => {
      const { revision, hash } = await copyStore(source, target);
      // What has arrived, and not what was sent.
      const { head, faults } = await verifyStore(target);
      for (const fault of faults) terminal.talk(`postern: ${fault}`);
      if (faults.length > 0 || head.hash !== hash) {
        terminal.talk(`postern: ${target.name} is not what ${source.name} is`);
        return exitCodes.no;
      }
      terminal.talk(`${target.name}: copied up to revision ${revision}, and verified`);
      const now = await source.head();
      if (now.hash === hash) return exitCodes.yes;
      terminal.talk(
        `postern: ${source.name} has gone on to revision ${now.revision}: stop what writes to it and copy again, to a new store`,
      );
      return exitCodes.no;
    }),
  );
}
