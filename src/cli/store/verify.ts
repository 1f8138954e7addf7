import { escapeText } from '../../files/quote.ts';
import { type Verification, verifyStore } from '../../store/verify-store.ts';
import type { Format } from '../command-context.ts';
import { countOf } from '../count-of.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { withStore } from './with-store.ts';

export function runVerify(
  address: string,
  { format }: { readonly format: Format },
  terminal: Terminal,
): Promise<ExitCode> {
  return withStore(address, { readOnly: true }, async (store) => {
    const found = await verifyStore(store);
    await terminal.write(
      format === 'json' ? `${JSON.stringify({ store: store.name, ...found })}\n` : render(store.name, found),
    );
    return found.faults.length === 0 ? exitCodes.yes : exitCodes.no;
  });
}

function render(name: string, { head, trimmed, records, snapshotRevision, faults }: Verification): string {
  const lines = [
    `${name}: ${faults.length === 0 ? 'whole' : 'NOT whole'}, epoch ${head.epoch}, revision ${head.revision}`,
    `  ${countOf(records, 'record')}${trimmed === 0 ? '' : ` after revision ${trimmed}, where the log was trimmed`}`,
    `  ${snapshotRevision === undefined ? 'no snapshot' : `a snapshot of revision ${snapshotRevision}`}`,
    ...faults.map((fault) => `  ${escapeText(fault)}`),
  ];
  return `${lines.join('\n')}\n`;
}
