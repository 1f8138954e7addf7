import { PassThrough } from 'node:stream';
import { runCommandLine } from '../../src/cli/main.ts';
import { Terminal } from '../../src/cli/terminal.ts';

/**
 * The command line in this process: what `runPostern` does, without the time that a process takes to start. What Commander
 * prints by itself, such as help, does not come here.
 */
export async function runInProcess(
  ...words: readonly string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const [results, talks] = [new PassThrough(), new PassThrough()];
  const texts = ['', ''];
  results.on('data', (chunk) => {
    texts[0] += String(chunk);
  });
  talks.on('data', (chunk) => {
    texts[1] += String(chunk);
  });
  const code = await runCommandLine(words, new Terminal(results, talks, { NO_COLOR: '1' }));
  return { code, stdout: texts[0]!, stderr: texts[1]! };
}
