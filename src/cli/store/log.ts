import { recordsBetween } from '../../store/content.ts';
import type { Format } from '../command-context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { renderRecord, withoutSecrets } from './render-record.ts';
import { withStore } from './with-store.ts';

interface LogOptions {
  readonly after?: number;
  readonly limit?: number;
  readonly format: Format;
}

export function runLog(
  address: string,
  { after, limit, format }: LogOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  return withStore(address, { readOnly: true }, async (store) => {
    const { head, trimmed } = await store.extent();
    const first = Math.max(after ?? 0, trimmed);
    if (after !== undefined && after < trimmed)
      terminal.talk(`postern: ${store.name} was trimmed up to revision ${trimmed}: the log begins behind it`);
    const last = Math.min(head.revision, first + (limit ?? Number.POSITIVE_INFINITY));
    for await (const record of recordsBetween(store, first, last)) {
      if (terminal.isClosed) break;
      await terminal.write(
        format === 'json'
          ? `${JSON.stringify(withoutSecrets(record))}\n`
          : renderRecord(record, terminal.paint),
      );
    }
    return exitCodes.yes;
  });
}
