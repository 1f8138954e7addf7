import { renderLatencyChart, renderThroughputChart } from './charts.ts';
import { escapeHtml } from './escape-html.ts';
import type { BenchReport } from './report.ts';
import { styleSheet } from './style-sheet.ts';
import {
  type Table,
  tabulateBaseline,
  tabulateLatency,
  tabulateOutcomes,
  tabulatePeers,
  tabulateThroughput,
} from './tables.ts';
import {
  describeBaseline,
  describeDecidingRules,
  describeLoss,
  describePeer,
  describeRun,
  findSharedLosses,
  renderCount,
} from './words.ts';

/** The report as one page that needs nothing else: no script, no font, no picture from anywhere. */
export function renderReportHtml(report: BenchReport): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>postern bench</title>
<style>${styleSheet}</style>
</head>
<body>
<main>
<h1>postern bench</h1>
${renderVerdict(report)}${renderRun(report)}
<h2>Decisions per second</h2>
${renderThroughputChart(report)}
${renderTable(tabulateThroughput(report))}
<h2>Single calls</h2>
${renderLatencyChart(report)}
${renderTable(tabulateLatency(report))}
${renderBaseline(report)}${renderPeers(report)}<h2>Answers</h2>
${renderTable(tabulateOutcomes(report))}
<p>${escapeHtml(describeDecidingRules(report))}</p>
</main>
</body>
</html>
`;
}

/** What a build stopped for is the first thing to read. */
function renderVerdict({ baseline }: BenchReport): string {
  if (!baseline?.isRegression) return '';
  return `<p class="verdict">Slower than the baseline by more than a ratio of ${baseline.maxRatio}.</p>\n`;
}

function renderRun(report: BenchReport): string {
  const rows = describeRun(report).map(
    ([label, value]) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd>`,
  );
  return `<dl>\n${rows.join('\n')}\n</dl>`;
}

function renderBaseline({ baseline, requests }: BenchReport): string {
  if (baseline === undefined) return '';
  const { image, imageBytes, revision } = baseline;
  return `<h2>Baseline</h2>
<p>${escapeHtml(image)}: ${renderCount(imageBytes)} bytes, revision ${escapeHtml(revision)}</p>
${renderTable(tabulateBaseline(baseline))}
${renderList(describeBaseline(baseline, requests.count))}
`;
}

function renderPeers({ peers, requests }: BenchReport): string {
  if (peers === undefined) return '';
  const shared = findSharedLosses(peers);
  const blocks = peers.map((peer) =>
    renderBlock(`${peer.engine} ${peer.version}`, describePeer(peer, shared)),
  );
  if (shared.length > 0)
    blocks.unshift(renderBlock('Cannot be said in any of them', shared.map(describeLoss)));
  return `<h2>Other engines</h2>\n${renderTable(tabulatePeers(peers, requests.count))}\n${blocks.join('')}`;
}

function renderBlock(title: string, sentences: readonly string[]): string {
  return `<h3>${escapeHtml(title)}</h3>\n${renderList(sentences)}\n`;
}

function renderList(sentences: readonly string[]): string {
  return `<ul>\n${sentences.map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join('\n')}\n</ul>`;
}

/** Wide tables scroll by themselves, by the keyboard too, so that the page does not. */
function renderTable({ head, rows }: Table): string {
  const heads = head.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join('');
  const lines = rows.map(([label = '', ...cells]) => {
    const others = cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('');
    return `<tr><th scope="row">${escapeHtml(label)}</th>${others}</tr>`;
  });
  return `<div class="scroll" tabindex="0"><table>
<thead><tr>${heads}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table></div>`;
}
