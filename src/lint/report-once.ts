import type { PolicyContext, Reported } from './rule.ts';

/** Drops a finding that says the same of the same place: a role may be granted often, a block has its subjects once. */
export function reportOnce({ report }: Pick<PolicyContext, 'report'>): (finding: Reported) => void {
  const seen = new Set<string>();
  return (finding) => {
    const { file, span, message } = finding;
    const key = JSON.stringify([file, span.start, span.end, message]);
    if (seen.has(key)) return;
    seen.add(key);
    report(finding);
  };
}
