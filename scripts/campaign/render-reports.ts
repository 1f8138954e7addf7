import type { Check } from './check.ts';
import type { Report } from './job.ts';

const HEAD = ['check', 'steps', 'pairs', 'executions', 'failures', 'seconds'];

/** A row for each check, then what each has to tell of what it looked at. */
export function renderReports(checks: readonly Check[], reports: readonly Report[]): string {
  const rows = reports.map(({ name, steps, failures, usedMs, counts }, i) => {
    const { pairs, executions } = checks[i]!.tally(counts);
    return [name, ...[steps, pairs, executions, failures].map(String), (usedMs / 1000).toFixed(1)];
  });
  const details = reports.flatMap(({ name, counts }, i) => {
    const lines = checks[i]!.details?.(counts) ?? [];
    return lines.length > 0 ? ['', `${name}:`, ...lines] : [];
  });
  return [...renderTable([HEAD, ...rows]), ...details, ''].join('\n');
}

function renderTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map(([name, ...numbers]) =>
    [name!.padEnd(widths[0]!), ...numbers.map((text, i) => text.padStart(widths[i + 1]!))].join('  '),
  );
}
