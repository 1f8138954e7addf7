import { renderCount, renderNs, renderRatio, renderSpread } from './format.ts';
import { type EngineFacts, find, type Measurement, type Results } from './results.ts';
import { TARGETS, type Target } from './targets.ts';

/** Fewer calls than this in a run have no hundredth that means anything. */
const CALLS_FOR_P99 = 2_000;

/** A Markdown table, its columns aligned so that it reads as well on a terminal. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const renderRow = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [renderRow(header), rule, ...rows.map(renderRow)].join('\n');
}

/** What each engine did at one size. */
export function renderSize(results: Results, grants: number): string {
  const rows = results.engines.map((engine) => {
    const measurement = find(results, engine.id, grants);
    return measurement === undefined ? absentRow(results, engine, grants) : row(results, engine, measurement);
  });
  const header = [
    `${renderCount(grants)} grants`,
    'fresh strings',
    'to Postern',
    'reused strings',
    'p50',
    'p99',
    'B a grant',
    'build',
  ];
  return renderTable(header, rows);
}

function row(results: Results, { name }: EngineFacts, measurement: Measurement): string[] {
  const { grants, fresh, reused, latency, built } = measurement;
  const own = find(results, 'postern', grants)?.fresh.median;
  return [
    name,
    renderSpread(fresh),
    own === undefined ? '–' : renderRatio(fresh.median / own),
    renderSpread(reused),
    renderNs(latency.p50),
    latency.calls < CALLS_FOR_P99 ? '–' : renderNs(latency.p99),
    renderCount(built.retainedBytes / grants),
    renderNs(built.buildMs * 1e6),
  ];
}

function absentRow({ absences }: Results, { id, name }: EngineFacts, grants: number): string[] {
  const absence = absences.find((candidate) => candidate.id === id && candidate.grants === grants);
  return [name, absence?.reason ?? '–', '–', '–', '–', '–', '–', '–'];
}

/** What Postern alone has: an image. */
export function renderImages(results: Results): string {
  const rows = results.sizes.flatMap((grants) => {
    const built = find(results, 'postern', grants)?.built;
    const figures = built?.figures;
    if (built === undefined || figures === undefined) return [];
    return [
      [
        renderCount(grants),
        renderNs((figures.compileMs * 1e6) / grants),
        renderNs(figures.loadMs * 1e6),
        renderCount(figures.imageBytes / grants),
        renderCount(figures.decisionIndexBytes / grants),
        renderCount(built.retainedBytes / grants),
      ],
    ];
  });
  const header = [
    'grants',
    'text to image, a rule',
    'load',
    'image, B a grant',
    'decision index, B',
    'retained, B',
  ];
  return renderTable(header, rows);
}

export function renderTargets(results: Results): string {
  const rows = TARGETS.map((target) => {
    const measured = target.measured(results);
    return [
      target.title,
      renderCount(target.grants),
      `${target.bound} ${renderAmount(target.wanted, target)}`,
      measured === undefined ? '–' : renderAmount(measured, target),
      measured === undefined ? 'not measured' : isReached(measured, target) ? 'reached' : '**missed**',
    ];
  });
  return renderTable(['target', 'grants', 'wanted', 'measured', ''], rows);
}

function isReached(measured: number, { bound, wanted }: Target): boolean {
  return bound === 'at least' ? measured >= wanted : measured <= wanted;
}

function renderAmount(amount: number, { unit }: Target): string {
  if (unit === '×') return renderRatio(amount);
  return unit === 'B' ? `${renderCount(amount)} B` : renderNs(amount * (unit === 'µs' ? 1e3 : 1e6));
}
