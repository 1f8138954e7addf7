import { buildLineStarts, lineColumnAt } from '../source/source.ts';
import type { Location, Span } from '../source/span.ts';
import type { CommentNode, SyntaxTree } from '../syntax/ast.ts';

/**
 * A comment that keeps findings from being reported:
 *
 *     # lint: allow RULE[, RULE…] [in file] [until YYYY-MM-DD] [-- REASON]
 *
 * Behind a statement it speaks of its own line; alone on a line, of the next line that holds more than a comment, and of
 * the annotations there.
 */
export interface Suppression extends Location {
  readonly rules: readonly NamedRule[];
  /** 1-based, both ends included; absent for one of the whole file. */
  readonly lines?: { readonly first: number; readonly last: number };
  /** The last day on which it holds: `YYYY-MM-DD`. */
  readonly until?: string;
  readonly reason?: string;
  /** What keeps it from being understood: it suppresses nothing then. */
  readonly fault?: { readonly span: Span; readonly message: string; readonly help: string };
}

export interface NamedRule {
  readonly id: string;
  readonly span: Span;
}

/** A suppression when all findings are in. */
export interface UsedSuppression extends Suppression {
  /** Its last day is over. */
  readonly isExpired: boolean;
  /** Rules of it that would have reported something had they found it, and found nothing. */
  readonly unused: readonly (NamedRule & WhyUnused)[];
}

export type WhyUnused =
  | { readonly why: 'nothing-found' | 'error' }
  /** `nearest` is the rule that may have been meant. */
  | { readonly why: 'unknown'; readonly nearest: string | undefined };

const start = /^#[ \t]*lint:/;

export function isLintComment(comment: string): boolean {
  return start.test(comment);
}

/** The suppressions of a file, malformed ones too. */
export function readSuppressions({
  file,
  text,
  comments,
}: Pick<SyntaxTree, 'file' | 'text' | 'comments'>): Suppression[] {
  const own = comments.filter(({ text: comment }) => isLintComment(comment));
  if (own.length === 0) return [];
  const lines = new Lines(text);
  return own.map((comment) => {
    const { isOfFile, ...suppression } = readComment(comment);
    const span = { start: comment.span.start, end: comment.span.start + comment.text.trimEnd().length };
    return { file, span, ...suppression, ...(isOfFile ? {} : { lines: lines.coveredBy(comment) }) };
  });
}

type ReadComment = Pick<Suppression, 'rules' | 'until' | 'reason' | 'fault'> & { readonly isOfFile: boolean };

const id = '[a-z][a-z0-9]*(?:-[a-z0-9]+)*';
const form = new RegExp(
  `^#[ \\t]*lint:[ \\t]*allow[ \\t]+(?<ids>${id}(?:[ \\t]*,[ \\t]*${id})*)` +
    '(?<file>[ \\t]+in[ \\t]+file)?(?:[ \\t]+until[ \\t]+(?<until>[^ \\t]+))?[ \\t]*(?:--[ \\t]*(?<reason>.*))?$',
  'd',
);

function readComment({ text, span }: CommentNode): ReadComment {
  const shown = text.trimEnd();
  const match = form.exec(shown);
  if (match === null) {
    const end = span.start + shown.length;
    return {
      isOfFile: false,
      rules: [],
      fault: {
        span: { start: span.start, end },
        message: 'comment for the linter that cannot be read',
        help: 'write `# lint: allow RULE until YYYY-MM-DD -- REASON`; `until` and the reason may be absent',
      },
    };
  }
  const { ids, file, until, reason } = match.groups!;
  const places = match.indices!.groups!;
  const rules = [...ids!.matchAll(new RegExp(id, 'g'))].map((name) => {
    const from = span.start + places.ids![0] + name.index;
    return { id: name[0], span: { start: from, end: from + name[0].length } };
  });
  const isWrongDate = until !== undefined && !isDate(until);
  return {
    isOfFile: file !== undefined,
    rules,
    ...(until === undefined || isWrongDate ? {} : { until }),
    ...(reason === undefined || reason === '' ? {} : { reason }),
    ...(isWrongDate
      ? {
          fault: {
            span: { start: span.start + places.until![0], end: span.start + places.until![1] },
            message: `\`${until}\` is no date`,
            help: 'write the last day on which it holds, as `2027-01-31`',
          },
        }
      : {}),
  };
}

