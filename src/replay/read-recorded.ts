import type { Effect } from '../decision/decision.ts';
import { parseJson } from '../json/parse-json.ts';

/** A line of a log that tells of a decision. */
export interface Recorded {
  readonly effect: Effect;
  /** The whole line. */
  readonly members: Members;
  /** What holds `reason`, `rule` and `ruleset`: the line itself, or the whole answer that it has as its `decision`. */
  readonly answer: Members;
  /** Undefined if the line has no `time` such as `"2026-01-01T00:00:00Z"`. */
  readonly timeMs: number | undefined;
}

/** A JSON object from outside: nothing is known of its values. */
export type Members = Readonly<Record<string, unknown>>;

export type RecordedResult =
  | { readonly ok: true; readonly recorded: Recorded }
  | { readonly ok: false; readonly message: string };

/**
 * One line of a decision log, for all that read one. `expected` stands for `decision`, as in tables of tests, and either may
 * be a whole answer, `{"decision":"allow","reason":"rule",…}`.
 */
export function readRecorded(line: string): RecordedResult {
  if (/^[ \t\r]*$/.test(line)) return refuse('blank line');
  const parsed = parseJson(line);
  if (!parsed.ok) return refuse(`not valid JSON: ${parsed.message} at column ${parsed.offset + 1}`);
  if (!isMembers(parsed.value)) return refuse('not a JSON object');
  const members = parsed.value;
  const name = members.decision === undefined && members.expected !== undefined ? 'expected' : 'decision';
  const given = members[name];
  const answer = isMembers(given) ? given : members;
  const effect = isMembers(given) ? given.decision : given;
  if (given === undefined) return refuse('no `decision`, which says what was answered');
  if (effect !== 'allow' && effect !== 'deny')
    return refuse(`\`${name}\` is neither \`"allow"\` nor \`"deny"\``);
  return { ok: true, recorded: { effect, members, answer, timeMs: readTime(members.time) } };
}

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(message: string): RecordedResult {
  return { ok: false, message };
}

function readTime(time: unknown): number | undefined {
  if (typeof time !== 'string' || !/^\d{4}-\d{2}-\d{2}T/.test(time)) return undefined;
  const timeMs = Date.parse(time);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
