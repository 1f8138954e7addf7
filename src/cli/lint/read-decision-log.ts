import { FileError } from '../../files/file-error.ts';
import type { Line } from '../../files/line-splitter.ts';
import { quote } from '../../files/quote.ts';
import type { RuleUsage } from '../../lint.ts';
import { readRecorded } from '../../replay/read-recorded.ts';
import { readLogLines } from '../read-log.ts';
import type { Terminal } from '../terminal.ts';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Which rules decided in the last days of a log of decisions, JSON lines with `time` and `rule`. Lines that are no decision
 * are counted and passed over. Memory grows with the rules that are named, not with the log.
 *
 * @throws {FileError} if it cannot be read, or tells of no decision: every rule would seem unused
 */
export async function readDecisionLog(path: string, days: number, terminal: Terminal): Promise<RuleUsage> {
  const log = new DecisionLog();
  for await (const lines of readLogLines(path)) log.add(lines);
  if (log.decisions === 0) throw new FileError('unreadable', `log ${quote(path)} holds no decision`);
  if (log.firstFault !== undefined) {
    const count = log.lines - log.decisions;
    const lines = count === 1 ? '1 line' : `${count} lines`;
    terminal.talk(`postern: log ${quote(path)}: ${lines} passed over, the first at line ${log.firstFault}`);
  }
  return { days, used: log.usedSince(days) };
}

class DecisionLog {
  lines = 0;
  decisions = 0;
  /** `7: what is wrong with it`. */
  firstFault: string | undefined;
  /** By the key of a rule, when it last decided. */
  readonly #lastMs = new Map<string, number>();
  #endMs = Number.NEGATIVE_INFINITY;

  add(lines: readonly Line[]): void {
    for (const line of lines) {
      this.lines++;
      const fault = typeof line === 'string' ? this.#addDecision(line) : line.fault;
      if (fault === undefined) this.decisions++;
      else this.firstFault ??= `${this.lines}: ${fault}`;
    }
  }

  usedSince(days: number): Set<string> {
    const startMs = this.#endMs - days * dayMs;
    return new Set([...this.#lastMs].filter(([, lastMs]) => lastMs >= startMs).map(([key]) => key));
  }

  /** What is wrong with the line, if anything. */
  #addDecision(line: string): string | undefined {
    const result = readRecorded(line);
    if (!result.ok) return result.message;
    const { timeMs, answer } = result.recorded;
    if (timeMs === undefined) return '`time` is no time such as `"2026-01-01T00:00:00Z"`';
    this.#endMs = Math.max(this.#endMs, timeMs);
    const key = keyOf(answer.rule);
    if (key !== undefined) this.#lastMs.set(key, Math.max(this.#lastMs.get(key) ?? timeMs, timeMs));
    return undefined;
  }
}

/** Undefined for a decision that no rule took. */
function keyOf(rule: unknown): string | undefined {
  const { id, file, line } = Object(rule) as Readonly<Record<string, unknown>>;
  if (typeof id === 'string') return id;
  return typeof file === 'string' && typeof line === 'number' ? `${file}:${line}` : undefined;
}