/** Whether a text is a day of the calendar, written `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** The lines of a file that suppressions speak of. */
class Lines {
  readonly #text: string;
  readonly #starts: Int32Array;

  constructor(text: string) {
    this.#text = text;
    this.#starts = buildLineStarts(text);
  }

  coveredBy({ span }: CommentNode): { readonly first: number; readonly last: number } {
    const { line } = lineColumnAt(this.#starts, span.start);
    const before = this.#text.slice(this.#starts[line - 1]!, span.start);
    if (before.trim() !== '') return { first: line, last: line };
    const first = this.#nextCode(line + 1);
    let last = first;
    while (this.#at(last).startsWith('@')) last = this.#nextCode(last + 1);
    return { first, last };
  }

  /** The first line from `line` on that holds more than a comment; one past the last if none does. */
  #nextCode(line: number): number {
    let next = line;
    while (next <= this.#starts.length && /^(?:#|$)/.test(this.#at(next))) next++;
    return next;
  }

  #at(line: number): string {
    return this.#text
      .slice(this.#starts[line - 1] ?? this.#text.length, this.#starts[line] ?? this.#text.length)
      .trim();
  }
}

/** Decides which findings are suppressed, and keeps account of what each suppression was good for. */
export class SuppressionLedger {
  readonly #entries: readonly Entry[];
  /** By file, or file and line, that they speak of. */
  readonly #byPlace: ReadonlyMap<string, readonly Entry[]>;

  /** @param today  `YYYY-MM-DD` */
  constructor(suppressions: readonly Suppression[], today: string) {
    this.#entries = suppressions.map((suppression) => {
      const isExpired = suppression.until !== undefined && suppression.until < today;
      return { suppression, isExpired, used: new Set() };
    });
    const holding = this.#entries.filter(
      ({ suppression, isExpired }) => !isExpired && suppression.fault === undefined,
    );
    const places = holding.flatMap((entry) =>
      placesOf(entry.suppression).map((place) => [place, entry] as const),
    );
    const groups = Map.groupBy(places, ([place]) => place);
    this.#byPlace = new Map([...groups].map(([place, pairs]) => [place, pairs.map(([, entry]) => entry)]));
  }

  get isEmpty(): boolean {
    return this.#byPlace.size === 0;
  }

  /** The suppression that a finding of a rule falls under, which counts as used from then on. */
  find(file: string, rule: string, line: number): Suppression | undefined {
    const candidates = [
      ...(this.#byPlace.get(placeOf(file, line)) ?? []),
      ...(this.#byPlace.get(file) ?? []),
    ];
    const entry = candidates.find(({ suppression }) => suppression.rules.some(({ id }) => id === rule));
    entry?.used.add(rule);
    return entry?.suppression;
  }

  /** @param judge  what is to be said of a rule that a suppression names and that found nothing there */
  summarize(judge: (rule: NamedRule, file: string) => WhyUnused | undefined): UsedSuppression[] {
    return this.#entries.map(({ suppression, isExpired, used }) => {
      const unused = suppression.rules.flatMap((rule) => {
        const why = used.has(rule.id) ? undefined : judge(rule, suppression.file);
        return why === undefined ? [] : [{ ...rule, ...why }];
      });
      return { ...suppression, isExpired, unused };
    });
  }
}

interface Entry {
  readonly suppression: Suppression;
  readonly isExpired: boolean;
  readonly used: Set<string>;
}

function placesOf({ file, lines }: Suppression): string[] {
  if (lines === undefined) return [file];
  return Array.from({ length: lines.last - lines.first + 1 }, (_, i) => placeOf(file, lines.first + i));
}

function placeOf(file: string, line: number): string {
  return `${file}:${line}`;
}
