import { type FixableFinding, hasFix, type LintReport } from '../lint.ts';
import type { Linter } from '../lint-sources.ts';
import { applyFixes, chooseFixes } from './apply-fixes.ts';

export interface FixOptions {
  /** Those that may change decisions too, whose findings ask for a review. */
  readonly includesReview: boolean;
  /** Leaves out of a report what shall not be fixed, such as what a baseline has. */
  readonly adjust: (report: LintReport) => LintReport;
}

export interface FixResult {
  /** By file, those alone that have changed. */
  readonly changes: readonly FileChange[];
  readonly fixed: number;
  /** Of the texts as they are now. */
  readonly report: LintReport;
}

export interface FileChange {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** Fixes that undo each other would go on for ever. */
const maxRounds = 50;

/**
 * Applies fixes, and those that show up then, until none is left. In each round the safe ones are proved anew, as the set
 * that is applied; one that has to be reviewed is applied only when no safe one is left, and only if it brings no error.
 */
export function fixAll(linter: Linter, options: FixOptions): FixResult {
  const originals = new Map<string, string>();
  const texts = new Map<string, string>();
  let fixed = 0;
  for (let round = 0; ; round++) {
    const report = options.adjust(linter.lint(texts));
    const chosen = round < maxRounds ? chooseRound(linter, report, texts, options) : [];
    if (chosen.length === 0) return { changes: changesOf(originals, texts), fixed, report };
    for (const [file, text] of applyFixes(chosen, report.textOf)) {
      if (!originals.has(file)) originals.set(file, report.textOf(file)!);
      texts.set(file, text);
    }
    fixed += chosen.length;
  }
}

function changesOf(originals: ReadonlyMap<string, string>, texts: ReadonlyMap<string, string>): FileChange[] {
  return [...originals]
    .map(([file, before]) => ({ file, before, after: texts.get(file)! }))
    .filter(({ before, after }) => before !== after)
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

function chooseRound(
  linter: Linter,
  { findings, textOf }: LintReport,
  texts: ReadonlyMap<string, string>,
  { includesReview }: FixOptions,
): readonly FixableFinding[] {
  const fixable = findings.filter(hasFix);
  const safe = chooseFixes(fixable.filter(({ fix }) => fix.safety === 'safe'));
  const proved = linter.keepSafe(safe, texts, textOf);
  if (proved.length > 0 || !includesReview) return proved;
  return linter.keepLoading(chooseFixes(fixable), texts, textOf);
}
