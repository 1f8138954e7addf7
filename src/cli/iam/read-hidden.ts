import { StringDecoder } from 'node:string_decoder';
import { UsageError } from '../usage-error.ts';

/** A terminal that can be read key by key. */
export interface KeyInput {
  setRawMode(isRaw: boolean): unknown;
  resume(): unknown;
  pause(): unknown;
  on(event: 'data', listener: (bytes: Buffer) => void): unknown;
  off(event: 'data', listener: (bytes: Buffer) => void): unknown;
}

const interrupt = '\u0003';
const eraseLine = '\u0015';
/** Return, a newline of what was pasted, Ctrl-D. */
const lineEnds = new Set(['\r', '\n', '\u0004']);
const backspaces = new Set(['\b', '\u007f']);

/**
 * One line from a terminal, which shows nothing of it.
 *
 * @throws {UsageError} if it is stopped with Ctrl-C
 */
export function readHidden(
  prompt: string,
  input: KeyInput,
  output: Pick<NodeJS.WritableStream, 'write'>,
): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let typed: string[] = [];
  output.write(prompt);
  return new Promise((resolve, reject) => {
    const end = (finish: () => void): void => {
      input.off('data', onData);
      input.setRawMode(false);
      input.pause();
      output.write('\n');
      finish();
    };
    const onData = (bytes: Buffer): void => {
      for (const key of decoder.write(bytes)) {
        if (lineEnds.has(key)) {
          end(() => resolve(typed.join('')));
          return;
        }
        if (key === interrupt) {
          end(() => reject(new UsageError('stopped: nothing is changed')));
          return;
        }
        if (backspaces.has(key)) typed.pop();
        else if (key === eraseLine) typed = [];
        else typed.push(key);
      }
    };
    input.setRawMode(true);
    input.on('data', onData);
    input.resume();
  });
}
