import { FileError } from '../../files/file-error.ts';
import { type Line, LineSplitter } from '../../files/line-splitter.ts';
import { quote } from '../../files/quote.ts';
import type { Request } from '../../index.ts';
import { readChunks } from '../answer-lines.ts';
import { readRequestLine } from '../read-request.ts';
import { UsageError } from '../usage-error.ts';

/** More would measure the same, in more memory. */
export const mostRequests = 1_000_000;

/**
 * All requests of a file, or of standard input for `-`: JSON lines as `eval` reads them. Unlike there, one bad line ends it: what is
 * measured should be what was meant.
 *
 * @throws {FileError} `unreadable`, if the file is or a line is no request; it names the line
 * @throws {UsageError} if there is none, or there are more than `mostRequests`
 */
export async function readRequests(path: string): Promise<Request[]> {
  const name = path === '-' ? 'standard input' : `requests ${quote(path)}`;
  const splitter = new LineSplitter();
  const requests: Request[] = [];
  for await (const chunk of readChunks(path)) addRequests(requests, splitter.push(chunk), name);
  addRequests(requests, splitter.end(), name);
  if (requests.length > 0) return requests;
  throw new UsageError(
    `${name} holds no request: write one a line, as for \`postern eval\`, or leave --requests out to have them generated`,
  );
}

function addRequests(requests: Request[], lines: readonly Line[], name: string): void {
  for (const line of lines) {
    if (requests.length === mostRequests) {
      const limit = mostRequests.toLocaleString('en');
      throw new UsageError(
        `${name} holds more than ${limit} requests: take a part of them, as with \`shuf -n 100000\``,
      );
    }
    const result =
      typeof line === 'string' ? readRequestLine(line) : ({ ok: false, message: line.fault } as const);
    if (!result.ok) {
      throw new FileError(
        'unreadable',
        `${name}, line ${requests.length + 1}: ${result.message}: mend the line or remove it`,
      );
    }
    requests.push(result.request);
  }
}
