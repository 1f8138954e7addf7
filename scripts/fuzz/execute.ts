import type { Attack } from './target.ts';

export interface Failure {
  /** The same for all inputs that fail in this way, as far as that can be told. */
  readonly kind: string;
  /** For people. */
  readonly text: string;
}

/** No input takes longer, in time of the processor: other processes on the machine do not count. */
const LIMIT_MS = 1000;
/** A collection of garbage may fall into one run, and hardly into three. */
const SLOW_RUNS = 3;

/** Runs one input. Undefined: the promise holds. */
export async function execute(attack: Attack, input: Uint8Array): Promise<Failure | undefined> {
  let leastMs = Number.POSITIVE_INFINITY;
  for (let run = 0; run < SLOW_RUNS; run++) {
    const before = process.threadCpuUsage();
    try {
      const running = attack.run(Buffer.from(input));
      if (running !== undefined) await running;
    } catch (error) {
      return describeThrown(error);
    }
    const { user, system } = process.threadCpuUsage(before);
    leastMs = Math.min(leastMs, (user + system) / 1000);
    if (leastMs <= LIMIT_MS) return undefined;
  }
  return { kind: 'slow', text: `slow: ${leastMs.toFixed(0)} ms for ${input.length} bytes` };
}

function describeThrown(error: unknown): Failure {
  if (!(error instanceof Error)) return { kind: 'no error', text: `thrown: ${String(error)}` };
  const [first = ''] = error.message.split('\n');
  const message = first
    .replace(/\d+/g, '0')
    .replace(/`[^`]*`|"[^"]*"/g, '…')
    .slice(0, 120);
  // Where a stack overflows is chance.
  const frames = error instanceof RangeError && /call stack/.test(message) ? [] : framesOf(error);
  const kind = [error.name, message, ...frames.slice(0, error.name === 'Broken' ? 0 : 1)].join(' ');
  return { kind, text: [`${error.name}: ${error.message}`, ...frames.slice(0, 8)].join('\n') };
}

/** Lines of its stack that are in our code, without folders of this machine. */
function framesOf({ stack = '' }: Error): string[] {
  return [
    ...stack.matchAll(/^ +at (.*?)\(?(?:file:\/\/)?[^\s(]*\/((?:src|scripts|test)\/[^\s)]+)\)?$/gm),
  ].map(([, name, place]) => `${name?.trim() ?? ''} ${place}`.trim());
}
